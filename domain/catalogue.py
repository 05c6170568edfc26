"""What products and policies have in common: a version that moves with every change of either.

Whoever holds a copy (the matching index of each process) compares versions to know that it is stale.
"""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Row
from domain.exclusive import alone

_ONLY = 1


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
