"""Where the owner's requests stand, and taking one back.

withdraw_request ──▶ withdrawing ──affirm──▶ withdrawn
                          └──anything else──▶ kept
"""

import re

from domain import requests
from domain.errors import NotAllowedNow
from domain.labels import Purpose
from domain.money import span
from domain.requests import RequestRow, RequestStatus
from handlers import admission, control
from handlers.turn import LABEL_LONGEST, Choice, Outcome, State, Turn
from nlu.understanding import Entity, Value

_SHOWN = 3
_CHOICES_SHOWN = 5
_HOW_TO_CONFIRM = "确定撤回请回复「确认」，不撤回复「不用」。"
_PLAINLY_BACK = re.compile(
    r"(?:确[认定]|是的?|对|我?要|就|请|帮我)*(?:撤回|撤销|撤掉|撤|不贷)[了吧的啊呀]*[。！!]?"
)
_KEEPS = re.compile(r"[别不]撤|不想撤|留着|保留")
_POINTS = re.compile(r"[那这]一?[个笔]|的$")
_NONE = "您现在没有在办的融资需求。想融资的话直接告诉我金额和用途就行，比如「想贷100万买设备」。"
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


async def ask_progress(turn: Turn) -> Outcome:
    open_requests = await requests.open_requests(turn.session, turn.openid)
    lines = [USUAL_TIME] if _HOW_LONG.search(turn.text) else []
    waiting = await requests.confirmed(turn.session, turn.openid)
    if waiting:
        lines += [
            admission.line(request, await admission.standing(turn, request)) for request in waiting[:_SHOWN]
        ]
    if open_requests:
        lines += ["您在办的融资需求：", *(_line(request) for request in open_requests[:_SHOWN])]
        if len(open_requests) > _SHOWN:
            lines.append(f"还有{len(open_requests) - _SHOWN}笔更早的，也都在办。")
    elif not lines:
        lines = [_NOT_YET if turn.state.topic else _NONE]
    return Outcome("\n".join(lines), turn.state)


async def withdraw(turn: Turn) -> Outcome:
    """Ask before anything is taken back, and of several which one."""
    open_requests = await requests.open_requests(turn.session, turn.openid)
    if not open_requests:
        return await _drop_draft(turn)
    meant = _meant(turn, open_requests)
    if len(meant) == 1:
        return _ask(turn, meant[0])
    choices = tuple(_choice(request) for request in meant[:_CHOICES_SHOWN])
    return Outcome(f"您有{len(meant)}笔在办的需求，要撤回哪一笔？", turn.state, choices=choices)


def _meant(turn: Turn, open_requests: list[RequestRow]) -> list[RequestRow]:
    """The one that was picked, or named by its number or its amount; else all of them."""
    picked = turn.understanding.first("request")
    chosen = [request for request in open_requests if picked is not None and picked.value == request.id]
    return chosen or _named(turn, open_requests) or open_requests


def _named(turn: Turn, open_requests: list[RequestRow]) -> list[RequestRow]:
    """Those whose number the message tells, or else those that have the amount or the purpose it tells."""
    by_number = [request for request in open_requests if request.id in turn.text.upper()]
    return by_number or _known_as(turn, "amount", open_requests) or _known_as(turn, "purpose", open_requests)


def _known_as(turn: Turn, name: str, open_requests: list[RequestRow]) -> list[RequestRow]:
    told = {(name, entity.value) for entity in turn.understanding.all(name)}
    return [request for request in open_requests if told & set(_known_by(request))]


def _known_by(request: RequestRow) -> tuple[tuple[str, Value], ...]:
    """What an owner calls a request by: how much, and what for."""
    amounts = {amount for amount in (request.amount_min, request.amount_max) if amount is not None}
    purposes = (("purpose", request.purpose),) if request.purpose else ()
    return (*(("amount", amount) for amount in sorted(amounts)), *purposes)


