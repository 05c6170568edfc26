"""Questions about cases: a person's own, and the advisers' queue."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from domain import regions
from domain.cases.rules import CaseKind, CasePriority, CaseState
from domain.cases.tables import CaseRow, CaseStepRow

_MOST_OF_A_PERSON = 50


async def of_person(session: AsyncSession, openid: str, *, only_open: bool = False) -> Sequence[CaseRow]:
    """The person's cases, the newest first."""
    query = select(CaseRow).where(CaseRow.openid == openid)
    if only_open:
        query = query.where(CaseRow.state != CaseState.CLOSED)
    newest_first = query.order_by(CaseRow.opened_at.desc(), CaseRow.id.desc())
    return (await session.scalars(newest_first.limit(_MOST_OF_A_PERSON))).all()


async def own(session: AsyncSession, openid: str, case_id: str) -> CaseRow | None:
    """A case by its id, if it is that person's."""
    row = await session.get(CaseRow, case_id)
    return row if row and row.openid == openid else None


async def under_way(
    session: AsyncSession, openid: str, kind: CaseKind, loan_id: str | None
) -> CaseRow | None:
    """The one case of that kind that may be under way: of the loan, whoever opened it, else of the person."""
    whose = CaseRow.loan_id == loan_id if loan_id else CaseRow.loan_id.is_(None) & (CaseRow.openid == openid)
    query = select(CaseRow).where(whose, CaseRow.kind == kind, CaseRow.state != CaseState.CLOSED)
    found: CaseRow | None = await session.scalar(query.with_for_update())
    return found


async def steps_of(session: AsyncSession, case_id: str) -> Sequence[CaseStepRow]:
    """What happened to it, in its order."""
    query = select(CaseStepRow).where(CaseStepRow.case_id == case_id).order_by(CaseStepRow.number)
    return (await session.scalars(query)).all()


async def queue(
    session: AsyncSession,
    *,
    within: Collection[str] | None,
    state: CaseState | None = None,
    kind: CaseKind | None = None,
    priority: CasePriority | None = None,
    after: tuple[datetime, str] | None = None,
    size: int,
) -> Sequence[CaseRow]:
    """Cases in these regions (None: everywhere), those first that are to be answered first; at most `size`.

    `after` is `answer_by` and id of the last one of the page before. Where a company is is not always known:
    such a case stands in everybody's queue.
    """
    place = (CaseRow.answer_by, CaseRow.id)
    query = select(CaseRow)
    if within is not None:
        inside = [CaseRow.region.startswith(regions.prefix(code)) for code in within]
        query = query.where(or_(CaseRow.region.is_(None), *inside))
    for column, value in ((CaseRow.state, state), (CaseRow.kind, kind), (CaseRow.priority, priority)):
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        query = query.where(tuple_(*place) > after)
    return (await session.scalars(query.order_by(*place).limit(size))).all()
