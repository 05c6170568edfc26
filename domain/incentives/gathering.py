"""The facts from the records: loans with what is known about their product, company and score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.apart import read_apart
from domain.authorizations.gate import Reader
from domain.base import today_in_china
from domain.companies import CompanyRow
from domain.database import Database
from domain.equity.labels import EquityFollow
from domain.equity.tables import EquityFollowRow, EquityRequestRow
from domain.incentives.facts import Facts, Investment, LoanFact
from domain.incentives.rules import Rules
from domain.institutions import BranchRow, InstitutionKind, InstitutionRow
from domain.labels import Guarantee
from domain.loans import LoanRow, LoanState
from domain.market.tables import FollowRow
from domain.products import ProductRow
from domain.risk_sharing.past_scores import score_on, scores_held

Guarantees = frozenset[Guarantee]
# As it stands in the record of who looked at a company's data.
READER = Reader.platform("incentives")


async def gathered(database: Database, rules: Rules, since: int) -> Facts:
    """All facts at one moment; scores of the loans from the year `since` on."""

    async def read(session: AsyncSession) -> Facts:
        return await _read(session, rules)

    facts = await read_apart(database, read)
    return replace(facts, loans=await _with_scores(database, facts.loans, rules, since))


async def _with_scores(
    database: Database, loans: Sequence[LoanFact], rules: Rules, since: int
) -> tuple[LoanFact, ...]:
    """Banks' credit loans of the years from `since` on with the score of their day, where one is known."""
    if rules.loss_hedge is None:
        return tuple(loans)
    wanted = {loan.loan_id for loan in loans if loan.of_bank and loan.plain and loan.granted_on.year >= since}
    scores = await scores_held(database, READER, {loan.uscc for loan in loans if loan.loan_id in wanted})
    return tuple(
        replace(loan, score=score_on(scores.get(loan.uscc, ()), loan.granted_on, rules.score_days))
        if loan.loan_id in wanted
        else loan
        for loan in loans
    )


async def _read(session: AsyncSession, rules: Rules) -> Facts:
    branches = select(BranchRow.institution).where(BranchRow.centre.is_(True)).distinct()
    return Facts(
        loans=await _loans(session, rules),
        investments=await _investments(session),
        centres=frozenset(await session.scalars(branches)),
    )


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """Names of products and what they take as security, by institution and name or code; what was agreed."""

    names: Mapping[tuple[str, str], str]
    guarantees: Mapping[tuple[str, str], Guarantees]
    agreed: Mapping[str, str]

    def of(self, loan: LoanRow) -> Guarantees:
        """What secures the loan: as agreed on the market, else all that its product may ask for."""
        if guarantee := self.agreed.get(loan.loan_id):
            return frozenset({Guarantee(guarantee)})
        return self.guarantees.get((loan.institution, loan.product or ""), frozenset())


async def _loans(session: AsyncSession, rules: Rules) -> tuple[LoanFact, ...]:
    kinds = await _kinds(session)
    catalogue = await _catalogue(session)
    industry, first_loan = (
        CompanyRow.facts["industry"].as_string(),
        CompanyRow.facts["first_loan"].as_boolean(),
    )
    query = select(LoanRow, industry, first_loan, CompanyRow.updated_at).outerjoin(
        CompanyRow, CompanyRow.uscc == LoanRow.uscc
    )
    rows = (await session.execute(query.order_by(LoanRow.granted_on, LoanRow.loan_id))).all()
    earliest: dict[tuple[str, bool], date] = {}
    for loan, *_ in rows:
        earliest.setdefault((loan.uscc, _lends(kinds.get(loan.institution))), loan.granted_on)
    facts = []
    for loan, section, told_first, updated_at in rows:
        kind = kinds.get(loan.institution)
        lends = _lends(kind)
        allowed = rules.credit if lends else rules.uncovered
        told = _Told(told_first, today_in_china(updated_at) if updated_at else None)
        fact = _fact(loan, kind, catalogue, section)
        first = _first(fact, earliest[loan.uscc, lends], told, lends=lends)
        facts.append(replace(fact, plain=_plain(catalogue.of(loan), allowed), first=first))
    return tuple(facts)


