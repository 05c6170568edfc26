"""A year as the rules look at it: which loans count, and whose."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from domain.incentives.facts import Carry, Facts, LoanFact
from domain.incentives.lines import Gap, Open
from domain.incentives.rules import Rules
from domain.loans import LoanState

ByInstitution = dict[str, list[LoanFact]]


@dataclass(frozen=True)
class Year:
    """The facts with the rules; `carry` is what the year before handed on, `today` the day of calculation."""

    year: int
    rules: Rules
    facts: Facts
    carry: Carry
    today: date

    @property
    def first(self) -> date:
        return date(self.year, 1, 1)

    @property
    def last(self) -> date:
        return date(self.year, 12, 31)

    def contains(self, day: date) -> bool:
        return self.first <= day <= self.last

    @cached_property
    def granted(self) -> tuple[LoanFact, ...]:
        """Loans and guarantees of the year, the oldest first."""
        found = (loan for loan in self.facts.loans if self.contains(loan.granted_on))
        return tuple(sorted(found, key=_age))

    @cached_property
    def so_far(self) -> tuple[LoanFact, ...]:
        """Those up to the end of the year, from the first year on, the oldest first."""
        first = date(self.rules.first_year, 1, 1)
        return tuple(
            sorted((loan for loan in self.facts.loans if first <= loan.granted_on <= self.last), key=_age)
        )

    @cached_property
    def _of_borrower(self) -> dict[tuple[str, str, int], int]:
        """What an institution granted a company in a year, by whatever products."""
        sums: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        for loan in self.so_far:
            sums[_borrower(loan)] += loan.amount
        return dict(sums)

    def small(self, loan: LoanFact, most: int) -> bool:
        """Whether the company had no more than that of the institution in the year of the loan (单户)."""
        return self._of_borrower[_borrower(loan)] <= most

    def balance_at_end(self, loan: LoanFact) -> int | None:
        """What was owed at the end of the year; None where the record does not tell.

        It tells if nothing was paid back so far, or if it has not changed since; reports may come a bit late.
        What was written off is owed no more.
        """
        told = loan.reported_on <= self.last + timedelta(days=self.rules.report_days)
        if loan.state is LoanState.WRITTEN_OFF:
            return 0 if told else None
        return loan.balance if told or loan.balance == loan.amount else None


def _age(loan: LoanFact) -> tuple[date, str]:
    return loan.granted_on, loan.loan_id


def _borrower(loan: LoanFact) -> tuple[str, str, int]:
    return loan.institution, loan.uscc, loan.granted_on.year


def by_institution(loans: Iterable[LoanFact]) -> ByInstitution:
    found: ByInstitution = {}
    for loan in loans:
        found.setdefault(loan.institution, []).append(loan)
    return dict(sorted(found.items()))


def total(loans: Iterable[LoanFact]) -> int:
    return sum(loan.amount for loan in loans)


def companies(loans: Iterable[LoanFact]) -> int:
    return len({loan.uscc for loan in loans})


def unknown(loans: Iterable[LoanFact], gap: Callable[[LoanFact], Gap | None]) -> list[Open]:
    """Those of which something is missing that the rule asks for."""
    return [Open(loan.loan_id, missing, loan.amount) for loan in loans if (missing := gap(loan))]


def plain_gap(loan: LoanFact) -> Gap | None:
    """Whether it can be told that it is a credit loan, or without counter-guarantee."""
    if loan.plain is not None:
        return None
    return Gap.PRODUCT if loan.product is None else Gap.SECURITY


def first_gap(loan: LoanFact) -> Gap | None:
    return Gap.FIRST if loan.first is None else None


def industry_gap(loan: LoanFact) -> Gap | None:
    return Gap.INDUSTRY if loan.industry is None else None
