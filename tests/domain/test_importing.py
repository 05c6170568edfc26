"""Records of other systems: what is taken, what is refused, and how it is said."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain import catalogue, policies, products
from domain.companies import CompanyRow
from domain.database import Database
from domain.importing import (
    Change,
    Import,
    Kind,
    Rejected,
    Report,
    SourceChanged,
    Tally,
    import_rows,
)
from domain.institutions import known_names
from domain.intake.entries import Entry, Source
from domain.loans import LoanRow
from domain.secrets import Cipher
from tests.domain.databases import on_sqlite

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PRODUCT = {"code": "EQ-1", "name": "设备贷", "institution": "苏州银行"}
POLICY = {"code": "P-1", "title": "设备更新贴息", "issuer": "工信局", "level": "city", "kind": "subsidy"}
COMPANY = {"uscc": "91320583MA1MABCD5X", "name": "苏州恒达精密机械有限公司"}
BANK = {"name": "苏州银行", "kind": "bank", "regions": ["320500"]}
HAN = re.compile(r"[\u4e00-\u9fff]")


async def take(
    database: Database, cipher: Cipher, kind: Kind, rows: list[Any], *, all_or_nothing: bool = False
) -> Report:
    return await import_rows(database, kind, rows, cipher=cipher, all_or_nothing=all_or_nothing)


async def version(database: Database) -> int:
    async with database.reading() as session:
        return await catalogue.version(session)


WRONG: list[tuple[Kind, Any, str, str]] = [
    ("products", {"name": "设备贷", "institution": "苏州银行"}, "code", "缺少必填项"),
    ("products", PRODUCT | {"limit": 5}, "limit", "没有这个字段"),
    ("products", PRODUCT | {"name": ""}, "name", "不能为空"),
    ("products", PRODUCT | {"name": "贷" * 61}, "name", "不能超过 60 个字"),
    ("products", PRODUCT | {"name": 5}, "name", "应为文字"),
    ("products", PRODUCT | {"code": "有汉字"}, "code", "格式不对"),
    ("products", PRODUCT | {"kind": "gift"}, "kind", "只能是 'loan'"),
    ("products", PRODUCT | {"amount_max": "很多"}, "amount_max", "应为整数"),
    ("products", PRODUCT | {"amount_max": 1.5}, "amount_max", "应为整数"),
    ("products", PRODUCT | {"amount_max": [1]}, "amount_max", "应为整数"),
    ("products", PRODUCT | {"amount_max": -1}, "amount_max", "不能小于 0"),
    ("products", PRODUCT | {"amount_max": 10**14}, "amount_max", "不能大于 10000000000000"),
    ("products", PRODUCT | {"amount_max": float("inf")}, "amount_max", "应为"),
    ("products", PRODUCT | {"amount_max": "9" * 5000}, "amount_max", "应为整数"),
    ("products", PRODUCT | {"rate_min": "低"}, "rate_min", "应为数字"),
    ("products", PRODUCT | {"rate_min": []}, "rate_min", "应为数字"),
    ("products", PRODUCT | {"rate_min": "NaN"}, "rate_min", "应为"),
    ("products", PRODUCT | {"rate_max": 101}, "rate_max", "不能大于 100"),
    ("products", PRODUCT | {"guarantees": "credit"}, "guarantees", "应为列表"),
    ("products", PRODUCT | {"guarantees": ["credit", "house"]}, "guarantees.1", "只能是"),
    ("products", PRODUCT | {"regions": ["苏州"]}, "regions.0", "格式不对"),
    ("products", PRODUCT | {"decision_days": 6}, "decision_days", "不能大于 5"),
    ("products", PRODUCT | {"valid_from": "去年"}, "valid_from", "应为日期"),
    ("products", PRODUCT | {"valid_from": "2026-01-31T10:30:00"}, "valid_from", "应为日期"),
    ("products", PRODUCT | {"valid_from": []}, "valid_from", "应为日期"),
    ("products", PRODUCT | {"amount_min": 2, "amount_max": 1}, "", "amount_min 大于 amount_max"),
    ("products", PRODUCT | {"conditions": {"first_loan": "也许"}}, "conditions.first_loan", "true 或 false"),
    ("products", PRODUCT | {"conditions": {"first_loan": []}}, "conditions.first_loan", "true 或 false"),
    ("products", PRODUCT | {"conditions": {"no_overdue": False}}, "conditions.no_overdue", "只能是 True"),
    ("products", PRODUCT | {"conditions": {"age": 3}}, "conditions.age", "没有这个字段"),
    ("products", PRODUCT | {"conditions": []}, "conditions", "应为对象"),
    ("products", "设备贷", "", "应为对象"),
    ("products", None, "", "应为对象"),
    ("policies", POLICY | {"level": "world"}, "level", "只能是"),
    ("policies", POLICY | {"url": "ftp://x"}, "url", "格式不对"),
    (
        "policies",
        POLICY | {"published": "2026-02-01", "deadline": "2026-01-01"},
        "",
        "published 晚于 deadline",
    ),
    ("companies", COMPANY | {"uscc": "123"}, "uscc", "格式不对"),
    ("companies", COMPANY | {"founded": "很久以前"}, "founded", "应为日期"),
    ("companies", COMPANY | {"employees": -1}, "employees", "不能小于 0"),
    ("companies", COMPANY | {"tax_grade": "E"}, "tax_grade", "只能是"),
    ("institutions", BANK | {"officers": [{"name": "王经理"}]}, "officers.0.openid", "缺少必填项"),
    ("institutions", BANK | {"officers": [{"openid": "o"}, {"openid": "o"}]}, "", "officers 中有重复"),
    (
        "institutions",
        BANK | {"branches": [{"name": "昆山支行"}], "officers": [{"openid": "o", "branch": "吴江支行"}]},
        "",
        "网点不在 branches 里：吴江支行",
    ),
    ("companies", COMPANY | {"role": "agent"}, "", "没有 openid"),
    ("companies", COMPANY | {"members": [{"openid": "o", "role": "boss"}]}, "members.0.role", "只能是"),
]


@pytest.mark.parametrize(("kind", "row", "field", "reason"), WRONG)
async def test_what_is_wrong_is_named_in_chinese(
    database: Database, cipher: Cipher, kind: Kind, row: Any, field: str, reason: str
) -> None:
    report = await take(database, cipher, kind, [row])
    assert report.accepted == 0
    (rejected,) = report.rejected
    assert (rejected.index, rejected.field) == (0, field)
    assert reason in rejected.reason
    assert HAN.search(rejected.reason)
    assert await version(database) == 0


async def test_good_rows_are_kept_and_bad_ones_keep_their_place(database: Database, cipher: Cipher) -> None:
    rows = [PRODUCT, {"code": "!"}, PRODUCT | {"code": "EQ-2"}, 7]
    report = await take(database, cipher, "products", rows)
    assert report.accepted == 2
    assert {(bad.index, bad.field) for bad in report.rejected} == {
        (1, "code"),
        (1, "name"),
        (1, "institution"),
        (3, ""),
    }
    async with database.reading() as session:
        assert [item.code for item in await products.all_products(session)] == ["EQ-1", "EQ-2"]


async def test_all_or_nothing(database: Database, cipher: Cipher) -> None:
    report = await take(database, cipher, "products", [PRODUCT, {"code": "!"}], all_or_nothing=True)
    assert report.accepted == 0
    assert {bad.index for bad in report.rejected} == {1}
    async with database.reading() as session:
        assert await products.all_products(session) == []
    assert await version(database) == 0
    assert (await take(database, cipher, "products", [PRODUCT], all_or_nothing=True)).accepted == 1


async def test_a_row_sent_again_replaces_the_whole_of_the_first(database: Database, cipher: Cipher) -> None:
    first = PRODUCT | {"amount_max": 5_000_000, "rate_min": "3.85", "purposes": ["equipment"]}
    await take(database, cipher, "products", [first])
    await take(database, cipher, "products", [PRODUCT | {"rate_min": 4.1}])
    async with database.reading() as session:
        (stored,) = await products.all_products(session)
    assert (stored.amount_max, str(stored.rate_min), stored.purposes) == (None, "4.1", ())


async def test_a_key_that_occurs_twice_is_refused_with_both_places(
    database: Database, cipher: Cipher
) -> None:
    report = await take(
        database, cipher, "products", [PRODUCT, {"code": "!"}, PRODUCT | {"name": "设备更新贷"}]
    )
    assert report.accepted == 1
    twice = report.rejected[-1]
    assert (twice.index, twice.field, twice.value) == (2, "code", "EQ-1")
    assert "第 0 项重复" in twice.reason
    async with database.reading() as session:
        assert [item.name for item in await products.all_products(session)] == ["设备贷"]


async def test_null_says_no_more_than_a_missing_key(database: Database, cipher: Cipher) -> None:
    row = PRODUCT | {"amount_max": None, "regions": None, "valid_to": None}
    assert (await take(database, cipher, "products", [row])).rejected == ()
    async with database.reading() as session:
        (stored,) = await products.all_products(session)
    assert (stored.amount_max, stored.regions) == (None, ())


async def test_the_catalogue_moves_with_products_and_policies_alone(
    database: Database, cipher: Cipher
) -> None:
    await take(database, cipher, "products", [PRODUCT, PRODUCT | {"code": "EQ-2"}])
    assert await version(database) == 1
    await take(database, cipher, "policies", [POLICY])
    assert await version(database) == 2
    await take(database, cipher, "companies", [COMPANY])
    await take(database, cipher, "institutions", [BANK])
    await take(database, cipher, "products", [])
    assert await version(database) == 2
    async with database.reading() as session:
        assert [item.title for item in await policies.all_policies(session)] == ["设备更新贴息"]
        assert await known_names(session) == {"苏州银行"}


@on_sqlite
async def test_phone_and_contact_cannot_be_read_in_the_file(
    database: Database, cipher: Cipher, tmp_path: Path
) -> None:
    personal = {"phone": "13812345678", "contact": "张建国", "openid": "oZhang"}
    await take(database, cipher, "companies", [COMPANY | personal])
    async with database.reading() as session:
        row = (await session.scalars(select(CompanyRow))).one()
        assert row.phone is not None
        assert row.contact is not None
        assert cipher.decrypt(row.phone, "phone") == "13812345678"
        assert cipher.decrypt(row.contact, "contact") == "张建国"
    names = ("rongqiao.db", "rongqiao.db-wal")
    written = b"".join((tmp_path / name).read_bytes() for name in names if (tmp_path / name).exists())
    assert "苏州恒达精密机械有限公司".encode() in written, "the company itself is in the file"
    assert b"13812345678" not in written
    assert "张建国".encode() not in written


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


async def test_the_catalogue_stays_where_nothing_changed(database: Database, cipher: Cipher) -> None:
    await take(database, cipher, "products", [PRODUCT])
    assert (await take(database, cipher, "products", [PRODUCT])).accepted == 1
    assert await version(database) == 1


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


@pytest.mark.parametrize("row", [PRODUCT | {"description": "a\x00b"}, PRODUCT | {"materials": ["a\x00"]}])
async def test_what_postgresql_cannot_store_is_refused_everywhere(
    database: Database, cipher: Cipher, row: dict[str, Any]
) -> None:
    report = await take(database, cipher, "products", [row, PRODUCT | {"name": "\ud800"}])
    assert [(item.index, item.reason) for item in report.rejected] == [
        (0, "有不能识别的字符"),
        (1, "有不能识别的字符"),
    ]


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


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ({"phone": "1" * 40}, "1" * 11),
        ({"contact": "张" * 70}, "张" * 4),
        ({"openid": "oSecret" * 20}, "Secret"),
        ({"members": [{"openid": "oSecretOne", "role": "?"}]}, "Secret"),
        ({"uscc": "320583198001011234", "region": "x"}, "19800101"),
    ],
)
async def test_personal_values_are_masked_in_reports(
    database: Database, cipher: Cipher, value: dict[str, Any], hidden: str
) -> None:
    report = await take(database, cipher, "companies", [COMPANY | value])
    assert report.rejected
    assert hidden not in repr(report.rejected)
