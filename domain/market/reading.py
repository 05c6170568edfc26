"""What is known of follows, for the owner's progress, the institutions' lists and the advisers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.base import SHANGHAI
from domain.market.tables import FollowRow, FollowStepRow, RatingRow


async def follows_of(session: AsyncSession, request_ids: Sequence[str]) -> dict[str, list[FollowRow]]:
    """All follows of these requests, by request, in their turn; also of requests that have none."""
    found: dict[str, list[FollowRow]] = {request_id: [] for request_id in request_ids}
    query = select(FollowRow).where(FollowRow.request_id.in_(request_ids)).order_by(FollowRow.turn)
    for row in await session.scalars(query):
        found[row.request_id].append(row)
    return found


async def follow_of(session: AsyncSession, request_id: str, institution: str) -> FollowRow | None:
    return await session.get(FollowRow, (request_id, institution))


async def steps_of(
    session: AsyncSession, request_id: str, institution: str | None = None
) -> list[FollowStepRow]:
    """The steps of a request's follows, or of one of them, oldest first."""
    query = select(FollowStepRow).where(FollowStepRow.request_id == request_id).order_by(FollowStepRow.id)
    if institution is not None:
        query = query.where(FollowStepRow.institution == institution)
    return list(await session.scalars(query))


async def ratings_of(session: AsyncSession, request_id: str) -> dict[str, RatingRow]:
    """What the owner said, by institution."""
    rows = await session.scalars(select(RatingRow).where(RatingRow.request_id == request_id))
    return {row.institution: row for row in rows}


def is_over(row: FollowRow, now: datetime) -> bool:
    """Whether its time ran out: from then on it holds nothing, whenever the clock's worker comes by."""
    return row.until is not None and row.until <= now


def shown_until(row: FollowRow, now: datetime) -> datetime | None:
    """Until when it decides, or has a place kept for it, in Asia/Shanghai; None where no clock runs.

    None too for what is over and not worked off yet: it holds no longer.
    """
    return row.until.astimezone(SHANGHAI) if row.until and row.until > now else None
