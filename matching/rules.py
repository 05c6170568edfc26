"""The admission rules: every condition of the data formats, each read in one place.

A rule takes out of a product or policy what it requires and judges a situation by it. The
requirement is a plain hashable value, so that equal ones of a whole catalogue are judged once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any

from domain.labels import Collateral, Guarantee, Industry, Purpose, Qualification, TaxGrade
from domain.policies import Policy
from domain.products import Product
from domain.regions import contains
from matching.situation import Range, Situation

Offer = Product | Policy


class Outcome(IntEnum):
    NOT_ASKED = 0
    MET = 1
    OPEN = 2
    FAILED = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition: `requirement` is None where the item does not ask, `has` is what stands against it."""

    name: str
    requirement: Callable[[Any], Any]
    judge: Callable[[Any, Situation], Outcome]
    has: Callable[[Situation], Any]

    def __reduce__(self) -> tuple[Callable[[str], "Rule"], tuple[str]]:
        """Another process has the same rules: it is told the name."""
        return named, (self.name,)


def _outcome(met: bool | None) -> Outcome:  # noqa: FBT001 - three-valued logic, None is "not known"
    if met is None:
        return Outcome.OPEN
    return Outcome.MET if met else Outcome.FAILED


def _region(wanted: tuple[str, ...], at: Situation) -> Outcome:
    region = at.region
    if region is None:
        return Outcome.OPEN
    if any(contains(area, region) for area in wanted):
        return Outcome.MET
    # Known to the city or province only: the company may sit in the part that is wanted.
    return Outcome.OPEN if any(contains(region, area) for area in wanted) else Outcome.FAILED


def _industry(wanted: tuple[Industry, ...], at: Situation) -> Outcome:
    return _outcome(None if at.industry is None else at.industry in wanted)


def _amount(offered: Range, at: Situation) -> Outcome:
    return _outcome(offered.meets(at.amount) if at.amount.stated else None)


def _term(offered: Range, at: Situation) -> Outcome:
    return _outcome(offered.meets(at.term) if at.term.stated else None)


def _purpose(wanted: tuple[Purpose, ...], at: Situation) -> Outcome:
    return _outcome(None if at.purpose is None else at.purpose in wanted)


def _guarantee(accepted: tuple[Guarantee, ...], at: Situation) -> Outcome:
    return _outcome(not at.guarantees.isdisjoint(accepted) if at.guarantees else None)


def _rate(lowest: Decimal, at: Situation) -> Outcome:
    return Outcome.NOT_ASKED if at.rate_max is None else _outcome(lowest <= at.rate_max)


def _institution(name: str, at: Situation) -> Outcome:
    return _outcome(name in at.institutions) if at.institutions else Outcome.NOT_ASKED


def _tax_grade(wanted: tuple[TaxGrade, ...], at: Situation) -> Outcome:
    return _outcome(None if at.tax_grade is None else at.tax_grade in wanted)


def _qualifications_any(wanted: tuple[Qualification, ...], at: Situation) -> Outcome:
    return _outcome(None if at.qualifications is None else not at.qualifications.isdisjoint(wanted))


def _qualifications_all(wanted: tuple[Qualification, ...], at: Situation) -> Outcome:
    return _outcome(None if at.qualifications is None else at.qualifications.issuperset(wanted))


def _collaterals_any(wanted: tuple[Collateral, ...], at: Situation) -> Outcome:
    if not at.collaterals.isdisjoint(wanted):
        return Outcome.MET
    return Outcome.FAILED if at.collaterals_complete else Outcome.OPEN


def _first_loan(wanted: bool, at: Situation) -> Outcome:  # noqa: FBT001 - the value of the condition
    return _outcome(None if at.first_loan is None else at.first_loan == wanted)


def _no_overdue(wanted: bool, at: Situation) -> Outcome:  # noqa: FBT001 - the value of the condition
    return _outcome(None if at.overdue is None else at.overdue != wanted)


def _range_of(low: str, high: str) -> Callable[[Any], Range | None]:
    def requirement(item: Any) -> Range | None:
        bounds = Range(getattr(item, low), getattr(item, high))
        return bounds if bounds.stated else None

    return requirement


def _unless_empty(field: str) -> Callable[[Any], Any]:
    """An empty list asks for nothing."""
    return lambda item: getattr(item, field) or None


def _condition(key: str) -> Callable[[Any], Any]:
    def requirement(item: Any) -> Any:
        value = getattr(item.conditions, key)
        return None if value == () else value

    return requirement


def _at_least(key: str, fact: Callable[[Situation], int | None]) -> Rule:
    def judge(bound: int, at: Situation) -> Outcome:
        value = fact(at)
        return _outcome(None if value is None else value >= bound)

    return Rule(key, _condition(key), judge, fact)


def _at_most(key: str, fact: Callable[[Situation], int | Fraction | None]) -> Rule:
    def judge(bound: int | Decimal, at: Situation) -> Outcome:
        value = fact(at)
        return _outcome(None if value is None else value <= bound)

    return Rule(key, _condition(key), judge, fact)


PLACE = (
    Rule("region", _unless_empty("regions"), _region, lambda at: at.region),
    Rule("industry", _unless_empty("industries"), _industry, lambda at: at.industry),
)
WISH = (
    Rule("amount", _range_of("amount_min", "amount_max"), _amount, lambda at: at.amount),
    Rule("term", _range_of("term_min_months", "term_max_months"), _term, lambda at: at.term),
    Rule("purpose", _unless_empty("purposes"), _purpose, lambda at: at.purpose),
    Rule("guarantee", _unless_empty("guarantees"), _guarantee, lambda at: at.guarantees),
    Rule("rate", lambda item: item.rate_min, _rate, lambda at: at.rate_max),
    Rule("institution", lambda item: item.institution, _institution, lambda at: at.institutions),
)
CONDITIONS = (
    _at_least("founded_months_min", lambda at: at.founded_months),
    _at_least("revenue_min", lambda at: at.revenue),
    _at_most("revenue_max", lambda at: at.revenue),
    _at_least("employees_min", lambda at: at.employees),
    _at_most("employees_max", lambda at: at.employees),
    _at_least("registered_capital_min", lambda at: at.registered_capital),
    _at_most("assets_max", lambda at: at.assets),
    _at_most("debt_ratio_max", lambda at: at.debt_ratio),
    _at_least("credit_score_min", lambda at: at.credit_score),
    Rule("tax_grades", _condition("tax_grades"), _tax_grade, lambda at: at.tax_grade),
    Rule(
        "qualifications_any",
        _condition("qualifications_any"),
        _qualifications_any,
        lambda at: at.qualifications,
    ),
    Rule(
        "qualifications_all",
        _condition("qualifications_all"),
        _qualifications_all,
        lambda at: at.qualifications,
    ),
    Rule("collaterals_any", _condition("collaterals_any"), _collaterals_any, lambda at: at.collaterals),
    Rule("first_loan", _condition("first_loan"), _first_loan, lambda at: at.first_loan),
    Rule("no_overdue", _condition("no_overdue"), _no_overdue, lambda at: at.overdue),
)

PRODUCT_RULES = (*PLACE, *WISH, *CONDITIONS)
POLICY_RULES = (*PLACE, *CONDITIONS)


def named(name: str) -> Rule:
    return _BY_NAME[name]


_BY_NAME = {rule.name: rule for rule in PRODUCT_RULES}
