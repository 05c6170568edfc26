"""Progress of an equity request, to its owner: published, taken back, and each step of an institution."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.equity.labels import EquityFollow, EquityRound, EquityStatus
from domain.equity.tables import EquityRequestRow, EquityStepRow
from notify.fields import Value
from notify.notice import Letter, Notice

_PATH = "/m/equity"
_OF_THE_OWNER = {
    events.EQUITY_PUBLISHED: EquityStatus.PUBLISHED,
    events.EQUITY_WITHDRAWN: EquityStatus.WITHDRAWN,
}


async def _write(session: AsyncSession, event: str, payload: Mapping[str, Any]) -> list[Letter]:
    row = await session.get(EquityRequestRow, payload["request_id"])
    if row is None:
        return []
    title = f"{EquityRound(row.round).label if row.round else ''}股权融资"
    if status := _OF_THE_OWNER.get(event):
        return [_letter(row, f"{row.id}:{status}", title, status.label, row.updated_at)]
    step = await session.get(EquityStepRow, payload["step"])
    if step is None or step.institution is None:
        return []
    # The step's own state, not the follow's: it may have moved on while the event waited.
    state = EquityFollow(step.after)
    return [_letter(row, f"{row.id}:{step.id}", f"{step.institution}·{title}", state.label, step.at)]


def _letter(row: EquityRequestRow, subject: str, title: str, status: str, at: Value) -> Letter:
    values: dict[str, Value] = {
        "request_id": row.id,
        "title": title,
        "amount": row.amount or 0,
        "status": status,
        "time": at,
    }
    return Letter(row.openid, f"equity:{subject}", values, path=f"{_PATH}?company={row.uscc}")


NOTICE = Notice(
    name="request_progress",
    values=frozenset({"request_id", "title", "amount", "status", "time"}),
    events=(*_OF_THE_OWNER, events.EQUITY_MOVED),
    immediate=True,
    write=_write,
)
