"""What a score says: frozen values for pages, the API and the dialogue; every text is Chinese."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.credit.third_parties import ThirdPartyReport


@dataclass(frozen=True, slots=True)
class DimensionScore:
    """One of the six dimensions: `points` of 100, `weight` and `coverage` (of its indicators) as shares of 1.

    Without any data it has the neutral points, and `known` is False: shown as 「数据不足」.
    """

    code: str
    name: str
    weight: float
    points: float
    neutral: float
    coverage: float

    @property
    def known(self) -> bool:
        return self.coverage > 0


@dataclass(frozen=True, slots=True)
class Reason:
    """An indicator that moved the score by `points` of the scale, up or down, against its neutral value."""

    indicator: str
    category: str
    dimension: str
    text: str
    points: int


@dataclass(frozen=True, slots=True)
class Advice:
    """A next step within reach: `text` says what to do, `points` by how much the score would rise."""

    indicator: str
    category: str
    dimension: str
    text: str
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    """The score of a company on a day. Too little known: no `score`, `band`, `pd`, but `why_none`.

    `pd` (probability of default within a year) and `confidence` (share of the weight known) are shares of 1.
    """

    uscc: str
    as_of: date
    scored_at: datetime
    version: str
    checksum: str
    score: int | None
    band: str | None
    pd: float | None
    confidence: float
    why_none: str | None
    dimensions: tuple[DimensionScore, ...]
    reasons: tuple[Reason, ...]
    advice: tuple[Advice, ...]


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """A former score; None where none could be given."""

    as_of: date
    score: int | None


@dataclass(frozen=True, slots=True)
class Figure:
    """The latest value of an indicator, in words; `disputed`: shown with 「异议处理中」."""

    indicator: str
    name: str
    text: str
    as_of: date
    source: str
    disputed: bool


@dataclass(frozen=True, slots=True)
class CategoryFigures:
    """What is known in one of the seven data categories."""

    category: str
    name: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The credit report of one company as its reader may see it; `score` is None before the first run.

    `line` is the score on which incentives look (600), `lowest` and `highest` the ends of the scale.
    """

    uscc: str
    company: str
    made_at: datetime
    score: Score | None
    lowest: int
    highest: int
    line: int
    history: tuple[HistoryPoint, ...]
    categories: tuple[CategoryFigures, ...]
    third_party: tuple[ThirdPartyReport, ...]
