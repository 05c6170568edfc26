"""The walk of one message: seen before? whose turn? what is meant? one commit, one answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.locks import PersonLocks
from bot.wechat import messages
from bot.wechat.messages import Incoming
from bot.wechat.replies import split_text
from domain import conversations, events, inbox, people
from domain.base import utcnow
from domain.database import Database
from domain.errors import StaleConversation
from domain.inbox import InboxRow
from handlers import dialogue
from handlers.small_talk import WELCOME
from handlers.turn import State, Turn
from matching.matcher import Matcher
from nlu.understanding import Understanding
from notify import deliveries

_log = structlog.get_logger(__name__)

# Turns of one person meet only when Redis is away, and then seldom more than two.
_ATTEMPTS = 5
SORRY = "系统刚才开了小差，您这条消息没处理成功，麻烦稍后再发一次。"
_UNREADABLE = {
    messages.VoiceMessage: "不好意思，语音我还听不了，麻烦您打字告诉我，一两句大白话就行。",
    messages.ImageMessage: "图片收到了，不过我还看不了图。您把要点打字告诉我就行。",
    messages.VideoMessage: "视频我还看不了，麻烦您打字告诉我。",
    messages.LocationMessage: "位置我还读不了，您直接说城市和区县就行，比如「昆山」。",
    messages.LinkMessage: "链接我还打不开，麻烦您把要点打字告诉我。",
}

Understand = Callable[[str], Awaitable[Understanding]]


class _Way(Enum):
    UNDECIDED = auto()
    CONNECTION = auto()
    LATER = auto()


class Ticket:
    """Who brings the answer: the open connection, or a customer message after it was given up.

    Decided once: by the turn just before it commits, or by the connection when its time is over.
    """

    def __init__(self) -> None:
        self._way = _Way.UNDECIDED

    def take_connection(self) -> bool:
        """Called by the turn: whether the connection still waits. If so it will wait for the commit."""
        if self._way is _Way.UNDECIDED:
            self._way = _Way.CONNECTION
        return self._way is _Way.CONNECTION

    def give_up(self) -> bool:
        """Called by the connection: whether it may leave; False when the turn is about to commit for it."""
        if self._way is _Way.UNDECIDED:
            self._way = _Way.LATER
        return self._way is _Way.LATER

    @property
    def given_up(self) -> bool:
        return self._way is _Way.LATER


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` is the passive reply; None when there is nothing to say, or it left another way."""

    text: str | None


