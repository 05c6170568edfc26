"""What only one process may do at a time, where the database has many writers."""

from hashlib import blake2b

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm.exc import StaleDataError

_KEY_BYTES = 8
# serialization_failure, deadlock_detected: https://www.postgresql.org/docs/current/errcodes-appendix.html
_IN_THE_WAY = frozenset({"40001", "40P01"})


async def alone(within: AsyncSession | AsyncConnection, purpose: str, *, however_long: bool = False) -> None:
    """Wait until nobody else does this, then be the only one until the transaction ends.

    `however_long`: neither the wait nor what comes after it is cut short, were the transaction only to hold
    the lock while the work is done in others.

    On PostgreSQL a lock of the transaction: it passes through a pooler, and is gone with whoever held it.
    SQLite has one writer at a time anyway.
    """
    connection = await within.connection() if isinstance(within, AsyncSession) else within
    if connection.dialect.name == "postgresql":
        if however_long:
            await connection.execute(text("SET LOCAL statement_timeout = 0"))
            await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        await connection.execute(select(func.pg_advisory_xact_lock(_key(purpose))))


def lost_to_another(error: SQLAlchemyError) -> bool:
    """Whether the transaction failed only because another one was quicker: from its start it may succeed."""
    if isinstance(error, IntegrityError | StaleDataError):
        return True
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _IN_THE_WAY


def _key(purpose: str) -> int:
    """The purpose as the signed 64 bits that PostgreSQL knows locks by."""
    return int.from_bytes(blake2b(purpose.encode(), digest_size=_KEY_BYTES).digest(), signed=True)
