"""What a topic gets, a Turn, and what it gives back, an Outcome."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from matching.matcher import Matcher
from nlu.understanding import Understanding


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

Topic = Literal["financing", "withdrawing"]


class State(BaseModel):
    """Where a conversation stands; the facts themselves are in the request named by `request_id`.

    `topic` is what the next message is first offered to. `answered` are the fields that were asked
    for and settled, oldest first (`back` walks along them), `open` those that the owner left open.
    `request_id` outlives the topic: a paused draft can be taken up again, a published request amended.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    topic: Topic | None = None
    request_id: str | None = None
    asking: Field | None = None
    confirming: bool = False
    answered: tuple[Field, ...] = ()
    open: tuple[Field, ...] = ()
    misunderstood: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of one person, inside the unit of work that will commit the answer."""

    openid: str
    understanding: Understanding
    state: State
    now: datetime
    session: AsyncSession
    matcher: Matcher

    @property
    def text(self) -> str:
        return self.understanding.text

    @property
    def intent(self) -> str:
        return self.understanding.intent.name


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer, and the state that the next message meets. A topic returns it and sends nothing."""

    reply: str
    state: State
