"""An owner who talks to the dialogue: what he says is already understood, all behind it is real."""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from domain.database import Database
from domain.errors import Refusal
from domain.requests import RequestRow, RequestStatus
from handlers import dialogue
from handlers.turn import City, Outcome, State, Turn
from matching.matcher import Matcher, NotPrepared
from nlu.understanding import Entity, Intent, Role, Understanding, Value
from tests.city import EVERYBODY

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ONE_MESSAGE_BYTES = 2048
# Characters that stand on a small screen, the question that is led back to included; only a list is longer.
SHORT = 200
LISTS = re.compile(r"^(?:\d\.|·) ", re.MULTILINE)
_ATTEMPTS = 3

Fact = tuple[str, Value] | tuple[str, Value, str] | tuple[str, Value, str, Role]

AMOUNT: Fact = ("amount", 1_200_000, "120万")
PURPOSE: Fact = ("purpose", "equipment", "买加工中心")
TERM: Fact = ("term_months", 24, "两年")
MORTGAGE: Fact = ("guarantee", "mortgage", "抵押")
PLANT: Fact = ("collateral", "real_estate", "厂房")
REGION: Fact = ("region", "320583", "昆山")
INDUSTRY: Fact = ("industry", "C", "做五金加工")
EVERYTHING = (AMOUNT, PURPOSE, TERM, MORTGAGE, PLANT, REGION, INDUSTRY)
ALL_IN_ONE = "我在昆山做五金加工，想贷120万买加工中心，两年，用厂房抵押"


def understood(
    text: str, intent: str, *facts: Fact, confidence: float = 0.95, source: Any = "rasa"
) -> Understanding:
    """What the NLU makes of a text; each fact is name, value, its words in the text, and role."""
    entities = []
    for name, value, *more in facts:
        words = str(more[0]) if more else ""
        start = max(text.find(words), 0)
        role: Any = more[1] if len(more) > 1 else None
        entities.append(Entity(name, value, start, start + len(words), role))
    certain = Intent(intent, confidence)
    return Understanding(text, certain, (certain,), tuple(entities), source)


@dataclass
class Owner:
    """Keeps the state between messages as the service does: as JSON.

    `shown` is the last answer as it reads where nothing can be tapped, `menu` what could be tapped.
    """

    database: Database
    matcher: Matcher
    openid: str = "oZhang"
    kept: str = "{}"
    now: datetime = NOW
    city: City = EVERYBODY
    heard: list[str] = field(default_factory=list)
    shown: str = ""
    menu: tuple[tuple[str, str], ...] = ()

    @property
    def state(self) -> State:
        return State.model_validate(json.loads(self.kept))

    async def says(self, text: str, intent: str = "inform", *facts: Fact, confidence: float = 0.95) -> str:
        return await self.hears(understood(text, intent, *facts, confidence=confidence))

    async def presses(self, intent: str) -> str:
        return await self.hears(Understanding.of_button(intent))

    async def hears(self, understanding: Understanding) -> str:
        before = self.state
        try:
            outcome = await self._prepared(understanding)
        except Refusal as refusal:
            outcome = Outcome(refusal.sentence, before)
        self.kept = json.dumps(outcome.state.model_dump(mode="json", exclude_defaults=True))
        assert self.state == outcome.state, "the state survives the way through the database"
        assert outcome.reply.strip()
        assert len(outcome.text.encode()) <= ONE_MESSAGE_BYTES
        assert len(outcome.reply) <= SHORT or LISTS.search(outcome.reply), "too long for a small screen"
        self.heard.append(outcome.reply)
        self.shown, self.menu = outcome.text, outcome.menu
        return outcome.reply

    async def _prepared(self, understanding: Understanding) -> Outcome:
        """Again from the start while a vector is missing, as the service does."""
        for _ in range(_ATTEMPTS):
            try:
                return await self._turn(understanding)
            except NotPrepared as missing:
                await self.matcher.prepare(missing.company, missing.need)
        return await self._turn(understanding)

    async def _turn(self, understanding: Understanding) -> Outcome:
        async with self.database.unit_of_work() as session:
            turn = Turn(self.openid, understanding, self.state, self.now, session, self.matcher, self.city)
            return await dialogue.respond(turn)

    async def publishes(self) -> str:
        """Everything in one sentence, then the confirmation; the id of the request."""
        await self.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
        await self.says("确认", "affirm")
        return (await self.request()).id

    async def requests(self, status: RequestStatus | None = None) -> list[RequestRow]:
        query = select(RequestRow).order_by(RequestRow.created_at, RequestRow.id)
        async with self.database.reading() as session:
            rows = list(await session.scalars(query))
        return [row for row in rows if status in {None, row.state}]

    async def request(self) -> RequestRow:
        """The request that the conversation is about."""
        async with self.database.reading() as session:
            return await session.get_one(RequestRow, self.state.request_id)
