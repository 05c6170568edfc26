"""Writing many rows at once: insert, or update by the primary key."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from domain.base import Row, table_of

Fields = dict[str, Any]


async def look_up_by_keys(session: AsyncSession) -> None:
    """Let PostgreSQL use its indexes until the transaction ends, whatever it believes of the tables.

    Of one that is just being filled it has no statistics, and compares every row with every key: 50 ms
    instead of 0.2 for 200 keys in 20,000 rows.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SET LOCAL enable_seqscan = off"))


async def upsert(
    session: AsyncSession,
    table: type[Row],
    rows: Sequence[Mapping[str, Any]],
    *,
    update: Iterable[str] | None = None,
) -> None:
    """Insert the rows; where the primary key exists, set the columns of `update` (all but the key if None).

    With an empty `update` a row that exists stays as it is. All rows have the same keys. The session's own
    objects do not hear of it.
    """
    if not rows:
        return
    target = table_of(table)
    key = [column.name for column in target.primary_key]
    columns = [name for name in rows[0] if name not in key] if update is None else list(update)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(target)
    if columns:
        new = {name: statement.excluded[name] for name in columns}
        statement = statement.on_conflict_do_update(index_elements=key, set_=new)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=key)
    # In the order of the key: two processes that write the same rows wait, and never crosswise.
    ordered = sorted(rows, key=lambda row: [row[name] for name in key])
    # The connection, not the session: many rows by one call of the driver.
    await session.run_sync(lambda sync: sync.connection().execute(statement, ordered))
