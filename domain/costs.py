"""What money costs: repayment to the fen, fees, subsidy, and the effective rate a year.

All sums are yuan with two decimals. Months count from the day of payout, which is month 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from domain.labels import Label

_FEN = Decimal("0.01")
_NOUGHT = Decimal("0.00")
_MONTHS_A_YEAR = 12
# Per cent a year to a fraction a month.
_MONTHLY = Decimal(100 * _MONTHS_A_YEAR)
# Halvings until the rate stands beyond the last decimal shown.
_HALVINGS = 80


class Repayment(Label):
    """The usual ways of paying back."""

    EQUAL_INSTALMENT = "equal_instalment", "等额本息"
    EQUAL_PRINCIPAL = "equal_principal", "等额本金"
    INTEREST_FIRST = "interest_first", "先息后本"
    AT_MATURITY = "at_maturity", "到期还本付息"


@dataclass(frozen=True, slots=True)
class Loan:
    """`amount` in yuan, `rate` in per cent a year, `months` at least 1."""

    amount: int
    rate: Decimal
    months: int
    repayment: Repayment = Repayment.EQUAL_INSTALMENT


@dataclass(frozen=True, slots=True)
class Instalment:
    """One payment at the end of `month`, and what is `owed` after it."""

    month: int
    principal: Decimal
    interest: Decimal
    owed: Decimal

    @property
    def payment(self) -> Decimal:
        return self.principal + self.interest


@dataclass(frozen=True, slots=True)
class Fees:
    """`once` in yuan at payout; `yearly` in per cent of the amount, in advance, by the month for a part."""

    once: Decimal = _NOUGHT
    yearly: Decimal = _NOUGHT


@dataclass(frozen=True, slots=True)
class Subsidy:
    """What is paid back of the interest: a `share` of it in per cent, or `points` per cent a year.

    Over the first `months`, and no more than `most` yuan; `None` is no limit. It is paid after the end.
    """

    share: Decimal = _NOUGHT
    points: Decimal = _NOUGHT
    months: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """`effective_rate` is in per cent a year, compounded; None where the fees eat up the loan."""

    instalments: tuple[Instalment, ...]
    interest: Decimal
    fees: Decimal
    subsidy: Decimal
    effective_rate: Decimal | None

    @property
    def total(self) -> Decimal:
        return self.interest + self.fees - self.subsidy


def cost(loan: Loan, fees: Fees = Fees(), subsidy: Subsidy = Subsidy()) -> Cost:
    """Interest, fees and subsidy over the whole term."""
    instalments = schedule(loan)
    charged = _charges(loan, fees)
    granted = _granted(loan, instalments, subsidy)
    return Cost(
        instalments=instalments,
        interest=sum((part.interest for part in instalments), _NOUGHT),
        fees=sum(charged.values(), _NOUGHT),
        subsidy=granted,
        effective_rate=_effective_rate(loan, instalments, charged, granted),
    )


def schedule(loan: Loan) -> tuple[Instalment, ...]:
    """The payments; their principals sum to the amount, since the last one takes what rounding left over."""
    return _SCHEDULES[loan.repayment](loan)


def rounded(sum_: Decimal) -> Decimal:
    return sum_.quantize(_FEN, ROUND_HALF_UP)


def _month_of(loan: Loan, owed: Decimal) -> Decimal:
    return rounded(owed * loan.rate / _MONTHLY)


def _equal_instalments(loan: Loan) -> tuple[Instalment, ...]:
    monthly = loan.rate / _MONTHLY
    repaid = 1 - (1 + monthly) ** -loan.months
    # Of a rate below what decimals hold beside 1 nothing is left.
    factor = monthly / repaid if repaid else Decimal(1) / loan.months
    payment = rounded(loan.amount * factor)
    # Where interest rounded up exceeds a payment of a few fen nothing is paid off, and nothing added.
    return _paid_off(loan, lambda owed: max(payment - _month_of(loan, owed), _NOUGHT))


def _equal_principals(loan: Loan) -> tuple[Instalment, ...]:
    part = (Decimal(loan.amount) / loan.months).quantize(_FEN, ROUND_DOWN)
    return _paid_off(loan, lambda _: part)


def _interest_first(loan: Loan) -> tuple[Instalment, ...]:
    return _paid_off(loan, lambda _: _NOUGHT)


def _paid_off(loan: Loan, part: Callable[[Decimal], Decimal]) -> tuple[Instalment, ...]:
    """Month by month with `part` of what is owed, all of the rest with the last."""
    owed, paid = Decimal(loan.amount), []
    for month in range(1, loan.months + 1):
        principal = owed if month == loan.months else min(part(owed), owed)
        interest = _month_of(loan, owed)
        owed -= principal
        paid.append(Instalment(month, rounded(principal), interest, rounded(owed)))
    return tuple(paid)


def _at_maturity(loan: Loan) -> tuple[Instalment, ...]:
    """Simple interest for the whole term, in one payment."""
    amount = Decimal(loan.amount)
    interest = rounded(amount * loan.rate * loan.months / _MONTHLY)
    return (Instalment(loan.months, rounded(amount), interest, _NOUGHT),)


_SCHEDULES: dict[Repayment, Callable[[Loan], tuple[Instalment, ...]]] = {
    Repayment.EQUAL_INSTALMENT: _equal_instalments,
    Repayment.EQUAL_PRINCIPAL: _equal_principals,
    Repayment.INTEREST_FIRST: _interest_first,
    Repayment.AT_MATURITY: _at_maturity,
}


def _charges(loan: Loan, fees: Fees) -> dict[int, Decimal]:
    """Month to fee; the last year is charged by its months."""
    year = loan.amount * fees.yearly / 100
    charged = {
        month: rounded(year * min(_MONTHS_A_YEAR, loan.months - month) / _MONTHS_A_YEAR)
        for month in range(0, loan.months, _MONTHS_A_YEAR)
    }
    charged[0] += rounded(fees.once)
    return charged


def _granted(loan: Loan, instalments: tuple[Instalment, ...], subsidy: Subsidy) -> Decimal:
    """Never more than the interest itself."""
    months = loan.months if subsidy.months is None else min(subsidy.months, loan.months)
    interest = _interest_of(loan, instalments, months)
    by_points = min(subsidy.points / loan.rate, Decimal(1)) if loan.rate else _NOUGHT
    granted = interest * max(subsidy.share / 100, by_points)
    return rounded(min(granted, interest, granted if subsidy.most is None else Decimal(subsidy.most)))


def _interest_of(loan: Loan, instalments: tuple[Instalment, ...], months: int) -> Decimal:
    """What falls to the first months, whenever it is paid."""
    if loan.repayment is Repayment.AT_MATURITY:
        return instalments[-1].interest * months / loan.months
    return sum((part.interest for part in instalments[:months]), _NOUGHT)


def _effective_rate(
    loan: Loan, instalments: tuple[Instalment, ...], charged: dict[int, Decimal], granted: Decimal
) -> Decimal | None:
    """The internal rate of return, by the year; found by halving, since the worth falls as the rate rises."""
    flows = [0.0] * (loan.months + 1)
    for month, fee in charged.items():
        flows[month] += float(fee)
    for part in instalments:
        flows[part.month] += float(part.payment)
    flows[-1] -= float(granted)
    received = loan.amount - flows[0]
    if received <= 0:
        return None
    low, high = -0.99, 10.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _present(flows[1:], middle) > received:
            low = middle
        else:
            high = middle
    return Decimal(((1 + low) ** _MONTHS_A_YEAR - 1) * 100).quantize(_FEN, ROUND_HALF_UP)


def _present(payments: list[float], rate: float) -> float:
    """What payments at the ends of the months from 1 on are worth at month 0."""
    worth = 0.0
    for payment in reversed(payments):
        worth = (worth + payment) / (1 + rate)
    return worth
