"""Splitting a loss between fund, bank and guarantor or insurer, and the fee that the owner pays."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from domain.risk_sharing.schemes import Band

_WHOLE = 100
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Losses:
    """Each party's part of a loss, in yuan."""

    fund: int
    bank: int
    guarantor: int

    @property
    def total(self) -> int:
        return self.fund + self.bank + self.guarantor


def split(loss: int, band: Band) -> Losses:
    """The loss in whole yuan, without one lost or made.

    Each part is rounded down; the yuan that are left, two at most, go to the parts that lost the largest
    fractions, among equals to the fund before the bank before the guarantor.

    Raises:
        ValueError: the loss is negative.
    """
    if loss < 0:
        raise ValueError("a loss is not negative")
    exact = [loss * share / _WHOLE for share in (band.fund, band.bank, band.guarantor)]
    parts = [int(part) for part in exact]
    by_fraction = sorted(range(len(parts)), key=lambda place: parts[place] - exact[place])
    for place in by_fraction[: loss - sum(parts)]:
        parts[place] += 1
    return Losses(*parts)


def fee(amount: int, months: int, band: Band) -> int | None:
    """What the owner pays for the guarantee over its term, rounded half up to yuan; None: not said."""
    if band.fee_rate is None:
        return None
    exact = amount * band.fee_rate * months / (_WHOLE * _MONTHS_A_YEAR)
    return int(Decimal(exact).quantize(Decimal(1), ROUND_HALF_UP))
