"""Random items, companies and needs over few values, so that bounds are hit and missed often."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from domain.companies import CompanyFacts
from domain.conditions import Conditions
from domain.labels import (
    Collateral,
    Guarantee,
    Industry,
    PolicyKind,
    PolicyLevel,
    Purpose,
    Qualification,
    TaxGrade,
)
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product

TODAY = date(2026, 3, 31)

_REGIONS = st.sampled_from(["320000", "320500", "320583", "320506", "340111", "460000", "469001"])
_INDUSTRIES = st.sampled_from([Industry.C, Industry.F, Industry.H])
_MONEY = st.sampled_from([0, 1, 10_000, 500_000, 800_000, 5_000_000])
_MONTHS = st.sampled_from([0, 1, 2, 6, 12, 24])
_COUNT = st.sampled_from([0, 1, 50, 600])
_RATES = st.sampled_from([Decimal("3.5"), Decimal("4.35"), Decimal("4.350"), Decimal(6)])
_RATIOS = st.sampled_from([Decimal(0), Decimal("0.5"), Decimal("0.8"), Decimal(50)])
_DAYS = st.sampled_from([date(2026, 3, 30), TODAY, date(2026, 4, 1)])
_QUALIFICATIONS = st.sampled_from([Qualification.HIGH_TECH, Qualification.TALENT, Qualification.AGRI])
_COLLATERALS = st.sampled_from([Collateral.REAL_ESTATE, Collateral.PATENT, Collateral.VEHICLE])
_GUARANTEES = st.sampled_from([Guarantee.CREDIT, Guarantee.MORTGAGE, Guarantee.INSURANCE])
_PURPOSES = st.sampled_from([Purpose.EQUIPMENT, Purpose.EXPORT, Purpose.RND])
_BANKS = st.sampled_from(["中国农业银行", "苏州银行"])


def _few(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=2, unique=True).map(tuple)


def _maybe(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | of


@st.composite
def _bounds(draw: st.DrawFn, of: st.SearchStrategy[Any]) -> tuple[Any, Any]:
    low, high = draw(_maybe(of)), draw(_maybe(of))
    return (high, low) if low is not None and high is not None and low > high else (low, high)


conditions = st.builds(
    Conditions,
    founded_months_min=_maybe(_MONTHS),
    revenue_min=_maybe(_MONEY),
    revenue_max=_maybe(_MONEY),
    employees_min=_maybe(_COUNT),
    employees_max=_maybe(_COUNT),
    registered_capital_min=_maybe(_MONEY),
    assets_max=_maybe(_MONEY),
    debt_ratio_max=_maybe(_RATIOS),
    credit_score_min=_maybe(_COUNT),
    tax_grades=_few(st.sampled_from(list(TaxGrade))),
    qualifications_any=_few(_QUALIFICATIONS),
    qualifications_all=_few(_QUALIFICATIONS),
    collaterals_any=_few(_COLLATERALS),
    first_loan=_maybe(st.booleans()),
    no_overdue=_maybe(st.just(True)),
)


@st.composite
def products(draw: st.DrawFn) -> Product:
    amount, term, rate = draw(_bounds(_MONEY)), draw(_bounds(_MONTHS)), draw(_bounds(_RATES))
    valid = draw(_bounds(_DAYS))
    return Product(
        code="P1",
        name="设备贷",
        institution=draw(_BANKS),
        amount_min=amount[0],
        amount_max=amount[1],
        term_min_months=term[0],
        term_max_months=term[1],
        rate_min=rate[0],
        rate_max=rate[1],
        guarantees=draw(_few(_GUARANTEES)),
        purposes=draw(_few(_PURPOSES)),
        regions=draw(_few(_REGIONS)),
        industries=draw(_few(_INDUSTRIES)),
        conditions=draw(conditions),
        valid_from=valid[0],
        valid_to=valid[1],
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    valid = draw(_bounds(_DAYS))
    return Policy(
        code="Z1",
        title="设备更新贴息",
        issuer="苏州市财政局",
        level=PolicyLevel.CITY,
        kind=PolicyKind.SUBSIDY,
        regions=draw(_few(_REGIONS)),
        industries=draw(_few(_INDUSTRIES)),
        conditions=draw(conditions),
        published=valid[0],
        deadline=valid[1],
    )


companies = st.builds(
    CompanyFacts,
    region=_maybe(_REGIONS),
    industry=_maybe(_INDUSTRIES),
    founded=_maybe(st.dates(date(2023, 12, 1), TODAY)),
    registered_capital=_maybe(_MONEY),
    revenue=_maybe(_MONEY),
    employees=_maybe(_COUNT),
    assets=_maybe(_MONEY),
    liabilities=_maybe(_MONEY),
    tax_grade=_maybe(st.sampled_from(list(TaxGrade))),
    credit_score=_maybe(_COUNT),
    qualifications=_maybe(_few(_QUALIFICATIONS)),
    first_loan=_maybe(st.booleans()),
    overdue=_maybe(st.booleans()),
    collaterals=_maybe(_few(_COLLATERALS)),
)


@st.composite
def needs(draw: st.DrawFn) -> Need:
    amount, term = draw(_bounds(_MONEY)), draw(_bounds(_MONTHS))
    return Need(
        amount_min=amount[0],
        amount_max=amount[1],
        term_min_months=term[0],
        term_months=term[1],
        rate_max=draw(_maybe(_RATES)),
        purpose=draw(_maybe(_PURPOSES)),
        guarantee=draw(_few(_GUARANTEES)),
        collateral=draw(_maybe(_few(_COLLATERALS))),
        region=draw(_maybe(_REGIONS)),
        industry=draw(_maybe(_INDUSTRIES)),
        institutions=draw(_few(_BANKS)),
    )
