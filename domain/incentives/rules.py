"""The rules of a city as data: `reference/incentives.yml`. A rule that is not in the file is not calculated.

Money in yuan, `…percent` in per cent. `source` is the passage that a rule was taken from.
"""

import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from domain.labels import Guarantee

_FILE_BYTES = 1_000_000
Percent = Annotated[Decimal, Field(ge=0, le=100)]
Yuan = Annotated[int, Field(ge=0, le=10**13)]
Count = Annotated[int, Field(ge=0)]
Prizes = Annotated[tuple[Yuan, ...], Field(min_length=1, max_length=20)]


class RulesError(Exception):
    """The file cannot be used: one line a fault, each naming the file and the key."""


class Part(BaseModel):
    """A level of the file; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(Part):
    """What every rule has: the name that people read, and where it comes from."""

    title: Annotated[str, Field(min_length=1, max_length=40)]
    source: Annotated[str, Field(min_length=1)]


class LossHedge(Rule):
    """对冲风险: a quota by the year's new credit loans, which pays for those that went bad.

    `line` is the first score with the better rate; a quota that is not used may be used `carried_years` more.
    """

    line: int
    below_percent: Percent
    from_line_percent: Percent
    borrower_most: Yuan
    quota_most: Yuan
    paid_most: Yuan
    carried_years: Annotated[int, Field(ge=0, le=10)]


class FirstLoans(Rule):
    """首贷、首保激励, by the amount of first loans or first guarantees."""

    percent: Percent
    borrower_most: Yuan
    most: Yuan


class FirstLoanPrizes(Rule):
    """Prizes by rank in the number of first-loan companies, to those with more than `companies_over`."""

    prizes: Prizes
    companies_over: Count = 0
    borrower_most: Yuan


class Deposits(Rule):
    """财政存款配置: nothing below `least`; `percent` of what lies up to `step`, then `beyond_percent`."""

    least: Yuan
    step: Yuan
    percent: Percent
    beyond_percent: Percent


class Teams(Rule):
    """团队奖励, by rank in the amount, to those over both bounds; guarantors have a ranking of their own."""

    prizes: Prizes
    loans_over: Yuan
    loan_companies_over: Count
    guarantees_over: Yuan
    guarantee_companies_over: Count


class Equity(Rule):
    """投资奖励: of new investments, a better rate where the company also has a loan of the year."""

    per_mille: Percent
    most: Yuan
    with_lending_per_mille: Percent
    with_lending_most: Yuan


class ManufacturingGuarantees(Rule):
    """制造业担保: of the average balance, and of losses as far as they are within a share of it."""

    balance_percent: Percent
    loss_percent: Percent
    losses_within_percent: Percent
    most: Yuan


class ManufacturingLoans(Rule):
    """制造业信贷: prizes by rank in the balance at the end of the year."""

    prizes: Prizes


class Benchmark(Part):
    """The central bank's benchmark rate from a day on, for terms of at most so many months."""

    since: date
    months_most: Annotated[int, Field(gt=0)]
    rate: Percent


class Subsidies(Rule):
    """利息和担保费补贴, for the products of these names."""

    products: Annotated[tuple[str, ...], Field(min_length=1)]
    interest_percent: Percent
    days_a_year: Annotated[int, Field(ge=360, le=366)]
    benchmarks: tuple[Benchmark, ...]
    guarantee_percent: Percent
    fee_most_percent: Percent

    def benchmark(self, granted_on: date, months: int) -> Decimal | None:
        """The rate for that day and term; None: the file does not say."""
        found = [mark for mark in self.benchmarks if mark.since <= granted_on and months <= mark.months_most]
        return (
            min(found, key=lambda mark: (-mark.since.toordinal(), mark.months_most)).rate if found else None
        )


class Relending(Rule):
    """再贷款购买: of inclusive credit loans granted in these days; a loan to the bank, no award."""

    percent: Percent
    borrower_most: Yuan
    first: date
    last: date


class Rules(Part):
    """The whole file. `checksum` is that of the bytes it was read from.

    A loan is a credit loan if all guarantees that its product takes are in `credit`, and a guarantee is
    without counter-guarantee if all are in `uncovered`. A score counts for a loan until `score_days` after it
    was last confirmed; a balance reported `report_days` after the end of a year still counts as that of the
    end.
    """

    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{1,32}$")]
    first_year: Annotated[int, Field(ge=2000, le=2100)]
    credit: frozenset[Guarantee]
    uncovered: frozenset[Guarantee]
    score_days: Count
    report_days: Annotated[int, Field(ge=0, le=180)]
    loss_hedge: LossHedge | None = None
    first_loans: FirstLoans | None = None
    first_loan_deposits: FirstLoanPrizes | None = None
    first_loan_centres: FirstLoanPrizes | None = None
    deposits: Deposits | None = None
    teams: Teams | None = None
    equity: Equity | None = None
    manufacturing_guarantees: ManufacturingGuarantees | None = None
    manufacturing_loans: ManufacturingLoans | None = None
    subsidies: Subsidies | None = None
    relending: Relending | None = None
    _checksum: str = PrivateAttr("")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.deposits and self.deposits.least > self.deposits.step:
            raise ValueError("deposits: least lies above step")
        return self

    @property
    def checksum(self) -> str:
        return self._checksum


def load(path: Path) -> Rules:
    """Read and check the file.

    Raises:
        RulesError: it cannot be read, is no YAML, or a key is missing, unknown or wrong.
    """
    try:
        content = path.read_bytes()[:_FILE_BYTES]
        data: Any = yaml.safe_load(content)
        rules = Rules.model_validate(data)
    except OSError as error:
        raise RulesError(f"{path}: cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RulesError(f"{path}: is no YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        lines = [f"{path}: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise RulesError("\n".join(lines)) from error
    rules._checksum = hashlib.sha256(content).hexdigest()  # noqa: SLF001 - its maker sets it, once
    return rules
