"""Companies, needs and items drawn at random by the thousand, over few values so that bounds are met often.

Each field is drawn by itself and left out at random; the seed says everything, so that a failure comes again.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from domain.companies import CompanyFacts
from domain.conditions import Conditions
from domain.labels import (
    Collateral,
    Guarantee,
    Industry,
    PolicyKind,
    PolicyLevel,
    ProductKind,
    Purpose,
    Qualification,
    TaxGrade,
)
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product

# With neighbours that only noughts keep apart: 500000 and 510100, 361000 and 361100.
REGIONS = (
    *("320000", "320500", "320583", "320506", "340000", "340100", "340111", "460000", "469001"),
    *("500000", "500112", "510100", "360000", "361000", "361002", "361100", "361121"),
)
_MONEY = (0, 1, 9_999, 10_000, 500_000, 800_000, 800_001, 5_000_000, 10**12)
_MONTHS = (0, 1, 2, 6, 11, 12, 24, 36)
_COUNTS = (0, 1, 49, 50, 51, 600)
_RATES = tuple(map(Decimal, ("0", "3.5", "4.35", "4.350", "4.36", "6")))
_RATIOS = tuple(map(Decimal, ("0", "0.5", "0.655", "0.8", "1", "50")))
_BANKS = ("中国农业银行", "苏州银行", "徽商银行")


class Draw:
    """One source of chance; `asked` is how often a condition or fact is stated."""

    def __init__(self, seed: int, asked: float) -> None:
        self._chance = Random(seed)
        self._asked = asked
        self.today = date(2026, 1, 1) + timedelta(days=self._chance.randrange(800))

    def _maybe(self, of: Sequence[Any]) -> Any:
        return self._chance.choice(of) if self._chance.random() < self._asked else None

    def _few(self, of: Sequence[Any]) -> tuple[Any, ...]:
        if self._chance.random() >= self._asked:
            return ()
        return tuple(self._chance.sample(list(of), self._chance.randint(1, 3)))

    def _list(self, of: Sequence[Any]) -> tuple[Any, ...] | None:
        """Unknown, or known and perhaps empty."""
        return None if self._chance.random() > self._asked else self._few(of)

    def _bounds(self, of: Sequence[Any]) -> tuple[Any, Any]:
        low, high = self._maybe(of), self._maybe(of)
        return (high, low) if low is not None and high is not None and low > high else (low, high)

    def _days(self) -> tuple[date | None, date | None]:
        return self._bounds([self.today + timedelta(days=days) for days in (-400, -1, 0, 1, 400)])

    def _founded(self) -> date | None:
        """Often on the day, or a day beside it, on which some number of months is just whole."""
        near = self.today - timedelta(days=self._chance.choice((30, 31, 59, 365, 366, 730, 731, 1096)))
        return self._maybe(
            (near, near + timedelta(days=1), self.today, date(2024, 2, 29), date(2025, 12, 31))
        )

    def _conditions(self) -> Conditions:
        return Conditions(
            founded_months_min=self._maybe(_MONTHS),
            revenue_min=self._maybe(_MONEY),
            revenue_max=self._maybe(_MONEY),
            employees_min=self._maybe(_COUNTS),
            employees_max=self._maybe(_COUNTS),
            registered_capital_min=self._maybe(_MONEY),
            assets_max=self._maybe(_MONEY),
            debt_ratio_max=self._maybe(_RATIOS),
            credit_score_min=self._maybe(_COUNTS),
            tax_grades=self._few(list(TaxGrade)),
            qualifications_any=self._few(list(Qualification)),
            qualifications_all=self._few(list(Qualification)),
            collaterals_any=self._few(list(Collateral)),
            first_loan=self._maybe((True, False)),
            no_overdue=self._maybe((True,)),
        )

    def product(self, code: str) -> Product:
        amount, term, rate = self._bounds(_MONEY), self._bounds(_MONTHS), self._bounds(_RATES)
        valid = self._days()
        return Product(
            code=code,
            name="贷",
            institution=self._chance.choice(_BANKS),
            kind=self._chance.choice(list(ProductKind)),
            amount_min=amount[0],
            amount_max=amount[1],
            term_min_months=term[0],
            term_max_months=term[1],
            rate_min=rate[0],
            rate_max=rate[1],
            guarantees=self._few(list(Guarantee)),
            purposes=self._few(list(Purpose)),
            regions=self._few(REGIONS),
            industries=self._few(list(Industry)),
            conditions=self._conditions(),
            valid_from=valid[0],
            valid_to=valid[1],
        )

    def policy(self, code: str) -> Policy:
        valid = self._days()
        return Policy(
            code=code,
            title="贴息",
            issuer="市财政局",
            level=self._chance.choice(list(PolicyLevel)),
            kind=self._chance.choice(list(PolicyKind)),
            regions=self._few(REGIONS),
            industries=self._few(list(Industry)),
            conditions=self._conditions(),
            published=valid[0],
            deadline=valid[1],
        )

    def company(self) -> CompanyFacts:
        return CompanyFacts(
            region=self._maybe(REGIONS),
            industry=self._maybe(list(Industry)),
            founded=self._founded(),
            registered_capital=self._maybe(_MONEY),
            revenue=self._maybe(_MONEY),
            employees=self._maybe(_COUNTS),
            assets=self._maybe(_MONEY),
            liabilities=self._maybe(_MONEY),
            tax_grade=self._maybe(list(TaxGrade)),
            credit_score=self._maybe(_COUNTS),
            qualifications=self._list(list(Qualification)),
            first_loan=self._maybe((True, False)),
            overdue=self._maybe((True, False)),
            collaterals=self._list(list(Collateral)),
        )

    def need(self) -> Need:
        amount, term = self._bounds(_MONEY), self._bounds(_MONTHS)
        return Need(
            amount_min=amount[0],
            amount_max=amount[1],
            term_min_months=term[0],
            term_months=term[1],
            rate_max=self._maybe(_RATES),
            purpose=self._maybe(list(Purpose)),
            guarantee=self._few(list(Guarantee)),
            collateral=self._list(list(Collateral)),
            region=self._maybe(REGIONS),
            industry=self._maybe(list(Industry)),
            institutions=self._few(_BANKS),
        )
