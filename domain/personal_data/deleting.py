"""Deletion: what is under way is ended, what the law keeps is kept with less, everything else goes.

asked ──▶ ended, swept ──▶ complete
             └──▶ something is still under way ──▶ swept again, until it is over ──▶ complete

It is not called within a turn of the dialogue, which would write the conversation anew: from a page or a job.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, exists, func, not_, select, update
from sqlalchemy import delete as delete_from
from sqlalchemy.ext.asyncio import AsyncSession

from domain.base import new_id, table_of
from domain.exclusive import alone
from domain.personal_data.ending import end_all
from domain.personal_data.holding import DELETION_ID, Holding
from domain.personal_data.registry import HOLDINGS
from domain.personal_data.subject import Subject, subject_of
from domain.personal_data.tables import DeletionReason, DeletionRow, fingerprint

# What is under way mostly waits for a day, until everybody was told.
_LOOK_AGAIN = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of a table's rows. `goes` and `stays` count rows; None where only the gate may look.

    `why` and `until` are said of what stays, `ends_first` of what is under way and goes when it has ended.
    """

    title: str
    goes: int | None
    stays: int | None
    why: str
    until: str
    ends_first: int


async def deletion_plan(session: AsyncSession, openid: str, now: datetime) -> list[Planned]:
    """What a deletion would do, to be read before it is asked for; tables with nothing are left out."""
    subject = await subject_of(session, openid, now)
    plans = [await _planned(session, holding, subject) for holding in HOLDINGS]
    return [plan for plan in plans if plan.goes != 0 or plan.stays != 0 or plan.ends_first]


async def _planned(session: AsyncSession, holding: Holding, subject: Subject) -> Planned:
    kept = holding.kept
    why, until = (kept.why, kept.until) if kept else ("", "")
    if holding.gated:
        some = 0 if not subject.usccs else None
        return Planned(holding.title, some if subject.alone else 0, some, why, until, 0)
    stays = await _count(session, holding, subject, holding.kept_rows(subject))
    every = await _count(session, holding, subject)
    pending = await _count(
        session, holding, subject, and_(holding.pending_rows(subject), not_(holding.kept_rows(subject)))
    )
    return Planned(holding.title, every - stays, stays, why if stays else "", until if stays else "", pending)


async def _count(
    session: AsyncSession, holding: Holding, subject: Subject, *also: ColumnElement[bool]
) -> int:
    query = select(func.count()).select_from(holding.of).where(holding.found(holding.of, subject), *also)
    return await session.scalar(query) or 0


async def delete(
    session: AsyncSession,
    openid: str,
    now: datetime,
    *,
    reason: DeletionReason = DeletionReason.OWN_WISH,
) -> DeletionRow:
    """Delete what may go, at once, and write down that it was done.

    Asked again, it answers with the deletion that there was, unless something new has come since.
    """
    await alone(session, f"deletion of {openid}")
    subject = await subject_of(session, openid, now)
    row = await _under_way(session, openid)
    if row is None:
        before = await _latest(session, openid)
        if before and not await _anything(session, subject):
            return before
        row = DeletionRow(
            id=new_id("SC", now),
            person=fingerprint(openid),
            openid=openid,
            reason=reason,
            asked_at=now,
            removed={},
            kept={},
        )
        session.add(row)
    row.asked_at = now
    row.removed = dict(Counter(row.removed) + Counter(await end_all(session, subject)))
    await _sweep(session, row, subject, HOLDINGS)
    return row


async def finish(session: AsyncSession, row: DeletionRow, now: datetime) -> bool:
    """Sweep what was under way when a deletion was asked for; whether it is complete by now.

    What the person did since, should he have come back, is none of it.
    """
    if row.openid is None:
        return True
    await alone(session, f"deletion of {row.openid}")
    subject = replace(await subject_of(session, row.openid, now), asked_at=row.asked_at, usccs=(), alone=())
    await _sweep(session, row, subject, [holding for holding in HOLDINGS if holding.pending])
    return row.completed_at is not None


async def _sweep(
    session: AsyncSession, row: DeletionRow, subject: Subject, holdings: Sequence[Holding]
) -> None:
    removed, kept = dict(row.removed), dict(row.kept)
    waiting = False
    for holding in holdings:
        gone = await _remove(session, holding, subject)
        removed[holding.table] = removed.get(holding.table, 0) + gone
        if holding.kept and not holding.gated and holding.of is not table_of(DeletionRow):
            stays = await _reduce(session, holding, subject, row.id)
            # What was reduced the first time is not found the second.
            kept[holding.table] = max(stays, kept.get(holding.table, 0))
        waiting = waiting or await _waits(session, holding, subject)
    row.removed = {table: number for table, number in removed.items() if number}
    row.kept = {table: number for table, number in kept.items() if number}
    if waiting:
        row.look_at = subject.now + _LOOK_AGAIN
    else:
        row.completed_at, row.openid, row.look_at = subject.now, None, None
    await session.flush()


async def _remove(session: AsyncSession, holding: Holding, subject: Subject) -> int:
    goes = not_(holding.pending_rows(subject)), not_(holding.kept_rows(subject))
    statement = delete_from(holding.of).where(holding.found(holding.of, subject), *goes)
    return _rows(await session.execute(statement))


async def _reduce(session: AsyncSession, holding: Holding, subject: Subject, deletion_id: str) -> int:
    """How many rows stay; they lose what names the person, unless they are still under way."""
    kept = holding.kept
    stays = await _count(session, holding, subject, holding.kept_rows(subject))
    if kept and kept.reduced and stays:
        values = {
            name: deletion_id if value is DELETION_ID else value for name, value in kept.reduced.items()
        }
        where = kept.reduced_where(holding.of, subject), not_(holding.pending_rows(subject))
        chosen = and_(holding.found(holding.of, subject), holding.kept_rows(subject), *where)
        await session.execute(update(holding.of).where(chosen).values(values))
    return stays


async def _waits(session: AsyncSession, holding: Holding, subject: Subject) -> bool:
    if holding.pending is None:
        return False
    rows = exists().where(holding.found(holding.of, subject), holding.pending_rows(subject))
    return bool(await session.scalar(select(rows)))


async def _anything(session: AsyncSession, subject: Subject) -> bool:
    """Whether there is a row that would go."""
    for holding in HOLDINGS:
        if not holding.gated and await _count(session, holding, subject, not_(holding.kept_rows(subject))):
            return True
    return False


async def _under_way(session: AsyncSession, openid: str) -> DeletionRow | None:
    query = select(DeletionRow).where(DeletionRow.openid == openid, DeletionRow.completed_at.is_(None))
    row: DeletionRow | None = await session.scalar(query)
    return row


async def _latest(session: AsyncSession, openid: str) -> DeletionRow | None:
    query = select(DeletionRow).where(DeletionRow.person == fingerprint(openid))
    row: DeletionRow | None = await session.scalar(query.order_by(DeletionRow.asked_at.desc()).limit(1))
    return row


def _rows(result: Any) -> int:
    return cast("CursorResult[tuple[()]]", result).rowcount
