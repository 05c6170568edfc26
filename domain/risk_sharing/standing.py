"""How far each fund is used and what it lost, from the loan records of the products that it covers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.apart import read_apart
from domain.authorizations.gate import Reader
from domain.database import Database
from domain.labels import ProductKind
from domain.loans import LoanRow, LoanState
from domain.products import ProductRow
from domain.risk_sharing.past_scores import score_on, scores_held
from domain.risk_sharing.schemes import Scheme, Schemes
from domain.risk_sharing.sharing import Losses, split

_RUNNING = (LoanState.RUNNING, LoanState.OVERDUE)
READER = Reader.platform("risk_sharing")
_CENTS = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Covered:
    """A loan that a scheme covers, as its bank reports it."""

    loan_id: str
    uscc: str
    institution: str
    balance: int
    granted_on: date
    state: str


@dataclass(frozen=True, slots=True)
class SharedLoss:
    """A loan that was written off; `parts` is None where the share depends on a score that is not known."""

    loan_id: str
    institution: str
    loss: int
    parts: Losses | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Of a fund: what it guarantees, how many times itself that is, and who bore which losses.

    `missing` is what it would have to guarantee more to reach the leverage it is made for. `above_cap` are
    the companies that owe more than the scheme lets one company have.
    """

    scheme: Scheme
    loans: int
    balance: int
    above_cap: tuple[str, ...]
    losses: tuple[SharedLoss, ...]

    @property
    def leverage(self) -> Decimal:
        return (Decimal(self.balance) / self.scheme.fund_size).quantize(_CENTS)

    @property
    def missing(self) -> int:
        return max(0, self.scheme.fund_size * self.scheme.leverage_least - self.balance)

    @property
    def paid(self) -> Losses:
        known = [loss.parts for loss in self.losses if loss.parts]
        return Losses(
            sum(parts.fund for parts in known),
            sum(parts.bank for parts in known),
            sum(parts.guarantor for parts in known),
        )


def standing(scheme: Scheme, loans: Iterable[Covered], scores: Mapping[str, int | None]) -> Standing:
    """The fund as the records of its loans have it; `scores` of the day of each loan, by `loan_id`."""
    owed: defaultdict[str, int] = defaultdict(int)
    losses, running = [], 0
    for loan in sorted(loans, key=lambda loan: loan.loan_id):
        if loan.state in _RUNNING:
            running += 1
            owed[loan.uscc] += loan.balance
        elif loan.state == LoanState.WRITTEN_OFF:
            band = scheme.band_of(scores.get(loan.loan_id))
            parts = split(loan.balance, band) if band else None
            losses.append(SharedLoss(loan.loan_id, loan.institution, loan.balance, parts))
    above = tuple(uscc for uscc in sorted(owed) if owed[uscc] > scheme.company_most)
    return Standing(scheme, running, sum(owed.values()), above, tuple(losses))


async def standings(database: Database, schemes: Schemes) -> dict[str, Standing]:
    """Every fund by the code of its scheme."""
    loans = await read_apart(database, lambda session: _covered(session, schemes))
    return {
        code: standing(scheme, loans[code], await _scores(database, scheme, loans[code]))
        for code, scheme in schemes.items()
    }


async def _scores(database: Database, scheme: Scheme, loans: Iterable[Covered]) -> dict[str, int | None]:
    """Scores of the loans that were lost, where shares depend on them."""
    if len(scheme.bands) == 1:
        return {}
    lost = [loan for loan in loans if loan.state == LoanState.WRITTEN_OFF]
    held = await scores_held(database, READER, {loan.uscc for loan in lost})
    return {
        loan.loan_id: score_on(held.get(loan.uscc, ()), loan.granted_on, scheme.score_days) for loan in lost
    }


async def _covered(session: AsyncSession, schemes: Schemes) -> dict[str, list[Covered]]:
    """The loans under each scheme, of products that name it.

    Of banks' products alone: a guarantor's or insurer's own record is about the same loan.
    """
    found: dict[str, list[Covered]] = {code: [] for code in schemes}
    for code, *loan in (await session.execute(_of_schemes())).all():
        if code in found:
            found[code].append(Covered(*loan))
    return found


def _of_schemes() -> Select[Any]:
    scheme = ProductRow.data["risk_sharing"].as_string()
    kind = ProductRow.data["kind"].as_string()
    named = or_(LoanRow.product == ProductRow.name, LoanRow.product == ProductRow.code)
    loan = (LoanRow.loan_id, LoanRow.uscc, LoanRow.institution, LoanRow.balance, LoanRow.granted_on)
    return (
        select(scheme, *loan, LoanRow.state)
        .join(ProductRow, (ProductRow.institution == LoanRow.institution) & named)
        .where(scheme.is_not(None), or_(kind.is_(None), kind == ProductKind.LOAN))
    )
