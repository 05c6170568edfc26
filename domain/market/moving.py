"""A follow's way from state to state, each step written down and told; no rule is asked here."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.market.rules import UNDER_WAY, Cause, FollowState, RejectReason
from domain.market.tables import FollowRow, FollowStepRow

# Who acts where nobody does.
CLOCK = "clock"


async def move(
    session: AsyncSession,
    row: FollowRow,
    after: FollowState,
    *,
    by: str,
    now: datetime,
    until: datetime | None = None,
    reason: Cause | RejectReason | None = None,
    note: str = "",
) -> None:
    """Change the state, with its step and its event; what the state before was timed by goes."""
    step = _step(row, after, by, now, reason=reason, note=note)
    row.state, row.until, row.remind_at = after, until, None
    await _write(session, step)
    payload = {
        "request_id": row.request_id,
        "institution": row.institution,
        "before": step.before,
        "after": after,
        "step": step.id,
        **({"until": until.isoformat()} if until else {}),
        **({"reason": reason} if reason else {}),
    }
    events.record(session, events.FOLLOW_MOVED, payload, now)


async def offer(session: AsyncSession, row: FollowRow, until: datetime, now: datetime) -> None:
    """Keep a free place for one that waits."""
    step = _step(row, FollowState.WAITING, CLOCK, now)
    row.until = until
    await _write(session, step)
    events.record(session, events.PLACE_OFFERED, _timed(row, until), now)


def remind(session: AsyncSession, row: FollowRow, until: datetime, now: datetime) -> None:
    """Tell, once, that the deadline is near."""
    row.remind_at = None
    events.record(session, events.FOLLOW_DUE, _timed(row, until), now)


async def end(session: AsyncSession, row: FollowRow, cause: Cause, *, by: str, now: datetime) -> None:
    """End a follow, whatever it has come to."""
    row.cause = cause
    await move(session, row, FollowState.ENDED, by=by, now=now, reason=cause)


async def end_all(session: AsyncSession, request_id: str, cause: Cause, *, by: str, now: datetime) -> None:
    """End what is under way with a request. The caller holds the request."""
    query = (
        select(FollowRow)
        .where(FollowRow.request_id == request_id, FollowRow.state.in_(UNDER_WAY))
        .order_by(FollowRow.turn)
        .execution_options(populate_existing=True)
    )
    for row in (await session.scalars(query)).all():
        await end(session, row, cause, by=by, now=now)


def _step(
    row: FollowRow,
    after: FollowState,
    by: str,
    now: datetime,
    *,
    reason: Cause | RejectReason | None = None,
    note: str = "",
) -> FollowStepRow:
    """The step from where the row stands; the row counts it."""
    is_first = row.version == 0
    step = FollowStepRow(
        request_id=row.request_id,
        institution=row.institution,
        at=now,
        since=None if is_first else row.updated_at,
        actor=by,
        before=None if is_first else row.state,
        after=after,
        reason=reason,
        note=note,
    )
    row.version += 1
    row.updated_at = now
    return step


async def _write(session: AsyncSession, step: FollowStepRow) -> None:
    """Flushed, for its number."""
    session.add(step)
    await session.flush()


def _timed(row: FollowRow, until: datetime) -> dict[str, str]:
    return {"request_id": row.request_id, "institution": row.institution, "until": until.isoformat()}
