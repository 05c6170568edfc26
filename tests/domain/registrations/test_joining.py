"""Several people a company: who comes later is let in by those who are there, or by an office."""

from datetime import timedelta

import pytest

from domain.database import Database
from domain.errors import NotAllowedNow, NotFound
from domain.registrations import deciding, reading, submitting
from domain.registrations.deciding import CompanyHead
from domain.registrations.errors import Changed
from domain.registrations.tables import RegistrationRow
from domain.secrets import Cipher
from tests.domain.records import take
from tests.domain.registrations.applicants import (
    KUNSHAN,
    NOW,
    OPERATOR,
    SUZHOU,
    SUZHOU_CITY,
    TRUSTING,
    USCC,
    WUJIANG,
    activated,
    approved,
    form,
    member,
    registered,
    returned,
    statuses,
    submitted,
)

AGENT = {"role": "agent", "contact": "李四"}


async def decide(database: Database, row: RegistrationRow, openid: str) -> RegistrationRow:
    later, head = NOW + timedelta(minutes=1), CompanyHead(openid)
    async with database.unit_of_work() as session:
        return await deciding.approve(session, row.id, head, seen=row.version, now=later)


async def test_the_legal_representative_lets_a_colleague_in(database: Database, cipher: Cipher) -> None:
    await registered(database, cipher)
    row = await submitted(database, cipher, "oLi", rules=SUZHOU, **AGENT)
    assert (row.kind, row.status) == ("join", "member_review")
    async with database.reading() as session:
        assert not await reading.is_registered(session, "oLi")
        assert [asking.id for asking in await reading.awaiting(session, "oZhang")] == [row.id]
        assert await reading.awaiting(session, "oLi") == []
    assert (await decide(database, row, "oZhang")).status == "registered"
    async with database.reading() as session:
        person = await member(session, "oLi")
        assert await reading.awaiting(session, "oZhang") == []
        assert await reading.is_registered(session, "oLi")
    assert person
    assert (person.role, person.evidence) == ("agent", row.id)
    assert await statuses(database, row.id) == [(None, "member_review"), ("member_review", "registered")]


async def test_nobody_else_lets_anybody_in(database: Database, cipher: Cipher) -> None:
    await registered(database, cipher)
    colleague = await submitted(database, cipher, "oLi", **AGENT)
    await decide(database, colleague, "oZhang")
    row = await submitted(database, cipher, "oWang", **AGENT)
    for openid in ("oWang", "oLi", "oStranger"):
        with pytest.raises(NotFound):
            await decide(database, row, openid)
    with pytest.raises(NotFound):
        await approved(database, row, WUJIANG)


@pytest.mark.parametrize("office", [KUNSHAN, SUZHOU_CITY, OPERATOR])
async def test_an_office_may_let_in_too(database: Database, cipher: Cipher, office: deciding.Office) -> None:
    await registered(database, cipher)
    row = await submitted(database, cipher, "oLi", **AGENT)
    assert (await approved(database, row, office)).status == "registered"


async def test_without_a_legal_representative_the_first_member_decides(
    database: Database, cipher: Cipher
) -> None:
    await registered(database, cipher, role="accountant")
    row = await submitted(database, cipher, "oLi", **AGENT)
    async with database.reading() as session:
        assert await reading.deciders(session, USCC) == ["oZhang"]
    await decide(database, row, "oZhang")
    head = await submitted(database, cipher, "oBoss")
    await decide(database, head, "oZhang")
    async with database.reading() as session:
        assert await reading.deciders(session, USCC) == ["oBoss"]


