"""What is known about one company and its need on one day, laid out the way the rules ask for it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from domain.companies import CompanyFacts
from domain.labels import Collateral, Guarantee, Industry, Purpose, Qualification, TaxGrade
from domain.needs import Need


class Range(NamedTuple):
    """Inclusive bounds; a missing one is unlimited."""

    low: int | None
    high: int | None

    @property
    def stated(self) -> bool:
        return self.low is not None or self.high is not None

    def meets(self, other: "Range") -> bool:
        return _not_above(self.low, other.high) and _not_above(other.low, self.high)


def _not_above(low: int | None, high: int | None) -> bool:
    return low is None or high is None or low <= high


@dataclass(frozen=True, slots=True)
class Situation:
    """`None` means not known; an empty set of guarantees or institutions means not stated.

    `collaterals` joins what the company has with what the request offers;
    `collaterals_complete` says that the company's list is known: missing is unknown, empty is none.
    """

    region: str | None
    industry: Industry | None
    founded: date | None
    founded_months: int | None
    registered_capital: int | None
    revenue: int | None
    employees: int | None
    assets: int | None
    debt_ratio: Fraction | None
    tax_grade: TaxGrade | None
    credit_score: int | None
    qualifications: frozenset[Qualification] | None
    first_loan: bool | None
    overdue: bool | None
    collaterals: frozenset[Collateral]
    collaterals_complete: bool
    amount: Range
    term: Range
    rate_max: Decimal | None
    purpose: Purpose | None
    guarantees: frozenset[Guarantee]
    institutions: frozenset[str]


def situation(company: CompanyFacts, need: Need, today: date) -> Situation:
    """`today` is the day in Asia/Shanghai; the company's own region and industry come first."""
    return Situation(
        region=company.region or need.region,
        industry=company.industry or need.industry,
        founded=company.founded,
        founded_months=None if company.founded is None else whole_months(company.founded, today),
        registered_capital=company.registered_capital,
        revenue=company.revenue,
        employees=company.employees,
        assets=company.assets,
        debt_ratio=_debt_ratio(company),
        tax_grade=company.tax_grade,
        credit_score=company.credit_score,
        qualifications=None if company.qualifications is None else frozenset(company.qualifications),
        first_loan=company.first_loan,
        overdue=company.overdue,
        collaterals=frozenset(company.collaterals or ()) | frozenset(need.collateral or ()),
        collaterals_complete=company.collaterals is not None,
        amount=Range(need.amount_min, need.amount_max),
        term=_term(need),
        rate_max=need.rate_max,
        purpose=need.purpose,
        guarantees=frozenset(need.guarantee),
        institutions=frozenset(need.institutions),
    )


def whole_months(since: date, until: date) -> int:
    """Whole calendar months; one is whole when its day number is reached.

    From 31 January the first is whole on 1 March and the second on 31 March; negative before `since`.
    """
    months = (until.year - since.year) * 12 + until.month - since.month
    return months - (until.day < since.day)


def _debt_ratio(company: CompanyFacts) -> Fraction | None:
    """Exact; not known either where the assets are nought, since nothing can be divided by them."""
    if not company.assets or company.liabilities is None:
        return None
    return Fraction(company.liabilities, company.assets)


def _term(need: Need) -> Range:
    """A longest term alone is the term wished for: half a year does not serve who asks for two years."""
    shortest = need.term_months if need.term_min_months is None else need.term_min_months
    return Range(shortest, need.term_months)
