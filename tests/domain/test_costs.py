"""Repayment to the fen, fees, subsidies and the effective rate."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.costs import Fees, Loan, Repayment, Subsidy, cost, schedule

loans = st.builds(
    Loan,
    amount=st.integers(1, 10**10),
    rate=st.decimals(0, 36, places=2),
    months=st.integers(1, 360),
    repayment=st.sampled_from(Repayment),
)


@pytest.mark.parametrize(
    ("amount", "rate", "months", "monthly"),
    [
        (1_000_000, "4.9", 240, "6544.44"),
        (1_000_000, "12", 12, "88848.79"),
        (100_000, "6", 360, "599.55"),
        (120_000, "0", 12, "10000.00"),
    ],
)
def test_equal_instalments_as_banks_publish_them(amount: int, rate: str, months: int, monthly: str) -> None:
    first, *_ = schedule(Loan(amount, Decimal(rate), months))
    assert first.payment == Decimal(monthly)


def test_the_four_ways_of_a_small_loan() -> None:
    """1,000 yuan at 12 % for three months, worked out by hand."""
    tables = {
        way: [
            (str(part.principal), str(part.interest), str(part.owed))
            for part in schedule(Loan(1000, Decimal(12), 3, way))
        ]
        for way in Repayment
    }
    assert tables == {
        Repayment.EQUAL_INSTALMENT: [
            ("330.02", "10.00", "669.98"),
            ("333.32", "6.70", "336.66"),
            ("336.66", "3.37", "0.00"),
        ],
        Repayment.EQUAL_PRINCIPAL: [
            ("333.33", "10.00", "666.67"),
            ("333.33", "6.67", "333.34"),
            ("333.34", "3.33", "0.00"),
        ],
        Repayment.INTEREST_FIRST: [
            ("0.00", "10.00", "1000.00"),
            ("0.00", "10.00", "1000.00"),
            ("1000.00", "10.00", "0.00"),
        ],
        Repayment.AT_MATURITY: [("1000.00", "30.00", "0.00")],
    }


@given(loans)
def test_principals_sum_to_the_amount_and_nothing_is_owed_at_the_end(loan: Loan) -> None:
    parts = schedule(loan)
    assert sum(part.principal for part in parts) == loan.amount
    assert parts[-1].owed == 0
    assert parts[-1].month == loan.months
    assert all(part.principal >= 0 and part.interest >= 0 for part in parts)
    owed = [Decimal(loan.amount), *(part.owed for part in parts)]
    assert all(
        after == before - part.principal for (before, after), part in zip(pairwise(owed), parts, strict=True)
    )


@given(amount=st.integers(10_000, 10**9), rate=st.decimals(0, "24", places=2), months=st.integers(2, 120))
def test_instalments_are_equal_but_for_what_rounding_leaves(amount: int, rate: Decimal, months: int) -> None:
    *equal, last = schedule(Loan(amount, rate, months))
    (payment,) = {part.payment for part in equal}
    # Each month is rounded by half a fen twice, and what that makes grows with the interest on it.
    slack = months * (1 + rate / 1200) ** months * Decimal("0.01")
    assert abs(last.payment - payment) <= slack


@given(
    amount=st.integers(10_000, 10**9),
    rate=st.decimals("0.1", "24", places=2),
    months=st.integers(2, 120),
)
def test_who_pays_back_earlier_pays_less_interest(amount: int, rate: Decimal, months: int) -> None:
    interest = [cost(Loan(amount, rate, months, way)).interest for way in Repayment]
    instalment, principal, first, maturity = interest
    assert principal <= instalment < first
    # Month by month the interest is rounded, at maturity once.
    assert abs(first - maturity) <= months * Decimal("0.005")


@given(
    amount=st.integers(100_000, 10**9),
    rate=st.decimals("0.5", "24", places=2),
    months=st.integers(1, 120),
    way=st.sampled_from([Repayment.EQUAL_INSTALMENT, Repayment.EQUAL_PRINCIPAL, Repayment.INTEREST_FIRST]),
)
def test_without_fees_the_effective_rate_is_the_compounded_one(
    amount: int, rate: Decimal, months: int, way: Repayment
) -> None:
    compounded = ((1 + rate / 1200) ** 12 - 1) * 100
    effective = cost(Loan(amount, rate, months, way)).effective_rate
    assert effective is not None
    assert abs(effective - compounded) <= Decimal("0.02")


def test_fees_and_a_subsidy_by_hand() -> None:
    """A million at 4 %, interest monthly; 1 % guarantee fee a year, 2,000 once, half the interest back."""
    loan = Loan(1_000_000, Decimal(4), 18, Repayment.INTEREST_FIRST)
    worked_out = cost(loan, Fees(Decimal(2000), Decimal(1)), Subsidy(share=Decimal(50), most=25_000))
    assert worked_out.interest == Decimal("59999.94")
    assert worked_out.fees == Decimal("17000.00")
    assert worked_out.subsidy == Decimal("25000.00")
    assert worked_out.total == Decimal("51999.94")
    # 12,000 down, 3,333.33 a month, 5,000 more after a year, at the end the loan less the subsidy.
    flows = [988_000.0, *[-3333.33] * 11, -8333.33, *[-3333.33] * 5, -978_333.33]
    assert worked_out.effective_rate is not None
    monthly = (1 + float(worked_out.effective_rate) / 100) ** (1 / 12)
    assert abs(sum(flow / monthly**month for month, flow in enumerate(flows))) < 80


@pytest.mark.parametrize(
    ("subsidy", "granted"),
    [
        (Subsidy(), "0.00"),
        (Subsidy(share=Decimal(30)), "14400.00"),
        (Subsidy(share=Decimal(30), months=12), "7200.00"),
        (Subsidy(points=Decimal("1.5")), "36000.00"),
        (Subsidy(points=Decimal("1.5"), months=12, most=10_000), "10000.00"),
        (Subsidy(share=Decimal(100), most=1_000_000), "48000.00"),
        (Subsidy(points=Decimal(9)), "48000.00"),
        (Subsidy(share=Decimal(100), months=0), "0.00"),
    ],
)
@pytest.mark.parametrize("way", [Repayment.INTEREST_FIRST, Repayment.AT_MATURITY])
def test_a_subsidy_is_never_more_than_its_terms_or_the_interest(
    subsidy: Subsidy, granted: str, way: Repayment
) -> None:
    """1.2 million at 2 % for two years: 24,000 a year."""
    assert cost(Loan(1_200_000, Decimal(2), 24, way), subsidy=subsidy).subsidy == Decimal(granted)


def test_a_loan_eaten_up_by_its_fees_has_no_rate() -> None:
    assert cost(Loan(1000, Decimal(5), 12), Fees(once=Decimal(1000))).effective_rate is None


def test_a_loan_without_interest_costs_nothing() -> None:
    worked_out = cost(Loan(1000, Decimal(0), 7), subsidy=Subsidy(points=Decimal(2), share=Decimal(10)))
    assert (worked_out.total, worked_out.effective_rate) == (0, Decimal("0.00"))
