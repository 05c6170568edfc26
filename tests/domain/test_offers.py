"""Products and policies: their days, and finding them by name."""

from datetime import UTC, date, datetime

import pytest

from domain import products
from domain.database import Database
from domain.policies import Policy
from domain.products import Product

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)
BEFORE, AFTER = date(2026, 11, 22), date(2026, 11, 24)


@pytest.mark.parametrize(
    ("first", "last", "offered"),
    [
        (None, None, True),
        (DAY, DAY, True),
        (BEFORE, AFTER, True),
        (AFTER, None, False),
        (None, BEFORE, False),
    ],
)
def test_both_ends_are_days_on_offer(first: date | None, last: date | None, offered: bool) -> None:  # noqa: FBT001 - a table
    product = Product(code="EQ", name="设备贷", institution="苏州银行", valid_from=first, valid_to=last)
    policy = Policy.model_validate(
        {
            "code": "P",
            "title": "贴息",
            "issuer": "工信局",
            "level": "city",
            "kind": "subsidy",
            "published": first,
            "deadline": last,
        }
    )
    assert product.on_offer(DAY) is offered
    assert policy.on_offer(DAY) is offered


async def test_one_name_at_several_institutions(database: Database) -> None:
    async with database.unit_of_work() as session:
        offers = (("B", "征信贷", "苏州银行"), ("A", "征信贷", "中国农业银行"), ("C", "设备贷", "苏州银行"))
        items = [Product(code=code, name=name, institution=bank) for code, name, bank in offers]
        await products.save_all(session, items, NOW)
    async with database.reading() as session:
        found = await products.named(session, "征信贷")
        assert [item.institution for item in found] == ["中国农业银行", "苏州银行"]
        assert await products.named(session, "征信") == []
