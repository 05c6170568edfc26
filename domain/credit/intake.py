"""Credit data from files: what the importing of records asks of each kind."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import companies
from domain.base import today_in_china
from domain.bulk import Fields
from domain.credit import keeping
from domain.credit.registry import Registry
from domain.credit.values import CreditStatement, fitted, refusals
from domain.intake.entries import Rejected

# Where a value from a file came from stands in its `source`.
_BATCH = "import"


def problems(place: int, stated: CreditStatement, *, registry: Registry) -> list[Rejected]:
    """What the register says against it."""
    return refusals(place, stated, registry, today_in_china())


async def known(session: AsyncSession, keys: Sequence[str]) -> dict[str, Fields]:
    """Nothing: an import does not look at credit data, and what is stored so already is not written twice."""
    del session, keys
    return {}


def fields(stated: CreditStatement, before: Fields | None = None) -> Fields:
    del before
    return dict(stated)


async def save_all(
    session: AsyncSession, stated: Sequence[Any], now: datetime, *, registry: Registry
) -> None:
    """Each that differs supersedes what was stated of its indicator and period."""
    await keeping.keep(session, [fitted(item, registry) for item in stated], _BATCH, now)


async def of_strangers(session: AsyncSession, stated: Sequence[CreditStatement]) -> set[str]:
    """The credit codes of companies that are not known."""
    return await companies.unknown(session, [item.uscc for item in stated])
