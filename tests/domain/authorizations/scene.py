"""A company with its people, two banks, and a small table of credit data of the tests' own."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select, update

from domain import companies, institutions
from domain.authorizations import wording
from domain.authorizations.consents import Consent
from domain.authorizations.gate import Access
from domain.authorizations.giving import Act, give, revoke
from domain.authorizations.labels import Category, DataPurpose
from domain.authorizations.rules import Rules
from domain.authorizations.tables import AccessRow, AuthorizationRow
from domain.companies import Company, CompanyMemberRow, Member
from domain.database import Database
from domain.gated import GATED
from domain.identity.tables import VerifiedPersonRow
from domain.institutions import Institution
from domain.secrets import Cipher, decode_key, new_key

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
RULES = Rules()
USCC, OTHER = "91320583MA1MABCD5X", "91320583MA1MABCE3P"
NAMES = {USCC: "苏州恒达精密机械有限公司", OTHER: "昆山同心包装有限公司"}
OWNER, CLERK, STRANGER = "oOwner", "oClerk", "oStranger"
# Verified, and named by an import as a member of the company; nobody ever looked whether he is.
MEANT = "oMeant"
BANK, SECOND_BANK = "苏州银行", "江苏银行"
PRE_LOAN = DataPurpose.PRE_LOAN

FIGURES = Table(
    "figures_of_tests",
    MetaData(),
    Column("uscc", String(18), primary_key=True),
    Column("category", String(16), primary_key=True),
    Column("value", Integer),
    **GATED,
)
_tickets = count()


@dataclass(frozen=True, slots=True)
class Scene:
    """Owner and clerk registered; the owner is verified, the clerk is not.

    Of each company and category a 7 lies in the table.
    """

    database: Database
    cipher: Cipher = field(default_factory=lambda: Cipher(decode_key(new_key())))

    async def set_up(self) -> None:
        async with self.database.engine.begin() as connection:
            await connection.run_sync(FIGURES.metadata.create_all)
        async with self.database.unit_of_work() as session:
            people = (Member(openid=OWNER), Member(openid=CLERK))
            given = [
                Company(uscc=USCC, name=NAMES[USCC], members=people),
                Company(uscc=OTHER, name=NAMES[OTHER], members=(Member(openid=STRANGER),)),
            ]
            await companies.save_all(session, given, NOW, cipher=self.cipher)
            await session.execute(update(CompanyMemberRow).values(evidence="ZC-of-tests"))
            meant = Company(uscc=USCC, name=NAMES[USCC], members=(Member(openid=MEANT),))
            await companies.save_all(session, [meant], NOW, cipher=self.cipher)
            banks = [Institution(name=name) for name in (BANK, SECOND_BANK)]
            await institutions.save_all(session, banks, NOW)
            session.add_all(verified(openid) for openid in (OWNER, STRANGER, MEANT))
            rows = [
                {"uscc": uscc, "category": item, "value": 7} for uscc in (USCC, OTHER) for item in Category
            ]
            await session.execute(insert(FIGURES), rows)

    async def give(
        self,
        consent: Consent,
        *,
        openid: str = OWNER,
        ticket: str = "",
        at: datetime = NOW,
        rules: Rules = RULES,
    ) -> AuthorizationRow:
        """As a page would: show the text, then send it back with the tick."""
        act = act_of(consent, openid=openid, ticket=ticket, rules=rules)
        async with self.database.unit_of_work() as session:
            return await give(session, consent, act, rules=rules, now=at)

    async def revoke(
        self, row: AuthorizationRow, *, openid: str = OWNER, at: datetime = NOW
    ) -> AuthorizationRow:
        async with self.database.unit_of_work() as session:
            return await revoke(session, row.id, openid, at)

    async def accesses(self) -> list[AccessRow]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(AccessRow).order_by(AccessRow.id)))


def act_of(consent: Consent, *, openid: str = OWNER, ticket: str = "", rules: Rules = RULES) -> Act:
    text = wording.shown(consent, rules, company=NAMES.get(consent.uscc, NAMES[USCC]) if consent.uscc else "")
    return Act(
        openid, ticket or f"ticket-{next(_tickets)}", text.version, text.hash, "203.0.113.7", "MicroMessenger"
    )


def verified(openid: str) -> VerifiedPersonRow:
    return VerifiedPersonRow(
        openid=openid,
        name=b"sealed",
        id_number=b"sealed",
        id_number_index=f"index of {openid}",
        verified_at=NOW,
        method="sandbox",
        evidence=f"RZ-{openid}",
        others=0,
    )


def passing_on(
    *categories: Category,
    institution: str = BANK,
    purposes: tuple[DataPurpose, ...] = (PRE_LOAN,),
    days: int | None = None,
    uscc: str = USCC,
) -> Consent:
    scope = categories or tuple(Category)
    return Consent.passing_on(uscc, institution, RULES, scope=scope, purposes=purposes, days=days)


async def figures_of(access: Access) -> dict[str, int]:
    """What the tests' own reader finds: by company the sum over the categories of the access."""
    query = (
        select(FIGURES.c.uscc, func.sum(FIGURES.c.value))
        .where(FIGURES.c.uscc.in_(access.usccs), FIGURES.c.category.in_(access.scope))
        .group_by(FIGURES.c.uscc)
    )
    return dict((await access.session.execute(query)).all())
