"""What products and policies have in common: a version that moves with every change of either.

Whoever holds a copy (the matching index of each process) compares versions to know that it is stale.
"""

import asyncio

from sqlalchemy import ColumnElement, Text, cast, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Row
from domain.exclusive import alone
from domain.policies import PolicyRow
from domain.products import ProductRow

_ONLY = 1
# Some ten milliseconds of the event loop, where the rows arrive.
_PORTION = 2000


class CatalogueStateRow(Row):
    """One row: the number of changes so far."""

    __tablename__ = "catalogue_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]


async def version(session: AsyncSession) -> int:
    state = await session.get(CatalogueStateRow, _ONLY)
    return state.version if state else 0


async def changed(session: AsyncSession) -> None:
    """Move the version on, in the transaction of the change."""
    # Of two first changes at once one would fail to insert the row.
    await alone(session, "catalogue.changed")
    if await session.get(CatalogueStateRow, _ONLY) is None:
        session.add(CatalogueStateRow(id=_ONLY, version=1))
        return
    await session.execute(
        update(CatalogueStateRow)
        .where(CatalogueStateRow.id == _ONLY)
        .values(version=CatalogueStateRow.version + 1)
        .execution_options(synchronize_session=False)
    )


async def lines(
    session: AsyncSession, table: type[ProductRow | PolicyRow], *which: ColumnElement[bool]
) -> list[str]:
    """What is stored of each, as JSON text in the order of the codes; other work goes on between portions."""
    found: dict[str, str] = {}
    after = ""
    data = cast(table.data, Text)
    while True:
        query = select(table.code, data).where(table.code > after, *which).order_by(table.code)
        rows = (await session.execute(query.limit(_PORTION))).all()
        found |= dict(rows)
        if len(rows) < _PORTION:
            # The database's order of letters may be that of a language.
            return [found[code] for code in sorted(found)]
        after = rows[-1][0]
        await asyncio.sleep(0)
