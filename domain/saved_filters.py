"""Filters that an institution's client keeps, and asks to be told of what passes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import String, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain import browsing
from domain.base import Json, Row, UtcDateTime, Value, new_id, utcnow
from domain.browsing import RequestFilter
from domain.clients import ClientRow
from domain.errors import NotAllowedNow, NotFound
from domain.exclusive import alone
from domain.requests import RequestRow

NAME_CHARS = 60
_MOST = 50


class NewFilter(Value):
    """A filter to keep; `tell`: its institution's webhooks hear of new requests that pass it."""

    name: Annotated[str, Field(min_length=1, max_length=NAME_CHARS)]
    filter: RequestFilter
    tell: bool = False


class SavedFilterRow(Row):
    """A filter that a client of an institution keeps, in the form of `RequestFilter`."""

    __tablename__ = "saved_filters"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    client: Mapped[str] = mapped_column(String(32), index=True)
    institution: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(NAME_CHARS))
    filter: Mapped[dict[str, Any]] = mapped_column(Json)
    tell: Mapped[bool] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def wanted(self) -> RequestFilter:
        return RequestFilter.model_validate(self.filter)


@dataclass(frozen=True, slots=True)
class Owner:
    """The client that a filter belongs to, with its institution."""

    client: str
    institution: str


async def save(session: AsyncSession, owner: Owner, new: NewFilter, now: datetime) -> SavedFilterRow:
    """Keep a new one.

    Raises:
        NotAllowedNow: the client keeps too many already.
    """
    await alone(session, f"saved_filters:{owner.client}")
    own = select(func.count()).select_from(SavedFilterRow).where(SavedFilterRow.client == owner.client)
    if (await session.scalar(own) or 0) >= _MOST:
        raise NotAllowedNow(f"最多保存 {_MOST} 个筛选条件，请先删除不用的。")
    row = SavedFilterRow(
        id=new_id("SF", now), client=owner.client, institution=owner.institution, created_at=now
    )
    _write(row, new, now)
    session.add(row)
    return row


async def change(
    session: AsyncSession, owner: Owner, filter_id: str, new: NewFilter, now: datetime
) -> SavedFilterRow:
    """Put another in its place; raises NotFound."""
    row = await own(session, owner, filter_id)
    _write(row, new, now)
    return row


async def remove(session: AsyncSession, owner: Owner, filter_id: str) -> SavedFilterRow:
    """Raises NotFound."""
    row = await own(session, owner, filter_id)
    await session.delete(row)
    return row


async def own(session: AsyncSession, owner: Owner, filter_id: str) -> SavedFilterRow:
    """The client's filter of that id; raises NotFound where it has none."""
    row = await session.get(SavedFilterRow, filter_id)
    if row is None or row.client != owner.client:
        raise NotFound("没有这个筛选条件。")
    return row


async def all_of(session: AsyncSession, owner: Owner) -> Sequence[SavedFilterRow]:
    """The client's filters, the newest first; at most some dozens."""
    query = select(SavedFilterRow).where(SavedFilterRow.client == owner.client)
    newest_first = (SavedFilterRow.created_at.desc(), SavedFilterRow.id.desc())
    return (await session.scalars(query.order_by(*newest_first))).all()


async def to_be_told(session: AsyncSession, request_id: str) -> dict[str, list[SavedFilterRow]]:
    """Filters whose institutions are to be told of the request, by institution.

    Empty where the request is not on the market any more; what is not offered to an institution is left out,
    and so are filters of clients whose token was made void or has run out.
    """
    stands = or_(ClientRow.expires_at.is_(None), ClientRow.expires_at > utcnow())
    row = await session.get(RequestRow, request_id)
    if row is None or row.state not in browsing.OFFERED:
        return {}
    query = (
        select(SavedFilterRow)
        .join(ClientRow, ClientRow.id == SavedFilterRow.client)
        .where(SavedFilterRow.tell.is_(True), ClientRow.revoked_at.is_(None), stands)
        .order_by(SavedFilterRow.id)
    )
    found: dict[str, list[SavedFilterRow]] = {}
    for saved in await session.scalars(query):
        if browsing.holds(saved.wanted, row):
            found.setdefault(saved.institution, []).append(saved)
    return {name: rows for name, rows in found.items() if await _is_offered(session, row, name)}


async def _is_offered(session: AsyncSession, row: RequestRow, institution: str) -> bool:
    offered = select(RequestRow.id).where(RequestRow.id == row.id, browsing.offered_to(institution))
    return await session.scalar(offered) is not None


def _write(row: SavedFilterRow, new: NewFilter, now: datetime) -> None:
    row.name, row.tell, row.updated_at = new.name, new.tell, now
    row.filter = new.filter.model_dump(mode="json", exclude_defaults=True)
