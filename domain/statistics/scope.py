"""What figures are about: grouped by what, of which time, and of whom."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from domain.base import SHANGHAI
from domain.errors import ValueOutOfRange


class By(StrEnum):
    """What figures are grouped by."""

    REGION = "region"
    INSTITUTION = "institution"
    INDUSTRY = "industry"
    MONTH = "month"


class Level(StrEnum):
    """How far regions are told apart."""

    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"

    @property
    def digits(self) -> int:
        """How many digits of a region's code tell it apart on this level."""
        return {Level.PROVINCE: 2, Level.CITY: 4, Level.DISTRICT: 6}[self]


@dataclass(frozen=True, slots=True)
class Scope:
    """Days from `first` to `last`, both included, in Shanghai; None: without that bound.

    `within` are regions that a caller may see, a province's or city's code covering what is in it; None means
    all, and an empty tuple none. `region`, `institution` and `industry` are what he asked for.
    """

    by: By
    level: Level = Level.DISTRICT
    first: date | None = None
    last: date | None = None
    region: str | None = None
    institution: str | None = None
    industry: str | None = None
    within: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.first and self.last and self.first > self.last:
            raise ValueOutOfRange("from", "from 晚于 to。")

    @property
    def counts_registrations(self) -> bool:
        """A registration belongs to no institution."""
        return self.by is not By.INSTITUTION and self.institution is None

    @property
    def since(self) -> datetime | None:
        """The moment at which the first day begins."""
        return None if self.first is None else _midnight(self.first)

    @property
    def before(self) -> datetime | None:
        """The moment at which the last day is over."""
        return None if self.last is None else _midnight(self.last + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
