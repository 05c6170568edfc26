"""What a loan costs: the arithmetic, and the example in the talk."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import rates
from tests.handlers.owner import ALL_IN_ONE, AMOUNT, EVERYTHING, TERM, Fact, Owner

ZX: Fact = ("product", "征信贷", "征信贷")


@pytest.mark.parametrize(
    ("amount", "rate", "term", "monthly"),
    [
        (1_000_000, "4.9", 240, "6544.44"),
        (1_000_000, "12", 12, "88848.79"),
        (100_000, "6", 360, "599.55"),
        (120_000, "0", 12, "10000.00"),
    ],
)
def test_equal_instalments(amount: int, rate: str, term: int, monthly: str) -> None:
    assert abs(rates.equal_instalment(amount, Decimal(rate), term) - Decimal(monthly)) < Decimal("0.01")


@given(
    st.integers(10_000, 10**9),
    st.decimals("0.01", "24", places=2),
    st.integers(1, 360),
)
def test_instalments_pay_back_exactly_what_is_owed(amount: int, rate: Decimal, term: int) -> None:
    monthly = rates.equal_instalment(amount, rate, term)
    owed = Decimal(amount)
    for _ in range(term):
        owed += owed * rate / 1200 - monthly
    assert abs(owed) < Decimal("0.01")


@given(st.integers(10_000, 10**9), st.decimals("0.01", "24", places=2), st.integers(2, 360))
def test_who_pays_back_on_the_way_pays_less_interest(amount: int, rate: Decimal, term: int) -> None:
    on_the_way = rates.equal_instalment(amount, rate, term) * term - amount
    assert 0 < on_the_way < rates.interest_only(amount, rate) * term


async def test_a_sum_and_a_term_are_worked_out(owner: Owner) -> None:
    reply = await owner.says(
        "农行征信贷贷80万两年利息多少",
        "ask_rate",
        ZX,
        ("institution", "中国农业银行", "农行"),
        ("amount", 800_000, "80万"),
        TERM,
    )
    assert "按年利率3.35%借80万元用2年" in reply
    assert "每月约3.45万元，利息共约2.82万元" in reply
    assert "每月约2233元，利息共约5.36万元" in reply
    assert reply.endswith("以银行审批为准。")


async def test_the_sum_of_the_request_under_way_is_worked_out(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    assert "借120万元用2年" in await owner.says("利息多少", "ask_rate")


async def test_a_sum_alone_makes_no_example(owner: Owner) -> None:
    reply = await owner.says("贷120万利息多少", "ask_rate", AMOUNT)
    assert "比如「" not in reply
    assert "不收任何费用" in reply


async def test_a_product_without_a_public_rate(owner: Owner) -> None:
    small: Fact = ("product", "小微E贷", "小微E贷")
    reply = await owner.says(
        "小微E贷贷50万一年利息多少", "ask_rate", small, ("amount", 500_000, "50万"), TERM
    )
    assert "没有公示利率" in reply
    assert "比如「" not in reply
