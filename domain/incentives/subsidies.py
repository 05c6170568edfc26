"""利息和担保费补贴 (Hefei): banks that lend at the benchmark, guarantors that charge little."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from domain.incentives.facts import LoanFact
from domain.incentives.lines import Gap, Line, Open, Unit, gaps, part_of
from domain.incentives.rules import Subsidies
from domain.incentives.year import Year, by_institution, total
from domain.loans import LoanState

_WHOLE = 100
_MONTHS_A_YEAR = 12


def interest(rule: Subsidies, year: Year) -> list[Line]:
    """A share of the year's interest on loans that cost no more than the benchmark."""
    lines = []
    for name, loans in by_institution(loan for loan in year.so_far if loan.of_bank).items():
        own = [loan for loan in loans if loan.product in rule.products and _days(year, loan)]
        missing = [Open(loan.loan_id, gap, loan.amount) for loan in own if (gap := _gap(rule, loan))]
        known = [loan for loan in own if _gap(rule, loan) is None and _cheap(rule, loan)]
        paid = sum((_interest(rule, year, loan) for loan in known), Decimal())
        if own:
            lines.append(_interest_line(rule, name, len(known), paid, missing))
    return lines


def _interest_line(rule: Subsidies, name: str, loans: int, paid: Decimal, missing: Sequence[Open]) -> Line:
    subsidy = int(paid * rule.interest_percent / _WHOLE)
    return Line(
        institution=name,
        rule="interest_subsidy",
        title=rule.title,
        unit=Unit.AWARD,
        basis=(
            f"执行利率不高于放款时同期限基准利率的{'、'.join(rule.products)}，按当年利息的{rule.interest_percent}%补贴；"
            f"利息按一年{rule.days_a_year}天、算头不算尾。"
        ),
        figures=(("贷款笔数", loans), ("当年利息", int(paid))),
        uncapped=subsidy,
        cap=None,
        result=subsidy,
        source=rule.source,
        open=gaps(missing),
    )


def _gap(rule: Subsidies, loan: LoanFact) -> Gap | None:
    if loan.rate is None:
        return Gap.RATE
    if rule.benchmark(loan.granted_on, _months(loan)) is None:
        return Gap.BENCHMARK
    as_agreed = loan.balance == loan.amount and loan.state is LoanState.RUNNING
    return None if as_agreed or not _cheap(rule, loan) else Gap.INTEREST


def _cheap(rule: Subsidies, loan: LoanFact) -> bool:
    benchmark = rule.benchmark(loan.granted_on, _months(loan))
    return benchmark is not None and loan.rate is not None and loan.rate <= benchmark


def _interest(rule: Subsidies, year: Year, loan: LoanFact) -> Decimal:
    return loan.amount * (loan.rate or 0) * Decimal(_days(year, loan)) / (_WHOLE * rule.days_a_year)


def _days(year: Year, loan: LoanFact) -> int:
    """Days of the year with interest: the day of the grant counts, the day on which it is due does not."""
    end = min(loan.due_on, year.last + timedelta(days=1), year.today)
    return max(0, (end - max(loan.granted_on, year.first)).days)


def _months(loan: LoanFact) -> int:
    """The term, a part of a month counted as a month."""
    begin, end = loan.granted_on, loan.due_on
    months = (end.year - begin.year) * _MONTHS_A_YEAR + end.month - begin.month
    return months + (end.day > begin.day)


def guarantees(rule: Subsidies, year: Year) -> list[Line]:
    """A share of the year's guarantees that cost the company no more than the bound."""
    own = (loan for loan in year.granted if loan.of_guarantor and loan.product in rule.products)
    lines = []
    for name, loans in by_institution(own).items():
        amount = total(loan for loan in loans if loan.rate is not None and loan.rate <= rule.fee_most_percent)
        subsidy = part_of(amount, rule.guarantee_percent)
        lines.append(
            Line(
                institution=name,
                rule="guarantee_subsidy",
                title=rule.title,
                unit=Unit.AWARD,
                basis=f"担保费率不高于{rule.fee_most_percent}%的融资担保额的{rule.guarantee_percent}%。",
                figures=(("符合条件的融资担保额", amount),),
                uncapped=subsidy,
                cap=None,
                result=subsidy,
                source=rule.source,
                open=gaps(Open(loan.loan_id, Gap.RATE, loan.amount) for loan in loans if loan.rate is None),
            )
        )
    return lines
