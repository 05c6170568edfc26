"""An import as a run over a source: trial, what changed, portions, and what it tells meanwhile."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from domain.companies import CompanyRow
from domain.database import Database
from domain.importing import Change, Import, Kind, Rejected, SourceChanged, Tally
from domain.intake.entries import Entry, Source
from domain.loans import LoanRow
from domain.secrets import Cipher
from tests.domain.records import BANK, COMPANY, POLICY, PRODUCT, take


class Heard:
    """Everything that an import tells."""

    def __init__(self) -> None:
        self.rejected: list[Rejected] = []
        self.remarks: list[Rejected] = []
        self.changes: list[Change] = []
        self.done = 0

    def refused(self, item: Rejected) -> None:
        self.rejected.append(item)

    def remarked(self, item: Rejected) -> None:
        self.remarks.append(item)

    def changed(self, change: Change) -> None:
        self.changes.append(change)

    def advanced(self, entries: int) -> None:
        self.done += entries


def listed(rows: list[Any]) -> Source:
    """The rows as a file would give them, from line 2."""
    return Source(lambda: (Entry(place, row) for place, row in enumerate(rows, start=2)), len(rows))


def numbered(count: int) -> list[dict[str, Any]]:
    return [COMPANY | {"uscc": f"9132{number:014}"} for number in range(count)]


PERSONAL = {"phone": "13812345678", "contact": "张建国", "openid": "oZhang"}
LOAN = {
    "loan_id": "JK-1",
    "uscc": COMPANY["uscc"],
    "institution": "苏州银行",
    "amount": 1_000_000,
    "balance": 600_000,
    "rate": "4.35",
    "granted_on": "2026-01-10",
    "due_on": "2027-01-09",
}
EACH: list[tuple[Kind, dict[str, Any], dict[str, Any], dict[str, tuple[Any, Any]]]] = [
    ("products", PRODUCT | {"rate_min": "3.85"}, {"name": "新"}, {"name": ("设备贷", "新")}),
    ("policies", POLICY, {"benefit": "三成"}, {"benefit": (None, "三成")}),
    ("companies", COMPANY | PERSONAL, {"phone": "13900000000"}, {"phone": ("13812345678", "13900000000")}),
    (
        "companies",
        COMPANY | PERSONAL,
        {"openid": "oLi"},
        {"members": ({"oZhang": "agent"}, {"oZhang": "agent", "oLi": "agent"})},
    ),
    (
        "companies",
        COMPANY | PERSONAL,
        {"role": "accountant"},
        {"members": ({"oZhang": "agent"}, {"oZhang": "accountant"})},
    ),
    (
        "institutions",
        BANK | {"officers": [{"openid": "o1"}]},
        {"officers": []},
        {"officers": ({"o1": ["", None]}, {})},
    ),
    (
        "loans",
        LOAN,
        {"balance": 0, "state": "repaid"},
        {"balance": (600_000, 0), "state": ("running", "repaid")},
    ),
]


@pytest.mark.parametrize(("kind", "row", "other", "difference"), EACH)
async def test_a_trial_says_what_would_change_and_changes_nothing(
    database: Database,
    cipher: Cipher,
    kind: Kind,
    row: dict[str, Any],
    other: dict[str, Any],
    difference: dict[str, tuple[Any, Any]],
) -> None:
    heard = Heard()
    run = Import(database, kind, cipher, heard)
    assert await run.check(listed([row])) == Tally(new=1)
    assert await run.keep_good(listed([row])) == Tally(new=1)
    for _ in range(2):
        assert await run.check(listed([row])) == Tally(unchanged=1)
        assert await run.check(listed([row | other])) == Tally(changed=1)
    assert [change.fields for change in heard.changes] == [difference] * 2
    assert await run.keep_all(listed([row | other])) == Tally(changed=1)
    assert await run.check(listed([row | other])) == Tally(unchanged=1)


async def test_what_did_not_change_is_not_written(database: Database, cipher: Cipher) -> None:
    async def written() -> list[datetime]:
        async with database.reading() as session:
            return list(await session.scalars(select(CompanyRow.updated_at).order_by(CompanyRow.uscc)))

    run = Import(database, "companies", cipher, Heard())
    await run.keep_good(listed(numbered(2)))
    first = await written()
    rows = numbered(2)
    rows[1]["employees"] = 7
    assert await run.keep_good(listed(rows)) == Tally(changed=1, unchanged=1)
    second = await written()
    assert second[0] == first[0]
    assert second[1] > first[1]


async def test_a_thousand_errors_are_all_reported_among_good_rows(database: Database, cipher: Cipher) -> None:
    rows = numbered(2500)
    planted = range(0, 2000, 2)
    for number in planted:
        rows[number]["employees"] = "很多"
    heard = Heard()
    tally = await Import(database, "companies", cipher, heard).keep_good(listed(rows))
    assert tally == Tally(new=1500, refused=1000)
    assert [(item.index, item.field) for item in heard.rejected] == [
        (number + 2, "employees") for number in planted
    ]
    assert heard.done == 2500
    async with database.reading() as session:
        assert len((await session.scalars(select(CompanyRow.uscc))).all()) == 1500


async def test_keys_are_remembered_over_portions(database: Database, cipher: Cipher) -> None:
    heard = Heard()
    rows = [*numbered(700), COMPANY | {"uscc": "9132" + "0" * 14, "name": "又一家"}]
    assert await Import(database, "companies", cipher, heard).keep_good(listed(rows)) == Tally(700, refused=1)
    assert heard.rejected == [Rejected(702, "uscc", "与第 2 行重复，以先出现的为准", "9132" + "0" * 14)]


async def test_what_could_not_be_read_is_refused_with_what_else_is_wrong(
    database: Database, cipher: Cipher
) -> None:
    unread = Rejected(2, "uscc", "科学计数", "9.1E+17")
    entry = Entry(2, {"employees": "很多", "name": "恒达"}, (unread,))
    heard = Heard()
    source = Source(lambda: iter([entry]), 1)
    assert await Import(database, "companies", cipher, heard).keep_good(source) == Tally(refused=1)
    assert heard.rejected == [unread, Rejected(2, "employees", "应为整数", "很多")]


async def test_nothing_is_kept_of_a_source_that_changes_while_it_is_read(
    database: Database, cipher: Cipher
) -> None:
    looks = iter([numbered(500), [*numbered(499), {"uscc": "?"}]])
    source = Source(lambda: iter([Entry(place, row) for place, row in enumerate(next(looks))]), 500)
    with pytest.raises(SourceChanged):
        await Import(database, "companies", cipher, Heard()).keep_all(source)
    async with database.reading() as session:
        assert (await session.scalars(select(CompanyRow.uscc))).all() == []


async def test_a_loan_of_a_company_that_is_not_there_is_taken_and_remarked(
    database: Database, cipher: Cipher
) -> None:
    await take(database, cipher, "companies", [COMPANY])
    heard = Heard()
    strange = LOAN | {"loan_id": "JK-2", "uscc": "91320500123456789A"}
    assert await Import(database, "loans", cipher, heard).keep_good(listed([LOAN, strange])) == Tally(new=2)
    assert [(item.index, item.field, item.value) for item in heard.remarks] == [
        (3, "uscc", "91320500123456789A")
    ]
    async with database.reading() as session:
        loans = (await session.scalars(select(LoanRow).order_by(LoanRow.loan_id))).all()
    assert [(loan.amount, str(loan.rate), loan.state) for loan in loans] == [
        (1_000_000, "4.3500", "running")
    ] * 2
