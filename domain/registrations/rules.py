"""What a city decides about registration, and the states that a registration passes through.

        ┌────────────── mend ──────────────┐
        ▼                                  │
    district_review ─▶ city_review ─▶ activation ─▶ registered
        └──────────────┴──▶ returned ──▶ (mended) or withdrawn

Somebody who joins a registered company passes through member_review alone. A registration keeps the route by
which it was submitted: a city that changes its rules first works off what is under way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.labels import Label


class RegistrationStatus(Label):
    """Where a registration stands."""

    MEMBER_REVIEW = "member_review", "待企业确认"
    DISTRICT_REVIEW = "district_review", "区县初审"
    CITY_REVIEW = "city_review", "市级复审"
    ACTIVATION = "activation", "待授权激活"
    REGISTERED = "registered", "已注册"
    RETURNED = "returned", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"


REVIEWS = frozenset(
    {
        RegistrationStatus.MEMBER_REVIEW,
        RegistrationStatus.DISTRICT_REVIEW,
        RegistrationStatus.CITY_REVIEW,
    }
)
ENDED = frozenset({RegistrationStatus.REGISTERED, RegistrationStatus.WITHDRAWN})
OPEN = frozenset(RegistrationStatus) - ENDED


class RegistrationKind(Label):
    """What is asked for: a new company, or a place in one that is registered."""

    COMPANY = "company", "企业注册"
    JOIN = "join", "加入企业"


class Review(StrEnum):
    """An office that looks at registrations, as the configuration names it."""

    DISTRICT = "district"
    CITY = "city"


_STEP = {
    Review.DISTRICT: RegistrationStatus.DISTRICT_REVIEW,
    Review.CITY: RegistrationStatus.CITY_REVIEW,
}


@dataclass(frozen=True, slots=True)
class Rules:
    """The city's rules: its reviews, whether the owner must authorize, and the kinds of company admitted.

    `kinds` maps a key to the Chinese name that people choose by. `representative_first`: only the legal
    representative registers a company, since he is the one that the register can be asked about.
    """

    reviews: frozenset[Review]
    activation: bool
    kinds: Mapping[str, str]
    representative_first: bool = False

    def route(self, kind: RegistrationKind) -> tuple[RegistrationStatus, ...]:
        """The steps before `registered`, in their order."""
        if kind is RegistrationKind.JOIN:
            return (RegistrationStatus.MEMBER_REVIEW,)
        reviews = tuple(step for review, step in _STEP.items() if review in self.reviews)
        return (*reviews, RegistrationStatus.ACTIVATION) if self.activation else reviews
