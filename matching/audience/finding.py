"""Whom one product or policy admits, by the rules of `matching.rules`.

Facts with few distinct values go through the rules themselves. Figures, of which every company has its own,
are compared as columns; that both agree with judging each company by itself is what the tests are for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.policies import Policy
from domain.products import Product
from matching.audience.columns import LARGEST, Columns
from matching.eligibility import Outcomes
from matching.rules import CONDITIONS, PLACE, Outcome, Rule

# Without a request there are no wishes to judge, for a product neither.
RULES = (*PLACE, *CONDITIONS)

_CODED = {
    "region": "region",
    "industry": "industry",
    "founded_months_min": "founded",
    "tax_grades": "tax_grade",
    "qualifications_any": "qualifications",
    "qualifications_all": "qualifications",
    "collaterals_any": "collaterals",
    "first_loan": "first_loan",
    "no_overdue": "overdue",
}
_Comparison = Callable[[Any, Any], Any]
_FIGURES: dict[str, tuple[str, _Comparison]] = {
    "revenue_min": ("revenue", np.greater_equal),
    "revenue_max": ("revenue", np.less_equal),
    "employees_min": ("employees", np.greater_equal),
    "employees_max": ("employees", np.less_equal),
    "registered_capital_min": ("registered_capital", np.greater_equal),
    "assets_max": ("assets", np.less_equal),
    "credit_score_min": ("credit_score", np.greater_equal),
}
# Money is at most 10^13 yuan: below this factor its product fits into 64 bits.
_SMALL_FACTOR = 2**63 // 10**13


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom an item admits: `worst` is each company's worst outcome, in the order of the usccs."""

    usccs: NDArray[np.bytes_]
    worst: Outcomes

    @property
    def count(self) -> int:
        """Companies with nothing failed."""
        return int(np.count_nonzero(self.worst < Outcome.FAILED))

    @property
    def certain(self) -> int:
        """Those of them with nothing open either."""
        return int(np.count_nonzero(self.worst < Outcome.OPEN))

    def page(self, after: str, size: int) -> tuple[list[str], bool]:
        """The next usccs of those counted, and whether more follow."""
        start = int(np.searchsorted(self.usccs, after.encode(), side="right"))
        rows = np.flatnonzero(self.worst[start:] < Outcome.FAILED)[: size + 1] + start
        return [uscc.decode() for uscc in self.usccs[rows[:size]]], len(rows) > size


def find(companies: Columns, item: Product | Policy, today: date) -> Audience:
    """`today` is the day in Asia/Shanghai; nobody, where the item is not on offer on it."""
    worst: Outcomes = np.zeros(len(companies), dtype=np.uint8)
    if not item.on_offer(today):
        return Audience(companies.usccs[:0], worst[:0])
    for rule in RULES:
        if (needs := rule.requirement(item)) is not None:
            np.maximum(worst, _judge(companies, rule, needs, today), out=worst)
    return Audience(companies.usccs, worst)


def _judge(companies: Columns, rule: Rule, needs: Any, today: date) -> Outcomes:
    if fact := _CODED.get(rule.name):
        by_code = companies.dictionaries[fact].judge(rule, needs, today)
        outcomes: Outcomes = by_code[companies.arrays[fact]]
        return outcomes
    if rule.name == "debt_ratio_max":
        return _debt_ratio(companies, needs)
    fact, compare = _FIGURES[rule.name]
    figures = companies.arrays[fact]
    return _outcomes(figures >= 0, compare(figures, min(needs, LARGEST)))


def _debt_ratio(companies: Columns, most: Decimal) -> Outcomes:
    """Exact: liabilities × denominator against assets × numerator, where long in Python's own integers."""
    assets, liabilities = companies.arrays["assets"], companies.arrays["liabilities"]
    numerator, denominator = most.as_integer_ratio()
    if max(numerator, denominator) >= _SMALL_FACTOR:
        numerators, denominators = assets.astype(object) * numerator, liabilities.astype(object) * denominator
    else:
        numerators, denominators = assets * numerator, liabilities * denominator
    within = np.asarray(denominators <= numerators, dtype=bool)
    return _outcomes((assets > 0) & (liabilities >= 0), within)


def _outcomes(known: NDArray[np.bool_], met: NDArray[np.bool_]) -> Outcomes:
    outcomes: Outcomes = np.where(met, np.uint8(Outcome.MET), np.uint8(Outcome.FAILED))
    outcomes[~known] = Outcome.OPEN
    return outcomes
