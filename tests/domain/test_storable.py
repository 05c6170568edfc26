"""What people and other systems write is kept letter by letter on both databases, or refused by both."""

from typing import Any

import pytest

from domain import policies, products
from domain.base import storable
from domain.database import Database
from domain.importing import Kind, import_rows
from domain.secrets import Cipher

PRODUCT = {"code": "EQ-1", "name": "设备贷", "institution": "苏州银行"}
POLICY = {"code": "P-1", "title": "设备更新贴息", "issuer": "工信局", "level": "city", "kind": "subsidy"}
COMPANY = {"uscc": "91320583MA1MABCD5X", "name": "苏州恒达精密机械有限公司"}
BANK = {"name": "苏州银行", "kind": "bank"}

STRANGE = [
    "😀👨‍👩‍👧‍👦",
    "𠮷野家",
    "e\u0301 é ﬀ ß İ",
    "中\u202e文",
    "一\n二\t三\r\n四",
    "\x01\x1f\x7f",
    "\ufeff零宽\u200b",
    "\uffff",
    "'; DROP TABLE people; --",
    '"%s" %(a)s $1 :name ? \\',
    "\\u0000",
    "null",
]
UNSTORABLE = ["前\0后", "\0", "半\ud800", "\udfff"]


@pytest.mark.parametrize("text", STRANGE)
async def test_strange_text_is_kept_as_it_is(database: Database, cipher: Cipher, text: str) -> None:
    # In a column, in JSON, and deep in JSON; with letters around it, since white space at the ends goes.
    text = f"甲{text}乙"
    product = PRODUCT | {"name": text, "description": text, "materials": [text, "章程"]}
    assert (await import_rows(database, "products", [product], cipher=cipher)).rejected == ()
    async with database.reading() as session:
        (stored,) = await products.named(session, text)
    assert (stored.name, stored.description, stored.materials) == (text, text, (text, "章程"))


@pytest.mark.parametrize("text", UNSTORABLE)
@pytest.mark.parametrize(
    ("kind", "row", "field"),
    [
        ("products", PRODUCT, "name"),
        ("products", PRODUCT, "description"),
        ("policies", POLICY, "text"),
        ("companies", COMPANY, "contact"),
        ("institutions", BANK, "name"),
    ],
)
async def test_what_postgresql_cannot_keep_is_refused_by_both(
    database: Database, cipher: Cipher, kind: Kind, row: dict[str, Any], field: str, text: str
) -> None:
    report = await import_rows(database, kind, [row | {field: text}, row], cipher=cipher)
    assert [(bad.field, bad.reason) for bad in report.rejected] == [(field, "有不能识别的字符")]
    assert report.accepted == 1


@pytest.mark.parametrize("text", UNSTORABLE)
async def test_nor_in_a_list_or_in_an_item_of_one(database: Database, cipher: Cipher, text: str) -> None:
    rows = [PRODUCT | {"materials": ["章程", text]}]
    assert (await import_rows(database, "products", rows, cipher=cipher)).accepted == 0
    bank = BANK | {"officers": [{"openid": "oWang", "name": text}]}
    report = await import_rows(database, "institutions", [bank], cipher=cipher)
    assert [bad.field for bad in report.rejected] == ["officers.0.name"]


@pytest.mark.parametrize(
    ("kind", "row", "field", "longest"),
    [
        ("products", PRODUCT, "name", 60),
        ("products", PRODUCT, "institution", 60),
        ("policies", POLICY, "title", 120),
        ("companies", COMPANY, "name", 120),
        ("companies", COMPANY, "openid", 64),
        ("institutions", BANK, "name", 60),
    ],
)
async def test_the_longest_text_fits_and_a_longer_one_is_refused(
    database: Database, cipher: Cipher, kind: Kind, row: dict[str, Any], field: str, longest: int
) -> None:
    """Counted in characters, also where one takes four bytes."""
    fits = await import_rows(database, kind, [row | {field: "𠮷" * longest}], cipher=cipher)
    assert (fits.accepted, fits.rejected) == (1, ())
    longer = await import_rows(database, kind, [row | {field: "𠮷" * (longest + 1)}], cipher=cipher)
    assert [bad.field for bad in longer.rejected] == [field]


async def test_figures_of_json_come_back_exactly(database: Database, cipher: Cipher) -> None:
    figures = {"amount_max": 10**13, "rate_min": "3.8500", "conditions": {"debt_ratio_max": "0.123456789012"}}
    await import_rows(database, "policies", [POLICY | {"benefit_max": 10**13}], cipher=cipher)
    await import_rows(database, "products", [PRODUCT | figures], cipher=cipher)
    async with database.reading() as session:
        (product,) = await products.all_products(session)
        (policy,) = await policies.all_policies(session)
    assert (product.amount_max, policy.benefit_max) == (10**13, 10**13)
    assert str(product.rate_min) == "3.8500"
    assert str(product.conditions.debt_ratio_max) == "0.123456789012"


def test_storable() -> None:
    assert all(storable(text) for text in STRANGE)
    assert not any(storable(text) for text in UNSTORABLE)
