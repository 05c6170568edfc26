"""Keeps what WeChat was told «success» for until its answer is committed, and takes it up again."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.wechat.messages import Incoming
from domain import parked
from domain.base import utcnow
from domain.database import Database
from domain.secrets import Cipher, UnreadableSecret

_log = structlog.get_logger(__name__)

_PURPOSE = "parked message"
_AT_ONCE = 20
# A turn that failed for a day will not come right by itself.
_LONGEST = timedelta(days=1)


def _with_heirs(kind: type[Incoming]) -> Iterator[type[Incoming]]:
    yield kind
    for heir in kind.__subclasses__():
        yield from _with_heirs(heir)


_KINDS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in _with_heirs(Incoming)}


class Parking:
    """Messages at rest, encrypted: they are what people wrote."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def park(self, incoming: Incoming) -> None:
        kind = type(incoming).__name__
        content = json.dumps([kind, _KINDS[kind].dump_python(incoming, mode="json")], ensure_ascii=False)
        async with self._database.unit_of_work() as session:
            await parked.park(session, incoming.dedup_key, self._cipher.encrypt(content, _PURPOSE), utcnow())

    async def remove(self, session: AsyncSession, incoming: Incoming) -> None:
        """Within the unit of work that commits the answer."""
        await parked.remove(session, incoming.dedup_key)

    async def take_up(self) -> list[Incoming]:
        """What a process that is gone left behind."""
        now = utcnow()
        async with self._database.unit_of_work() as session:
            left = await parked.take_up(session, now, _AT_ONCE)
            return [
                incoming
                for key, content in left
                if (incoming := await self._opened(session, key, content, now))
            ]

    async def _opened(
        self, session: AsyncSession, key: str, content: bytes, now: datetime
    ) -> Incoming | None:
        """None for what another key sealed or another release wrote, and for what was tried long enough."""
        try:
            kind, fields = json.loads(self._cipher.decrypt(content, _PURPOSE))
            incoming: Incoming = _KINDS[kind].validate_python(fields)
        except (UnreadableSecret, KeyError, ValidationError) as error:
            _log.error("parked_message_unreadable", key=key, error=type(error).__name__)
            await parked.leave(session, key, now)
            return None
        if now - incoming.created_at > _LONGEST:
            _log.error("parked_message_given_up", key=key)
            await parked.remove(session, key)
            return None
        return incoming
