"""Records of other systems: what is taken, what is refused, and how it is said."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain import catalogue, policies, products
from domain.companies import CompanyRow
from domain.database import Database
from domain.importing import Kind
from domain.institutions import known_names
from domain.secrets import Cipher
from tests.domain.databases import on_sqlite
from tests.domain.records import BANK, COMPANY, POLICY, PRODUCT, take

HAN = re.compile(r"[\u4e00-\u9fff]")


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


async def test_the_catalogue_stays_where_nothing_changed(database: Database, cipher: Cipher) -> None:
    await take(database, cipher, "products", [PRODUCT])
    assert (await take(database, cipher, "products", [PRODUCT])).accepted == 1
    assert await version(database) == 1


@pytest.mark.parametrize("row", [PRODUCT | {"description": "a\x00b"}, PRODUCT | {"materials": ["a\x00"]}])
async def test_what_postgresql_cannot_store_is_refused_everywhere(
    database: Database, cipher: Cipher, row: dict[str, Any]
) -> None:
    report = await take(database, cipher, "products", [row, PRODUCT | {"name": "\ud800"}])
    assert [(item.index, item.reason) for item in report.rejected] == [
        (0, "有不能识别的字符"),
        (1, "有不能识别的字符"),
    ]


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