def _choice(request: RequestRow) -> Choice:
    purpose = f"·{Purpose(request.purpose).label}" if request.purpose else ""
    label = f"{_amount(request)}{purpose}"[:LABEL_LONGEST]
    known = (("request", request.id), *_known_by(request))
    entities = tuple(Entity(name, value, 0, 0) for name, value in known)
    return Choice(label, "withdraw_request", entities=entities)


def _ask(turn: Turn, request: RequestRow) -> Outcome:
    """What is being filled in meanwhile is gone back to."""
    before = turn.state
    state = State(
        topic="withdrawing",
        request_id=request.id,
        interrupted=before if before.topic == "financing" else before.interrupted,
    )
    return Outcome(f"要撤回这笔需求吗？\n{_line(request)}\n{_HOW_TO_CONFIRM}", state)


async def _drop_draft(turn: Turn) -> Outcome:
    """Nothing is published; what was left half filled in is closed."""
    draft = await requests.own(turn.session, turn.openid, turn.state.request_id or "")
    if draft is None or draft.state is not RequestStatus.DRAFT:
        return Outcome(_NONE, turn.state)
    requests.discard(turn.session, draft, turn.now)
    return Outcome("好的，填到一半的那笔需求不留了。以后需要资金，随时再告诉我。", State())


async def takes(turn: Turn) -> bool:
    if turn.understanding.first("request"):
        return False
    own = turn.intent in {"affirm", "deny", "cancel", "withdraw_request", "back"}
    return own or _KEEPS.search(turn.text) is not None or await _another_one(turn) is not None


async def _another_one(turn: Turn) -> RequestRow | None:
    """「不是这笔，是100万那个」: another of the open requests than the one that is to be taken back."""
    if not _POINTS.search(turn.text):
        return None
    named = _named(turn, await requests.open_requests(turn.session, turn.openid))
    other = [request for request in named if request.id != turn.state.request_id]
    return other[0] if len(named) == len(other) == 1 else None


async def go_on(turn: Turn) -> Outcome:
    """Only a yes that can mean nothing else takes a request back, or its plain repetition: 「撤回」."""
    after = turn.state.interrupted or State(request_id=turn.state.request_id)
    if another := await _another_one(turn):
        return _ask(turn, another)
    if turn.intent not in {"affirm", "withdraw_request"} or _KEEPS.search(turn.text):
        return Outcome("好的，需求给您保留着。", after)
    if not (control.plain_yes(turn.understanding) or _PLAINLY_BACK.fullmatch(turn.text.strip())):
        return Outcome(f"撤回了机构就看不到了，所以要您明确说一声。{_HOW_TO_CONFIRM}", turn.state)
    request = await requests.own(turn.session, turn.openid, turn.state.request_id or "")
    if request is None:
        return Outcome(_NONE, turn.state.interrupted or State())
    try:
        requests.withdraw(turn.session, request, turn.now)
    except NotAllowedNow as refusal:
        return Outcome(refusal.sentence, after)
    await turn.session.flush()
    return await _taken_back(turn, request.id)


async def _taken_back(turn: Turn, request_id: str) -> Outcome:
    """The conversation goes back to what was interrupted, or to what is left of the owner's requests."""
    left = await requests.open_requests(turn.session, turn.openid)
    state = turn.state.interrupted or State(request_id=left[0].id if left else None)
    kept = f"另外{len(left)}笔照旧有效。" if left else "以后需要资金，随时再告诉我。"
    return Outcome(f"需求 {request_id} 已撤回。{kept}", state)


async def prompt(turn: Turn) -> Outcome:
    return Outcome("刚才那笔需求要撤回吗？确定请回复「确认」，不撤回复「不用」。", turn.state)


def _line(request: RequestRow) -> str:
    return f"· {request.id}（{_amount(request)}）：{_NEXT_STEP[request.state]}"


def _amount(request: RequestRow) -> str:
    return span(request.amount_min, request.amount_max) or "金额待定"
