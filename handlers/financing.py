"""The financing topic: from 「我想贷款」 to a published request with matched products.

start ──▶ asking ──(nothing missing)──▶ confirming ──affirm──▶ published
            │ ▲                           │
            └─┴── inform, correct, skip, back ◀──┘        cancel: the draft is kept
"""

import re
from dataclasses import replace

from domain.requests import RequestRow, RequestStatus
from handlers import (
    asking,
    beginning,
    choices,
    control,
    corrections,
    doubt,
    facts,
    form,
    offers,
    publishing,
    short_answers,
    within,
)
from handlers.facts import Heard
from handlers.turn import Choice, Field, Outcome, State, Turn
from nlu.understanding import FALLBACK

_OWN_INTENTS = frozenset(
    {"apply_financing", "inform", "correct", "affirm", "deny", "skip", "back", "cancel", "goodbye", FALLBACK}
)
# Below this a guess about the wish counts less than a clear answer to the question asked.
_UNSURE = 0.6
_PATIENCE = 2
# 「把发布的那笔撤回」 is not said of the form that is being filled in.
_OF_A_PUBLISHED_ONE = re.compile(r"撤|那笔|上一?笔|前一?笔|发布")
_ANOTHER_ONE = re.compile(
    r"再(?:来|贷|借|要|办|申请|发)|另(?:外|一|有|贷|借|办)|还[想要]再?(?:贷|借|一?笔)|第二笔|新的?一?笔|又(?:要|想|缺|差)"
)

_NEW_ONE = "另外一笔新的"
_NOTHING_TO_FILL = "好的。您是想融资吗？告诉我金额和用途就行，比如「想贷100万买设备」，我帮您发布需求。"
_WHAT_TO_CHANGE = "好的，哪一项要改？直接告诉我新的就行，比如「金额改成100万」「期限两年」。"


async def start(turn: Turn) -> Outcome:
    """The owner wants money: take up the paused draft, or begin a request with what was said."""
    draft = await asking.draft_of(turn)
    turn = within.with_told_before(turn)
    heard = short_answers.hear(turn.understanding, turn.state.asking)
    if draft and draft.confirmed_at and not heard.fields:
        return await publishing.go_on(turn, draft)
    if draft and not heard.fields:
        state = turn.state.model_copy(update={"topic": "financing"})
        said = facts.joined("您上次填到一半的融资需求还在，我们接着填。", *asking.refused(heard, draft.need))
        return await asking.advance(turn, draft, state, said)
    request = await offers.current_request(turn)
    published = request if request and request.state in publishing.GIVEN else None
    if published and control.goes_on(turn.text):
        return Outcome(f"好的。{publishing.already_out(published)}", turn.state)
    opening = "好的，我来帮您发布融资需求。"
    if published:
        opening = f"好的，这是另一笔新的，已发布的那笔（{published.id}）照旧有效。"
    elif draft and draft.confirmed_at:
        opening = f"好的，这是另一笔新的，已确认的那笔（{draft.id}）照旧等着发布。"
    return await beginning.begin(turn, heard, opening)


async def start_or_add(turn: Turn) -> Outcome:
    """Facts without a form: they complete or change the published request, or begin one."""
    heard = short_answers.hear(turn.understanding, None)
    request = await offers.current_request(turn)
    status = request.state if request else None
    if request and status is RequestStatus.DRAFT:
        return await _take_up(turn, request, heard)
    if request and status in publishing.GIVEN:
        return await _of_published(turn, request, heard)
    if heard.fields or heard.refusals:
        return await start(turn)
    return Outcome(_NOTHING_TO_FILL, turn.state)


async def _take_up(turn: Turn, draft: RequestRow, heard: Heard) -> Outcome:
    """A paused draft goes on with what was said, or with what was said to be wrong."""
    wrong = corrections.asked_to_change(turn.text, turn.intent)
    if heard:
        state = turn.state.model_copy(update={"topic": "financing"})
        return await asking.take_in(replace(turn, state=state), draft, heard)
    if wrong:
        return asking.ask_again(turn, draft, *wrong)
    return Outcome(_NOTHING_TO_FILL, turn.state)


async def _of_published(turn: Turn, request: RequestRow, heard: Heard) -> Outcome:
    if heard.fields and turn.intent != "correct":
        begun = next(iter(turn.state.memory.choices), None)
        if begun and begun.label == _NEW_ONE:
            # Who tells more instead of picking goes on with what he began: nothing of it is lost.
            return await start(replace(turn, understanding=choices.said_on(begun, turn.understanding)))
        # 「另外厂房也能抵押」 adds to what stands.
        if _ANOTHER_ONE.search(turn.text) and heard.fields != {Field.GUARANTEE}:
            return await start(turn)
    if turn.intent == "inform" and _like_another(request, heard):
        return _which(turn, request)
    wrong = corrections.asked_to_change(turn.text, turn.intent) if turn.intent == "correct" else ()
    wrong = tuple(field for field in wrong if not heard.tells_of(field))
    if wrong:
        return await publishing.amend(turn, request, heard, *wrong)
    if heard:
        return await publishing.add(turn, request, heard)
    return Outcome(f"好的。{publishing.already_out(request)}", turn.state)


def _like_another(request: RequestRow, heard: Heard) -> bool:
    """Another sum for another purpose may be a change, but is more like a wish of its own."""
    after = facts.merged(request.need, heard, replacing=True)
    return all(
        field in heard.fields and form.value(after, field) != form.value(request.need, field)
        for field in (Field.AMOUNT, Field.PURPOSE)
    )


