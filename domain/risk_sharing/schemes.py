"""Schemes of shared risk as data: `reference/risk_sharing.yml`. A product names the scheme that covers it."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError, model_validator

from domain.products import SchemeCode

_FILE_BYTES = 1_000_000
_WHOLE = 100
Percent = Annotated[Decimal, Field(ge=0, le=100)]
Positive = Annotated[int, Field(gt=0)]


class SchemesError(Exception):
    """The file cannot be used; its words name the file and the key."""


class Part(BaseModel):
    """A level of the file; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Band(Part):
    """What holds for scores from `at_least` on, up to the next band; without one, for all below and unknown.

    Shares of a loss in per cent. `fee_rate` is what the owner pays a year for the guarantee, in per cent of
    the guaranteed amount; none: the scheme does not say.
    """

    at_least: int | None = None
    fund: Percent
    bank: Percent
    guarantor: Percent
    fee_rate: Percent | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.fund + self.bank + self.guarantor != _WHOLE:
            raise ValueError("fund, bank and guarantor must add up to 100")
        return self


class Scheme(Part):
    """A fund and its rules: its size, how many times that it is to guarantee, the most for one company.

    A score counts for a loan until `score_days` after it was last confirmed.
    """

    name: Annotated[str, Field(min_length=1, max_length=60)]
    fund_size: Positive
    leverage_least: Positive
    company_most: Positive
    score_days: Annotated[int, Field(ge=0)] = 31
    source: str
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        bounds = [band.at_least for band in self.bands if band.at_least is not None]
        if bounds != sorted(set(bounds), reverse=True):
            raise ValueError("bands must go from the best score down")
        if any(band.at_least is None for band in self.bands[:-1]):
            raise ValueError("only the last of the bands may have no at_least")
        return self

    def band_of(self, score: int | None) -> Band | None:
        """The band of a score; None where the score is not known and matters, or is below all bands."""
        if score is None:
            return self.bands[0] if self.bands[0].at_least is None else None
        return next((band for band in self.bands if band.at_least is None or score >= band.at_least), None)


class _File(RootModel[dict[SchemeCode, Scheme]]):
    """The whole file: schemes by their codes."""


Schemes = Mapping[str, Scheme]


def load(path: Path) -> Schemes:
    """Read and check the file.

    Raises:
        SchemesError: it cannot be read, is no YAML, or a key is missing, unknown or wrong.
    """
    try:
        data: Any = yaml.safe_load(path.read_bytes()[:_FILE_BYTES])
        return _File.model_validate(data or {}).root
    except OSError as error:
        raise SchemesError(f"{path}: cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SchemesError(f"{path}: is no YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        lines = [f"{path}: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise SchemesError("\n".join(lines)) from error
