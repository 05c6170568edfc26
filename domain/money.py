"""Figures as people say them: 1200000 yuan is 120万元, 24 months are 2年."""

from decimal import Decimal

_WAN = 10_000
_YI = 100_000_000
_MONTHS_A_YEAR = 12


def yuan(amount: int) -> str:
    """`1200000` as `120万元`, `150000000` as `1.5亿元`, `800` as `800元`; never rounded."""
    for unit, name in ((_YI, "亿元"), (_WAN, "万元")):
        # Two decimals at most, so that an odd figure is written out rather than rounded.
        if amount >= unit and amount * 100 % unit == 0:
            whole, hundredths = divmod(amount * 100 // unit, 100)
            return f"{whole}.{hundredths:02}".rstrip("0").rstrip(".") + name
    return f"{amount}元"


def months(count: int) -> str:
    """`24` as `2年`, `18` as `18个月`."""
    if count and count % _MONTHS_A_YEAR == 0:
        return f"{count // _MONTHS_A_YEAR}年"
    return f"{count}个月"


def percent(rate: Decimal) -> str:
    """`4.350` as `4.35%`, `5.0` as `5%`."""
    return f"{rate.normalize():f}%"


def span(low: int | None, high: int | None, *, of_months: bool = False) -> str:
    """A range as people say it: `50万元到80万元`, `至少50万元`, `不超过80万元`, or one figure."""
    say = months if of_months else yuan
    if low is not None and high is not None:
        return say(low) if low == high else f"{say(low)}到{say(high)}"
    if low is not None:
        return f"至少{say(low)}"
    return f"不超过{say(high)}" if high is not None else ""
