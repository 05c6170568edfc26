"""Who asks for it is forgotten, but for what the law keeps; others lose nothing."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from domain import people, requests
from domain.authorizations.tables import AuthorizationRow
from domain.base import utcnow
from domain.companies import Company, CompanyRow, Member, save_all
from domain.database import Database
from domain.needs import Need
from domain.personal_data.deleting import delete, deletion_plan, finish
from domain.personal_data.subject import subject_of
from domain.personal_data.tables import DeletionReason, DeletionRow, fingerprint
from domain.registrations.rules import RegistrationStatus
from domain.registrations.tables import RegistrationRow
from domain.requests import RequestRow, RequestStatus
from domain.secrets import Cipher
from tests.domain.personal_data.lives import LI, ZHANG, everything, lead, vouch, where

NOW = utcnow()
LATER = NOW + timedelta(days=2)
# The evidence that the law wants, and what passes by itself within days.
KEPT_WITH_OPENID = {"authorizations", "accesses", "identity_verifications"}
PASSING = {"outbox"}


@pytest.fixture
async def lived(database: Database, cipher: Cipher) -> Database:
    async with database.unit_of_work() as session:
        for life in (ZHANG, LI):
            await lead(session, life, cipher, NOW)
    return database


async def ask(database: Database, at: datetime = NOW, openid: str = ZHANG.openid) -> DeletionRow:
    async with database.unit_of_work() as session:
        return await delete(session, openid, at)


async def complete(database: Database, at: datetime = LATER) -> DeletionRow:
    async with database.unit_of_work() as session:
        row = await session.scalar(select(DeletionRow).where(DeletionRow.person == fingerprint(ZHANG.openid)))
        assert row is not None
        await finish(session, row, at)
        return row


async def test_at_once_everything_goes_that_is_not_under_way(lived: Database, cipher: Cipher) -> None:
    row = await ask(lived)
    assert row.completed_at is None, "institutions are still to be told that he withdrew"
    dump = await everything(lived, cipher)
    for figure in (ZHANG.id_number, "张三丰，您好"):
        assert where(dump, figure) == set()
    assert where(dump, ZHANG.words) == {"financing_requests", "equity_requests"}, "of what was withdrawn"
    assert where(dump, ZHANG.phone) == {"registrations"}, "likewise"
    assert "conversations" not in where(dump, ZHANG.openid)
    assert "verified_people" not in where(dump, ZHANG.openid)


async def test_when_it_is_complete_nothing_is_left_but_what_the_law_keeps(
    lived: Database, cipher: Cipher
) -> None:
    await ask(lived)
    row = await complete(lived)
    assert (row.completed_at, row.openid, row.reason) == (LATER, None, DeletionReason.OWN_WISH)
    dump = await everything(lived, cipher)
    for figure in ZHANG.figures:
        assert where(dump, figure) == set(), figure
    assert where(dump, ZHANG.openid) - PASSING == KEPT_WITH_OPENID
    assert ZHANG.openid not in str(dump["deletions"])
    assert row.removed["financing_requests"] == 3
    assert row.removed["verified_people"] == 1


async def test_a_round_with_money_in_it_is_kept_without_him(lived: Database, cipher: Cipher) -> None:
    await ask(lived)
    row = await complete(lived)
    dump = await everything(lived, cipher)
    his = [line for line in dump["equity_requests"] if ZHANG.uscc in line]
    assert len(his) == 1
    assert row.id in his[0]
    assert "invested" in his[0]
    assert row.removed["equity_requests"] == 1, "the other round; the draft is ended before"
    assert row.kept["equity_follows"] == 1
    assert row.removed["policy_claims"] == 1, "nobody else acts for the company"


async def test_others_lose_nothing(lived: Database, cipher: Cipher) -> None:
    before = await everything(lived, cipher)
    await ask(lived)
    await complete(lived)
    after = await everything(lived, cipher)
    his = {
        table: [line for line in rows if LI.openid in line or LI.uscc in line]
        for table, rows in before.items()
    }
    assert sum(map(len, his.values())) > 20
    for table, rows in his.items():
        assert set(rows) <= set(after[table]), table


async def test_what_ran_is_ended_and_what_was_agreed_is_kept(lived: Database) -> None:
    async with lived.unit_of_work() as session:
        agreed = await requests.draft(session, ZHANG.openid, Need(purpose_text="已谈妥"), NOW)
        agreed.status = RequestStatus.ACCEPTED
    await ask(lived)
    async with lived.reading() as session:
        standing = select(func.count()).where(
            AuthorizationRow.openid == ZHANG.openid,
            AuthorizationRow.ended_at.is_(None),
            AuthorizationRow.until > NOW,
        )
        assert await session.scalar(standing) == 0
        states = set(
            await session.scalars(select(RequestRow.status).where(RequestRow.openid == ZHANG.openid))
        )
        assert states == {RequestStatus.WITHDRAWN, RequestStatus.ACCEPTED}
        registration = await session.scalar(
            select(RegistrationRow).where(RegistrationRow.openid == ZHANG.openid)
        )
        assert registration is not None
        assert registration.state is RegistrationStatus.WITHDRAWN
    waiting = await complete(lived)
    assert waiting.completed_at is None, "a loan is about to be paid out"
    async with lived.unit_of_work() as session:
        row = await session.get_one(RequestRow, agreed.id)
        assert (row.openid, row.purpose_text) == (ZHANG.openid, "已谈妥")
        row.status = RequestStatus.GRANTED
    done = await complete(lived, LATER + timedelta(days=30))
    assert done.completed_at is not None
    async with lived.reading() as session:
        row = await session.get_one(RequestRow, agreed.id)
        assert (row.openid, row.purpose_text, row.status) == (done.id, "", RequestStatus.GRANTED)


async def test_the_company_of_several_stays_theirs(lived: Database, cipher: Cipher) -> None:
    both = Company(
        uscc=ZHANG.uscc,
        name="张记丝绸有限公司",
        members=(Member(openid=LI.openid),),
        contact="张三丰",
        phone="13812345678",
    )
    async with lived.unit_of_work() as session:
        await save_all(session, [both], NOW, cipher=cipher)
        await vouch(session, ZHANG.uscc)
    before = await everything(lived, cipher)
    await ask(lived)
    await complete(lived)
    after = await everything(lived, cipher)
    for table in (
        "companies",
        "credit_values",
        "credit_documents",
        "credit_scores",
        "credit_service_reports",
    ):
        assert after[table] == before[table], table
    async with lived.reading() as session:
        holds = select(AuthorizationRow).where(
            AuthorizationRow.uscc == ZHANG.uscc, AuthorizationRow.ended_at.is_(None)
        )
        assert await session.scalar(holds) is not None, "the company's consent is not one person's"


async def test_whom_an_import_merely_names_takes_nothing_along(lived: Database, cipher: Cipher) -> None:
    named = Company(uscc=ZHANG.uscc, name="张记丝绸有限公司", members=(Member(openid="oNamed"),))
    async with lived.unit_of_work() as session:
        await save_all(session, [named], NOW, cipher=cipher)
        subject = await subject_of(session, "oNamed", NOW)
        assert (subject.usccs, subject.alone) == ((), ())
        row = await delete(session, "oNamed", NOW)
        assert row.removed == {"company_members": 1}
        assert (await subject_of(session, ZHANG.openid, NOW)).alone == (ZHANG.uscc,), "he was nobody's second"


async def test_the_last_one_takes_the_credit_data_along(lived: Database) -> None:
    await ask(lived)
    async with lived.reading() as session:
        company = await session.get_one(CompanyRow, ZHANG.uscc)
        assert (company.contact, company.phone) == (None, None)
    row = await complete(lived)
    assert {
        "credit_values",
        "credit_documents",
        "credit_scores",
        "credit_service_reports",
    } <= row.removed.keys()
    assert row.kept["loans"] == 1


async def test_asked_twice_it_is_one(lived: Database) -> None:
    first = await ask(lived)
    assert (await ask(lived, NOW + timedelta(minutes=1))).id == first.id
    await complete(lived)
    assert (await ask(lived, LATER + timedelta(hours=1))).id == first.id, "nothing has come since"
    async with lived.reading() as session:
        assert await session.scalar(select(func.count()).select_from(DeletionRow)) == 1


async def test_asked_twice_at_once_it_is_one(lived: Database) -> None:
    one, other = await asyncio.gather(ask(lived), ask(lived))
    assert one.id == other.id


async def test_who_comes_back_keeps_what_is_new(lived: Database) -> None:
    await ask(lived)
    back = NOW + timedelta(hours=2)
    async with lived.unit_of_work() as session:
        await people.followed(session, ZHANG.openid, None, back, before=NOW - timedelta(days=3))
        new = await requests.draft(session, ZHANG.openid, Need(purpose_text="又来了"), back)
    assert (await complete(lived)).completed_at == LATER
    async with lived.reading() as session:
        row = await session.get_one(RequestRow, new.id)
        assert row.openid == ZHANG.openid
        assert not await people.left(session, ZHANG.openid)
    again = await ask(lived, LATER + timedelta(hours=1))
    assert again.asked_at == LATER + timedelta(hours=1), "what is new makes a new deletion"


async def test_a_stranger_can_ask_too(database: Database) -> None:
    row = await ask(database, openid="oNobody")
    assert (row.completed_at, row.removed, row.kept) == (NOW, {}, {})


async def test_the_plan_says_what_then_happens(lived: Database) -> None:
    async with lived.reading() as session:
        plan = {item.title: item for item in await deletion_plan(session, ZHANG.openid, NOW)}
        nothing = await deletion_plan(session, "oNobody", NOW)
    assert nothing == []
    asked = plan["融资需求"]
    assert (asked.goes, asked.stays, asked.ends_first) == (3, 1, 1)
    assert "放款" in asked.why
    assert (plan["授权记录"].goes, plan["授权记录"].stays) == (0, 2)
    assert plan["授权记录"].until
    assert (plan["实名认证结果"].goes, plan["实名认证结果"].stays, plan["实名认证结果"].why) == (1, 0, "")
    assert plan["信用评分"].goes is None, "only the gate may look"
    await ask(lived)
    row = await complete(lived)
    assert row.kept["authorizations"] == 2
    assert row.kept["financing_requests"] == 1
