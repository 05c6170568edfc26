"""Progress of a request, to its owner, on every change that the market sees."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.labels import Purpose
from domain.requests import RequestRow, RequestStatus
from notify.fields import Value
from notify.notice import Letter, Notice

_STATUS = {
    events.REQUEST_PUBLISHED: RequestStatus.PUBLISHED,
    events.REQUEST_WITHDRAWN: RequestStatus.WITHDRAWN,
}


async def _write(session: AsyncSession, event: str, payload: Mapping[str, Any]) -> list[Letter]:
    request = await session.get(RequestRow, payload["request_id"])
    if request is None:
        return []
    # The event's own status, not the row's: the row may have moved on while the event waited.
    status = _STATUS[event]
    purpose = Purpose(request.purpose).label if request.purpose else "资金周转"
    values: dict[str, Value] = {
        "request_id": request.id,
        "title": f"{purpose}融资需求",
        "amount": request.amount_max or request.amount_min or 0,
        "status": status.label,
        "time": request.updated_at,
    }
    return [Letter(request.openid, f"{request.id}:{status}", values)]


NOTICE = Notice(
    name="request_progress",
    values=frozenset({"request_id", "title", "amount", "status", "time"}),
    events=(events.REQUEST_PUBLISHED, events.REQUEST_WITHDRAWN),
    immediate=True,
    write=_write,
)
