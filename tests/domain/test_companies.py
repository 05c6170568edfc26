"""Companies as other systems send them, and who acts for them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from domain import companies
from domain.companies import Company, CompanyFacts
from domain.database import Database
from domain.secrets import Cipher

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
USCC = "91320583MA1MABCD5X"
OTHER = "91320500123456789A"


@pytest.mark.parametrize(
    ("given", "day"),
    [
        ("2016", date(2016, 1, 1)),
        (2016, date(2016, 1, 1)),
        ("2016-05", date(2016, 5, 1)),
        ("2016-05-17", date(2016, 5, 17)),
        (date(2016, 5, 17), date(2016, 5, 17)),
    ],
)
def test_a_founding_day_of_reduced_precision_is_the_earliest_meant(given: object, day: date) -> None:
    assert CompanyFacts.model_validate({"founded": given}).founded == day


@pytest.mark.parametrize("given", ["2016-13", "16", "去年", "2016-02-30", True])
def test_what_is_no_day_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        CompanyFacts.model_validate({"founded": given})


def test_not_known_and_none_are_two_things() -> None:
    assert CompanyFacts.model_validate({}).qualifications is None
    assert CompanyFacts.model_validate({"qualifications": []}).qualifications == ()


@pytest.mark.parametrize("uscc", [USCC, USCC.lower(), f"  {USCC} "])
def test_a_credit_code_is_kept_in_capitals(uscc: str) -> None:
    assert Company(uscc=uscc, name="恒达").uscc == USCC


@pytest.mark.parametrize("uscc", ["", USCC[:-1], USCC + "0", "I" * 18, "91320583MA1MABCD5-"])
def test_what_is_no_credit_code_is_refused(uscc: str) -> None:
    with pytest.raises(ValidationError):
        Company(uscc=uscc, name="恒达")


async def test_a_company_sent_again_is_replaced_and_its_person_found(
    database: Database, cipher: Cipher
) -> None:
    for name, employees in (("旧名", 20), ("新名", 45)):
        company = Company(uscc=USCC, name=name, employees=employees, openid="oZhang", phone="13812345678")
        async with database.unit_of_work() as session:
            await companies.save_all(session, [company], NOW, cipher=cipher)
    async with database.reading() as session:
        row = await companies.company_of(session, "oZhang")
        assert row is not None
        assert (row.name, row.facts) == ("新名", {"employees": 45})
        assert row.phone is not None
        assert cipher.decrypt(row.phone, "phone") == "13812345678"
        assert await companies.company_of(session, "oLi") is None


async def test_of_several_companies_the_one_bound_last_counts(database: Database, cipher: Cipher) -> None:
    for uscc, at in ((OTHER, NOW), (USCC, NOW + timedelta(days=1))):
        async with database.unit_of_work() as session:
            company = Company(uscc=uscc, name=uscc, openid="oZhang")
            await companies.save_all(session, [company], at, cipher=cipher)
    async with database.reading() as session:
        row = await companies.company_of(session, "oZhang")
    assert row is not None
    assert row.uscc == USCC


async def test_several_people_with_roles_and_several_companies(database: Database, cipher: Cipher) -> None:
    people = [{"openid": "oZhang", "role": "legal_representative"}, {"openid": "oLi"}]
    first = Company.model_validate({"uscc": USCC, "name": "恒达", "members": people, "enrolled": True})
    second = Company.model_validate(
        {"uscc": OTHER, "name": "联通", "openid": "oZhang", "role": "shareholder"}
    )
    async with database.unit_of_work() as session:
        await companies.save_all(session, [first, second], NOW, cipher=cipher)
    async with database.reading() as session:
        members = await companies.people_of(session, USCC)
        assert {(item.openid, item.role) for item in members} == {
            ("oZhang", "legal_representative"),
            ("oLi", "agent"),
        }
        assert {row.uscc for row in await companies.companies_of(session, "oZhang")} == {USCC, OTHER}
        assert await companies.companies_of(session, "oNobody") == []


async def test_sent_again_people_stay_and_keep_role_and_day(database: Database, cipher: Cipher) -> None:
    rows = [
        {"openid": "oZhang", "role": "legal_representative"},
        {"openid": "oZhang"},
        {"openid": "oLi", "role": "accountant"},
        {"members": [{"openid": "oLi", "role": "agent"}]},
        {},
    ]
    for days, row in enumerate(rows):
        company = Company.model_validate({"uscc": USCC, "name": "恒达", "enrolled": True} | row)
        async with database.unit_of_work() as session:
            await companies.save_all(session, [company], NOW + timedelta(days=days), cipher=cipher)
    async with database.reading() as session:
        members = await companies.people_of(session, USCC)
    assert [(item.openid, item.role, item.since) for item in members] == [
        ("oZhang", "legal_representative", NOW),
        ("oLi", "agent", NOW + timedelta(days=2)),
    ]


async def test_who_is_merely_named_acts_for_nobody(database: Database, cipher: Cipher) -> None:
    named = Company(uscc=USCC, name="恒达", openid="oZhang")
    async with database.unit_of_work() as session:
        await companies.save_all(session, [named], NOW, cipher=cipher)
    async with database.reading() as session:
        assert await companies.people_of(session, USCC) == []
        assert not await companies.acts_for(session, "oZhang", USCC)
        assert [row.uscc for row in await companies.companies_of(session, "oZhang")] == [USCC]


async def test_what_is_not_stated_again_stays(database: Database, cipher: Cipher) -> None:
    """A data source that knows sales alone must not undo what the city's own list said."""
    first = Company(
        uscc=USCC, name="恒达", openid="o1", enrolled=True, phone="13812345678", notices=("policy_notice",)
    )
    async with database.unit_of_work() as session:
        await companies.save_all(session, [first], NOW, cipher=cipher)
        before = await companies.known(session, [USCC], cipher=cipher)
    later = Company(uscc=USCC, name="恒达", revenue=5_000_000)
    expected = companies.fields(later, before[USCC])
    async with database.unit_of_work() as session:
        await companies.save_all(session, [later, Company(uscc=OTHER, name="新来的")], NOW, cipher=cipher)
    async with database.reading() as session:
        after = await companies.known(session, [USCC], cipher=cipher)
    assert after[USCC] == expected
    assert (expected["enrolled"], expected["phone"], expected["notices"]) == (
        True,
        "13812345678",
        ["policy_notice"],
    )
    taken_back = Company(uscc=USCC, name="恒达", enrolled=False, notices=())
    async with database.unit_of_work() as session:
        await companies.save_all(session, [taken_back], NOW, cipher=cipher)
        after = await companies.known(session, [USCC], cipher=cipher)
    assert (after[USCC]["enrolled"], after[USCC]["notices"]) == (False, [])
