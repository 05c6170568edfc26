"""What advisers do: take a case, write to its owner, and close it. Of two at once one wins."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from domain import regions
from domain.cases.moving import check_seen, held, move, written
from domain.cases.rules import CaseOutcome, CaseState
from domain.cases.tables import CaseRow
from domain.errors import NotAllowedNow, NotFound


@dataclass(frozen=True, slots=True)
class Adviser:
    """Who handles cases. `actor` is written down, `name` is what the owner reads.

    `regions` are those that he works for, None: everywhere. `stands_in`: an operator, who may go on with what
    somebody else has taken.
    """

    actor: str
    name: str
    regions: Collection[str] | None = None
    stands_in: bool = False

    def sees(self, row: CaseRow) -> bool:
        """A case of which nobody knows where is everybody's."""
        if self.regions is None or row.region is None:
            return True
        return any(regions.contains(code, row.region) for code in self.regions)


async def take(session: AsyncSession, case_id: str, by: Adviser, *, seen: int, now: datetime) -> CaseRow:
    """Take it on; `seen` is the version that the adviser looked at.

    Raises:
        NotFound: there is none that he may know of.
        Changed: somebody was faster.
        NotAllowedNow: it is closed, or another adviser's.
    """
    row = await _handled(session, case_id, by, seen)
    if row.taken_by == by.actor:
        return row
    if row.taken_by is not None and not by.stands_in:
        raise NotAllowedNow("这件事已经由另一位顾问接手。")
    row.taken_by, row.adviser = by.actor, by.name
    move(session, row, CaseState.TAKEN, by.actor, now)
    return row


async def note(
    session: AsyncSession, case_id: str, by: Adviser, words: str, *, seen: int, now: datetime
) -> CaseRow:
    """Write to the owner: he is told, and reads it on his page.

    Raises:
        NotFound, Changed: as for `take`.
        NotAllowedNow: it is closed, or not his.
        ValueOutOfRange: nothing, or too much.
    """
    words = written("note", words, at_least=1)
    row = await _his(session, case_id, by, seen)
    row.answered_at = row.answered_at or now
    move(session, row, CaseState.TAKEN, by.actor, now, words)
    return row


async def close(
    session: AsyncSession,
    case_id: str,
    by: Adviser,
    outcome: CaseOutcome,
    words: str,
    *,
    seen: int,
    now: datetime,
) -> CaseRow:
    """Close it with a last word to the owner.

    Raises:
        NotFound, Changed, NotAllowedNow, ValueOutOfRange: as for `note`.
    """
    words = written("note", words, at_least=1)
    if outcome is CaseOutcome.WITHDRAWN:
        raise NotAllowedNow("只有企业自己可以撤回。")
    row = await _his(session, case_id, by, seen)
    row.answered_at = row.answered_at or now
    row.closed_at, row.outcome = now, outcome
    move(session, row, CaseState.CLOSED, by.actor, now, words)
    return row


async def _handled(session: AsyncSession, case_id: str, by: Adviser, seen: int) -> CaseRow:
    row = await held(session, case_id)
    if row is None or not by.sees(row):
        raise NotFound("没有这件事。")
    check_seen(row, seen)
    if row.standing is CaseState.CLOSED:
        raise NotAllowedNow("这件事已经办结。")
    return row


async def _his(session: AsyncSession, case_id: str, by: Adviser, seen: int) -> CaseRow:
    row = await _handled(session, case_id, by, seen)
    if row.taken_by != by.actor:
        raise NotAllowedNow("请先接手这件事，再答复或办结。")
    return row
