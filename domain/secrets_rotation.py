"""A change of key: what is sealed is sealed anew, portion by portion, while everybody goes on working.

Nothing is remembered between portions: a row says itself how it was sealed. So a rotation that was killed is
simply begun again, and two at once take turns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    RowMapping,
    Update,
    and_,
    bindparam,
    case,
    func,
    literal,
    not_,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from domain.exclusive import alone
from domain.secrets import HEAD_BYTES, MARKS, Cipher, UnreadableSecret, key_id_of
from domain.secrets_columns import Sealed

# Enough to see whether a key is there; each is one decryption.
_SAMPLE = 20
_NO_HEAD = b""
_NEW, _NEW_INDEX = "new_sealed", "new_index"


@dataclass(frozen=True, slots=True)
class Portion:
    """What became of some rows; `last` is the key of the last one, behind which to go on; None at the end."""

    last: tuple[Any, ...] | None
    renewed: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How the rows of a column are sealed.

    With the current key and algorithm; with others of the ring; without a head, as before there were ids; or
    with keys that are not in the ring, whose ids are `unknown_keys`. Of those without a head a few are tried:
    `lost` says that some open with none of the keys. `stale_indexes` are made with another index key.
    """

    column: Sealed
    current: int
    previous: int
    headless: int
    unknown: int
    unknown_keys: frozenset[str]
    lost: bool
    stale_indexes: int

    @property
    def left(self) -> int:
        """Rows that are not sealed with the current key."""
        return self.previous + self.headless + self.unknown


async def rotate(
    session: AsyncSession, cipher: Cipher, column: Sealed, after: tuple[Any, ...] | None, *, limit: int
) -> Portion:
    """Seal at most `limit` rows anew, in the order of their keys.

    A row that somebody else is changing is passed over: waiting for it could be waiting crosswise.
    """
    await alone(session, "rotate-keys")
    keys = list(column.of.primary_key)
    query = select(*keys, column.sealed.label("sealed")).where(_stale(column, cipher))
    if after is not None:
        query = query.where(tuple_(*keys) > after)
    query = query.order_by(*keys).limit(limit).with_for_update(skip_locked=True)
    rows = (await session.execute(query)).mappings().all()
    renewed = [values for row in rows if (values := _renewed(cipher, column, row))]
    if renewed:
        connection = await session.connection()
        await connection.execute(_replacing(column), renewed)
    last = tuple(rows[-1][key.name] for key in keys) if len(rows) == limit else None
    return Portion(last, len(renewed), len(rows) - len(renewed))


def _renewed(cipher: Cipher, column: Sealed, row: RowMapping) -> dict[str, Any] | None:
    """The values for `_replacing`; None where the row cannot be read."""
    try:
        text = cipher.decrypt_bytes(row["sealed"], column.purpose)
    except UnreadableSecret:
        return None
    values: dict[str, Any] = {f"of_{key.name}": row[key.name] for key in column.of.primary_key}
    values[_NEW] = cipher.encrypt_bytes(text, column.purpose)
    if column.index:
        values[_NEW_INDEX] = cipher.blind_index(text.decode(), column.index_purpose)
    return values


def _replacing(column: Sealed) -> Update:
    """One row by its key; the names of the values are none of a column's."""
    values: dict[str, Any] = {column.column: bindparam(_NEW)}
    if column.index:
        values[column.index] = bindparam(_NEW_INDEX)
    keys = (key == bindparam(f"of_{key.name}", type_=key.type) for key in column.of.primary_key)
    return update(column.of).where(*keys).values(values)


async def survey(session: AsyncSession, cipher: Cipher, columns: Sequence[Sealed]) -> list[Standing]:
    return [await _standing(session, cipher, column) for column in columns]


async def _standing(session: AsyncSession, cipher: Cipher, column: Sealed) -> Standing:
    counts = await _heads(session, column)
    headless, current = counts.pop(_NO_HEAD, 0), counts.pop(cipher.head, 0)
    unknown = {head: n for head, n in counts.items() if key_id_of(head) not in cipher.key_ids}
    return Standing(
        column,
        current=current,
        previous=sum(counts.values()) - sum(unknown.values()),
        headless=headless,
        unknown=sum(unknown.values()),
        unknown_keys=frozenset(filter(None, map(key_id_of, unknown))),
        lost=headless > 0 and await _any_lost(session, cipher, column),
        stale_indexes=await _stale_indexes(session, cipher, column),
    )


async def _heads(session: AsyncSession, column: Sealed) -> dict[bytes, int]:
    """Rows by their head; those without one begin with as many nonces, and count together."""
    start = case((_has_head(column), _start(column, HEAD_BYTES)), else_=literal(_NO_HEAD)).label("start")
    within = select(start).where(column.sealed.is_not(None)).subquery()
    counted = select(within.c.start, func.count()).group_by(within.c.start)
    return {bytes(head): number for head, number in await session.execute(counted)}


async def _any_lost(session: AsyncSession, cipher: Cipher, column: Sealed) -> bool:
    query = select(column.sealed).where(column.sealed.is_not(None), not_(_has_head(column))).limit(_SAMPLE)
    return not all(_opens(cipher, column, blob) for blob in await session.scalars(query) if blob)


def _opens(cipher: Cipher, column: Sealed, blob: bytes) -> bool:
    try:
        cipher.decrypt_bytes(blob, column.purpose)
    except UnreadableSecret:
        return False
    return True


async def _stale_indexes(session: AsyncSession, cipher: Cipher, column: Sealed) -> int:
    if column.found_by is None:
        return 0
    stale = _stale_index(column.found_by, cipher)
    query = select(func.count()).select_from(column.of).where(column.sealed.is_not(None), stale)
    return await session.scalar(query) or 0


def _stale(column: Sealed, cipher: Cipher) -> ColumnElement[bool]:
    """The row is sealed, and text or index not with the present keys."""
    stale = _start(column, HEAD_BYTES) != cipher.head
    if column.found_by is not None:
        stale = or_(stale, _stale_index(column.found_by, cipher))
    return and_(column.sealed.is_not(None), stale)


def _stale_index(index: ColumnElement[str | None], cipher: Cipher) -> ColumnElement[bool]:
    return or_(index.is_(None), not_(index.startswith(cipher.index_head, autoescape=True)))


def _has_head(column: Sealed) -> ColumnElement[bool]:
    return _start(column, len(MARKS[0])).in_(MARKS)


def _start(column: Sealed, length: int) -> ColumnElement[bytes]:
    return func.substr(column.sealed, 1, length, type_=LargeBinary)
