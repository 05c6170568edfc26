"""What a loan costs, worked out for an example; rounded, since the bank's own figures decide."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from domain.costs import Loan, Repayment, cost
from domain.money import months, percent, yuan
from domain.products import Product

_WAN = 10_000
_COMPARED = 3


def example(product: Product, amount: int, term: int) -> str:
    """Both usual ways of paying back at the product's lowest rate; empty if it names none."""
    rate = product.rate_min
    if rate is None or term < 1:
        return ""
    equal = cost(Loan(amount, rate, term, Repayment.EQUAL_INSTALMENT))
    late = cost(Loan(amount, rate, term, Repayment.INTEREST_FIRST))
    return (
        f"比如「{product.name}」按年利率{percent(rate)}借{yuan(amount)}用{months(term)}："
        f"每月还一样多，每月约{_about(equal.instalments[0].payment)}，利息共约{_about(equal.total)}；"
        f"平时只付利息，每月约{_about(late.instalments[0].interest)}，利息共约{_about(late.total)}，到期再还本金。"
        "以银行审批为准。"
    )


def comparison(offered: Sequence[Product], amount: int, term: int) -> str:
    """The cheapest few by what they cost in all at their lowest rates; empty where there are not two.

    Fees are not among the published terms, and what a policy pays back is told with the policy.
    """
    if term < 1:
        return ""
    priced = [
        (cost(Loan(amount, product.rate_min, term)), product)
        for product in offered
        if product.rate_min is not None
    ]
    cheapest = sorted(priced, key=lambda pair: (pair[0].total, pair[1].code))[:_COMPARED]
    if len(cheapest) < 2:  # noqa: PLR2004 - nothing to compare with
        return ""
    lines = [f"借{yuan(amount)}用{months(term)}、每月等额还款，按各家最低利率算，利息一共："]
    lines += [
        f"· {product.institution}「{product.name}」约{_about(whole.total)}，"
        f"每月还约{_about(whole.instalments[0].payment)}"
        for whole, product in cheapest
    ]
    return "\n".join([*lines, "担保费等其他费用另计。"])


def _about(figure: Decimal) -> str:
    """To the yuan below 10,000, to the hundred above: `3.45万元`."""
    step = 1 if figure < _WAN else 100
    return yuan(int((figure / step).quantize(Decimal(1), ROUND_HALF_UP)) * step)
