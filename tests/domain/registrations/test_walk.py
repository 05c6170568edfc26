"""A registration from the form to the account, with what comes in between."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.companies import CompanyRow
from domain.database import Database
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from domain.events import REGISTRATION_MOVED, OutboxRow
from domain.registrations import deciding, reading, submitting
from domain.registrations.deciding import Office
from domain.registrations.errors import Changed, DoubtfulCreditCode, NotYourReview
from domain.registrations.register import RegisterEntry
from domain.registrations.rules import RegistrationStatus, Review, Rules
from domain.secrets import Cipher
from tests.domain.records import take
from tests.domain.registrations.applicants import (
    FILLED_IN,
    KINDS,
    KUNSHAN,
    NOW,
    OPEN_DOOR,
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
    stored,
    submitted,
)

DOUBTFUL = "911100006000373410"


async def test_the_four_steps_of_suzhou(database: Database, cipher: Cipher) -> None:
    row = await submitted(database, cipher)
    await approved(database, row, KUNSHAN)
    await approved(database, row, SUZHOU_CITY)
    assert (await stored(database, row.id)).status == "activation"
    async with database.reading() as session:
        assert await session.get(CompanyRow, USCC) is None
        assert not await reading.is_registered(session, "oZhang")
    await activated(database)
    assert await statuses(database, row.id) == [
        (None, "district_review"),
        ("district_review", "city_review"),
        ("city_review", "activation"),
        ("activation", "registered"),
    ]
    async with database.reading() as session:
        assert await reading.is_registered(session, "oZhang")
        company = await session.get_one(CompanyRow, USCC)
        person = await member(session, "oZhang")
        events = (await session.scalars(select(OutboxRow).order_by(OutboxRow.id))).all()
    assert (company.name, company.enrolled) == (FILLED_IN["name"], False)
    assert company.facts == {
        "region": "320583",
        "industry": "C",
        "founded": "2016-01-01",
        "registered_capital": 5_000_000,
    }
    assert company.phone
    assert cipher.decrypt(company.phone, "phone") == "13812345678"
    assert person
    assert (person.role, person.evidence) == ("legal_representative", row.id)
    assert [event.payload["after"] for event in events if event.name == REGISTRATION_MOVED] == [
        "district_review",
        "city_review",
        "activation",
        "registered",
    ]


@pytest.mark.parametrize(
    ("rules", "first"),
    [
        (SUZHOU, "district_review"),
        (Rules(frozenset({Review.CITY}), activation=True, kinds=KINDS), "city_review"),
        (TRUSTING, "activation"),
        (OPEN_DOOR, "registered"),
    ],
)
async def test_the_first_step_is_what_the_city_asks_for(
    database: Database, cipher: Cipher, rules: Rules, first: str
) -> None:
    assert (await submitted(database, cipher, rules=rules)).status == first


async def test_who_decides_what_and_when_is_written_down(database: Database, cipher: Cipher) -> None:
    row = await submitted(database, cipher)
    await returned(database, row, KUNSHAN, "请上传\n营业执照")
    async with database.reading() as session:
        first, second = await reading.steps_of(session, row.id)
    assert (first.actor, first.before, first.note, first.at) == ("oZhang", None, "", NOW)
    assert (second.actor, second.after, second.note) == ("client:KS", "returned", "请上传 营业执照")


async def test_contact_and_phone_are_readable_with_the_key_alone(database: Database, cipher: Cipher) -> None:
    row = await stored(database, (await submitted(database, cipher)).id)
    assert b"13812345678" not in row.phone
    assert "张三".encode() not in row.contact
    filled = form()
    assert reading.form_of(row, cipher) == filled.model_copy(update={"uscc_confirmed": False})


async def test_sent_twice_it_is_one(database: Database, cipher: Cipher) -> None:
    first = await submitted(database, cipher)
    second = await submitted(database, cipher, name="另一个名字有限公司")
    assert (first.id, first.name) == (second.id, second.name)
    other = await submitted(database, cipher, "oLi")
    assert other.id != first.id


async def test_returned_mended_and_sent_again(database: Database, cipher: Cipher) -> None:
    row = await submitted(database, cipher)
    await approved(database, row, KUNSHAN)
    await returned(database, row, SUZHOU_CITY, "行业不对")
    async with database.unit_of_work() as session:
        assert (
            await submitting.submit(
                session, "oZhang", form(industry="M"), rules=SUZHOU, cipher=cipher, now=NOW
            )
        ).status == "returned", "sending it anew is not mending it"
        again = await submitting.mend(
            session, "oZhang", row.id, form(industry="M"), rules=SUZHOU, cipher=cipher, now=NOW
        )
    assert (again.status, again.industry) == ("district_review", "M")
    with pytest.raises(NotAllowedNow, match="不需要修改"):
        async with database.unit_of_work() as session:
            await submitting.mend(session, "oZhang", row.id, form(), rules=SUZHOU, cipher=cipher, now=NOW)


async def test_mending_makes_no_other_company_of_it_and_nobody_else_s(
    database: Database, cipher: Cipher
) -> None:
    row = await submitted(database, cipher)
    await returned(database, row, KUNSHAN, "请补充")
    filled = form(uscc=DOUBTFUL, uscc_confirmed=True)
    with pytest.raises(NotAllowedNow, match="另一家"):
        async with database.unit_of_work() as session:
            await submitting.mend(session, "oZhang", row.id, filled, rules=SUZHOU, cipher=cipher, now=NOW)
    for openid, registration_id in (("oLi", row.id), ("oZhang", "ZC000000-00000000")):
        with pytest.raises(NotFound):
            async with database.unit_of_work() as session:
                await submitting.mend(
                    session, openid, registration_id, form(), rules=SUZHOU, cipher=cipher, now=NOW
                )
        with pytest.raises(NotFound):
            async with database.unit_of_work() as session:
                await submitting.withdraw(session, openid, registration_id, NOW)


async def test_withdrawn_it_is_over_and_may_begin_anew(database: Database, cipher: Cipher) -> None:
    row = await submitted(database, cipher)
    for _ in range(2):
        async with database.unit_of_work() as session:
            assert (await submitting.withdraw(session, "oZhang", row.id, NOW)).status == "withdrawn"
    assert len(await statuses(database, row.id)) == 2
    with pytest.raises(NotAllowedNow):
        await approved(database, row, KUNSHAN)
    again = await submitted(database, cipher, now=NOW + timedelta(minutes=1))
    assert again.id != row.id
    async with database.reading() as session:
        latest = await reading.latest_of(session, "oZhang")
        assert latest
        assert latest.id == again.id
        assert await reading.latest_of(session, "oLi") is None


async def test_an_account_is_not_withdrawn(database: Database, cipher: Cipher) -> None:
    row = await registered(database, cipher)
    with pytest.raises(NotAllowedNow, match="注册成功"):
        async with database.unit_of_work() as session:
            await submitting.withdraw(session, "oZhang", row.id, NOW)
    with pytest.raises(NotAllowedNow, match="已经是这家企业的成员"):
        await registered(database, cipher)


@pytest.mark.parametrize(
    ("office", "error"), [(WUJIANG, NotFound), (SUZHOU_CITY, NotYourReview), (Office("x", ()), NotFound)]
)
async def test_the_first_review_is_the_district_s(
    database: Database, cipher: Cipher, office: Office, error: type[Exception]
) -> None:
    row = await submitted(database, cipher)
    with pytest.raises(error):
        await approved(database, row, office)
    with pytest.raises(error):
        await returned(database, row, office, "不归我管")
    await approved(database, row, KUNSHAN)


async def test_the_second_review_is_the_city_s(database: Database, cipher: Cipher) -> None:
    row = await submitted(database, cipher)
    await approved(database, row, KUNSHAN)
    with pytest.raises(NotYourReview):
        await approved(database, row, KUNSHAN)
    assert (await approved(database, row, Office("client:JS", ("320000",)))).status == "activation"
    with pytest.raises(NotAllowedNow, match="不在审核中"):
        await approved(database, row, OPERATOR)


async def test_a_city_without_districts_has_one_office_for_both(database: Database, cipher: Cipher) -> None:
    row = await submitted(database, cipher, region="441900")
    dongguan = Office("client:DG", ("441900",))
    await approved(database, row, dongguan)
    assert (await approved(database, row, dongguan)).status == "activation"


async def test_an_operator_stands_in_for_every_office(database: Database, cipher: Cipher) -> None:
    row = await submitted(database, cipher)
    await approved(database, row, OPERATOR)
    assert (await approved(database, row, OPERATOR)).status == "activation"


async def test_what_a_reviewer_did_not_look_at_he_does_not_decide(database: Database, cipher: Cipher) -> None:
    row = await submitted(database, cipher)
    await approved(database, row, OPERATOR)
    async with database.unit_of_work() as session:
        with pytest.raises(Changed):
            await deciding.approve(session, row.id, OPERATOR, seen=1, now=NOW)
        with pytest.raises(Changed):
            await deciding.give_back(session, row.id, OPERATOR, seen=1, reason="晚了", now=NOW)


async def test_a_note_that_is_too_long_is_refused(database: Database, cipher: Cipher) -> None:
    row = await submitted(database, cipher)
    with pytest.raises(ValueOutOfRange) as refusal:
        async with database.unit_of_work() as session:
            await deciding.approve(session, row.id, KUNSHAN, seen=1, now=NOW, note="长" * 201)
    assert refusal.value.field == "note"


@pytest.mark.parametrize("reason", ["", " \n ", "长" * 201])
async def test_a_return_needs_a_reason(database: Database, cipher: Cipher, reason: str) -> None:
    row = await submitted(database, cipher)
    with pytest.raises(ValueOutOfRange) as refusal:
        await returned(database, row, KUNSHAN, reason)
    assert refusal.value.field == "reason"


async def test_a_doubtful_code_is_confirmed_by_the_owner(database: Database, cipher: Cipher) -> None:
    with pytest.raises(DoubtfulCreditCode) as refusal:
        await submitted(database, cipher, uscc=DOUBTFUL)
    assert refusal.value.field == "uscc"
    row = await submitted(database, cipher, uscc=DOUBTFUL, uscc_confirmed=True)
    assert row.uscc_doubtful
    assert reading.form_of(row, cipher).uscc_confirmed


async def test_the_register_is_believed_more_than_a_check_character(
    database: Database, cipher: Cipher
) -> None:
    entry = RegisterEntry(uscc=DOUBTFUL, name="恒达", legal_representative="张三", state="存续")
    async with database.unit_of_work() as session:
        row = await submitting.submit(
            session, "oZhang", form(uscc=DOUBTFUL), rules=SUZHOU, cipher=cipher, now=NOW, entry=entry
        )
    assert (await stored(database, row.id)).register_entry == entry


async def test_a_company_that_was_struck_off_is_refused(database: Database, cipher: Cipher) -> None:
    entry = RegisterEntry(uscc=USCC, name="恒达", state="吊销，未注销")
    with pytest.raises(NotAllowedNow, match="吊销，未注销"):
        async with database.unit_of_work() as session:
            await submitting.submit(
                session, "oZhang", form(), rules=SUZHOU, cipher=cipher, now=NOW, entry=entry
            )


@pytest.mark.parametrize(("field", "value"), [("kind", "talent"), ("founded", "2026-11-24")])
async def test_what_the_city_does_not_admit(
    database: Database, cipher: Cipher, field: str, value: str
) -> None:
    with pytest.raises(ValueOutOfRange) as refusal:
        await submitted(database, cipher, **{field: value})
    assert refusal.value.field == field


async def test_nobody_opens_more_than_he_can_run(database: Database, cipher: Cipher) -> None:
    for place in range(10):
        await submitted(database, cipher, uscc=f"91320583MA1MABC{place:02}X", uscc_confirmed=True)
    with pytest.raises(NotAllowedNow, match="10 笔"):
        await submitted(database, cipher)


async def test_an_authorization_before_its_turn_counts_when_the_turn_comes(
    database: Database, cipher: Cipher
) -> None:
    assert await activated(database) is None
    row = await submitted(database, cipher)
    early = await activated(database)
    assert early
    assert early.status == RegistrationStatus.DISTRICT_REVIEW
    await approved(database, row, KUNSHAN)
    assert (await approved(database, row, SUZHOU_CITY)).status == "registered"
    assert await activated(database) is None, "nothing of his waits any more"


async def test_what_an_import_knows_stays(database: Database, cipher: Cipher) -> None:
    imported = {
        "uscc": USCC,
        "name": "苏州恒达精密机械股份有限公司",
        "industry": "M",
        "revenue": 30_000_000,
        "openid": "oZhang",
        "contact": "李四",
    }
    assert (await take(database, cipher, "companies", [imported])).accepted == 1
    await registered(database, cipher)
    async with database.reading() as session:
        company = await session.get_one(CompanyRow, USCC)
        person = await member(session, "oZhang")
    assert company.name == imported["name"]
    assert company.facts == {
        "industry": "M",
        "revenue": 30_000_000,
        "region": "320583",
        "founded": "2016-01-01",
        "registered_capital": 5_000_000,
    }
    assert company.contact
    assert cipher.decrypt(company.contact, "contact") == "李四"
    assert company.phone is None, "the phone of another contact would be no contact of his"
    assert person
    assert (person.role, person.evidence[:2]) == ("legal_representative", "ZC")


async def test_who_was_taken_over_as_registered_need_not_register(database: Database, cipher: Cipher) -> None:
    row = {"uscc": USCC, "name": "恒达", "openid": "oZhang", "enrolled": True}
    assert (await take(database, cipher, "companies", [row])).accepted == 1
    async with database.reading() as session:
        assert await reading.is_registered(session, "oZhang")
    with pytest.raises(NotAllowedNow, match="已经是这家企业的成员"):
        await submitted(database, cipher)
