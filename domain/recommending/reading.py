"""Questions about reviews: the queue, who has how many, one with its list, and what the owner may read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from domain import regions
from domain.recommending.rules import ReviewState
from domain.recommending.tables import RecommendationRow, ReviewRow, ReviewStepRow


@dataclass(frozen=True, slots=True)
class Listed:
    """A review with what stands on its list, best first, and what was struck off."""

    review: ReviewRow
    on: tuple[RecommendationRow, ...]
    off: tuple[RecommendationRow, ...]

    @property
    def changed(self) -> bool:
        """Whether it is another list than the matcher's, or has a word of the adviser's with it."""
        found = sorted(row.found_rank for row in (*self.on, *self.off) if row.found_rank)
        return [row.found_rank for row in self.on] != found or bool(self.review.note)


async def of(session: AsyncSession, request_id: str) -> Listed | None:
    """The review of a request, if there is one."""
    review = await session.get(ReviewRow, request_id)
    return await listed(session, review) if review else None


async def listed(session: AsyncSession, review: ReviewRow) -> Listed:
    query = (
        select(RecommendationRow)
        .where(RecommendationRow.request_id == review.request_id)
        .order_by(RecommendationRow.rank, RecommendationRow.found_rank, RecommendationRow.product)
    )
    rows = (await session.scalars(query, execution_options={"populate_existing": True})).all()
    on = tuple(row for row in rows if row.rank is not None)
    return Listed(review, on, tuple(row for row in rows if row.rank is None))


async def reviewed(session: AsyncSession, request_id: str) -> Listed | None:
    """The list that an adviser has finished."""
    found = await of(session, request_id)
    return found if found and found.review.standing is ReviewState.FINISHED else None


async def steps_of(session: AsyncSession, request_id: str) -> Sequence[ReviewStepRow]:
    query = select(ReviewStepRow).where(ReviewStepRow.request_id == request_id).order_by(ReviewStepRow.id)
    return (await session.scalars(query)).all()


def free(now: datetime) -> ColumnElement[bool]:
    """Waits, and nobody has it."""
    silent = or_(ReviewRow.taken_until.is_(None), ReviewRow.taken_until <= now)
    return and_(ReviewRow.state == ReviewState.WAITING, silent)


def within(codes: Collection[str] | None) -> ColumnElement[bool]:
    """In one of these regions (None: everywhere); a province or a city covers what is in it.

    One of which nobody knows where is everybody's.
    """
    if codes is None:
        return true()
    inside = [ReviewRow.region.startswith(regions.prefix(code)) for code in codes]
    return or_(ReviewRow.region.is_(None), *inside)


async def queue(
    session: AsyncSession,
    *,
    within_regions: Collection[str] | None = None,
    state: ReviewState | None = None,
    region: str | None = None,
    taken_by: str | None = None,
    now: datetime,
    after: tuple[datetime, str] | None = None,
    size: int,
) -> Sequence[ReviewRow]:
    """Reviews, who has waited longest first, at most `size`; `taken_by` asks for those that he has now.

    `after` is time of creation and id of the last one of the page before.
    """
    place = (ReviewRow.created_at, ReviewRow.request_id)
    query = select(ReviewRow).where(within(within_regions))
    if state is not None:
        query = query.where(ReviewRow.state == state)
    if region is not None:
        query = query.where(ReviewRow.region.startswith(regions.prefix(region)))
    if taken_by is not None:
        query = query.where(ReviewRow.taken_by == taken_by, ReviewRow.taken_until > now)
        query = query.where(ReviewRow.state == ReviewState.WAITING)
    if after is not None:
        query = query.where(tuple_(*place) > after)
    return (await session.scalars(query.order_by(*place).limit(size))).all()


async def loads(session: AsyncSession, now: datetime) -> dict[str, int]:
    """How many open reviews each adviser has."""
    query = (
        select(ReviewRow.taken_by, func.count())
        .where(ReviewRow.state == ReviewState.WAITING, ReviewRow.taken_until > now)
        .group_by(ReviewRow.taken_by)
        .order_by(ReviewRow.taken_by)
    )
    return {adviser: number for adviser, number in await session.execute(query) if adviser}
