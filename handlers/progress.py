"""Where the owner's requests stand, and taking one back.

withdraw_request ──▶ withdrawing ──affirm──▶ withdrawn
                          └──anything else──▶ kept
"""

import re

from domain import requests
from domain.errors import NotAllowedNow
from domain.money import span
from domain.requests import RequestRow, RequestStatus
from handlers.turn import Outcome, State, Turn

_SHOWN = 3
_NONE = "您现在没有在办的融资需求。想融资的话直接告诉我金额和用途就行，比如「想贷100万买设备」。"
_NOT_YET = "您还没有在办的融资需求：正在填的这笔，等您确认发布了机构才看得到。"
_HOW_LONG = re.compile(r"多久|多长时间|几天|多少天|什么时候能")
_USUAL_TIME = "机构跟进以后，1到5天内会给评估结果；批了再签合同放款，要办抵押登记的会多几天，具体以银行为准。"
_NEXT_STEP = {
    RequestStatus.REVIEWING: "顾问正在审核",
    RequestStatus.PUBLISHED: "已发布，等机构跟进",
    RequestStatus.FOLLOWED: "已有机构跟进，正在评估",
    RequestStatus.APPROVED: "机构已审批通过，等您确认",
    RequestStatus.ACCEPTED: "您已接受，等机构放款",
}


async def ask_progress(turn: Turn) -> Outcome:
    open_requests = await requests.open_requests(turn.session, turn.openid)
    lines = [_USUAL_TIME] if _HOW_LONG.search(turn.text) else []
    if open_requests:
        lines += ["您在办的融资需求：", *(_line(request) for request in open_requests[:_SHOWN])]
    elif not lines:
        lines = [_NOT_YET if turn.state.topic else _NONE]
    return Outcome("\n".join(lines), turn.state)


async def withdraw(turn: Turn) -> Outcome:
    """Ask before anything is taken back."""
    open_requests = await requests.open_requests(turn.session, turn.openid)
    if not open_requests:
        return await _drop_draft(turn)
    newest = open_requests[0]
    state = State(topic="withdrawing", request_id=newest.id)
    return Outcome(f"要撤回这笔需求吗？\n{_line(newest)}\n确定撤回请回复「确认」，不撤回复「不用」。", state)


async def _drop_draft(turn: Turn) -> Outcome:
    """Nothing is published; what was left half filled in is closed."""
    draft = await requests.own(turn.session, turn.openid, turn.state.request_id or "")
    if draft is None or draft.state is not RequestStatus.DRAFT:
        return Outcome(_NONE, turn.state)
    requests.discard(turn.session, draft, turn.now)
    return Outcome("好的，填到一半的那笔需求不留了。以后需要资金，随时再告诉我。", State())


async def takes(turn: Turn) -> bool:
    return turn.intent in {"affirm", "deny", "cancel", "withdraw_request", "back"}


async def go_on(turn: Turn) -> Outcome:
    after = State(request_id=turn.state.request_id)
    if turn.intent not in {"affirm", "withdraw_request"}:
        return Outcome("好的，需求给您保留着。", after)
    request = await requests.own(turn.session, turn.openid, turn.state.request_id or "")
    if request is None:
        return Outcome(_NONE, State())
    try:
        requests.withdraw(turn.session, request, turn.now)
    except NotAllowedNow as refusal:
        return Outcome(refusal.sentence, after)
    return Outcome(f"需求 {request.id} 已撤回。以后需要资金，随时再告诉我。", State())


async def prompt(turn: Turn) -> str:
    del turn
    return "刚才那笔需求要撤回吗？确定请回复「确认」，不撤回复「不用」。"


def _line(request: RequestRow) -> str:
    amount = span(request.amount_min, request.amount_max) or "金额待定"
    return f"· {request.id}（{amount}）：{_NEXT_STEP[request.state]}"
