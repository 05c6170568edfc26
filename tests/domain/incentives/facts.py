"""Loans and guarantees for tests, each with everything known unless said otherwise."""

from datetime import date
from itertools import count
from typing import Any

from bot.city_sections import Incentives
from domain.incentives.calculating import Statement, chain
from domain.incentives.facts import Carry, Facts, Investment, LoanFact
from domain.incentives.lines import Line
from domain.institutions import InstitutionKind
from domain.loans import LoanState

RULES = Incentives().incentive_rules
BANK, OTHER_BANK, GUARANTOR, FUND = "苏州银行", "江苏银行", "苏州担保", "元禾"
YEAR = 2024
TODAY = date(2026, 11, 23)
WAN = 10_000
_numbers = count(1)


def uscc(number: int) -> str:
    return f"9132{number:014}"


def loan(amount: int, **more: Any) -> LoanFact:
    """A bank's first credit loan of a manufacturer of its own, scored 650, of which nothing is paid back."""
    number = next(_numbers)
    stated: dict[str, Any] = {
        "loan_id": f"JK{number:06}",
        "uscc": uscc(number),
        "institution": BANK,
        "kind": InstitutionKind.BANK,
        "product": "征信贷",
        "amount": amount,
        "balance": amount,
        "rate": None,
        "granted_on": date(YEAR, 3, 1),
        "due_on": date(YEAR + 1, 3, 1),
        "state": LoanState.RUNNING,
        "reported_on": TODAY,
        "plain": True,
        "first": True,
        "score": 650,
        "industry": "C",
    }
    return LoanFact(**stated | more)


def guarantee(amount: int, **more: Any) -> LoanFact:
    return loan(amount, **{"institution": GUARANTOR, "kind": InstitutionKind.GUARANTOR, "score": None} | more)


def statement(
    *loans: LoanFact,
    year: int = YEAR,
    since: int | None = None,
    carry: Carry | None = None,
    investments: tuple[Investment, ...] = (),
    centres: frozenset[str] = frozenset({BANK, OTHER_BANK, GUARANTOR}),
    today: date = TODAY,
) -> Statement:
    facts = Facts(loans, investments, centres)
    return chain(RULES, facts, range(since or year, year + 1), carry or Carry(), today)


def line(found: Statement, rule: str, institution: str = BANK) -> Line:
    (only,) = (item for item in found.lines if (item.rule, item.institution) == (rule, institution))
    return only


def results(found: Statement, rule: str) -> dict[str, int]:
    return {item.institution: item.result for item in found.lines if item.rule == rule}
