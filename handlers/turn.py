"""What a topic gets, a Turn, and what it gives back, an Outcome."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from domain.cases.rules import CaseKind, CaseRules
from domain.equity.labels import EquityField
from domain.market.rules import MarketRules
from domain.recommending.rules import ReviewRules
from matching.matcher import Matcher
from nlu.understanding import Entity, Understanding

LABEL_LONGEST = 20
"""Characters that a line of a menu shows on a small phone."""


class Field(StrEnum):
    """A fact that the financing form asks for, in the order in which it asks."""

    AMOUNT = "amount"
    PURPOSE = "purpose"
    TERM = "term"
    GUARANTEE = "guarantee"
    REGION = "region"
    INDUSTRY = "industry"

    @property
    def label(self) -> str:
        return _FIELD_LABELS[self]


_FIELD_LABELS = {
    Field.AMOUNT: "金额",
    Field.PURPOSE: "用途",
    Field.TERM: "期限",
    Field.GUARANTEE: "担保方式",
    Field.REGION: "经营地区",
    Field.INDUSTRY: "行业",
}

Topic = Literal["financing", "withdrawing", "renewing", "reporting", "equity"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to pick: picked, it is as if `text` had been said, read as `intent` with `entities`."""

    label: str
    intent: str
    text: str = ""
    entities: tuple[Entity, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < len(self.label) <= LABEL_LONGEST:
            raise ValueError(f"a label of {len(self.label)} characters: {self.label}")


class Listing(BaseModel):
    """What was listed, best first, so that 「第二个」 and 「更多」 have something to refer to.

    `codes` are those of the catalogue, the first `shown` of them stood in an answer.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    kind: Literal["products", "policies"]
    codes: tuple[str, ...]
    shown: int


class Memory(BaseModel):
    """What the last answers left for the next message to refer to; only the dialogue itself writes it.

    `asked` counts how often in a row the standing question was put. `serial` numbers the choices, so that a
    tap on an old menu is told from one on the newest. `about` is the code of the product talked about last,
    `question` the intent of the last message where that asked for something to know. `told` is what
    questions said of a need before there was a request: the wish that may follow goes on with it.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    at: datetime | None = None
    said: str = ""
    asked: int = 0
    choices: tuple[Choice, ...] = ()
    serial: int = 0
    listing: Listing | None = None
    about: str | None = None
    question: str | None = None
    told: Choice | None = None


class CaseDraft(BaseModel):
    """What an owner is about to turn to an adviser with; it is a case once he confirmed.

    `asking` is what he was asked for; None: whether it is all right so.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    kind: CaseKind
    loan_id: str | None = None
    institution: str | None = None
    amount: int | None = None
    term_months: int | None = None
    words: str = ""
    asking: Literal["words", "amount", "term"] | None = None


class State(BaseModel):
    """Where a conversation stands; the facts themselves are in the request named by `request_id`.

    `topic` is what the next message is first offered to. `answered` are the fields that were asked
    for and settled, oldest first (`back` walks along them), `open` those that the owner left open.
    `request_id` outlives the topic: a paused draft can be taken up again, a published request amended.
    `case` is what an adviser is to be told. `raising` and `settled` are to the equity form what `asking` and
    `answered` are to that of financing: the question that stands, and what was told or left open.
    `interrupted` is where the conversation goes back to when the topic is done.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    topic: Topic | None = None
    request_id: str | None = None
    asking: Field | None = None
    raising: EquityField | None = None
    settled: tuple[EquityField, ...] = ()
    confirming: bool = False
    answered: tuple[Field, ...] = ()
    open: tuple[Field, ...] = ()
    misunderstood: int = 0
    case: CaseDraft | None = None
    interrupted: "State | None" = None
    memory: Memory = Memory()

    @property
    def place(self) -> "State":
        """The point of the topic alone, whatever was said last."""
        return self.model_copy(update={"memory": Memory(), "misunderstood": 0})

    def same_place(self, other: "State") -> bool:
        return self.place == other.place


class Linking(Protocol):
    """Makes the address of a page, with what it is about, that only that person can open."""

    def __call__(self, openid: str, page: str, /, **about: str) -> str: ...


@dataclass(frozen=True, slots=True)
class City:
    """What the dialogue knows of the platform around it.

    `admission_first`: only who is registered, verified and has authorized may publish, else may everybody.
    `cases` and `market` are the city's rules for the advisers' answers and for what institutions do, `review`
    whether an adviser looks at what was matched before anybody else does.
    """

    admission_first: bool
    link: Linking
    cases: CaseRules = field(default_factory=CaseRules)
    market: MarketRules = field(default_factory=MarketRules)
    review: ReviewRules = field(default_factory=ReviewRules)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of one person, inside the unit of work that will commit the answer."""

    openid: str
    understanding: Understanding
    state: State
    now: datetime
    session: AsyncSession
    matcher: Matcher
    city: City

    def link(self, page: str, **about: str) -> str:
        """The address of one of our pages, for this person alone."""
        return self.city.link(self.openid, page, **about)

    @property
    def text(self) -> str:
        return self.understanding.text

    @property
    def intent(self) -> str:
        return self.understanding.intent.name


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer, and the state that the next message meets. A topic returns it and sends nothing.

    `choices` may be picked by number or by tap. `listing` and `about` say what the answer spoke of, where it
    did. `asks_anew`: the question in it is another than before, or the owner tried to answer: no repetition.
    """

    reply: str
    state: State
    choices: tuple[Choice, ...] = ()
    listing: Listing | None = None
    about: str | None = None
    asks_anew: bool = False

    @property
    def text(self) -> str:
        """The answer where nothing can be tapped."""
        if not self.choices:
            return self.reply
        lines = [f"{place}. {choice.label}" for place, choice in enumerate(self.choices, start=1)]
        return "\n".join([self.reply, *lines, "回复数字就行。"])

    @property
    def menu(self) -> tuple[tuple[str, str], ...]:
        """Id and label of each choice, for where they can be tapped."""
        serial = self.state.memory.serial
        return tuple(
            (choice_id(serial, place), choice.label) for place, choice in enumerate(self.choices, start=1)
        )


def choice_id(serial: int, place: int) -> str:
    """What a tap sends back: which list of choices, and which of them (from 1)."""
    return f"choice:{serial}.{place}"
