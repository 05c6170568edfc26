"""Scripted conversations: each plays over the encrypted callback against the real service and the real model.

They lie in `conversations/`; how one is written stands in `conversations/README.md`.
"""

import re
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pytest
import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, field_validator, model_validator

from bot.sandbox.people import ChatEntry, Origin
from bot.sandbox.wechat import FakeWeChat
from domain.conversations import ConversationRow
from handlers import form
from handlers.turn import Field, choice_id
from tests.domain.databases import opened as database_at
from tests.journeys.house import House, house, until

SCRIPTS = Path(__file__).parent / "conversations"
REPLY_BYTES = 600
"""What a small screen shows at once; lists of offers may be longer."""

# What is left to be understood; the aim is two.
WRONG_AT_MOST = 2
PLAYED: dict[str, bool] = {}

# Of a link people see the words alone.
_LINK = re.compile(r"</?a\b[^>]*>")
_OFFER = re.compile(r"^(?:\d+\.|·) \S[^「\n]*「|^这些政策", re.MULTILINE)
_CHOICES_END = "回复数字就行"
_ANSWERS = {Origin.REPLY, Origin.CUSTOMER}


def _list(value: object) -> object:
    """`amount term` and a single text stand for lists."""
    return [value] if isinstance(value, str) else value


def _words(value: object) -> object:
    return value.split() if isinstance(value, str) else value


def _pair(value: object) -> object:
    """One figure is both bounds."""
    return (value, value) if isinstance(value, int) else value


Fields = Annotated[tuple[Field, ...], BeforeValidator(_words)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_list)]
Labels = Annotated[tuple[str, ...], AfterValidator(lambda labels: tuple(sorted(labels)))]
Bounds = Annotated[tuple[int | None, int | None], BeforeValidator(_pair)]


class _Script(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Script):
    latitude: float
    longitude: float
    label: str = ""


class Turn(_Script):
    """What the owner sends, what is settled by it, and what the reply must be like."""

    say: str | None = None
    voice: str | None = None
    picture: bool = False
    video: bool = False
    link: str | None = None
    location: Place | None = None
    click: str | None = None
    tap: int | None = None

    copies: int = 1
    menu: int | None = None
    hours_later: float = 0

    gives: Fields = ()
    reopens: Fields = ()

    asks: Field | Literal["confirmation"] | None = None
    says: Texts = ()
    shows: Texts = ()
    not_says: Texts = ()

    @model_validator(mode="after")
    def _one_thing_is_sent(self) -> Self:
        ways = (self.say, self.voice, self.link, self.location, self.click, self.tap)
        if sum(way is not None for way in ways) + self.picture + self.video != 1:
            raise ValueError("a turn sends one thing")
        return self


class Company(_Script):
    """`founded` may be `3 years ago`."""

    revenue: int | None = None
    employees: int | None = None
    founded: str | None = None
    qualifications: Labels = ()

    @field_validator("founded")
    @classmethod
    def _year(cls, founded: str | None) -> str | None:
        """Of a date the year alone: 「开了三年」 may come with a month."""
        if founded and (ago := re.fullmatch(r"(\d+) years ago", founded)):
            return str(datetime.now(UTC).year - int(ago[1]))
        return founded and founded[:4]


class Slots(_Script):
    """A request as it must stand in the database; what is not named must be empty."""

    state: str
    amount: Bounds = (None, None)
    term: Bounds = (None, None)
    rate_max: float | None = None
    purpose: str | None = None
    guarantee: Labels = ()
    collateral: Labels = ()
    region: str | None = None
    industry: str | None = None
    institutions: Labels = ()
    product: str | None = None
    company: Company = Company()

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        same = ("purpose", "region", "industry", "product", "rate_max")
        told = row["declared"]
        return cls(
            state=row["status"],
            amount=(row["amount_min"], row["amount_max"]),
            term=(row["term_min_months"], row["term_months"]),
            guarantee=row["guarantee"],
            collateral=row["collateral"],
            institutions=row["institutions"],
            company=Company(**{name: told[name] for name in Company.model_fields if told.get(name)}),
            **{name: row[name] for name in same},
        )

    def differences(self, found: Self) -> Iterator[str]:
        for name in type(self).model_fields:
            expected, got = getattr(self, name), getattr(found, name)
            if expected != got:
                yield f"{name}: expected {expected}, got {got}"


