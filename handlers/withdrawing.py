"""Taking back a published request, or what an adviser was asked for.

withdraw_request ──▶ withdrawing ──affirm──▶ withdrawn
                          └──anything else──▶ kept

What an adviser was asked for is chosen and confirmed by choices that name it.
"""

import re
from collections.abc import Sequence

from domain import requests
from domain.cases import opening
from domain.cases import reading as cases
from domain.cases.tables import CaseRow
from domain.errors import NotAllowedNow
from domain.labels import Purpose
from domain.requests import RequestRow, RequestStatus
from handlers import control, loans, progress
from handlers.turn import LABEL_LONGEST, Choice, Outcome, State, Turn
from nlu.understanding import Entity, Value

_WITHDRAWS = "withdraw_request"
_CHOICES_SHOWN = 5
_HOW_TO_CONFIRM = "确定撤回请回复「确认」，不撤回复「不用」。"
_PLAINLY_BACK = re.compile(
    r"(?:确[认定]|是的?|对|我?要|就|请|帮我)*(?:撤回|撤销|撤掉|撤|不贷)[了吧的啊呀]*[。！!]?"
)
_KEEPS = re.compile(r"[别不]撤|不想撤|留着|保留")
_POINTS = re.compile(r"[那这]一?[个笔]|的$")
_OF_ADVISER = re.compile(r"续贷|续|展期|困难|顾问")
_CASE_WITHDRAWN = "已经撤回，顾问不再处理。还需要的时候，再跟我说一声就行。"


async def withdraw(turn: Turn) -> Outcome:
    """Ask before anything is taken back, and of several which one."""
    open_requests = await requests.open_requests(turn.session, turn.openid)
    asked = await cases.of_person(turn.session, turn.openid, only_open=True)
    if found := _case_meant(turn, asked, only=not open_requests):
        return await _case(turn, found)
    if not open_requests:
        return await _drop_draft(turn)
    meant = _meant(turn, open_requests)
    if len(meant) == 1:
        return _ask(turn, meant[0])
    choices = tuple(_choice(request) for request in meant[:_CHOICES_SHOWN])
    return Outcome(f"您有{len(meant)}笔在办的需求，要撤回哪一笔？", turn.state, choices=choices)


def _case_meant(turn: Turn, asked: Sequence[CaseRow], *, only: bool) -> Sequence[CaseRow]:
    """What an adviser was asked for and the message is about; `only`: there is nothing else to take back."""
    picked = turn.understanding.first("case") if turn.understanding.source == "button" else None
    if picked is not None:
        return [row for row in asked if row.id == picked.value]
    if turn.understanding.first("request"):
        return []
    return asked if only or _OF_ADVISER.search(turn.text) else []


async def _case(turn: Turn, found: Sequence[CaseRow]) -> Outcome:
    if len(found) > 1:
        choices = tuple(_case_choice(row) for row in found[:_CHOICES_SHOWN])
        return Outcome("要撤回哪一件？", turn.state, choices=choices, asks_anew=True)
    row = found[0]
    if turn.understanding.first("confirmed"):
        await opening.withdraw(turn.session, turn.openid, row.id, now=turn.now)
        return Outcome(f"「{row.what.label}」{_CASE_WITHDRAWN}", turn.state)
    sure = Choice(
        f"确定撤回{row.what.label}", _WITHDRAWS, entities=(_case_named(row), Entity("confirmed", "yes", 0, 0))
    )
    said = f"要撤回这件事吗？\n{loans.case_line(row)}"
    return Outcome(said, turn.state, choices=(sure, Choice("先不撤", "deny")), asks_anew=True)


def _case_choice(row: CaseRow) -> Choice:
    about = f"·{row.institution}" if row.institution else ""
    return Choice(f"{row.what.label}{about}"[:LABEL_LONGEST], _WITHDRAWS, entities=(_case_named(row),))


def _case_named(row: CaseRow) -> Entity:
    return Entity("case", row.id, 0, 0)


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
    label = f"{progress.amount(request)}{purpose}"[:LABEL_LONGEST]
    known = (("request", request.id), *_known_by(request))
    entities = tuple(Entity(name, value, 0, 0) for name, value in known)
    return Choice(label, _WITHDRAWS, entities=entities)


def _ask(turn: Turn, request: RequestRow) -> Outcome:
    """What is being filled in meanwhile is gone back to."""
    before = turn.state
    state = State(
        topic="withdrawing",
        request_id=request.id,
        interrupted=before.interrupted if before.topic in {None, "withdrawing"} else before,
    )
    return Outcome(f"要撤回这笔需求吗？\n{progress.line(request)}\n{_HOW_TO_CONFIRM}", state)


async def _drop_draft(turn: Turn) -> Outcome:
    """Nothing is published; what was left half filled in is closed."""
    draft = await requests.own(turn.session, turn.openid, turn.state.request_id or "")
    if draft is None or draft.state is not RequestStatus.DRAFT:
        return Outcome(progress.NONE, turn.state)
    requests.discard(turn.session, draft, turn.now)
    return Outcome("好的，填到一半的那笔需求不留了。以后需要资金，随时再告诉我。", State())


async def takes(turn: Turn) -> bool:
    if turn.understanding.first("request") or turn.understanding.first("case"):
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
        return Outcome(progress.NONE, turn.state.interrupted or State())
    try:
        await requests.withdraw(turn.session, request, turn.now)
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
