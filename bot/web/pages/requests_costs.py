"""What an offer costs its owner, reckoned with equal instalments: the contract's own figures decide."""

from collections.abc import Sequence
from decimal import Decimal

from domain.costs import Instalment, Loan, Repayment, cost
from domain.market.tables import FollowRow

FIGURES = ("每月约还", "利息合计", "本息合计")


def figures(row: FollowRow) -> dict[str, str]:
    """By name; empty where terms are missing."""
    loan = _loan(row)
    if loan is None:
        return {}
    worked_out = cost(loan)
    first = worked_out.instalments[0].payment
    sums = (first, worked_out.interest, loan.amount + worked_out.interest)
    return {name: _yuan(figure) for name, figure in zip(FIGURES, sums, strict=True)}


def repayment(row: FollowRow) -> Sequence[Instalment]:
    """Month by month; nothing where terms are missing."""
    loan = _loan(row)
    return cost(loan).instalments if loan else ()


def _loan(row: FollowRow) -> Loan | None:
    if row.amount is None or row.rate is None or not row.term_months:
        return None
    return Loan(row.amount, row.rate, row.term_months, Repayment.EQUAL_INSTALMENT)


def _yuan(figure: Decimal) -> str:
    return f"{figure:,.0f}元"
