"""What an office said to a claim, told by an operator: to who prepared it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import companies, events
from domain.claims.labels import ClaimState
from domain.claims.tables import ClaimRow, ClaimStepRow
from notify.fields import Value
from notify.notice import Letter, Notice


async def _write(session: AsyncSession, event: str, payload: Mapping[str, Any]) -> list[Letter]:
    del event
    row = await session.get(ClaimRow, payload["claim_id"])
    step = await session.get(ClaimStepRow, payload["step"])
    if row is None or step is None or not await companies.acts_for(session, row.openid, row.uscc):
        return []
    values: dict[str, Value] = {
        "request_id": row.id,
        "title": f"政策申报：{row.title}",
        "amount": payload["amount"] or 0,
        # The step's own state, not the row's: the row may have moved on while the event waited.
        "status": ClaimState(step.after).label,
        "time": step.at,
    }
    path = f"/m/policies/{row.policy}?company={row.uscc}"
    return [Letter(row.openid, f"claim:{row.id}:{step.id}", values, path=path)]


NOTICE = Notice(
    name="request_progress",
    values=frozenset({"request_id", "title", "amount", "status", "time"}),
    events=(events.CLAIM_DECIDED,),
    immediate=True,
    write=_write,
)
