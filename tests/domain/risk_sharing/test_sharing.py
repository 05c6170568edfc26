"""Losses are split without a yuan lost or made, and fees follow the bands."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.city_sections import Incentives
from domain.risk_sharing import schemes
from domain.risk_sharing.schemes import Band, Scheme, SchemesError
from domain.risk_sharing.sharing import Losses, fee, split

SUZHOU = Band(fund=Decimal(65), bank=Decimal(20), guarantor=Decimal(15))
SCHEME = {"name": "基金", "fund_size": 1000, "leverage_least": 10, "company_most": 100, "source": "例"}


@st.composite
def bands(draw: st.DrawFn) -> Band:
    """Shares with two decimals that add up to 100."""
    fund = draw(st.integers(0, 10_000))
    bank = draw(st.integers(0, 10_000 - fund))
    fund, bank, guarantor = (Decimal(part) / 100 for part in (fund, bank, 10_000 - fund - bank))
    return Band(fund=fund, bank=bank, guarantor=guarantor)


@pytest.mark.parametrize(
    ("loss", "parts"),
    [
        (10_000_000, Losses(6_500_000, 2_000_000, 1_500_000)),
        (0, Losses(0, 0, 0)),
        # 0.65, 0.20, 0.15: the yuan goes to the largest fraction.
        (1, Losses(1, 0, 0)),
        # 1.95, 0.60, 0.45: two are left, for the fund and the bank.
        (3, Losses(2, 1, 0)),
        # 6.5, 2.0, 1.5: equal fractions, the fund before the guarantor.
        (10, Losses(7, 2, 1)),
    ],
)
def test_worked_by_hand(loss: int, parts: Losses) -> None:
    assert split(loss, SUZHOU) == parts


@given(st.integers(0, 10**13), bands())
def test_the_parts_are_the_loss_and_each_is_its_share_but_for_a_yuan(loss: int, band: Band) -> None:
    parts = split(loss, band)
    assert parts.total == loss
    shares = zip(
        (parts.fund, parts.bank, parts.guarantor), (band.fund, band.bank, band.guarantor), strict=True
    )
    for part, share in shares:
        assert abs(part - loss * share / 100) < 1


def test_no_loss_is_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        split(-1, SUZHOU)


@pytest.mark.parametrize(
    ("amount", "months", "rate", "expected"),
    [
        (10_000_000, 12, "1", 100_000),
        (3_000_000, 6, "0.8", 12_000),
        # 4166.5 and 41.65 yuan
        (999_960, 5, "1", 4_167),
        (4_998, 10, "1", 42),
        (1_000_000, 12, None, None),
    ],
)
def test_a_fee_is_of_the_amount_and_the_term(
    amount: int, months: int, rate: str | None, expected: int | None
) -> None:
    band = SUZHOU.model_copy(update={"fee_rate": Decimal(rate) if rate else None})
    assert fee(amount, months, band) == expected


def banded(*bands: dict[str, Any]) -> Scheme:
    return Scheme.model_validate(SCHEME | {"bands": list(bands)})


def test_the_band_is_that_of_the_score() -> None:
    low = {"fund": 50, "bank": 30, "guarantor": 20, "fee_rate": 1.5}
    high = {"at_least": 600, "fund": 65, "bank": 20, "guarantor": 15, "fee_rate": 1}
    scheme = banded(high, low)
    assert scheme.band_of(600) == scheme.band_of(780) == scheme.bands[0]
    assert scheme.band_of(599) == scheme.bands[1]
    assert scheme.band_of(None) is None
    assert banded(high).band_of(599) is None
    assert banded(low).band_of(None) is not None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bands": [{"fund": 65, "bank": 20, "guarantor": 16}]}, "add up to 100"),
        ({"bands": []}, "bands"),
        ({"fund_size": 0}, "fund_size"),
        ({"colour": "red"}, "colour"),
        (
            {
                "bands": [
                    {"at_least": 500, "fund": 65, "bank": 20, "guarantor": 15},
                    {"at_least": 600, "fund": 65, "bank": 20, "guarantor": 15},
                ]
            },
            "from the best score down",
        ),
        (
            {
                "bands": [
                    {"fund": 65, "bank": 20, "guarantor": 15},
                    {"at_least": 600, "fund": 65, "bank": 20, "guarantor": 15},
                ]
            },
            "only the last",
        ),
    ],
)
def test_a_faulty_scheme_is_named(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    whole = SCHEME | {"bands": [{"fund": 65, "bank": 20, "guarantor": 15}]} | change
    file = tmp_path / "schemes.yml"
    file.write_text(yaml.safe_dump({"x": whole}), encoding="utf-8")
    with pytest.raises(SchemesError, match=words):
        schemes.load(file)


def test_no_file_and_no_yaml_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(SchemesError, match="cannot be read"):
        schemes.load(tmp_path / "nothing.yml")
    (tmp_path / "bad.yml").write_text("a: [", encoding="utf-8")
    with pytest.raises(SchemesError, match="is no YAML"):
        schemes.load(tmp_path / "bad.yml")


def test_suzhou_is_there() -> None:
    scheme = Incentives().schemes["suzhou_xinbao"]
    assert (scheme.fund_size, scheme.leverage_least, scheme.company_most) == (10**9, 10, 10**7)
    assert scheme.band_of(None) == SUZHOU