class Conversation(_Script):
    """`slots` is the newest request, or `none`; `earlier` are those before it, newest first."""

    name: str
    turns: tuple[Turn, ...]
    slots: Slots | Literal["none"]
    earlier: tuple[Slots, ...] = ()


def _conversations() -> list[Conversation]:
    files = sorted(SCRIPTS.glob("*.yml"))
    return [Conversation.model_validate(item) for path in files for item in yaml.safe_load(path.read_text())]


ALL = _conversations()


@dataclass
class Play:
    """One conversation under way: what was said, what is settled, what went wrong."""

    fake: FakeWeChat
    openid: str
    database_url: str
    settled: set[Field] = field(default_factory=set)
    menus: list[str] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    too_long: list[str] = field(default_factory=list)
    unlisted: int = 0
    """Replies that are seen on the wire, but not in the chat."""

    async def turn(self, turn: Turn) -> None:
        if turn.hours_later:
            await self._let_pass(timedelta(hours=turn.hours_later))
        said, reply = await self._send(turn)
        self.transcript += [f"  > {said}", *(f"      {line}" for line in reply.splitlines())]
        self.settled = (self.settled | set(turn.gives)) - set(turn.reopens)
        self.faults += [f"「{said}」 → {fault}" for fault in self._of_reply(turn, reply)]
        shown = len(_LINK.sub("", reply).encode())
        if shown > REPLY_BYTES and not _OFFER.search(reply):
            self.too_long.append(f"「{said}」 → {shown} bytes")
        if _CHOICES_END in reply:
            self.menus.append(reply)

    def answers(self) -> list[ChatEntry]:
        return [entry for entry in self.fake.history(self.openid) if entry.origin in _ANSWERS]

    async def _send(self, turn: Turn) -> tuple[str, str]:
        """What the owner did, for the transcript, and the reply."""
        if turn.copies > 1 and turn.say is not None:
            # WeChat sends a message again: all copies get one and the same answer.
            (reply,) = set(await self.fake.say_copies(self.openid, turn.say, turn.copies))
            self.unlisted += 1
            return turn.say, reply
        before = len(self.answers())
        said = await self._do(turn)
        # On a busy machine the answer may come after WeChat's five seconds, as a customer message.
        await until(lambda: len(self.answers()) > before)
        return said, self.answers()[before].text

    async def _do(self, turn: Turn) -> str:
        fake, openid = self.fake, self.openid
        match turn:
            case Turn(say=str(text)):
                await fake.say(openid, text)
            case Turn(voice=str(text)):
                await fake.voice(openid, text)
            case Turn(link=str(text)):
                await fake.link(openid, text, "https://example.com/a")
            case Turn(location=Place() as place):
                await fake.location(openid, place.latitude, place.longitude, place.label)
                return f"[位置] {place.label}"
            case Turn(click=str(key)):
                await fake.click(openid, key)
                return f"[菜单] {key}"
            case Turn(tap=int(line)):
                return await self._tap(line, turn.menu or len(self.menus))
            case Turn(picture=True):
                await fake.image(openid)
                return "[图片]"
            case _:
                await fake.video(openid)
                return "[视频]"
        return text

    async def _tap(self, line: int, menu: int) -> str:
        labels = dict(re.findall(r"^(\d+)\. (.+)$", self.menus[menu - 1], re.MULTILINE))
        await self.fake.tap(self.openid, choice_id(menu, line), labels[str(line)])
        return f"[点选] {labels[str(line)]}"

    async def _let_pass(self, time: timedelta) -> None:
        """What the service wrote down becomes so much older."""
        async with database_at(self.database_url) as database, database.unit_of_work() as session:
            row = await session.get(ConversationRow, self.openid)
            assert row is not None
            memory = row.state["memory"]
            at = datetime.fromisoformat(memory["at"]) - time
            row.state = row.state | {"memory": memory | {"at": at.isoformat()}}

    def _of_reply(self, turn: Turn, reply: str) -> Iterator[str]:
        asked = {question for question in Field if form.question(question) in reply}
        if again := asked & self.settled:
            yield f"asks again for {', '.join(sorted(again))}"
        if turn.asks and not _asks(reply, turn.asks):
            yield f"does not ask for {turn.asks}"
        if turn.says and not any(text in reply for text in turn.says):
            yield f"lacks {' or '.join(turn.says)}"
        yield from (f"lacks {text}" for text in turn.shows if text not in reply)
        yield from (f"must not say {text}" for text in turn.not_says if text in reply)


