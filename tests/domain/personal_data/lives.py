"""People who did everything that can be done here, by the use cases that everybody goes through."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, LargeBinary, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.schema import METADATA
from domain import companies, conversations, gated, inbox, institutions, loans, people, policies, requests
from domain.authorizations import giving, wording
from domain.authorizations.consents import Consent
from domain.authorizations.gate import Reader, authorized_within
from domain.authorizations.labels import ALL_CATEGORIES, DataPurpose
from domain.authorizations.rules import Rules as ConsentRules
from domain.base import Row, table_of, today_in_china
from domain.cases import opening
from domain.cases.opening import NewCase
from domain.cases.rules import CaseKind, CaseRules
from domain.claims import claiming
from domain.companies import Company, CompanyMemberRow, CompanyRow, MemberRole
from domain.credit.tables import CreditDocumentRow, CreditObjectionRow, CreditServiceReportRow, CreditValueRow
from domain.database import Database
from domain.equity import following, raising
from domain.equity.following import EquityEvent, EventKind
from domain.equity.labels import EquityRound
from domain.equity.terms import EquityTerms
from domain.identity import verifications
from domain.identity.materials import FILE, MaterialRow
from domain.identity.tables import State
from domain.identity.verifications import Ending, Person
from domain.institutions import Institution
from domain.labels import PolicyKind, PolicyLevel, Purpose
from domain.loans import Loan
from domain.market import deciding, rating
from domain.market import following as market
from domain.market.rules import MarketRules, RejectReason
from domain.needs import Need
from domain.policies import Policy
from domain.recommending import queueing
from domain.recommending.queueing import Found
from domain.recommending.rules import ReviewRules
from domain.registrations import submitting
from domain.registrations.form import Form
from domain.registrations.rules import Review
from domain.registrations.rules import Rules as RegistrationRules
from domain.requests import RequestStatus, RequestStepRow
from domain.scores.tables import ScoreRow
from domain.secrets import Cipher
from domain.secrets_columns import SEALED
from notify import deliveries
from notify.deliveries import Channel, DeliveryState

BANK, FUND = "城东银行", "城西创投"
CONSENTS = ConsentRules()
REGISTRATIONS = RegistrationRules(frozenset({Review.DISTRICT}), activation=True, kinds={"other": "其他企业"})


@dataclass(frozen=True, slots=True)
class Life:
    """A person, and what of his may be found where."""

    openid: str
    name: str
    phone: str
    id_number: str
    uscc: str
    words: str

    @property
    def figures(self) -> tuple[str, ...]:
        """What nobody but he may have."""
        return self.name, self.phone, self.id_number, self.words


ZHANG = Life(
    "oZhangSanPlantedOpenid000001",
    "张三丰",
    "13812345678",
    "11010519491231002X",
    "91320500MA1XHANG0X",
    "周转买丝线",
)
LI = Life(
    "oLiSiPlantedOpenid0000000002",
    "李四娘",
    "13987654321",
    "440524188001010014",
    "91320500MA1LXN000X",
    "添置绣花机",
)


async def lead(session: AsyncSession, life: Life, cipher: Cipher, now: datetime) -> None:
    """Live it from the first day to `now`."""
    before = now - timedelta(days=3)
    await people.followed(session, life.openid, "poster", before, before=None)
    await _talk(session, life, before)
    await _bind(session, life, cipher, before)
    await institutions.save_all(session, [Institution(name=BANK, kind="bank")], before)
    await _prove(session, life, cipher, before)
    await _agree(session, life, before)
    await _ask(session, life, before)
    await _raise(session, life, before)
    await _claim(session, life, before)
    await _seek_advice(session, life, before)
    await _register(session, life, cipher, before)
    await _be_known(session, life, cipher, before)
    await session.flush()


async def _talk(session: AsyncSession, life: Life, at: datetime) -> None:
    await conversations.save(session, life.openid, 0, {"said": life.words}, at)
    await inbox.keep(
        session, f"msg:{life.openid}", life.openid, {"text": f"您说的是：{life.words}"}, at, late=False
    )
    await deliveries.queue(
        session,
        notice="reply",
        openid=life.openid,
        subject=f"reply:{life.openid}",
        channel=Channel.CUSTOMER_MESSAGE,
        content={"text": f"{life.name}，您好"},
        not_before=at,
        now=at,
    )
    await session.flush()
    (letter,) = await deliveries.page(
        session, openid=life.openid, notice=None, state=None, before=None, size=1
    )
    letter.state, letter.sent_at = DeliveryState.DELIVERED, at


async def _bind(session: AsyncSession, life: Life, cipher: Cipher, at: datetime) -> None:
    company = Company(
        uscc=life.uscc,
        name=f"{life.name[0]}记丝绸有限公司",
        openid=life.openid,
        role=MemberRole.LEGAL_REPRESENTATIVE,
        contact=life.name,
        phone=life.phone,
        revenue=8_000_000,
    )
    await companies.save_all(session, [company], at, cipher=cipher)
    await vouch(session, life.uscc)
    loan = Loan(
        loan_id=f"L-{life.uscc}",
        uscc=life.uscc,
        institution=BANK,
        amount=1_000_000,
        balance=500_000,
        granted_on=date(2026, 1, 1),
        due_on=date(2027, 1, 1),
    )
    await loans.save_all(session, [loan], at)


async def vouch(session: AsyncSession, uscc: str) -> None:
    """Everybody named so far has registered for the company."""
    members = table_of(CompanyMemberRow)
    await session.execute(update(members).where(members.c.uscc == uscc).values(evidence="ZC-of-tests"))


async def _prove(session: AsyncSession, life: Life, cipher: Cipher, at: datetime) -> None:
    row = await verifications.begin(
        session,
        life.openid,
        Person(life.name, life.id_number),
        provider="sandbox",
        consent=None,
        expires_at=at + timedelta(hours=1),
        tries_per_day=5,
        now=at,
        cipher=cipher,
    )
    await verifications.finish(session, row.id, Ending(State.PASSED), at, cipher=cipher)
    paper = {
        "verification_id": row.id,
        "number": 1,
        "media_type": "image/jpeg",
        "content": cipher.encrypt_bytes(f"照片 {life.name} {life.id_number}".encode(), FILE),
        "received_at": at,
        "delete_at": at + timedelta(days=30),
    }
    await session.execute(insert(MaterialRow), [paper])


async def _agree(session: AsyncSession, life: Life, at: datetime) -> None:
    for number, consent in enumerate(
        (Consent.credit_data(life.uscc, CONSENTS), Consent.face("沙箱", CONSENTS))
    ):
        company = f"{life.name[0]}记丝绸有限公司" if consent.uscc else ""
        text = wording.shown(consent, CONSENTS, company=company)
        act = giving.Act(
            life.openid, f"{life.openid}:{number}", text.version, text.hash, "203.0.113.7", "WeChat"
        )
        await giving.give(session, consent, act, rules=CONSENTS, now=at)
    looks = (Reader.platform("scoring"), DataPurpose.SCORING), (Reader.owner(life.openid), DataPurpose.OWN)
    for reader, purpose in looks:
        async with authorized_within(session, reader, life.uscc, ALL_CATEGORIES, purpose, now=at):
            pass


async def _ask(session: AsyncSession, life: Life, at: datetime) -> None:
    """A draft, one on the market, one withdrawn long ago and one that led to a loan."""
    need = Need(amount_min=500_000, amount_max=500_000, purpose=Purpose.INVENTORY, purpose_text=life.words)
    for status in (
        RequestStatus.DRAFT,
        RequestStatus.PUBLISHED,
        RequestStatus.WITHDRAWN,
        RequestStatus.GRANTED,
    ):
        row = await requests.draft(session, life.openid, need, at)
        if status is RequestStatus.PUBLISHED:
            await requests.publish(session, row, at)
            await _recommended(session, row.id, at)
        elif status is RequestStatus.WITHDRAWN:
            await requests.publish(session, row, at)
            await _refused(session, life, row.id, at)
            await requests.withdraw(session, row, at)
        elif status is not RequestStatus.DRAFT:
            row.status = status
            step = {
                "request_id": row.id,
                "at": at,
                "actor": BANK,
                "before": "draft",
                "after": status,
                "note": "",
            }
            await session.execute(insert(RequestStepRow), [step])
        await session.flush()


async def _refused(session: AsyncSession, life: Life, request_id: str, at: datetime) -> None:
    """A bank looked at it and said no, and the owner says what he thinks of that."""
    rules, by = MarketRules(), "client:bank"
    await session.flush()
    await market.follow(session, request_id, BANK, by=by, now=at, rules=rules)
    await deciding.reject(session, request_id, BANK, RejectReason.DEBT, by=by, now=at, rules=rules)
    await rating.rate(session, life.openid, request_id, BANK, 2, life.words, at)


async def _seek_advice(session: AsyncSession, life: Life, at: datetime) -> None:
    """A difficulty that an adviser is to hear of."""
    new = NewCase(kind=CaseKind.DIFFICULTY, words=life.words)
    await opening.open_case(session, life.openid, new, rules=CaseRules(), now=at)


async def _recommended(session: AsyncSession, request_id: str, at: datetime) -> None:
    """As the relay and the worker do."""
    await queueing.enqueue(session, {"request_id": request_id}, at)
    claimed = await queueing.claim(session, at, limit=1)
    fits = Found("P-1", BANK, "设备贷", 0.9, ("可用于备货囤货",), ())
    for review in claimed:
        await queueing.store(session, review, [fits], region=None, rules=ReviewRules(), now=at)


async def _raise(session: AsyncSession, life: Life, at: datetime) -> None:
    """A round that got its money, one on the market, and one half filled in."""
    offered = EquityTerms(round=EquityRound.A, amount=5_000_000, words=life.words)
    company = await session.get_one(CompanyRow, life.uscc)
    for invested in (True, False):
        row = await raising.draft(session, life.openid, offered, at)
        await raising.publish(session, row, company, at)
        await following.follow(session, row.id, FUND, by="client:fund", now=at)
        if invested:
            money = EquityEvent(kind=EventKind.INVESTED, amount=3_000_000)
            await following.record(session, row.id, FUND, money, by="client:fund", now=at)
    await raising.draft(session, life.openid, offered, at)


async def _claim(session: AsyncSession, life: Life, at: datetime) -> None:
    """A claim that was handed in."""
    support = Policy(
        code="P-1", title="丝绸贴息", issuer="财政局", level=PolicyLevel.CITY, kind=PolicyKind.SUBSIDY
    )
    await policies.save_all(session, [support], at)
    claim = await claiming.begin(session, life.openid, life.uscc, support.code, at)
    await claiming.submit(session, life.openid, claim.id, today_in_china(at), at)


async def _register(session: AsyncSession, life: Life, cipher: Cipher, at: datetime) -> None:
    form = Form(
        uscc="91350100M000100Y43",
        name="第二家公司",
        kind="other",
        region="320505",
        industry="C",
        role=MemberRole.AGENT,
        contact=life.name,
        phone=life.phone,
    )
    await submitting.submit(session, life.openid, form, rules=REGISTRATIONS, cipher=cipher, now=at)


async def _be_known(session: AsyncSession, life: Life, cipher: Cipher, at: datetime) -> None:
    """What others say of him and his company."""
    del cipher
    await institutions.save_all(session, [Institution(name=BANK, kind="bank")], at)
    day = at.date()
    value: dict[str, Any] = {"uscc": life.uscc, "category": "base"}
    rows: dict[type[Row], dict[str, Any]] = {
        CreditValueRow: value
        | {
            "indicator": "revenue",
            "as_of": day,
            "value": 1,
            "source": "税务",
            "batch_id": "1",
            "digest": "d",
            "received_at": at,
        },
        CreditDocumentRow: value | {"figures": "{}", "disputed": [], "stale": False, "updated_at": at},
        ScoreRow: {
            "uscc": life.uscc,
            "since": day,
            "as_of": day,
            "scored_at": at,
            "version": "1",
            "checksum": "c",
            "score": 640,
            "confidence": 0.8,
            "explanation": {"reasons": ["经营稳定"]},
            "content": "h",
        },
        CreditServiceReportRow: {
            "service": "评级公司",
            "report_id": f"R-{life.uscc}",
            "uscc": life.uscc,
            "kind": "report",
            "title": "评级报告",
            "summary": "稳定",
            "as_of": day,
            "content_hash": "h",
            "received_at": at,
        },
        CreditObjectionRow: {
            "id": f"OB-{life.uscc[-8:]}",
            "value_id": 1 if life is ZHANG else 2,
            "uscc": life.uscc,
            "category": "base",
            "indicator": "revenue",
            "as_of": day,
            "source": "税务",
            "openid": life.openid,
            "text": "数字不对",
            "state": "upheld",
            "created_at": at,
            "due_on": day,
            "closed_at": at,
        },
    }
    for table, row in rows.items():
        await session.execute(insert(table_of(table)).inline(), [row])


async def everything(database: Database, cipher: Cipher) -> dict[str, list[str]]:
    """Every row of every table as text, what is encrypted in clear."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(lambda sync: _dump(sync, cipher))


def _dump(connection: Connection, cipher: Cipher) -> dict[str, list[str]]:
    purposes = {(column.table, column.column): column.purpose for column in SEALED}
    found = {}
    with gated.opened(connection):
        for table in METADATA.sorted_tables:
            rows = connection.execute(select(table)).mappings().all()
            found[table.name] = [
                " ".join(
                    cipher.decrypt(value, purposes[table.name, name])
                    if isinstance(table.c[name].type, LargeBinary) and value is not None
                    else str(value)
                    for name, value in row.items()
                )
                for row in rows
            ]
    return found


def where(dump: dict[str, list[str]], words: str) -> set[str]:
    """The tables in which the words stand."""
    return {table for table, rows in dump.items() if any(words in row for row in rows)}
