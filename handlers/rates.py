"""What a loan costs, worked out for an example; rounded, since the bank's own figures decide."""

from decimal import ROUND_HALF_UP, Decimal

from domain.money import months, percent, yuan
from domain.products import Product

_MONTHS_A_YEAR = 12
_WAN = 10_000


def equal_instalment(amount: int, rate: Decimal, term: int) -> Decimal:
    """Yuan a month that pay back `amount` in `term` months at `rate` per cent a year."""
    monthly = rate / 100 / _MONTHS_A_YEAR
    if not monthly:
        return Decimal(amount) / term
    return amount * monthly / (1 - (1 + monthly) ** -term)


def interest_only(amount: int, rate: Decimal) -> Decimal:
    """Yuan a month while the whole of it is still owed."""
    return amount * rate / 100 / _MONTHS_A_YEAR


def example(product: Product, amount: int, term: int) -> str:
    """Both usual ways of paying back, at the product's lowest rate; empty if it names none."""
    rate = product.rate_min
    if rate is None:
        return ""
    instalment, interest = equal_instalment(amount, rate, term), interest_only(amount, rate)
    return (
        f"比如「{product.name}」按年利率{percent(rate)}借{yuan(amount)}用{months(term)}："
        f"每月还一样多，每月约{_about(instalment)}，利息共约{_about(instalment * term - amount)}；"
        f"平时只付利息，每月约{_about(interest)}，利息共约{_about(interest * term)}，到期再还本金。"
        "以银行审批为准。"
    )


def _about(figure: Decimal) -> str:
    """To the yuan below 10,000, to the hundred above: `3.45万元`."""
    step = 1 if figure < _WAN else 100
    return yuan(int((figure / step).quantize(Decimal(1), ROUND_HALF_UP)) * step)