class Pipeline:
    """Answers each message once; a message sent again gets the answer of the first."""

    def __init__(
        self,
        database: Database,
        locks: PersonLocks,
        understand: Understand,
        matcher: Matcher,
        on_events: Callable[[], None],
        *,
        deadline_seconds: float,
    ) -> None:
        self._database = database
        self._locks = locks
        self._understand = understand
        self._matcher = matcher
        self._on_events = on_events
        self._deadline = deadline_seconds
        self._under_way: dict[str, tuple[asyncio.Task[Answer], Ticket]] = {}

    async def answer(self, incoming: Incoming, *, spent_seconds: float = 0.0) -> Answer:
        """The answer within the deadline; what is later leaves as a customer message.

        `spent_seconds` of WeChat's patience were used up before the message came here.
        """
        task, ticket = self._join(incoming)
        done, _ = await asyncio.wait({task}, timeout=max(0.0, self._deadline - spent_seconds))
        if not done and ticket.give_up():
            _log.info("answer_late", key=incoming.dedup_key)
            return Answer(None)
        return await asyncio.shield(task)

    async def drain(self) -> None:
        """Let the turns under way finish."""
        await asyncio.gather(*(task for task, _ in self._under_way.values()), return_exceptions=True)

    def _join(self, incoming: Incoming) -> tuple[asyncio.Task[Answer], Ticket]:
        """The turn for this message: the one under way, if it was sent again meanwhile."""
        key = incoming.dedup_key
        if key not in self._under_way:
            ticket = Ticket()
            task = asyncio.create_task(self._process(incoming, ticket), name=key)
            self._under_way[key] = task, ticket
            task.add_done_callback(lambda done: self._forget(key, done))
        return self._under_way[key]

    def _forget(self, key: str, task: asyncio.Task[Answer]) -> None:
        del self._under_way[key]
        if not task.cancelled() and (error := task.exception()):
            _log.error("turn_failed", key=key, exc_info=error)

    async def _process(self, incoming: Incoming, ticket: Ticket) -> Answer:
        if isinstance(incoming, messages.TemplateReceipt):
            return await self._take_receipt(incoming)
        try:
            return await self._process_in_order(incoming, ticket)
        except Exception:
            if ticket.given_up:
                # WeChat has its «success» and will not send again: the owner must hear of it.
                await self._apologise(incoming)
            raise

    async def _process_in_order(self, incoming: Incoming, ticket: Ticket) -> Answer:
        async with self._locks.hold(incoming.openid):
            async with self._database.reading() as session:
                seen = await inbox.answered(session, incoming.dedup_key) is not None
            understanding = None if seen else await self._read(incoming)
            for _ in range(_ATTEMPTS):
                try:
                    return await self._turn(incoming, understanding, ticket)
                except (StaleConversation, IntegrityError):
                    continue
        raise StaleConversation(incoming.dedup_key)

    async def _read(self, incoming: Incoming) -> Understanding | None:
        """What is meant, before any transaction opens; None where there is nothing to understand."""
        match incoming:
            case messages.TextMessage(menu_id=None, text=text):
                return await self._understand(text)
            case messages.TextMessage(menu_id=str(key)) | messages.ClickEvent(key=key):
                return Understanding.of_button(key)
            case messages.VoiceMessage(recognition=str(text)):
                return await self._understand(text)
            case _:
                return None

    async def _turn(self, incoming: Incoming, understanding: Understanding | None, ticket: Ticket) -> Answer:
        now = utcnow()
        async with self._database.unit_of_work() as session:
            if row := await inbox.answered(session, incoming.dedup_key):
                answer = _stored(session, row, ticket, now)
            else:
                text = await self._reply(session, incoming, understanding, now)
                answer = _hand_over(session, incoming, text, ticket, now)
        if events.recorded(session):
            self._on_events()
        return answer

    async def _reply(
        self, session: AsyncSession, incoming: Incoming, understanding: Understanding | None, now: datetime
    ) -> str | None:
        """Chooses who answers, within the unit of work."""
        match incoming:
            case messages.SubscribeEvent(scene=scene):
                await people.followed(session, incoming.openid, scene, now)
                return WELCOME
            case messages.UnsubscribeEvent():
                await people.unfollowed(session, incoming.openid, now)
                return None
            case messages.ScanEvent():
                await people.seen(session, incoming.openid, now)
                return WELCOME
        await people.seen(session, incoming.openid, now)
        if understanding is None:
            return _UNREADABLE.get(type(incoming))
        return await self._converse(session, incoming.openid, understanding, now)

    async def _converse(
        self, session: AsyncSession, openid: str, understanding: Understanding, now: datetime
    ) -> str:
        version, raw = await conversations.load(session, openid)
        turn = Turn(openid, understanding, _state(raw), now, session, self._matcher)
        outcome = await dialogue.respond(turn)
        state = outcome.state.model_dump(mode="json", exclude_defaults=True)
        await conversations.save(session, openid, version, state, now)
        return outcome.reply

    async def _apologise(self, incoming: Incoming) -> None:
        async with self._database.unit_of_work() as session:
            payload = {"openid": incoming.openid, "texts": [SORRY]}
            events.record(session, events.REPLY_CONTINUED, payload, utcnow())
        self._on_events()

    async def _take_receipt(self, receipt: messages.TemplateReceipt) -> Answer:
        async with self._database.unit_of_work() as session:
            await deliveries.take_receipt(session, receipt.msg_id, receipt.status, utcnow())
        return Answer(None)


def _state(raw: dict[str, Any]) -> State:
    """A state that a former release wrote and this one cannot read begins anew; what was filled in stays."""
    try:
        return State.model_validate(raw)
    except ValidationError as error:
        _log.warning("state_unreadable", fields=[item["loc"] for item in error.errors()])
        return State()


def _hand_over(
    session: AsyncSession, incoming: Incoming, text: str | None, ticket: Ticket, now: datetime
) -> Answer:
    """Write the answer down, and send on what the connection cannot carry."""
    parts = split_text(text) if text else []
    late = not ticket.take_connection()
    later = parts if late else parts[1:]
    if later:
        events.record(session, events.REPLY_CONTINUED, {"openid": incoming.openid, "texts": later}, now)
    reply = {"text": parts[0]} if parts else None
    session.add(
        InboxRow(
            key=incoming.dedup_key,
            openid=incoming.openid,
            received_at=now,
            reply=reply,
            late=late and bool(parts),
        )
    )
    return Answer(None if late or not parts else parts[0])


def _stored(session: AsyncSession, row: InboxRow, ticket: Ticket, now: datetime) -> Answer:
    """The answer of the first time.

    The connection that it was meant for may be gone (another replica committed too late for it), and
    this one too: then it leaves as a customer message, once.
    """
    if row.reply is None or row.late:
        return Answer(None)
    text = row.reply["text"]
    if ticket.take_connection():
        return Answer(text)
    row.late = True
    events.record(session, events.REPLY_CONTINUED, {"openid": row.openid, "texts": [text]}, now)
    return Answer(None)
