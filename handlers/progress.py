"""Where the owner's requests stand: who looks at them until when, what was approved, what waits for him.

What he picks among several approvals is taken by a choice that names institution and terms, after one that
asked for just that: never on the word of the model.
"""

import re

from domain import progress, requests
from domain.cases import reading as cases
from domain.market import deciding
from domain.market.reading import shown_until
from domain.market.rules import FollowState
from domain.market.tables import FollowRow
from domain.money import span
from domain.progress import Progress
from domain.requests import RequestRow, RequestStatus
from handlers import admission, loans, recommended, wording
from handlers.turn import LABEL_LONGEST, Choice, Outcome, Turn
from nlu.understanding import Entity

_ASKS = "ask_progress"
_SHOWN = 3
_FOLLOWS_SHOWN = 4
_CHOICES_SHOWN = 5
NONE = "您现在没有在办的融资需求。想融资的话直接告诉我金额和用途就行，比如「想贷100万买设备」。"
_NOT_YET = "您还没有在办的融资需求：正在填的这笔，等您确认发布了机构才看得到。"
_HOW_LONG = re.compile(r"多久|多长时间|几天|多少天|什么时候能")
USUAL_TIME = "机构跟进以后，1到5天内会给评估结果；批了再签合同放款，要办抵押登记的会多几天，具体以银行为准。"
_NEXT_STEP = {
    RequestStatus.REVIEWING: "顾问正在审核",
    RequestStatus.PUBLISHED: "已发布，等机构跟进",
    RequestStatus.FOLLOWED: "已有机构跟进，正在评估",
    RequestStatus.APPROVED: "机构已审批通过，等您确认",
    RequestStatus.ACCEPTED: "您已接受，等机构放款",
}
_UNKNOWN_TO_SOME = "有机构还不知道是哪家企业，联系不上您：在进度页面授权给它，办得更快。"
_COMPARE = "选哪家您定：页面上有利息合计和还款对比；也可以直接选。"


async def ask_progress(turn: Turn) -> Outcome:
    if picked := _picked(turn):
        return await _choose(turn, *picked)
    open_requests = await requests.open_requests(turn.session, turn.openid)
    found = await progress.progress_of(turn.session, open_requests)
    lines = [USUAL_TIME] if _HOW_LONG.search(turn.text) else []
    waiting = await requests.confirmed(turn.session, turn.openid)
    lines += [
        admission.line(request, await admission.standing(turn, request)) for request in waiting[:_SHOWN]
    ]
    if found:
        lines.append("您在办的融资需求：")
        for one in found[:_SHOWN]:
            lines += [*_lines(turn, one), *await recommended.in_short(turn, one.request)]
        if len(found) > _SHOWN:
            lines.append(f"还有{len(found) - _SHOWN}笔更早的，也都在办。")
    asked = await cases.of_person(turn.session, turn.openid, only_open=True)
    if asked:
        lines += ["您找顾问办的事：", *(loans.case_line(row) for row in asked[:_SHOWN])]
    if not found and not lines:
        return Outcome(_NOT_YET if turn.state.topic else NONE, turn.state)
    choices = tuple(_choice(one, row, several=len(found) > 1) for one in found for row in one.offers)
    if choices:
        lines.append(_COMPARE)
    if await _unknown_to_some(turn, found):
        lines.append(_UNKNOWN_TO_SOME)
    lines.append(_link(turn, found))
    return Outcome("\n".join(lines), turn.state, choices=choices[:_CHOICES_SHOWN])


async def _unknown_to_some(turn: Turn, found: list[Progress]) -> bool:
    """Whether an institution has a place with a request and may not know whose it is."""
    for one in found:
        named = {row.institution for row in one.under_way if row.holds_place}
        if one.request.uscc and named - await progress.informed(turn.session, one.request, turn.now):
            return True
    return False


def _link(turn: Turn, found: list[Progress]) -> str:
    if len(found) == 1:
        return admission.link_to(turn, "request", "看详细进度", id=found[0].request.id)
    return admission.link_to(turn, "requests", "看全部进度")


def line(request: RequestRow) -> str:
    """The request in one line, with the step that it has reached."""
    return f"· {request.id}（{amount(request)}）：{_NEXT_STEP[request.state]}"


