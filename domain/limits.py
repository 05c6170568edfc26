"""What can be asked for at all: figures beyond these no institution on a city's platform serves."""

from decimal import Decimal

from domain.errors import ValueOutOfRange
from domain.money import months, percent, yuan

AMOUNT_LOWEST = 10_000
AMOUNT_HIGHEST = 1_000_000_000
TERM_LONGEST_MONTHS = 360
# Four times the one-year LPR is the ceiling that courts protect; nothing lawful lies above 24 %.
RATE_HIGHEST = Decimal(24)
# What nobody can have meant is not said back: it would fill the screen.
_AMOUNT_SAYABLE = 10**12
_MONTHS_SAYABLE = 12_000
_RATE_SAYABLE = 1000


def check_amount(amount: int) -> None:
    """Raises ValueOutOfRange with a sentence for the owner."""
    if amount <= 0:
        raise ValueOutOfRange(
            "amount",
            f"这个金额银行没法放款，平台能对接的是{yuan(AMOUNT_LOWEST)}到{yuan(AMOUNT_HIGHEST)}，您再说一下？",
        )
    if amount < AMOUNT_LOWEST:
        raise ValueOutOfRange(
            "amount",
            f"{yuan(amount)}太少了，银行的经营贷款一般从{yuan(AMOUNT_LOWEST)}起。您是不是少说了一个「万」字？",
        )
    if amount > AMOUNT_HIGHEST:
        said = yuan(amount) if amount < _AMOUNT_SAYABLE else "这个金额"
        raise ValueOutOfRange(
            "amount",
            f"{said}超出了平台能对接的范围（最高{yuan(AMOUNT_HIGHEST)}），"
            "这样的金额需要银团或项目融资。您再核对一下？",
        )


def check_term(count: int) -> None:
    """`count` in months. Raises ValueOutOfRange with a sentence for the owner."""
    if count < 1:
        raise ValueOutOfRange(
            "term", f"期限至少要一个月，经营贷款最长一般{months(TERM_LONGEST_MONTHS)}，您再说一下？"
        )
    if count > TERM_LONGEST_MONTHS:
        said = months(count) if count < _MONTHS_SAYABLE else "这个期限"
        raise ValueOutOfRange(
            "term", f"经营贷款最长一般{months(TERM_LONGEST_MONTHS)}，{said}太长了，您再说一下？"
        )


def check_rate(rate: Decimal) -> None:
    """Raises ValueOutOfRange with a sentence for the owner."""
    if not 0 < rate <= RATE_HIGHEST:
        said = percent(rate) if rate < _RATE_SAYABLE else ""
        raise ValueOutOfRange(
            "rate",
            f"年利率{said}不在正常范围内（合法贷款不高于{RATE_HIGHEST}%），您再说一下？",
        )
