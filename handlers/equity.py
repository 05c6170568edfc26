"""The equity topic: from 「想找投资」 to a request that investment institutions see, and taking it back.

start ──▶ raising ──(nothing missing)──▶ confirming ──affirm──▶ published
             │ ▲                            │
             └─┴──── facts, skip, back ◀────┘         cancel: the draft is kept
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from domain import admission as admissions
from domain.admission import Lack
from domain.base import SHANGHAI
from domain.companies import CompanyFacts, CompanyRow, registered_by
from domain.equity import raising, reading, terms
from domain.equity.labels import OPEN, EquityField
from domain.equity.tables import EquityFollowRow, EquityRequestRow
from domain.equity.terms import EquityTerms
from domain.errors import NotAllowedNow, Refusal
from handlers import admission, control, equity_form, facts, short_answers
from handlers.equity_form import EquityHeard
from handlers.turn import LABEL_LONGEST, Choice, Outcome, State, Turn
from nlu.understanding import FALLBACK, Entity

INTENT = "equity_financing"
_OWN_INTENTS = frozenset(
    {INTENT, "inform", "correct", "affirm", "deny", "skip", "back", "cancel", "goodbye", FALLBACK}
)
_OF_LOANS = re.compile(r"贷|借")
_OF_EQUITY = re.compile(r"股权(?!质押)|投资机构|找投资|引投|风投|创投")
_OF_OTHER_ROOMS = frozenset({"withdraw_request", "ask_progress"})
_WITHDRAWS = re.compile(r"撤|不融|不找|取消")
_ASKS = re.compile(r"[吗么呢嘛?？]$")
_MOVES = frozenset({"cancel", "back", "goodbye", "withdraw_request"})
_REQUIRED = frozenset({EquityField.ROUND, EquityField.AMOUNT})
_FOLLOWS_SHOWN = 5
_PAGE = "equity"
_WHAT_TO_CHANGE = "好的，哪一项要改？直接说新的就行，比如「金额改成800万」「出让10%」。"
_KEPT = "好的，先不填了。填好的给您留着，想接着填说一声「股权融资」就行。"
_PLAINLY = (
    "发布出去投资机构就看得到了，所以要您明确说一声：确定发布请只回复「确认」；还想改，直接说改哪一项。"
)


def meant(turn: Turn) -> Turn:
    """「撤回股权融资」「股权融资到哪一步了」 are said of equity, wherever such words lead otherwise."""
    if turn.state.topic is None and turn.intent in _OF_OTHER_ROOMS and _OF_EQUITY.search(turn.text):
        return replace(turn, understanding=control.read_as(turn.understanding, INTENT))
    return turn


async def start(turn: Turn) -> Outcome:
    """The owner looks for investors: what stands, or the form with what was said."""
    mine = [row for row in await reading.open_of_person(turn.session, turn.openid) if row.state in OPEN]
    if mine:
        return await _of_published(turn, mine)
    heard = equity_form.hear(turn.understanding, turn.state.raising)
    before = await raising.draft_of(turn.session, turn.openid)
    opening = "好的，我来帮您对接投资机构。" if before is None else "您上次填的股权融资需求还在，我们接着填。"
    row = before or await raising.draft(turn.session, turn.openid, await _known(turn), turn.now)
    state = _opened(turn.state)
    return await _take_in(replace(turn, state=state), row, heard, opening)


async def takes(turn: Turn) -> bool:
    """Whether the message belongs to the form."""
    asked = turn.state.raising
    if turn.intent in _OWN_INTENTS or (turn.intent == "withdraw_request" and not _OF_LOANS.search(turn.text)):
        return True
    if asked is EquityField.WORDS:
        return turn.understanding.source != "button" and not _ASKS.search(turn.text.strip())
    answers = bool(equity_form.hear(turn.understanding, asked))
    return answers and not _OF_LOANS.search(turn.text) and not _ASKS.search(turn.text.strip())


async def go_on(turn: Turn) -> Outcome:
    """One message of an owner who is filling in the form."""
    row = await raising.draft_of(turn.session, turn.openid)
    if row is None:
        return await start(replace(turn, state=_closed(turn.state)))
    heard = equity_form.hear(turn.understanding, turn.state.raising)
    steers = turn.intent in _MOVES or (turn.state.raising is EquityField.WORDS and turn.intent == "skip")
    if heard and not steers:
        return await _take_in(turn, row, heard)
    return await _steer(turn, row)


async def _steer(turn: Turn, row: EquityRequestRow) -> Outcome:
    """A message that moves through the form and adds nothing to it."""
    skips = short_answers.leaves_open(turn.text) or short_answers.unknown(turn.text)
    match turn.intent:
        case "cancel" | "goodbye" | "withdraw_request":
            outcome = Outcome(_KEPT, _closed(turn.state))
        case "back":
            outcome = await _back(turn, row)
        case "affirm" if turn.state.confirming:
            outcome = await _publish(turn, row)
        case "affirm" | "equity_financing":
            outcome = await _asked(turn, row, "")
        case "deny" | "correct" if turn.state.confirming:
            outcome = Outcome(_WHAT_TO_CHANGE, turn.state)
        case intent if intent == "skip" or skips:
            outcome = await _skip(turn, row)
        case _:
            outcome = await _not_understood(turn, row)
    return outcome


async def prompt(turn: Turn) -> Outcome:
    """The question that stands, for leading back after something in between."""
    row = await raising.draft_of(turn.session, turn.openid)
    if row is None:
        return Outcome("", turn.state)
    standing = await _standing(turn, row, turn.state)
    return replace(standing, reply=f"回到您的股权融资：{standing.reply}")


async def withdraw(turn: Turn, row: EquityRequestRow) -> Outcome:
    """First whether, by a choice that names it; nothing is taken back on the word of the model."""
    if turn.understanding.first("confirmed"):
        try:
            await raising.withdraw(turn.session, turn.openid, row.id, turn.now)
        except Refusal as refusal:
            return Outcome(refusal.sentence, turn.state)
        return Outcome(f"股权融资需求 {row.id} 已撤回，投资机构看不到了。以后想融，随时再说。", turn.state)
    named = Entity("equity", row.id, 0, 0)
    sure = Choice("确定撤回", INTENT, entities=(named, Entity("confirmed", "yes", 0, 0)))
    said = f"要撤回这笔股权融资需求吗？撤回后投资机构就看不到了。\n{_line(row)}"
    return Outcome(said, turn.state, choices=(sure, Choice("先不撤", "deny")), asks_anew=True)


async def _of_published(turn: Turn, mine: Sequence[EquityRequestRow]) -> Outcome:
    """A company raises one round at a time: what stands is told, and may be taken back."""
    picked = turn.understanding.first("equity") if turn.understanding.source == "button" else None
    row = next((one for one in mine if picked and one.id == picked.value), None)
    if row:
        return await withdraw(turn, row)
    if _WITHDRAWS.search(turn.text):
        return await withdraw(turn, mine[0])
    follows = await reading.follows_of(turn.session, [one.id for one in mine])
    lines = ["您在办的股权融资："]
    for one in mine:
        lines.append(_line(one))
        lines += [_follow(follow) for follow in follows[one.id][:_FOLLOWS_SHOWN]]
    lines.append(admission.link_to(turn, _PAGE, "打开看详情"))
    choices = tuple(
        Choice(f"撤回{_brief(one)}"[:LABEL_LONGEST], INTENT, entities=(Entity("equity", one.id, 0, 0),))
        for one in mine
    )
    return Outcome("\n".join(lines), turn.state, choices=choices, asks_anew=True)


async def _take_in(turn: Turn, row: EquityRequestRow, heard: EquityHeard, opening: str = "") -> Outcome:
    """New facts: write them down, say so, go on with what is missing."""
    before = terms.of(row)
    after = EquityTerms.model_validate(before.model_dump() | dict(heard.changes))
    raising.write(row, after, turn.now)
    told = [one for one in EquityField if one in heard.changes]
    said = "，".join(equity_form.value(after, one) for one in told if one is not EquityField.WORDS)
    settled = turn.state.settled
    if turn.state.raising in told:
        settled = (*settled, turn.state.raising)
    state = turn.state.model_copy(update={"settled": settled, "misunderstood": 0})
    words = "好的，介绍记下了。" if EquityField.WORDS in told else ""
    acknowledged = facts.joined(opening, f"记下了：{said}。" if said else words, *heard.refusals)
    return await _advance(replace(turn, state=state), row, acknowledged)


async def _advance(turn: Turn, row: EquityRequestRow, said: str) -> Outcome:
    """Ask for the first thing that is missing, or show the summary."""
    offered = terms.of(row)
    missing = (one for one in EquityField if not equity_form.value(offered, one))
    asked = next((one for one in missing if one not in turn.state.settled), None)
    state = turn.state.model_copy(update={"raising": asked, "confirming": asked is None})
    return await _asked(replace(turn, state=state), row, said)


async def _asked(turn: Turn, row: EquityRequestRow, said: str) -> Outcome:
    standing = await _standing(turn, row, turn.state)
    return replace(standing, reply=facts.joined(said, standing.reply), asks_anew=True)


async def _standing(turn: Turn, row: EquityRequestRow, state: State) -> Outcome:
    """The question of the state, or the summary."""
    if state.raising:
        asked = equity_form.question(state.raising)
        return Outcome(asked, state, choices=equity_form.choices(state.raising))
    company = await _company(turn)
    return Outcome(equity_form.summary(terms.of(row), company.name if company else ""), state)


async def _back(turn: Turn, row: EquityRequestRow) -> Outcome:
    if not turn.state.settled:
        return await _asked(turn, row, "前面没有问题可以返回了。")
    *earlier, last = turn.state.settled
    blank = EquityTerms()
    raising.write(row, terms.of(row).model_copy(update={last: getattr(blank, last)}), turn.now)
    state = turn.state.model_copy(update={"settled": tuple(earlier), "raising": last, "confirming": False})
    return await _asked(replace(turn, state=state), row, f"好的，重新说一下{last.label}。")


async def _skip(turn: Turn, row: EquityRequestRow) -> Outcome:
    asked = turn.state.raising
    if asked is None:
        return await _asked(turn, row, "")
    if asked in _REQUIRED:
        said = f"{asked.label}是投资机构最先看的，空着发不出去；大概的也行，先不填了回复「取消」。"
        return Outcome(f"{said}\n{equity_form.question(asked)}", turn.state, equity_form.choices(asked))
    state = turn.state.model_copy(update={"settled": (*turn.state.settled, asked)})
    return await _advance(replace(turn, state=state), row, "好的，这一项先不填。")


async def _not_understood(turn: Turn, row: EquityRequestRow) -> Outcome:
    count = turn.state.misunderstood + 1
    state = turn.state.model_copy(update={"misunderstood": count})
    if state.raising is None:
        return await _asked(replace(turn, state=state), row, "我没太听明白。")
    said = f"不好意思，我没听明白。{equity_form.example(state.raising)}；不想填了回复「取消」。"
    return Outcome(said, state, choices=equity_form.choices(state.raising))


async def _publish(turn: Turn, row: EquityRequestRow) -> Outcome:
    """What others will see needs a yes that can mean nothing else, of somebody who is known."""
    if not control.plain_yes(turn.understanding):
        return Outcome(_PLAINLY, turn.state)
    found = await admissions.standing(turn.session, turn.openid, turn.now)
    if lacks := raising.lacks(found):
        named = "、".join(lack.label for lack in lacks)
        page = "register" if lacks[0] is Lack.REGISTRATION else "identity"
        link = admission.link_to(turn, page, f"点这里办{lacks[0].label}")
        said = f"发布前还差：{named}。投资机构跟进时要知道是哪家企业、是谁在融。填好的给您留着。"
        return Outcome(f"{said}\n{link}\n办好后回来说「股权融资」，核对一下就能发布。", _closed(turn.state))
    company = await _company(turn)
    if company is None:
        return Outcome("您名下没有登记的企业，暂时不能发布。", turn.state)
    try:
        await raising.publish(turn.session, row, company, turn.now)
    except NotAllowedNow as refusal:
        return Outcome(refusal.sentence, turn.state)
    link = admission.link_to(turn, _PAGE, "看办理进度、管理投贷联动授权")
    said = f"股权融资需求发布好了，编号 {row.id}。投资机构来跟进，我马上在微信里告诉您。"
    return Outcome(f"{said}\n{link}", _closed(turn.state), asks_anew=True)


async def _known(turn: Turn) -> EquityTerms:
    """What the record of the company says already is not asked for."""
    company = await _company(turn)
    recorded = CompanyFacts.model_validate(company.facts) if company else CompanyFacts()
    return EquityTerms(industry=recorded.industry, region=recorded.region)


async def _company(turn: Turn) -> CompanyRow | None:
    """The company bound last; who acts for several publishes for another one on the page."""
    return next(iter(await registered_by(turn.session, turn.openid)), None)


def _opened(state: State) -> State:
    """The form over what stands: a form of financing that is open is gone back to."""
    if state.topic == "equity":
        return state
    interrupted = state if state.topic == "financing" else state.interrupted
    update = {
        "topic": "equity",
        "raising": None,
        "settled": (),
        "confirming": False,
        "interrupted": interrupted,
    }
    return state.model_copy(update=update)


def _closed(state: State) -> State:
    if state.interrupted:
        return state.interrupted
    return state.model_copy(update={"topic": None, "raising": None, "settled": (), "confirming": False})


def _brief(row: EquityRequestRow) -> str:
    offered = terms.of(row)
    parts = (equity_form.value(offered, one) for one in (EquityField.ROUND, EquityField.AMOUNT))
    return "".join(part for part in parts if part)


def _line(row: EquityRequestRow) -> str:
    return f"· {row.id}（{_brief(row)}）：{row.state.label}"


def _follow(row: EquityFollowRow) -> str:
    return f"　{row.institution}：{row.state.label}（{row.updated_at.astimezone(SHANGHAI):%m月%d日}）"
