"""Requests in pages, newest first."""

from datetime import datetime

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from domain.addressees import AddresseeRow
from domain.requests import RequestRow, RequestStatus


async def page(
    session: AsyncSession,
    *,
    openid: str | None,
    status: RequestStatus | None,
    institution: str | None,
    after: tuple[datetime, str] | None,
    size: int,
) -> list[RequestRow]:
    """Requests newest first, at most `size`, behind the one with that time and id."""
    query = page_query(openid=openid, status=status, institution=institution, after=after, size=size)
    return list(await session.scalars(query))


def page_query(
    *,
    openid: str | None,
    status: RequestStatus | None,
    institution: str | None,
    after: tuple[datetime, str] | None,
    size: int,
) -> Select[RequestRow]:
    """The question behind a page; both databases answer it from an index that is in its order."""
    query = select(RequestRow)
    place = (RequestRow.created_at, RequestRow.id)
    if institution is not None:
        query = query.join(AddresseeRow, AddresseeRow.request_id == RequestRow.id)
        query = query.where(AddresseeRow.institution == institution)
        # The same values, from the table whose key is in this order.
        place = (AddresseeRow.created_at, AddresseeRow.request_id)
    if openid is not None:
        query = query.where(RequestRow.openid == openid)
    if status is not None:
        query = query.where(RequestRow.status == status)
    if after is not None:
        # Compared as a row: `or` would have both databases read every page before this one.
        query = query.where(tuple_(*place) < after)
    return query.order_by(*(column.desc() for column in place)).limit(size)
