"""What can be asked for at all: figures beyond these no institution on a city's platform serves."""

from decimal import Decimal

from domain.errors import ValueOutOfRange
from domain.money import percent, yuan

AMOUNT_LOWEST = 10_000
AMOUNT_HIGHEST = 1_000_000_000
TERM_LONGEST_MONTHS = 360
# Four times the one-year LPR is the ceiling that courts protect; nothing lawful lies above 24 %.
RATE_HIGHEST = Decimal(24)


def check_amount(amount: int) -> None:
    """Raises ValueOutOfRange with a sentence for the owner."""
    if amount < AMOUNT_LOWEST:
        raise ValueOutOfRange(
            "amount",
            f"{yuan(amount)}太少了，银行的经营贷款一般从{yuan(AMOUNT_LOWEST)}起。您是不是少说了一个「万」字？",
        )
    if amount > AMOUNT_HIGHEST:
        raise ValueOutOfRange(
            "amount",
            f"{yuan(amount)}超出了平台能对接的范围（最高{yuan(AMOUNT_HIGHEST)}），"
            "这样的金额需要银团或项目融资。您再核对一下？",
        )


def check_term(months: int) -> None:
    """Raises ValueOutOfRange with a sentence for the owner."""
    if months < 1:
        raise ValueOutOfRange("term", "期限至少要一个月，您再说一下？")
    if months > TERM_LONGEST_MONTHS:
        raise ValueOutOfRange(
            "term", f"经营贷款最长一般{TERM_LONGEST_MONTHS // 12}年，{months}个月太长了，您再说一下？"
        )


def check_rate(rate: Decimal) -> None:
    """Raises ValueOutOfRange with a sentence for the owner."""
    if not 0 < rate <= RATE_HIGHEST:
        raise ValueOutOfRange(
            "rate",
            f"年利率{percent(rate)}不在正常范围内（合法贷款不高于{RATE_HIGHEST}%），您再说一下？",
        )
