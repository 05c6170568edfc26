"""Size classes by the regulation's own rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.companies import CompanyFacts
from domain.company_sizes import Size, size_of
from domain.labels import Industry

W = 10_000
ROWS: list[tuple[Industry | None, dict[str, int], Size | None]] = [
    (Industry.C, {"employees": 1000, "revenue": 40_000 * W}, Size.LARGE),
    (Industry.C, {"employees": 999, "revenue": 40_000 * W}, Size.MEDIUM),
    (Industry.C, {"employees": 1000, "revenue": 1_999 * W}, Size.SMALL),
    (Industry.C, {"employees": 19, "revenue": 40_000 * W}, Size.MICRO),
    (Industry.C, {"employees": 20}, Size.SMALL),
    (Industry.C, {"revenue": 299 * W}, Size.MICRO),
    (Industry.C, {"assets": 10**12}, None),
    (Industry.A, {"revenue": 500 * W, "employees": 1}, Size.MEDIUM),
    (Industry.E, {"revenue": 80_000 * W, "assets": 4_999 * W}, Size.SMALL),
    (Industry.F, {"employees": 20, "revenue": 5_000 * W}, Size.MEDIUM),
    (Industry.I, {"employees": 10, "revenue": 50 * W}, Size.SMALL),
    (Industry.K, {"revenue": 200_000 * W, "assets": 10_000 * W}, Size.LARGE),
    (Industry.L, {"employees": 9, "assets": 120_000 * W}, Size.MICRO),
    (Industry.M, {"employees": 300}, Size.LARGE),
    (None, {"employees": 99}, Size.SMALL),
    (None, {}, None),
]


@pytest.mark.parametrize(("industry", "figures", "size"), ROWS)
def test_the_rows_of_the_regulation(
    industry: Industry | None, figures: dict[str, int], size: Size | None
) -> None:
    assert size_of(CompanyFacts(industry=industry, **figures)) == size


@given(st.sampled_from(Industry), st.integers(0, 3000), st.integers(0, 10**10), st.integers(0, 3000))
def test_who_employs_more_is_of_no_smaller_class(
    industry: Industry, employees: int, revenue: int, more: int
) -> None:
    facts = CompanyFacts(industry=industry, employees=employees, revenue=revenue, assets=revenue)
    larger = facts.model_copy(update={"employees": employees + more})
    order = list(Size)
    before, after = size_of(facts), size_of(larger)
    assert before is not None
    assert after is not None
    assert order.index(after) <= order.index(before)