def amount(request: RequestRow) -> str:
    return span(request.amount_min, request.amount_max) or "金额待定"


def _lines(turn: Turn, found: Progress) -> list[str]:
    """The request, and who has to do with it, those first that matter most to the owner."""
    order = (FollowState.ACCEPTED, FollowState.APPROVED, FollowState.FOLLOWING, FollowState.WAITING)
    rows = [row for state in order for row in found.of(state)]
    lines = [line(found.request), *(f"　{_follow(turn, row)}" for row in rows[:_FOLLOWS_SHOWN])]
    if len(rows) > _FOLLOWS_SHOWN:
        lines.append(f"　还有{len(rows) - _FOLLOWS_SHOWN}家在排队")
    return lines


def _follow(turn: Turn, row: FollowRow) -> str:
    until = shown_until(row, turn.now)
    match row.standing:
        case FollowState.APPROVED:
            said = f"已批准，{wording.terms(row)}，等您决定"
        case FollowState.ACCEPTED:
            said = f"您已选定（{wording.terms(row)}），等它签约放款"
        case FollowState.WAITING if until:
            said = f"轮到它了，{wording.moment(until)}前决定是否跟进"
        case FollowState.WAITING:
            said = "在排队，有空位就轮到它"
        case _ if until:
            said = f"正在评估，{wording.moment(until)}前答复"
        case _:
            said = "答复期限已过，名额马上让给别家"
    return f"{row.institution}：{said}"


def _choice(found: Progress, row: FollowRow, *, several: bool) -> Choice:
    """Of several requests the amount says which one is meant."""
    of = f"（{amount(found.request)}）" if several else ""
    return Choice(f"选{row.institution}{of}"[:LABEL_LONGEST], _ASKS, entities=_named(row))


def _named(row: FollowRow) -> tuple[Entity, ...]:
    """Institution and version: terms that changed meanwhile are shown anew."""
    return (
        Entity("request", row.request_id, 0, 0),
        Entity("chosen", row.institution, 0, 0),
        Entity("version", row.version, 0, 0),
    )


def _picked(turn: Turn) -> tuple[str, str] | None:
    """Request and institution that a choice of ours names: what is typed names none."""
    if turn.understanding.source != "button":
        return None
    request, chosen = (turn.understanding.first(name) for name in ("request", "chosen"))
    return (str(request.value), str(chosen.value)) if request and chosen else None


async def _choose(turn: Turn, request_id: str, institution: str) -> Outcome:
    """First the terms, to be confirmed; then they are accepted."""
    request = await requests.own(turn.session, turn.openid, request_id)
    (found,) = await progress.progress_of(turn.session, [request]) if request else (None,)
    row = next((row for row in found.offers if row.institution == institution), None) if found else None
    if row is None:
        return Outcome(
            f"{institution}的方案现在不能选了，可能刚有变化。回复「查进度」看最新情况。", turn.state
        )
    seen = turn.understanding.first("version")
    if turn.understanding.first("confirmed") and seen and seen.value == row.version:
        return await _accepted(turn, row)
    sure = Choice(
        f"确定选{institution}"[:LABEL_LONGEST],
        _ASKS,
        entities=(*_named(row), Entity("confirmed", "yes", 0, 0)),
    )
    said = (
        f"要接受{institution}的方案吗？\n· {wording.terms(row)}（需求 {row.request_id}）\n"
        "接受后，其他机构的跟进会结束；签约放款以前，还可以在进度页面上反悔。"
    )
    return Outcome(said, turn.state, choices=(sure, Choice("再想想", "deny")), asks_anew=True)


async def _accepted(turn: Turn, row: FollowRow) -> Outcome:
    """Raises Refusal where the market moved on in this very moment."""
    await deciding.accept(
        turn.session, turn.openid, row.request_id, row.institution, now=turn.now, rules=turn.city.market
    )
    link = admission.link_to(turn, "request", "看进度和要准备的事", id=row.request_id)
    said = f"好的，已选定{row.institution}：{wording.terms(row)}。接下来它和您签合同、放款，放款后会通知您。"
    return Outcome(f"{said}\n{link}", turn.state)
