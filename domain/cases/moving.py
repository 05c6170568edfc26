"""A case's way from step to step, each written down and told."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.cases.errors import Changed
from domain.cases.rules import WORDS_LONGEST, CaseState
from domain.cases.tables import CaseRow, CaseStepRow
from domain.errors import ValueOutOfRange


async def held(session: AsyncSession, case_id: str) -> CaseRow | None:
    """The case as it is when everybody before is done; nobody else moves it until the unit ends."""
    return await session.get(CaseRow, case_id, with_for_update=True, populate_existing=True)


def check_seen(row: CaseRow, seen: int) -> None:
    """Raises Changed: somebody was faster."""
    if row.version != seen:
        raise Changed


def move(
    session: AsyncSession, row: CaseRow, after: CaseState, actor: str, now: datetime, note: str = ""
) -> None:
    """Write down a step, be it a note alone, with its event."""
    before = row.state if row.version else None
    row.state = after
    row.version += 1
    session.add(
        CaseStepRow(
            case_id=row.id, number=row.version, at=now, actor=actor, before=before, after=after, note=note
        )
    )
    events.record(session, events.CASE_MOVED, {"case_id": row.id, "step": row.version}, now)


def written(field: str, text: str, *, at_least: int = 0) -> str:
    """What somebody wrote, its lines kept.

    Raises:
        ValueOutOfRange: too little, or too much.
    """
    words = "\n".join(line for line in (" ".join(part.split()) for part in text.splitlines()) if line)
    if not at_least <= len(words) <= WORDS_LONGEST:
        raise ValueOutOfRange(field, f"请写 {at_least} 到 {WORDS_LONGEST} 个字。")
    return words
