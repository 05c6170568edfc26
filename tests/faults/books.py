"""What the database says of one person, and the test's own locks that make a process stand still in it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

# Any number that nothing else uses.
_HELD = 4711

_FUNCTION = f"""
CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock({_HELD}); RETURN NEW; END $$
"""
_IN_COMMIT = """
CREATE CONSTRAINT TRIGGER stand_still AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION stand_still()
"""
_BEFORE_SENDING = """
CREATE TRIGGER stand_still BEFORE UPDATE ON deliveries FOR EACH ROW
WHEN (OLD.in_flight_since IS NULL AND NEW.in_flight_since IS NOT NULL) EXECUTE FUNCTION stand_still()
"""


Release = Callable[[], Awaitable[None]]


class Books:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def scalar(self, statement: str, **values: Any) -> Any:
        async with self._engine.connect() as connection:
            return await connection.scalar(text(statement), values)

    async def execute(self, *statements: str) -> None:
        async with self._engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))

    async def answers(self, key: str) -> int:
        """How often that message stands in the inbox."""
        return int(await self.scalar("SELECT count(*) FROM inbox WHERE key = :key", key=key))

    async def steps(self, openid: str) -> int:
        """How many turns the conversation has taken."""
        found = await self.scalar("SELECT version FROM conversations WHERE openid = :openid", openid=openid)
        return int(found or 0)

    async def published(self, openid: str) -> int:
        """How many events in the outbox say that a request of theirs was published."""
        statement = """
            SELECT count(*) FROM outbox
            JOIN financing_requests AS request ON request.id = outbox.payload->>'request_id'
            WHERE outbox.name = 'request.published' AND request.openid = :openid
        """
        return int(await self.scalar(statement, openid=openid))

    async def deliveries(self, openid: str) -> list[str]:
        """States of a person's deliveries, oldest first."""
        async with self._engine.connect() as connection:
            statement = text("SELECT state FROM deliveries WHERE openid = :openid ORDER BY id")
            return list((await connection.scalars(statement, {"openid": openid})).all())

    async def order(self, openid: str) -> list[str]:
        """Keys of a person's answered messages in the order of the transactions that wrote them.

        No two of them run side by side, so that the numbers of the transactions tell the order.
        """
        statement = text(
            "SELECT key FROM inbox WHERE openid = :openid AND key LIKE 'msg:%' ORDER BY xmin::text::bigint"
        )
        async with self._engine.connect() as connection:
            return list((await connection.scalars(statement, {"openid": openid})).all())

    async def waiting(self) -> int:
        """How many connections stand before a lock that another holds."""
        statement = """
            SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
            WHERE NOT granted AND datname = current_database()
        """
        return int(await self.scalar(statement))

    @asynccontextmanager
    async def table_held(self, table: str) -> AsyncIterator[None]:
        """Whoever writes to the table meanwhile stands still before it; reading goes on."""
        async with self._engine.begin() as connection:
            await connection.execute(text(f"LOCK TABLE {table} IN SHARE MODE"))
            yield

    def commits_held(self, table: str = "inbox") -> AbstractAsyncContextManager[Release]:
        """Whoever commits a new row of the table stands still in the middle of it, everything being written.

        Without a table it is an answer.
        """
        return self._stand_still(_IN_COMMIT.format(table=table), table)

    def sending_held(self) -> AbstractAsyncContextManager[Release]:
        """The worker stands still with a delivery claimed and not begun with."""
        return self._stand_still(_BEFORE_SENDING, "deliveries")

    @asynccontextmanager
    async def _stand_still(self, trigger: str, table: str) -> AsyncIterator[Release]:
        await self.execute(_FUNCTION, trigger)
        try:
            async with self._engine.connect() as connection:
                await connection.execute(text(f"SELECT pg_advisory_lock({_HELD})"))

                async def release() -> None:
                    await connection.execute(text("SELECT pg_advisory_unlock_all()"))

                try:
                    yield release
                finally:
                    await release()
        finally:
            await self.execute(f"DROP TRIGGER stand_still ON {table}", "DROP FUNCTION stand_still")

    async def parked(self, key: str) -> int:
        return int(await self.scalar("SELECT count(*) FROM parked_messages WHERE key = :key", key=key))

    async def let_parking_run_out(self) -> None:
        """The minute after which a parked message is anybody's is over."""
        await self.execute("UPDATE parked_messages SET due_at = now() - interval '1 second'")

    async def let_claims_run_out(self) -> None:
        """The minute for which a sender holds what it claimed is over."""
        await self.execute(
            "UPDATE deliveries SET claimed_until = now() - interval '1 second' WHERE state = 'queued'"
        )

    async def let_follows_run_out(self, request_id: str) -> None:
        """The days in which institutions decide on the request, or take a place that is kept, are over."""
        statement = text(
            "UPDATE request_follows SET until = now() - interval '1 second' "
            "WHERE request_id = :request_id AND until IS NOT NULL"
        )
        async with self._engine.begin() as connection:
            await connection.execute(statement, {"request_id": request_id})