def _which(turn: Turn, request: RequestRow) -> Outcome:
    said = turn.understanding
    either = (
        Choice(_NEW_ONE, "apply_financing", said.text, said.entities),
        Choice("改已发布的那笔", "correct", said.text, said.entities),
    )
    known = form.brief(request.need)
    return Outcome(f"您已经发布了一笔（{known or request.id}），现在说的是？", turn.state, choices=either)


async def takes(turn: Turn) -> bool:
    """Whether the message belongs to the form, or is something in between that others answer."""
    if turn.intent in _OWN_INTENTS:
        return True
    if turn.intent == "withdraw_request":
        # 「不贷了」 in a form that replaces nothing is said of the form.
        draft = await asking.draft_of(turn)
        of_another = _OF_A_PUBLISHED_ONE.search(turn.text) or turn.understanding.first("request")
        return draft is not None and draft.replaces is None and not of_another
    if turn.state.confirming:
        return within.bounds_rate(turn.understanding)
    unsure = turn.understanding.intent.confidence < _UNSURE
    said = turn.understanding if unsure else within.told(turn.understanding)
    return said is not None and short_answers.answers(said, turn.state.asking)


def _heard(turn: Turn, request: RequestRow) -> Heard:
    """What the message says to the form; of a question what it tells, not what it asks about."""
    said = within.told(turn.understanding) or turn.understanding
    heard = short_answers.hear(said, turn.state.asking)
    if not heard and turn.state.confirming:
        return short_answers.amount_again(turn.text, request.need)
    return heard


async def go_on(turn: Turn) -> Outcome:
    """One message of an owner who is filling in the form."""
    request = await asking.draft_of(turn)
    if request is None:
        return await start(replace(turn, state=State()))
    heard = _heard(turn, request)
    if short_answers.unknown(turn.text) and not heard:
        return await asking.skip(turn, request)
    if heard and turn.intent not in {"cancel", "back", "withdraw_request"}:
        return await asking.take_in(turn, request, heard)
    if turn.state.asking and turn.intent != "skip" and short_answers.leaves_open(turn.text):
        return await asking.leave_open(turn, request, turn.state.asking, "好的，都可以考虑。")
    if (outcome := await _steer(turn, request)) is not None:
        return outcome
    return doubt.question(turn) or _not_understood(turn, request)


async def _steer(turn: Turn, request: RequestRow) -> Outcome | None:
    """A message that moves through the form and adds nothing to it."""
    match turn.intent:
        case "cancel" | "withdraw_request":
            outcome = asking.pause(turn, request, "好的，先不弄了。")
        case "goodbye":
            outcome = asking.pause(turn, request, "好的，您先忙。")
        case "back":
            outcome = asking.back(turn, request)
        case "affirm" if turn.state.confirming:
            outcome = await publishing.publish(turn, request)
        case "affirm" if short_answers.finished(turn.text) and form.enough(request.need):
            outcome = await asking.leave_rest_open(turn, request)
        case "affirm" | "apply_financing":
            outcome = asking.remind(turn, request)
        case "skip":
            outcome = await asking.skip(turn, request)
        case _:
            return _change(turn, request)
    return outcome


def _change(turn: Turn, request: RequestRow) -> Outcome | None:
    """A wish to change something, without what it is to become."""
    if fields := corrections.asked_to_change(turn.text, turn.intent):
        return asking.ask_again(turn, request, *fields)
    changing = turn.intent in {"correct", "deny"} or corrections.something_wrong(turn.text)
    if changing and turn.state.confirming:
        return Outcome(_WHAT_TO_CHANGE, turn.state)
    if turn.intent == "correct" or (changing and short_answers.objects(turn.text)):
        return asking.asked(turn, request, f"{_WHAT_TO_CHANGE}\n要是都没错，我们接着填。")
    return None


async def prompt(turn: Turn) -> Outcome:
    """The question that stands, for leading back after something in between."""
    request = await asking.draft_of(turn)
    if request is None:
        return Outcome("", turn.state)
    mark = "：" if turn.state.asking else "，"
    standing = asking.standing(turn, request)
    return replace(standing, reply=f"回到您的融资需求{mark}{standing.reply}")


def _not_understood(turn: Turn, request: RequestRow) -> Outcome:
    """First an example, then what can be done, then somebody else."""
    count = turn.state.misunderstood + 1
    state = turn.state.model_copy(update={"misunderstood": count})
    field = turn.state.asking
    if count > _PATIENCE:
        return doubt.given_up(state)
    if count < _PATIENCE and field is None:
        return asking.asked(turn, request, "我没太听明白。", state)
    if count < _PATIENCE and field:
        return asking.asked(turn, request, f"不好意思，我没听明白。{form.example(field)}。", state)
    if field is None:
        return Outcome(
            "我还是没听明白。可以发布请回复「确认」，要改请直接说新的内容，不办了回复「取消」，"
            "想看我能办什么回复「菜单」。",
            state,
        )
    ways = (
        Choice("跳过，这一项先不填", "skip"),
        Choice("取消，先不填了", "cancel"),
        Choice("菜单，看看能办什么", "help"),
    )
    return Outcome(
        f"我还是没听明白您的意思。{form.example(field)}。也可以跳过这一项、取消，或者看菜单：",
        state,
        choices=ways,
    )
