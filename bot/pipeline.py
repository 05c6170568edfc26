"""The walk of one message: seen before? whose turn? what is meant? one commit, one answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from functools import partial
from typing import Any, TypeVar

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot import metrics
from bot.locks import PersonLocks
from bot.parking import Parking
from bot.reading import Listen, Reader, Reading, Understand, deaf
from bot.wechat import messages
from bot.wechat.messages import Incoming, Message
from bot.wechat.replies import split_text
from domain import conversations, events, inbox, people, trace
from domain.base import utcnow
from domain.database import Database
from domain.errors import Refusal, StaleConversation
from domain.exclusive import alone, lost_to_another
from domain.inbox import Arrival
from domain.sqlite import TransactionLost
from handlers import following
from handlers.turn import City, Outcome, State, Turn
from matching.matcher import Matcher, NotPrepared
from nlu.understanding import Understanding
from notify import deliveries

_log = structlog.get_logger(__name__)

# Turns of one person meet only when Redis is away, and then seldom more than two.
_ATTEMPTS = 5
# What is left of WeChat's five seconds after the usual deadline.
_PARK_SECONDS = 0.4
SORRY = "系统刚才开了小差，您这条消息没处理成功，麻烦稍后再发一次。"

T = TypeVar("T")
Forget = Callable[[AsyncSession, str, datetime], Awaitable[None]]
Learn = Callable[[str, Understanding, str | None, datetime], None]
_Said = Outcome | str | None
_ReplyOf = Callable[[AsyncSession, Incoming, Arrival, T, datetime], Awaitable[_Said]]


class NotTaken(Exception):
    """The answer is late, and the message could not be parked: WeChat must send it again."""


class _Way(Enum):
    UNDECIDED = auto()
    CONNECTION = auto()
    LATER = auto()


class Ticket:
    """Who brings the answer: the open connection, or a customer message after it was given up.

    Decided once: by the turn just before it commits, or by the connection when its time is over.
    """

    comes_again = False
    """WeChat was not told «success» and will send the message again: that try brings the answer."""

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
        parking: Parking,
        understand: Understand,
        matcher: Matcher,
        city: City,
        on_events: Callable[[], None],
        *,
        forget: Forget,
        deadline_seconds: float,
        learn: Learn = lambda *_: None,
        listen: Listen = deaf,
    ) -> None:
        self._database = database
        self._locks = locks
        self._parking = parking
        self._reader = Reader(understand, listen)
        self._matcher = matcher
        self._city = city
        self._on_events = on_events
        self._deadline = deadline_seconds
        self._forget_unfollowed = forget
        self._learn = learn
        self._under_way: dict[str, tuple[asyncio.Task[Answer], Ticket]] = {}

    async def answer(self, incoming: Incoming, *, spent_seconds: float = 0.0) -> Answer:
        """The answer within the deadline; what is later leaves as a customer message.

        `spent_seconds` of WeChat's patience were used up before the message came here.
        """
        task, ticket = self._join(incoming)
        done, _ = await asyncio.wait({task}, timeout=max(0.0, self._deadline - spent_seconds))
        if not done and ticket.give_up():
            metrics.LATE_ANSWERS.inc()
            _log.info("answer_late", key=incoming.dedup_key)
            await self._park(incoming, ticket)
            return Answer(None)
        return await asyncio.shield(task)

    async def _park(self, incoming: Incoming, ticket: Ticket) -> None:
        try:
            async with asyncio.timeout(_PARK_SECONDS):
                await self._parking.park(incoming)
        except (TimeoutError, SQLAlchemyError, TransactionLost) as error:
            ticket.comes_again = True
            raise NotTaken(incoming.dedup_key) from error
        ticket.comes_again = False

    async def take_up_parked(self) -> int:
        """Answer what a process that is gone was to answer; how many there were."""
        left = await self._parking.take_up()
        for incoming in left:
            with trace.bound(trace.new()):
                task, ticket = self._join(incoming)
            ticket.give_up()
            await asyncio.wait({task})
        return len(left)

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
            return await self._take_receipt(incoming, ticket)
        try:
            async with self._locks.hold(incoming.openid, _place(incoming)) as everywhere:
                reading = await self._reader.read(incoming)
                return await self._answered(incoming, reading, ticket, everywhere=everywhere)
        except Exception:
            is_lost = ticket.given_up and not ticket.comes_again
            if is_lost and isinstance(incoming, Message | messages.ClickEvent):
                # WeChat has its «success» and will not send again: the owner must hear of it. What is no
                # question of his stays parked, and is tried again.
                await self._apologise(incoming)
            raise

    async def _answered(
        self, incoming: Incoming, reading: Reading | None, ticket: Ticket, *, everywhere: bool
    ) -> Answer:
        """One turn; again from the start if another process wrote meanwhile, or something was missing.

        What takes long is done between two tries, so that no transaction stays open for it.
        `everywhere`: the person's turn holds on all replicas. Where it does not, or was broken all the same,
        the database keeps the turns of a person apart.
        """
        overtaken: Exception | None = None
        for attempt in range(_ATTEMPTS):
            turn = partial(self._turn, incoming, ticket, guarded=everywhere and attempt == 0)
            try:
                return await self._first_or_refused(turn, incoming, reading)
            except NotPrepared as missing:
                await self._matcher.prepare(missing.company, missing.need)
            except (StaleConversation, SQLAlchemyError) as error:
                if isinstance(error, SQLAlchemyError) and not lost_to_another(error):
                    raise
                overtaken = error
        raise StaleConversation(incoming.dedup_key) from overtaken

    async def _first_or_refused(
        self, turn: Callable[..., Awaitable[Answer]], incoming: Incoming, reading: Reading | None
    ) -> Answer:
        if isinstance(incoming, messages.Report):
            return await turn(self._note, incoming)
        try:
            return await turn(self._reply, reading)
        except Refusal as refusal:
            return await turn(_refuse, refusal)

    async def _turn(
        self, incoming: Incoming, ticket: Ticket, reply: _ReplyOf[T], given: T, *, guarded: bool
    ) -> Answer:
        """One unit of work: what is known, who answers, what is written down."""
        now = utcnow()
        async with self._database.unit_of_work() as session:
            if not guarded:
                await alone(session, f"person:{incoming.openid}")
            arrival = await inbox.arrive(session, incoming.dedup_key, incoming.openid)
            if arrival.answered:
                answer = await _stored(session, incoming, arrival, ticket, now)
            else:
                said = await reply(session, incoming, arrival, given, now)
                answer = await _hand_over(session, incoming, said, ticket, now)
            if ticket.given_up:
                await self._parking.remove(session, incoming)
        if events.recorded(session):
            self._on_events()
        return answer

    async def _reply(
        self,
        session: AsyncSession,
        incoming: Incoming,
        arrival: Arrival,
        reading: Reading | None,
        now: datetime,
    ) -> _Said:
        """Chooses who answers, within the unit of work."""
        openid, at, before = incoming.openid, incoming.created_at, arrival.seen_at
        match incoming:
            case messages.SubscribeEvent(scene=scene):
                await people.followed(session, openid, scene, at, before=before)
                return await following.welcome(session, openid)
            case messages.UnsubscribeEvent():
                await self._part(session, incoming, openid, arrival, now)
                return None
            case messages.ScanEvent():
                await people.seen(session, openid, at, before=before)
                return await following.welcome(session, openid)
        await people.seen(session, openid, at, before=before)
        if reading is None:
            return None
        return await self._converse(session, openid, arrival, reading, now)

    async def _converse(
        self,
        session: AsyncSession,
        openid: str,
        arrival: Arrival,
        reading: Reading,
        now: datetime,
    ) -> Outcome:
        before = _state(arrival.state)
        turn = Turn(openid, reading.understanding, before, now, session, self._matcher, self._city)
        outcome = await reading.answer(turn)
        self._learn(openid, reading.understanding, turn.state.topic, now)
        topic = metrics.topic_of(turn.state.topic, turn.intent)
        metrics.TURNS.labels(topic).inc()
        _log.debug("turn", topic=topic)
        state = outcome.state.model_dump(mode="json", exclude_defaults=True)
        # Always before the conversation: turns that write in one order never wait for each other in a ring.
        await session.flush()
        await conversations.save(session, openid, arrival.version, state, now)
        return outcome

    async def _note(
        self, session: AsyncSession, _: Incoming, __: Arrival, report: messages.Report, now: datetime
    ) -> None:
        """The platform's word: who took his data back is forgotten, of the rest only that it came is kept."""
        if isinstance(report, messages.AuthorizationRevokedReport | messages.AccountClosedReport):
            subject = await inbox.arrive(session, report.dedup_key, report.subject)
            await self._part(session, report, report.subject, subject, now)

    async def _part(
        self, session: AsyncSession, news: Incoming, openid: str, arrival: Arrival, now: datetime
    ) -> None:
        """The person unsubscribed: nothing more is sent, and what is his alone is forgotten."""
        if not await people.unfollowed(session, openid, news.created_at, before=arrival.seen_at):
            return
        await self._forget_unfollowed(session, openid, now)
        await deliveries.skip_queued(session, openid)
        if arrival.version:
            await conversations.save(session, openid, arrival.version, {}, now)

    async def _apologise(self, incoming: Incoming) -> None:
        async with self._database.unit_of_work() as session:
            payload = {"openid": incoming.openid, "texts": [SORRY]}
            events.record(session, events.REPLY_CONTINUED, payload, utcnow())
            await self._parking.remove(session, incoming)
        self._on_events()

    async def _take_receipt(self, receipt: messages.TemplateReceipt, ticket: Ticket) -> Answer:
        async with self._database.unit_of_work() as session:
            await deliveries.take_receipt(
                session, receipt.msg_id, receipt.status, utcnow(), openid=receipt.openid
            )
            if ticket.given_up:
                await self._parking.remove(session, receipt)
        return Answer(None)


