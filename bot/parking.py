"""Keeps what WeChat was told «success» for until its answer is committed, and takes it up again."""

import json
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.wechat.messages import ClickEvent, Incoming, TextMessage, VoiceMessage
from domain import parked
from domain.base import utcnow
from domain.database import Database
from domain.secrets import Cipher, UnreadableSecret

_log = structlog.get_logger(__name__)

_PURPOSE = "parked message"
_AT_ONCE = 20
# The kinds that may take long, since they are understood or answered by a topic.
_KINDS: dict[str, TypeAdapter[Any]] = {
    kind.__name__: TypeAdapter(kind) for kind in (TextMessage, VoiceMessage, ClickEvent)
}


class Parking:
    """Messages at rest, encrypted: they are what people wrote."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def park(self, incoming: Incoming) -> None:
        kind = type(incoming).__name__
        if kind not in _KINDS:
            return
        content = json.dumps([kind, _KINDS[kind].dump_python(incoming, mode="json")], ensure_ascii=False)
        async with self._database.unit_of_work() as session:
            await parked.park(session, incoming.dedup_key, self._cipher.encrypt(content, _PURPOSE), utcnow())

    async def remove(self, session: AsyncSession, incoming: Incoming) -> None:
        """Within the unit of work that commits the answer."""
        await parked.remove(session, incoming.dedup_key)

    async def take_up(self) -> list[Incoming]:
        """What a process that is gone left behind."""
        async with self._database.unit_of_work() as session:
            contents = await parked.take_up(session, utcnow(), _AT_ONCE)
        return [incoming for content in contents if (incoming := self._opened(content))]

    def _opened(self, content: bytes) -> Incoming | None:
        """None for what another key sealed or another release wrote."""
        try:
            kind, fields = json.loads(self._cipher.decrypt(content, _PURPOSE))
            message: Incoming = _KINDS[kind].validate_python(fields)
        except (UnreadableSecret, KeyError, ValidationError) as error:
            _log.error("parked_message_unreadable", error=type(error).__name__)
            return None
        return message
