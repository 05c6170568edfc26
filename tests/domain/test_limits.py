"""What nobody serves is refused with a sentence that the owner can act on."""

from decimal import Decimal

import pytest

from domain import limits
from domain.errors import ValueOutOfRange


@pytest.mark.parametrize("amount", [limits.AMOUNT_LOWEST, 800_000, limits.AMOUNT_HIGHEST])
def test_amounts_within(amount: int) -> None:
    limits.check_amount(amount)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, ("0元", "太少", "「万」")),
        (80, ("80元", "1万元起")),
        (9_999, ("9999元",)),
        (1_000_000_001, ("超出", "最高10亿元")),
        (50_000_000_000, ("500亿元", "超出")),
    ],
)
def test_amounts_beyond(amount: int, words: tuple[str, ...]) -> None:
    with pytest.raises(ValueOutOfRange) as refusal:
        limits.check_amount(amount)
    assert refusal.value.field == "amount"
    assert all(word in refusal.value.sentence for word in words)


@pytest.mark.parametrize("months", [1, 12, 360])
def test_terms_within(months: int) -> None:
    limits.check_term(months)


@pytest.mark.parametrize(("months", "words"), [(0, "至少要一个月"), (-3, "至少"), (361, "最长一般30年")])
def test_terms_beyond(months: int, words: str) -> None:
    with pytest.raises(ValueOutOfRange) as refusal:
        limits.check_term(months)
    assert refusal.value.field == "term"
    assert words in refusal.value.sentence


@pytest.mark.parametrize("rate", ["0.01", "4.35", "24"])
def test_rates_within(rate: str) -> None:
    limits.check_rate(Decimal(rate))


@pytest.mark.parametrize(
    ("rate", "shown"), [("0", "0%"), ("24.01", "24.01%"), ("36.50", "36.5%"), ("100", "100%")]
)
def test_rates_beyond(rate: str, shown: str) -> None:
    with pytest.raises(ValueOutOfRange) as refusal:
        limits.check_rate(Decimal(rate))
    assert refusal.value.field == "rate"
    assert f"年利率{shown}" in refusal.value.sentence
