"""Progress of a request, to its owner: his own steps at once, those of institutions and the clock by day."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.market.rules import Cause, FollowState, RejectReason
from domain.market.tables import FollowRow, FollowStepRow
from domain.requests import RequestRow, RequestStatus
from notify.fields import Value
from notify.notice import Letter, Notice
from notify.notices.requests import amount_of, day, named, subject_of

_STATUS = {
    events.REVIEW_BEGUN: RequestStatus.REVIEWING,
    events.REQUEST_PUBLISHED: RequestStatus.PUBLISHED,
    events.REQUEST_WITHDRAWN: RequestStatus.WITHDRAWN,
}
# Of an offer that a waiting institution let pass, and of what he ended himself, the owner need not hear.
_LEFT = "{}退出了跟进"
_TITLES = {
    FollowState.WAITING: "{}已排队，有名额就跟进",
    FollowState.LAPSED: "{}逾期未答复，名额已放开",
    FollowState.APPROVED: "{}批准了，请您确认",
    FollowState.ACCEPTED: "您接受了{}的方案",
    FollowState.GRANTED: "{}已放款",
}


async def _write(session: AsyncSession, event: str, payload: Mapping[str, Any]) -> list[Letter]:
    request = await session.get(RequestRow, payload["request_id"])
    if request is None:
        return []
    if event == events.FOLLOW_MOVED:
        return await _of_move(session, request, payload)
    # The event's own status, not the row's: the row may have moved on while the event waited.
    status = _STATUS[event]
    values: dict[str, Value] = {
        "request_id": request.id,
        "title": subject_of(request),
        "amount": amount_of(request),
        "status": status.label,
        "time": request.updated_at,
    }
    by_adviser = status is RequestStatus.PUBLISHED and request.review_first
    subject = f"{request.id}:{status}"
    return [Letter(request.openid, subject, values, path=path_of(request), at_once=not by_adviser)]


async def _of_move(session: AsyncSession, request: RequestRow, payload: Mapping[str, Any]) -> list[Letter]:
    step = await session.get(FollowStepRow, payload["step"])
    title = _title(payload)
    if step is None or not title:
        return []
    after = FollowState(payload["after"])
    values: dict[str, Value] = {
        "request_id": request.id,
        "title": title,
        "amount": await _amount(session, request, payload["institution"], after),
        "status": after.label,
        "time": step.at,
    }
    subject = f"{request.id}:follow:{step.id}"
    his_own = after is FollowState.ACCEPTED
    return [Letter(request.openid, subject, values, path=path_of(request), at_once=his_own)]


def path_of(request: RequestRow) -> str:
    """The request's page; its reader logs in there as whoever he is in WeChat."""
    return f"/m/requests/{request.id}"


def _title(payload: Mapping[str, Any]) -> str:
    institution, after = payload["institution"], FollowState(payload["after"])
    reason: str = payload.get("reason", "")
    if after is FollowState.FOLLOWING:
        until = datetime.fromisoformat(payload["until"])
        return named(institution, f"{{}}开始评估，{day(until)}前答复")
    if after is FollowState.REJECTED:
        return named(institution, f"{{}}未通过：{RejectReason(reason).label}")
    if after is FollowState.ENDED:
        return named(institution, _LEFT) if reason == Cause.LEFT else ""
    if after is FollowState.LAPSED and reason == Cause.NOT_TAKEN:
        return ""
    return named(institution, _TITLES[after])


async def _amount(session: AsyncSession, request: RequestRow, institution: str, after: FollowState) -> int:
    """What was approved, from then on; before, what was asked for."""
    follow = await session.get(FollowRow, (request.id, institution))
    agreed = {FollowState.APPROVED, FollowState.ACCEPTED, FollowState.GRANTED}
    return follow.amount if follow and follow.amount and after in agreed else amount_of(request)


NOTICE = Notice(
    name="request_progress",
    values=frozenset({"request_id", "title", "amount", "status", "time"}),
    events=(*_STATUS, events.FOLLOW_MOVED),
    immediate=False,
    write=_write,
)
