"""The scorecard: which indicators count, for how much, and how points become a score; a YAML file."""

import hashlib
from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property
from math import isclose, log
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

_FILE_BYTES = 1_000_000
Points = Annotated[float, Field(ge=-1000, le=100)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Text = Annotated[str, Field(min_length=1, max_length=60)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class ScorecardError(Exception):
    """The file cannot be used: one line a fault, each naming the file and the key."""


class Part(BaseModel):
    """A level of the file; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Transform(StrEnum):
    """What the bins look at: the latest value, its ratio to another's, or the months since a date."""

    VALUE = "value"
    RATIO = "ratio"
    MONTHS_SINCE = "months_since"


class Read(NamedTuple):
    """An indicator of the register, and how many months back its values count."""

    indicator: str
    lookback_months: int


class Scale(Part):
    """The scale people see, and its anchor: at `line` the odds of good to bad are `odds_at_line`.

    `points_to_double` more points double the odds.
    """

    lowest: int
    highest: int
    line: int
    odds_at_line: Positive
    points_to_double: Positive

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.lowest < self.line < self.highest:
            raise ValueError("lowest < line < highest must hold")
        return self


class Calibration(Part):
    """The logistic curve: ln(odds of good to bad) = intercept + slope × raw score (0 to 100)."""

    intercept: float
    slope: Positive


class Band(Part):
    """Scores from `at_least` on, up to the next band."""

    at_least: int
    name: Text


class Bin(Part):
    """A step of an indicator: figures below a bound, a flag, or some choices; the last may take the rest."""

    below: float | None = None
    equals: bool | None = None
    among: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    points: Points
    text: Text


class Indicator(Part):
    """What one indicator of the registry adds to its dimension."""

    indicator: Code
    per: Code | None = None
    transform: Transform = Transform.VALUE
    lookback_months: Annotated[int, Field(ge=1, le=120)]
    weight: Positive
    neutral: Points | None = None
    bins: Annotated[tuple[Bin, ...], Field(min_length=2)]
    advice: Text | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.per is None) == (self.transform is Transform.RATIO):
            raise ValueError("per belongs to transform: ratio, and to it alone")
        kinds = {_kind(step) for step in self.bins[:-1]}
        if len(kinds) != 1 or not kinds <= {"below", "equals", "among"}:
            raise ValueError(
                "bins must all use below, or all equals, or all among; the last alone may have none"
            )
        if _kind(self.bins[-1]) not in kinds | {""}:
            raise ValueError("the last of the bins mixes below, equals and among")
        _check_steps(self.bins)
        return self

    @property
    def numeric(self) -> bool:
        return self.bins[0].below is not None

    @property
    def reads(self) -> tuple[Read, ...]:
        """What it looks at in the register."""
        codes = (self.indicator,) if self.per is None else (self.indicator, self.per)
        return tuple(Read(code, self.lookback_months) for code in codes)


class Dimension(Part):
    """One of the dimensions; `weight` as a share of 1."""

    code: Code
    name: Text
    weight: Share
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]


class Scorecard(Part):
    """The whole file. `checksum` is that of the bytes it was read from."""

    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{1,32}$")]
    scale: Scale
    calibration: Calibration
    minimum_coverage: Share
    neutral: Points
    reasons_shown: Annotated[int, Field(ge=1, le=20)] = 4
    advice_shown: Annotated[int, Field(ge=1, le=20)] = 4
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    dimensions: Annotated[tuple[Dimension, ...], Field(min_length=1)]
    _checksum: str = PrivateAttr("")

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if not isclose(sum(dimension.weight for dimension in self.dimensions), 1, abs_tol=1e-9):
            raise ValueError("the weights of the dimensions must add up to 1")
        if len({dimension.code for dimension in self.dimensions}) < len(self.dimensions):
            raise ValueError("two dimensions have the same code")
        starts = [band.at_least for band in self.bands]
        if starts != sorted(set(starts), reverse=True) or starts[-1] > self.scale.lowest:
            raise ValueError("bands must go from the best down to the lowest of the scale")
        return self

    @property
    def checksum(self) -> str:
        return self._checksum

    @cached_property
    def indicators(self) -> tuple[Indicator, ...]:
        """All of them, dimension by dimension: the order of columns."""
        return tuple(item for dimension in self.dimensions for item in dimension.indicators)

    @cached_property
    def reads(self) -> tuple[Read, ...]:
        """All that is looked at in the register, each once."""
        return tuple(dict.fromkeys(read for item in self.indicators for read in item.reads))

    @cached_property
    def points_per_raw(self) -> float:
        """What one point of the raw score is worth on the scale."""
        return self.calibration.slope * self.scale.points_to_double / log(2)

    def neutral_of(self, item: Indicator) -> float:
        return self.neutral if item.neutral is None else item.neutral

    def band_of(self, score: int) -> str:
        return next(band.name for band in self.bands if score >= band.at_least)


def load(path: Path) -> Scorecard:
    """Read and check the file.

    Raises:
        ScorecardError: it cannot be read, is no YAML, or a key is missing, unknown or wrong.
    """
    try:
        content = path.read_bytes()
        data = yaml.safe_load(content[:_FILE_BYTES])
    except OSError as error:
        raise ScorecardError(f"{path}: cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScorecardError(f"{path}: is no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise ScorecardError(f"{path}: must be a mapping of keys")
    try:
        scorecard = Scorecard.model_validate(data)
    except ValidationError as error:
        raise ScorecardError("\n".join(f"{path}: {line}" for line in _lines(error, data))) from error
    scorecard._checksum = hashlib.sha256(content).hexdigest()  # noqa: SLF001 - its maker sets it, once
    return scorecard


def _lines(error: ValidationError, data: dict[str, Any]) -> Iterator[str]:
    for item in error.errors():
        yield f"{_place(item['loc'], data)}: {item['msg'].removeprefix('Value error, ')}"


def _place(location: tuple[int | str, ...], data: Any) -> str:
    """The key as a path; entries of lists by their name where they have one: `dimensions[finance].weight`."""
    path = ""
    for part in location:
        data = _inside(data, part)
        if isinstance(part, int):
            name = (data.get("code") or data.get("indicator")) if isinstance(data, dict) else None
            path += f"[{name or part}]"
        else:
            path += f".{part}" if path else part
    return path or "the whole file"


def _inside(data: Any, part: int | str) -> Any:
    if isinstance(data, dict):
        return data.get(part)
    return data[part] if isinstance(data, list) and isinstance(part, int) and part < len(data) else None


def _kind(step: Bin) -> str:
    stated = [name for name in ("below", "equals", "among") if getattr(step, name) is not None]
    return "+".join(stated)


def _check_steps(bins: tuple[Bin, ...]) -> None:
    bounds = [step.below for step in bins if step.below is not None]
    if bounds and bins[-1].below is not None:
        raise ValueError("the last of the bins takes the rest: it has no below")
    if bounds != sorted(set(bounds)):
        raise ValueError("the bounds of bins must rise")
    words = [word for step in bins for word in (step.among or ())]
    if len(words) != len(set(words)):
        raise ValueError("a choice stands in two bins")
    flags = [step.equals for step in bins if step.equals is not None]
    if len(flags) != len(set(flags)) or len(flags) > 2:  # noqa: PLR2004 - yes and no
        raise ValueError("a flag has one bin for true and one for false")
