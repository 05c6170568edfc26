"""Writing values: a later statement of the same supersedes the earlier one, which stays as history.

Nothing is read on the way: writers need no access, and learn nothing about a company.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Update, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from domain.base import table_of
from domain.bulk import look_up_by_keys
from domain.credit import documents
from domain.credit.tables import CreditValueRow
from domain.credit.values import Statement
from domain.exclusive import alone

_VALUES = table_of(CreditValueRow)
_KEY = ["uscc", "indicator", "as_of"]
_CURRENT = _VALUES.c.superseded_at.is_(None)


async def begin(session: AsyncSession) -> None:
    """One writer at a time: two that correct the same value would each leave the other's standing."""
    await alone(session, "credit data")
    await look_up_by_keys(session)


async def keep(session: AsyncSession, statements: Sequence[Statement], batch_id: str, now: datetime) -> None:
    """Write those that are not stored so already; of two with one key the later one counts."""
    if not statements:
        return
    await begin(session)
    keyed = {(item.uscc, item.indicator.code, item.as_of): _row(item, batch_id, now) for item in statements}
    rows = list(keyed.values())
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(_VALUES)
    # Inline: the number that a new row gets would have to be read.
    new = insert.on_conflict_do_nothing(index_elements=_KEY, index_where=_CURRENT).inline()
    # The connection, not the session: many rows by one call of the driver.
    await session.run_sync(lambda sync: sync.connection().execute(_superseding(), _keys(rows)))
    await session.run_sync(lambda sync: sync.connection().execute(new, rows))
    await documents.mark(session, [(item.uscc, item.indicator.category) for item in statements], now)
    await documents.put_together(session, now)


def _superseding() -> Update:
    """What is stated otherwise now."""
    same = [_VALUES.c[name] == bindparam(f"same_{name}") for name in _KEY]
    other = _VALUES.c.digest != bindparam("same_digest")
    return update(_VALUES).where(_CURRENT, *same, other).values(superseded_at=bindparam("now"))


def _keys(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {f"same_{name}": row[name] for name in (*_KEY, "digest")} | {"now": row["received_at"]}
        for row in rows
    ]


def _row(item: Statement, batch_id: str, now: datetime) -> dict[str, Any]:
    row = {
        "uscc": item.uscc,
        "category": item.indicator.category,
        "indicator": item.indicator.code,
        "as_of": item.as_of,
        "value": item.value,
        "source": item.source,
        "ended_on": item.ended_on,
        "bad_until": item.bad_until,
    }
    digest = blake2b(json.dumps(row, default=str, sort_keys=True).encode(), digest_size=16).hexdigest()
    return row | {"batch_id": batch_id, "digest": digest, "received_at": now, "superseded_at": None}
