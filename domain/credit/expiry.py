"""Bad records whose time is up: they leave the history and the documents together."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult, delete
from sqlalchemy.ext.asyncio import AsyncSession

from domain.base import table_of, today_in_china
from domain.credit import documents, keeping
from domain.credit.tables import CreditValueRow
from domain.credit.values import KEPT_YEARS, years_before


@dataclass(frozen=True, slots=True)
class BadRecords:
    """Deletes those older than so many years, counted from the end of the bad behaviour."""

    years: int = KEPT_YEARS
    name: str = "credit_bad_records"

    async def portion(self, session: AsyncSession, now: datetime, limit: int) -> int:
        """Delete `limit` rows or a few more, a company's of one category together; how many there were."""
        due = CreditValueRow.bad_until < years_before(today_in_china(now), self.years)
        await keeping.begin(session)
        await documents.mark_some(session, due, limit, now)
        result = await session.execute(delete(table_of(CreditValueRow)).where(due, documents.is_marked()))
        await documents.put_together(session, now)
        return cast("CursorResult[tuple[()]]", result).rowcount
