"""What the rules look at: loans, guarantees, investments; what is not known of them stands as None."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from domain.institutions import InstitutionKind
from domain.loans import LoanState

_GUARANTEEING = frozenset({InstitutionKind.GUARANTOR, InstitutionKind.INSURER})
BAD = frozenset({LoanState.OVERDUE, LoanState.WRITTEN_OFF})


@dataclass(frozen=True, slots=True)
class LoanFact:
    """A loan of a bank, or a guarantee of a guarantor or insurer, as reported; None means not known.

    `plain` says that it is a credit loan, or a guarantee without counter-guarantee; `first` that the company
    had none before; `score` is that of the time of the loan. `reported_on` is when the record last changed.
    """

    loan_id: str
    uscc: str
    institution: str
    kind: InstitutionKind | None
    product: str | None
    amount: int
    balance: int
    rate: Decimal | None
    granted_on: date
    due_on: date
    state: LoanState
    reported_on: date
    plain: bool | None = None
    first: bool | None = None
    score: int | None = None
    industry: str | None = None

    @property
    def of_bank(self) -> bool:
        return self.kind is InstitutionKind.BANK

    @property
    def of_guarantor(self) -> bool:
        return self.kind in _GUARANTEEING

    @property
    def bad(self) -> bool:
        return self.state in BAD


@dataclass(frozen=True, slots=True)
class Investment:
    """What an investment institution put into a company."""

    request_id: str
    uscc: str | None
    institution: str
    amount: int | None
    invested_on: date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything at one moment. `centres` are the institutions that have a support centre (专营机构)."""

    loans: tuple[LoanFact, ...] = ()
    investments: tuple[Investment, ...] = ()
    centres: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Carry:
    """What one year hands on to the next, by institution or by loan; whole yuan.

    `quota`: what is left of the loss hedge, by the year that it came from. `covered`: what the hedge has paid
    for a loan. `losses`: what of a loan's loss has counted. `balances`: guarantees in manufacturing at the
    end of the year, None where not known.
    """

    quota: dict[str, dict[int, int]] = field(default_factory=dict)
    covered: dict[str, int] = field(default_factory=dict)
    losses: dict[str, int] = field(default_factory=dict)
    balances: dict[str, int | None] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """With its numbers sorted, so that the same one always looks the same."""
        quota = {
            name: {str(year): left for year, left in sorted(years.items())}
            for name, years in sorted(self.quota.items())
        }
        return {
            "quota": quota,
            "covered": dict(sorted(self.covered.items())),
            "losses": dict(sorted(self.losses.items())),
            "balances": dict(sorted(self.balances.items())),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Carry":
        quota = {
            name: {int(year): left for year, left in years.items()} for name, years in data["quota"].items()
        }
        return cls(quota, data["covered"], data["losses"], data["balances"])