async def test_a_colleague_who_is_not_known_is_sent_away_and_told_why(
    database: Database, cipher: Cipher
) -> None:
    await registered(database, cipher)
    row = await submitted(database, cipher, "oLi", **AGENT)
    async with database.unit_of_work() as session:
        head = CompanyHead("oZhang")
        await deciding.give_back(session, row.id, head, seen=row.version, reason="不是本公司的人", now=NOW)
    async with database.reading() as session:
        assert (await reading.steps_of(session, row.id))[-1].note == "不是本公司的人"
        assert await member(session, "oLi") is None
    with pytest.raises(Changed):
        await decide(database, row, "oZhang")
    with pytest.raises(NotAllowedNow, match="不在审核中"):
        await approved(database, row, OPERATOR)


async def test_a_company_s_head_decides_no_registration(database: Database, cipher: Cipher) -> None:
    """Not of another person for the same company that is in the offices' review, nor of others."""
    early = await submitted(database, cipher, "oLi", **AGENT)
    await registered(database, cipher)
    with pytest.raises(NotFound):
        await decide(database, early, "oZhang")
    assert (await approved(database, early, KUNSHAN)).status == "city_review"
    await approved(database, early, SUZHOU_CITY)
    registered_too = await activated(database, "oLi")
    assert registered_too
    assert registered_too.status == "registered", "two offices have looked at him"


async def test_where_nobody_reviews_a_second_first_person_is_not_taken_at_his_word(
    database: Database, cipher: Cipher
) -> None:
    await submitted(database, cipher, rules=TRUSTING)
    rival = await submitted(database, cipher, "oLi", rules=TRUSTING)
    await activated(database)
    late = await activated(database, "oLi")
    assert late
    assert (late.id, late.kind, late.status) == (rival.id, "join", "member_review")
    assert (await decide(database, late, "oZhang")).status == "registered"


async def test_an_import_alone_makes_nobody_the_head(database: Database, cipher: Cipher) -> None:
    row = {"uscc": USCC, "name": "恒达", "openid": "oImported", "role": "legal_representative"}
    await take(database, cipher, "companies", [row])
    assert (await submitted(database, cipher)).kind == "company"
    async with database.reading() as session:
        assert await reading.deciders(session, USCC) == []
        assert not await reading.is_registered(session, "oImported")


async def test_of_a_company_that_was_taken_over_its_people_decide(database: Database, cipher: Cipher) -> None:
    row = {"uscc": USCC, "name": "恒达", "openid": "oHead", "enrolled": True}
    await take(database, cipher, "companies", [row])
    joining = await submitted(database, cipher)
    assert joining.kind == "join"
    assert (await decide(database, joining, "oHead")).status == "registered"


async def test_who_was_sent_away_may_ask_again(database: Database, cipher: Cipher) -> None:
    await registered(database, cipher)
    row = await submitted(database, cipher, "oLi", **AGENT)
    await returned(database, row, OPERATOR, "请写清职务")
    async with database.unit_of_work() as session:
        filled = form(role="accountant")
        await submitting.mend(session, "oLi", row.id, filled, rules=SUZHOU, cipher=cipher, now=NOW)
    async with database.reading() as session:
        (asking,) = await reading.awaiting(session, "oZhang")
    assert (asking.status, asking.role, asking.version) == ("member_review", "accountant", 3)
    assert (await decide(database, asking, "oZhang")).status == "registered"


async def test_an_office_lets_nobody_into_a_company_beyond_its_regions(
    database: Database, cipher: Cipher
) -> None:
    await registered(database, cipher)
    row = await submitted(database, cipher, "oLi", rules=SUZHOU, **AGENT, region="320509")
    with pytest.raises(NotFound):
        await approved(database, row, WUJIANG)
    assert (await approved(database, row, KUNSHAN)).status == "registered"


async def test_nor_where_the_company_was_registered_while_he_applied(
    database: Database, cipher: Cipher
) -> None:
    row = await submitted(database, cipher, "oLi", rules=TRUSTING, **AGENT, region="320509")
    await registered(database, cipher)
    await activated(database, "oLi")
    with pytest.raises(NotFound):
        await approved(database, row, WUJIANG)
    assert (await approved(database, row, KUNSHAN)).status == "registered"
