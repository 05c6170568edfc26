"""What a company offers: the figures as they are said, each checked."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from domain.base import Value
from domain.equity.labels import EquityField, EquityRound
from domain.equity.tables import MOST_WORDS, EquityRequestRow
from domain.errors import ValueOutOfRange
from domain.labels import Industry
from domain.money import yuan
from domain.products import RegionCode

AMOUNT_LOWEST = 100_000
AMOUNT_HIGHEST = 5_000_000_000
# What nobody can have meant is not said back.
_SAYABLE = 10**12
_HUNDRED = Decimal(100)
_CENT = Decimal("0.01")
_REQUIRED = (EquityField.ROUND, EquityField.AMOUNT)


class EquityTerms(Value):
    """`amount` in yuan, `share` in per cent of the company; `None` and empty words are left open."""

    round: EquityRound | None = None
    amount: int | None = None
    share: Annotated[Decimal | None, Field(max_digits=5, decimal_places=2)] = None
    industry: Industry | None = None
    region: RegionCode | None = None
    words: Annotated[str, Field(max_length=MOST_WORDS)] = ""

    @property
    def lacking(self) -> tuple[EquityField, ...]:
        """What it cannot be published without."""
        return tuple(field for field in _REQUIRED if getattr(self, field) is None)

    @property
    def valuation(self) -> int | None:
        """What the company would be worth with the money in it, in yuan; None unless both figures stand."""
        return int(self.amount * _HUNDRED / self.share) if self.amount and self.share else None


def of(row: EquityRequestRow) -> EquityTerms:
    return EquityTerms.model_validate({name: getattr(row, name) for name in EquityTerms.model_fields})


def check_amount(amount: int) -> None:
    """Raises ValueOutOfRange with a sentence for the owner."""
    if AMOUNT_LOWEST <= amount <= AMOUNT_HIGHEST:
        return
    said = yuan(amount) if 0 < amount < _SAYABLE else "这个金额"
    raise ValueOutOfRange(
        "amount",
        f"{said}不在平台对接的股权融资范围内（{yuan(AMOUNT_LOWEST)}到{yuan(AMOUNT_HIGHEST)}），您再核对一下？",
    )


def check_share(share: Decimal) -> None:
    """Raises ValueOutOfRange with a sentence for the owner."""
    if not 0 < share < _HUNDRED:
        raise ValueOutOfRange("share", "出让的股份要在0到100%之间，您再说一下？比如「10%」。")
    if share != share.quantize(_CENT):
        raise ValueOutOfRange("share", "出让股份最多精确到两位小数，比如「12.5%」。")
