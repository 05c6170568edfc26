"""What nobody serves is refused with a sentence that the owner can act on."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import limits
from domain.errors import ValueOutOfRange


@pytest.mark.parametrize("amount", [limits.AMOUNT_LOWEST, 800_000, limits.AMOUNT_HIGHEST])
def test_amounts_within(amount: int) -> None:
    limits.check_amount(amount)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (-(10**6), ("1万元到10亿元",)),
        (-1, ("1万元到10亿元",)),
        (0, ("1万元到10亿元",)),
        (1, ("1元太少", "1万元起", "「万」")),
        (80, ("80元", "1万元起")),
        (9_999, ("9999元",)),
        (1_000_000_001, ("超出", "最高10亿元")),
        (50_000_000_000, ("500亿元", "超出")),
        (10**12, ("这个金额超出", "最高10亿元")),
        (10**400, ("这个金额超出", "最高10亿元")),
    ],
)
def test_amounts_beyond(amount: int, words: tuple[str, ...]) -> None:
    with pytest.raises(ValueOutOfRange) as refusal:
        limits.check_amount(amount)
    assert refusal.value.field == "amount"
    assert all(word in refusal.value.sentence for word in words)


@given(st.integers().filter(lambda amount: not limits.AMOUNT_LOWEST <= amount <= limits.AMOUNT_HIGHEST))
def test_any_amount_beyond_is_told_a_bound_and_repeated_shortly(amount: int) -> None:
    with pytest.raises(ValueOutOfRange) as refusal:
        limits.check_amount(amount)
    assert "1万元" in refusal.value.sentence or "10亿元" in refusal.value.sentence
    assert len(refusal.value.sentence) < 80


@given(st.integers().filter(lambda count: not 1 <= count <= limits.TERM_LONGEST_MONTHS))
def test_any_term_beyond_is_told_the_longest(count: int) -> None:
    with pytest.raises(ValueOutOfRange) as refusal:
        limits.check_term(count)
    assert "30年" in refusal.value.sentence
    assert len(refusal.value.sentence) < 80


@pytest.mark.parametrize("months", [1, 12, 360])
def test_terms_within(months: int) -> None:
    limits.check_term(months)


@pytest.mark.parametrize(
    ("months", "words"),
    [
        (0, "至少要一个月，经营贷款最长一般30年"),
        (-3, "至少要一个月"),
        (361, "最长一般30年，361个月太长了"),
        (1200, "最长一般30年，100年太长了"),
        (12 * 10**400, "最长一般30年，这个期限太长了"),
    ],
)
def test_terms_beyond(months: int, words: str) -> None:
    with pytest.raises(ValueOutOfRange) as refusal:
        limits.check_term(months)
    assert refusal.value.field == "term"
    assert words in refusal.value.sentence


@pytest.mark.parametrize("rate", ["0.01", "4.35", "24"])
def test_rates_within(rate: str) -> None:
    limits.check_rate(Decimal(rate))


@pytest.mark.parametrize(
    ("rate", "shown"),
    [("0", "0%"), ("24.01", "24.01%"), ("36.50", "36.5%"), ("100", "100%"), ("1e400", "不在")],
)
def test_rates_beyond(rate: str, shown: str) -> None:
    with pytest.raises(ValueOutOfRange) as refusal:
        limits.check_rate(Decimal(rate))
    assert refusal.value.field == "rate"
    assert f"年利率{shown}" in refusal.value.sentence