def _lends(kind: InstitutionKind | None) -> bool:
    """Loans and guarantees have histories of their own: a company may have had the one and not the other."""
    return kind not in {InstitutionKind.GUARANTOR, InstitutionKind.INSURER}


def _fact(
    loan: LoanRow, kind: InstitutionKind | None, catalogue: _Catalogue, industry: str | None
) -> LoanFact:
    product = loan.product and catalogue.names.get((loan.institution, loan.product), loan.product)
    return LoanFact(
        loan_id=loan.loan_id,
        uscc=loan.uscc,
        institution=loan.institution,
        kind=kind,
        product=product,
        amount=loan.amount,
        balance=loan.balance,
        rate=loan.rate,
        granted_on=loan.granted_on,
        due_on=loan.due_on,
        state=LoanState(loan.state),
        reported_on=today_in_china(loan.updated_at),
        industry=industry,
    )


def _plain(guarantees: Guarantees, allowed: frozenset[Guarantee]) -> bool | None:
    """Whether the loan has no security but what is allowed; None where it may have either."""
    if not guarantees:
        return None
    if guarantees <= allowed:
        return True
    return None if guarantees & allowed else False


@dataclass(frozen=True, slots=True)
class _Told:
    """What the company's record says about having borrowed, and the day on which it last changed."""

    first_loan: bool | None
    on: date | None


def _first(loan: LoanFact, earliest: date, told: _Told, *, lends: bool) -> bool | None:
    """Whether it is the company's first loan, or first guarantee; None where that cannot be told.

    That the company has borrowed is no news after the loan itself, and says nothing about guarantees.
    """
    if loan.granted_on > earliest:
        return False
    if told.first_loan:
        return True
    known_before = told.first_loan is False and told.on is not None and told.on < loan.granted_on
    return False if known_before and lends else None


async def _kinds(session: AsyncSession) -> dict[str, InstitutionKind]:
    rows = await session.execute(select(InstitutionRow.name, InstitutionRow.data))
    return {name: InstitutionKind(data.get("kind", InstitutionKind.BANK)) for name, data in rows}


async def _catalogue(session: AsyncSession) -> _Catalogue:
    names: dict[tuple[str, str], str] = {}
    guarantees: dict[tuple[str, str], Guarantees] = {}
    columns = ProductRow.institution, ProductRow.code, ProductRow.name, ProductRow.data
    for institution, code, name, data in await session.execute(select(*columns)):
        taken = frozenset(Guarantee(label) for label in data.get("guarantees", ()))
        for known_as in (code, name):
            names[institution, known_as] = name
            guarantees[institution, known_as] = taken
    agreed = select(FollowRow.loan_id, FollowRow.guarantee).where(
        FollowRow.loan_id.is_not(None), FollowRow.guarantee.is_not(None)
    )
    secured = {
        loan_id: guarantee for loan_id, guarantee in await session.execute(agreed) if loan_id and guarantee
    }
    return _Catalogue(names, guarantees, secured)


async def _investments(session: AsyncSession) -> tuple[Investment, ...]:
    query = (
        select(
            EquityFollowRow.request_id,
            EquityRequestRow.uscc,
            EquityFollowRow.institution,
            EquityFollowRow.amount,
            EquityFollowRow.happened_on,
        )
        .join(EquityRequestRow, EquityRequestRow.id == EquityFollowRow.request_id)
        .where(EquityFollowRow.status == EquityFollow.INVESTED)
        .order_by(EquityFollowRow.request_id, EquityFollowRow.institution)
    )
    return tuple(Investment(*row) for row in await session.execute(query))
