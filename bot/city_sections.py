"""The sections of `config.yml` that are for a city to decide, each key with its type and default."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from bot.sections import PROJECT, Section
from domain.credit import registry
from domain.credit.objections import DAYS
from domain.credit.registry import Registry, RegistryError
from domain.incentives import rules as incentive_rules
from domain.market.rules import DaysKind
from domain.recommending.rules import ReviewMode
from domain.registrations.rules import Review
from domain.risk_sharing import schemes
from matching.weights import VARIETY, WEIGHTS, Variety, Weights


class Reviewing(Section):
    """Whether an adviser looks at what was matched before others do."""

    mode: ReviewMode = ReviewMode.AT_ONCE
    hours: Annotated[int, Field(ge=1, le=7 * 24)] = 24
    lease_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    products: Annotated[int, Field(ge=1, le=20)] = 10


class Authorization(Section):
    """How long consents hold, and who asks for them."""

    credit_data_days: Annotated[int, Field(ge=1, le=3650)] = 365
    passing_on_days: Annotated[int, Field(ge=1, le=3650)] = 90
    face_days: Annotated[int, Field(ge=1, le=30)] = 1
    linkage_days: Annotated[int, Field(ge=1, le=3650)] = 180
    remind_days: tuple[Annotated[int, Field(ge=1)], ...] = (7, 1)
    operator: Annotated[str, Field(min_length=1, max_length=60)] = "融桥融资服务平台"
    contact: Annotated[str, Field(min_length=1, max_length=100)] = "在本服务号对话中回复“人工”"


class Cases(Section):
    """How soon advisers answer who turns to them, and when a renewal presses."""

    difficulty_days: Annotated[int, Field(ge=1, le=30)] = 1
    renewal_days: Annotated[int, Field(ge=1, le=30)] = 3
    pressing_days: Annotated[int, Field(ge=0, le=90)] = 14


class Credit(Section):
    """What is kept about companies, and how soon objections are answered."""

    indicator_files: tuple[Path, ...] = ()
    objection_days: Annotated[int, Field(ge=1, le=DAYS)] = DAYS
    scorecard: Path = Path("reference/scorecard.yml")

    @field_validator("indicator_files")
    @classmethod
    def _can_be_read(cls, files: tuple[Path, ...]) -> tuple[Path, ...]:
        """A relative path counts from the root of the project."""
        files = tuple(PROJECT / file for file in files)
        try:
            registry.load(files)
        except RegistryError as error:
            raise ValueError(str(error)) from error
        return files

    @property
    def indicators(self) -> Registry:
        return registry.load(self.indicator_files)

    @property
    def scorecard_file(self) -> Path:
        """A relative path counts from the root of the project, where the standard one lies."""
        return PROJECT / self.scorecard


class Incentives(Section):
    """What institutions are paid for their business, and how losses are shared with them."""

    rules: Path = Path("reference/incentives.yml")
    risk_sharing: Path = Path("reference/risk_sharing.yml")

    @field_validator("rules")
    @classmethod
    def _rules_can_be_read(cls, file: Path) -> Path:
        """A relative path counts from the root of the project."""
        try:
            incentive_rules.load(PROJECT / file)
        except incentive_rules.RulesError as error:
            raise ValueError(str(error)) from error
        return PROJECT / file

    @field_validator("risk_sharing")
    @classmethod
    def _schemes_can_be_read(cls, file: Path) -> Path:
        """A relative path counts from the root of the project."""
        try:
            schemes.load(PROJECT / file)
        except schemes.SchemesError as error:
            raise ValueError(str(error)) from error
        return PROJECT / file

    @property
    def incentive_rules(self) -> incentive_rules.Rules:
        return incentive_rules.load(PROJECT / self.rules)

    @property
    def schemes(self) -> schemes.Schemes:
        return schemes.load(PROJECT / self.risk_sharing)


class Campaigns(Section):
    """Who may send campaigns."""

    four_eyes: bool = True


class MatchingWeights(Section):
    """The share of each part of a product's score; see `matching.weights`."""

    meaning: float = WEIGHTS.meaning
    target: float = WEIGHTS.target
    price: float = WEIGHTS.price
    amount: float = WEIGHTS.amount
    term: float = WEIGHTS.term
    burden: float = WEIGHTS.burden
    record: float = WEIGHTS.record
    support: float = WEIGHTS.support

    @model_validator(mode="after")
    def _make_a_whole(self) -> Self:
        """Shares below 0 or that do not sum to 1 are refused."""
        Weights(**self.model_dump())
        return self


class Matching(Section):
    """How the products that fit are put in order."""

    weights: MatchingWeights = MatchingWeights()
    same_institution: Annotated[int, Field(ge=1)] = VARIETY.most
    among_first: Annotated[int, Field(ge=0, le=100)] = VARIETY.first
    nearly_as_good: Annotated[float, Field(ge=0, le=1)] = VARIETY.margin
    records_minutes: Annotated[int, Field(ge=1)] = 5

    @property
    def shares(self) -> Weights:
        return Weights(**self.weights.model_dump())

    @property
    def variety(self) -> Variety:
        return Variety(self.same_institution, self.among_first, self.nearly_as_good)


class CityRules(Section):
    """Rules of the city."""

    grant_after_days: Annotated[int, Field(ge=0)] = 0
    max_followers: Annotated[int, Field(ge=1)] = 3
    grab: bool = False
    decision_days_kind: DaysKind = "calendar"
    remind_hours: Annotated[int, Field(ge=1)] = 24
    offer_hours: Annotated[int, Field(ge=1)] = 24
    admission_before: Literal["publication", "passing_on"] = "publication"


class Registration(Section):
    """How companies are registered."""

    reviews: Literal["auto"] | frozenset[Review] = "auto"
    activation: bool = True
    kinds: Mapping[Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$")], Annotated[str, Field(min_length=1)]]
    register_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    register_timeout_seconds: Annotated[float, Field(gt=0, le=15)] = 3

    @field_validator("kinds")
    @classmethod
    def _has_one(cls, kinds: Mapping[str, str]) -> Mapping[str, str]:
        if not kinds:
            raise ValueError("must name at least one kind of company")
        return kinds
