"""Loans as institutions report them."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.loans import Loan, LoanState

LOAN = {
    "loan_id": "JK-2026/0001",
    "uscc": "91320583ma1mabcd5x",
    "institution": "苏州银行",
    "amount": 1_000_000,
    "balance": 600_000,
    "granted_on": "2026-01-10",
    "due_on": "2027-01-09",
}


def test_a_loan_runs_unless_said_otherwise() -> None:
    loan = Loan.model_validate(LOAN)
    assert (loan.uscc, loan.state, loan.rate, loan.product) == (
        "91320583MA1MABCD5X",
        LoanState.RUNNING,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"due_on": "2026-01-09"}, "granted_on 晚于 due_on"),
        ({"balance": 1_000_001}, "balance 大于 amount"),
        ({"loan_id": "JK 1"}, "loan_id"),
        ({"uscc": "123"}, "uscc"),
        ({"state": "lost"}, "state"),
        ({"amount": -1}, "amount"),
    ],
)
def test_what_cannot_be_a_loan_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Loan.model_validate(LOAN | change)
