"""All rules over a year: its lines, what it hands on, and a hash of everything that they were made from."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import date, timedelta
from operator import attrgetter

from domain.incentives import credit_loans, first_loans, subsidies
from domain.incentives.facts import Carry, Facts, LoanFact
from domain.incentives.hedge import Hedged, hedge
from domain.incentives.investing import investing
from domain.incentives.lines import Gap, Line, Open, Unit, gaps
from domain.incentives.manufacturing import Guaranteed, guarantees
from domain.incentives.manufacturing import loans as manufacturing_loans
from domain.incentives.rules import Rules
from domain.incentives.year import Year, by_institution

# Much faster than the library's `asdict`, which copies every value.
_VALUES = attrgetter(*(field.name for field in fields(LoanFact)))


@dataclass(frozen=True, slots=True)
class Statement:
    """A year's lines by institution; `inputs` is the SHA-256 of rules, facts and what was carried over."""

    year: int
    lines: tuple[Line, ...]
    carry: Carry
    inputs: str


def chain(rules: Rules, facts: Facts, years: range, carry: Carry, today: date) -> Statement:
    """The statement of the last of the years, each handing on to the next from `carry` on.

    Raises:
        IndexError: there is no year.
    """
    for before in years[:-1]:
        _, carry = _handing_on(Year(before, rules, facts, carry, today))
    year = Year(years[-1], rules, facts, carry, today)
    lines, handed_on = _handing_on(year)
    lines = [*lines, *_of_the_year(year), *_unclassified(year)]
    ordered = tuple(sorted(lines, key=lambda line: line.institution))
    return Statement(year.year, ordered, handed_on, _hash(year))


def _handing_on(year: Year) -> tuple[list[Line], Carry]:
    """Rules that take over from the year before."""
    rules, carry = year.rules, year.carry
    hedged = hedge(rules.loss_hedge, year) if rules.loss_hedge else Hedged([], carry.quota, carry.covered)
    guaranteed = (
        guarantees(rules.manufacturing_guarantees, year)
        if rules.manufacturing_guarantees
        else Guaranteed([], carry.balances, carry.losses)
    )
    handed_on = Carry(hedged.quota, hedged.covered, guaranteed.losses, guaranteed.balances)
    return [*hedged.lines, *guaranteed.lines], handed_on


def _of_the_year(year: Year) -> list[Line]:
    """Rules that neither take over nor hand on anything."""
    rules, lines = year.rules, list[Line]()
    if rules.first_loans:
        lines += first_loans.awards(rules.first_loans, year)
    if rules.first_loan_deposits:
        lines += first_loans.deposits(rules.first_loan_deposits, year)
    if rules.first_loan_centres:
        lines += first_loans.centres(rules.first_loan_centres, year)
    if rules.deposits:
        lines += credit_loans.deposits(rules.deposits, year)
    if rules.teams:
        lines += credit_loans.teams(rules.teams, year)
    if rules.equity:
        lines += investing(rules.equity, year)
    if rules.manufacturing_loans:
        lines += manufacturing_loans(rules.manufacturing_loans, year)
    if rules.subsidies:
        lines += subsidies.interest(rules.subsidies, year) + subsidies.guarantees(rules.subsidies, year)
    if rules.relending:
        lines += credit_loans.relending(rules.relending, year)
    return lines


def _unclassified(year: Year) -> list[Line]:
    """Loans of institutions of which it is not known what they are: they count in no rule."""
    return [
        Line(
            institution=name,
            rule="unclassified",
            title="机构类别不明",
            unit=Unit.AWARD,
            basis="平台没有登记这家机构，它的贷款不计入任何一项。",
            figures=(("贷款笔数", len(loans)),),
            uncapped=0,
            cap=None,
            result=0,
            source="",
            open=gaps(Open(loan.loan_id, Gap.KIND, loan.amount) for loan in loans),
        )
        for name, loans in by_institution(loan for loan in year.granted if loan.kind is None).items()
    ]


def _hash(year: Year) -> str:
    """Of a year that is not over the day of calculation too: interest runs until then."""
    content = {
        "year": year.year,
        "until": min(year.today, year.last + timedelta(days=1)),
        "rules": year.rules.checksum,
        "carry": year.carry.as_json(),
        "investments": sorted(year.facts.investments, key=repr),
        "centres": sorted(year.facts.centres),
    }
    digest = hashlib.sha256(_text(content))
    for loan in year.so_far:
        digest.update(_text(_VALUES(loan)))
    return digest.hexdigest()


def _text(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, default=str).encode()