def _place(incoming: Incoming) -> str:
    """Where the message stands in the order in which the person wrote; sorts as text.

    WeChat's time counts seconds; within one, ids of messages grow.
    """
    number = incoming.msg_id if isinstance(incoming, Message) else ""
    return f"{int(incoming.created_at.timestamp()):012d}.{number:0>20}"


async def _refuse(
    session: AsyncSession, incoming: Incoming, arrival: Arrival, refusal: Refusal, now: datetime
) -> str:
    """What a rule refuses is answered with its sentence; all else that the turn wrote is taken back."""
    await people.seen(session, incoming.openid, incoming.created_at, before=arrival.seen_at)
    await conversations.save(session, incoming.openid, arrival.version, arrival.state, now)
    return refusal.sentence


def _state(raw: dict[str, Any]) -> State:
    """A state that a former release wrote and this one cannot read begins anew; what was filled in stays."""
    try:
        return State.model_validate(raw)
    except ValidationError as error:
        _log.warning("state_unreadable", fields=[item["loc"] for item in error.errors()])
        return State()


async def _hand_over(
    session: AsyncSession, incoming: Incoming, said: _Said, ticket: Ticket, now: datetime
) -> Answer:
    """Write the answer down, and send on what the connection cannot carry."""
    text = said.text if isinstance(said, Outcome) else said
    parts = split_text(text) if text else []
    late = not ticket.take_connection()
    later = parts if late else parts[1:]
    if later:
        payload: dict[str, Any] = {"openid": incoming.openid, "texts": later}
        if late and len(parts) == 1 and isinstance(said, Outcome) and said.menu:
            # A customer message can be tapped, which a passive reply cannot.
            payload["menu"] = {"head": said.reply, "items": said.menu}
        events.record(session, events.REPLY_CONTINUED, payload, now)
    reply = {"text": parts[0]} if parts else None
    await inbox.keep(
        session,
        incoming.dedup_key,
        incoming.openid,
        reply,
        now,
        late=late and bool(parts),
        content=incoming.raw if isinstance(incoming, messages.UnknownIncoming) and not parts else None,
    )
    return Answer(None if late or not parts else parts[0])


async def _stored(
    session: AsyncSession, incoming: Incoming, arrival: Arrival, ticket: Ticket, now: datetime
) -> Answer:
    """The answer of the first time.

    The connection that it was meant for may be gone (another replica committed too late for it), and
    this one too: then it leaves as a customer message, once.
    """
    if arrival.reply is None or arrival.late:
        return Answer(None)
    text = arrival.reply["text"]
    if ticket.take_connection():
        return Answer(text)
    if ticket.comes_again:
        return Answer(None)
    await inbox.answer_leaves_late(session, incoming.dedup_key)
    events.record(session, events.REPLY_CONTINUED, {"openid": incoming.openid, "texts": [text]}, now)
    return Answer(None)