def _asks(reply: str, expected: Field | Literal["confirmation"]) -> bool:
    if not isinstance(expected, Field):
        return "确认" in reply
    # Who was asked twice is only told that the question stands.
    return form.question(expected) in reply or f"{expected.label}想好了" in reply


@pytest.fixture(scope="module")
async def town(
    tmp_path_factory: pytest.TempPathFactory, rasa_url: str, vectors: Path
) -> AsyncIterator[House]:
    """One service for all owners, patient with a model that has to share the machine."""
    folder = tmp_path_factory.mktemp("town")
    shutil.copytree(vectors, folder / "vectors", dirs_exist_ok=True)
    async with house(folder, nlu_url=rasa_url, nlu={"timeout_seconds": 20}) as built:
        async with built.open(enrolling=False):
            yield built
        shutil.copytree(folder / "vectors", vectors, dirs_exist_ok=True)


@pytest.mark.parametrize("conversation", ALL, ids=lambda conversation: conversation.name)
async def test_conversation(town: House, conversation: Conversation) -> None:
    openid = town.fake.add_person(nickname=conversation.name).openid
    await town.enrol(openid)
    play = Play(town.fake, openid, town.settings.database_url)
    await town.fake.follow(openid)
    for turn in conversation.turns:
        await play.turn(turn)
    await town.fake.settle()
    faults = play.faults
    # The first answer of all is the greeting.
    count = len(play.answers()) - 1 + play.unlisted
    assert count == len(conversation.turns), "\n".join(["", f"{count} replies", *play.transcript])
    assert not play.too_long, "\n".join(["", *play.too_long])
    rows = (await town.get("/financing-requests", openid=openid))["items"]
    faults += _of_requests(conversation, [Slots.of(row) for row in rows if row["status"] != "closed"])
    PLAYED[conversation.name] = not faults
    if faults:
        # Counted below.
        pytest.xfail("\n".join(["", *faults, *play.transcript]))


def _of_requests(conversation: Conversation, found: list[Slots]) -> Iterator[str]:
    newest = () if conversation.slots == "none" else (conversation.slots,)
    expected = (*newest, *conversation.earlier)
    if len(expected) != len(found):
        yield f"{len(expected)} requests expected, {len(found)} found: {[slots.state for slots in found]}"
    for slots, got in zip(expected, found, strict=False):
        yield from slots.differences(got)


def test_enough_conversations_go_right() -> None:
    if len(PLAYED) < len(ALL):
        pytest.skip("counts only where all were played")
    wrong = sorted(name for name, right in PLAYED.items() if not right)
    assert len(wrong) <= WRONG_AT_MOST, ", ".join(wrong)


def test_there_are_a_hundred() -> None:
    assert len(ALL) >= 100
    assert len({conversation.name for conversation in ALL}) == len(ALL)
