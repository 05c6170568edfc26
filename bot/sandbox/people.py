"""The people who own the phones, and what stands in their chats."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.sandbox.ledger import ServiceQuota

KEPT_ENTRIES = 500


class Kind(StrEnum):
    TEXT = "text"
    VOICE = "voice"
    IMAGE = "image"
    LOCATION = "location"
    LINK = "link"
    VIDEO = "video"
    MENU = "menu"
    NEWS = "news"
    MEDIA = "media"
    TEMPLATE = "template"
    SUBSCRIPTION = "subscription"
    MINI_PROGRAM = "miniprogrampage"
    NOTICE = "notice"


class Sender(StrEnum):
    PERSON = "person"
    ACCOUNT = "account"
    SYSTEM = "system"


class Origin(StrEnum):
    """Which way an entry came."""

    PERSON = "person"
    REPLY = "reply"
    CUSTOMER = "customer"
    TEMPLATE = "template"
    SUBSCRIPTION = "subscription"
    MASS = "mass"
    AGENT = "agent"
    WECHAT = "wechat"


@dataclass(frozen=True)
class Option:
    """One line of a msgmenu that a person can tap."""

    id: str
    content: str


@dataclass(frozen=True)
class Article:
    title: str
    description: str = ""
    url: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Row:
    """One line of a template card."""

    key: str
    label: str
    value: str


@dataclass(frozen=True)
class Content:
    """What an entry says; which fields are filled depends on `kind`."""

    kind: Kind
    text: str = ""
    """Text; head of a menu; title of a template; recognised words of a voice message."""
    tail: str = ""
    options: tuple[Option, ...] = ()
    articles: tuple[Article, ...] = ()
    rows: tuple[Row, ...] = ()
    url: str = ""
    app_id: str = ""
    """The mini program that a card opens; it goes before `url`."""


@dataclass(frozen=True)
class ChatEntry:
    id: int
    """Rises over all chats of one sandbox."""
    openid: str
    at: float
    """Seconds since the epoch, by the sandbox's clock."""
    sender: Sender
    origin: Origin
    content: Content

    @property
    def kind(self) -> Kind:
        return self.content.kind

    @property
    def text(self) -> str:
        return self.content.text


@dataclass
class Person:
    openid: str
    nickname: str
    followed: bool = False
    refuses: bool = False
    """Has switched the account's messages off: customer messages fail at once, templates in the receipt."""
    snapshot: bool = False
    """Opens pages as a snapshot user: what OAuth tells of them is a throw-away identity."""
    followed_at: float = 0.0
    follow_scene: str = ""
    remark: str = ""
    blacklisted: bool = False
    tags: set[int] = field(default_factory=set)
    mass_sends: list[float] = field(default_factory=list)
    """When mass messages reached them."""
    history: list[ChatEntry] = field(default_factory=list)
    quota: ServiceQuota = field(default_factory=ServiceQuota)


class People:
    """All people of one sandbox; tells a listener of every change."""

    def __init__(self, clock: Callable[[], float], tell: Callable[[str, Any], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._known: dict[str, Person] = {}
        self._ids = itertools.count(1)

    def __iter__(self) -> Iterator[Person]:
        return iter(self._known.values())

    def find(self, openid: str) -> Person | None:
        return self._known.get(openid)

    def get_or_add(self, openid: str, nickname: str = "") -> Person:
        person = self._known.get(openid)
        if person is None:
            person = self._known[openid] = Person(openid, nickname or f"访客{len(self._known) + 1}")
            self.changed(person)
        return person

    def followers(self) -> list[Person]:
        return [person for person in self._known.values() if person.followed]

    def changed(self, person: Person) -> None:
        self._tell("person", person)

    def add_entry(self, person: Person, sender: Sender, origin: Origin, content: Content) -> ChatEntry:
        entry = ChatEntry(next(self._ids), person.openid, self._clock(), sender, origin, content)
        person.history.append(entry)
        del person.history[:-KEPT_ENTRIES]
        self._tell("entry", entry)
        return entry
