"""What the owner reads once an adviser has looked at the products for his request, or had no time to."""

import pytest

from bot.sandbox.template_messages import valid_value
from domain.database import Database
from domain.recommending.queueing import Found
from notify.relay import Relay
from tests.domain.recommending.desk import (
    BANKS,
    HOUR,
    NOW,
    OWNER,
    REQUIRED,
    WITHIN,
    change,
    clock,
    finish,
    matched,
    take,
)
from tests.notify.conftest import relay_of
from tests.notify.market import letters, relayed, said

SUBJECT = "recommendation"
LONG = Found(
    "L1", "上海浦东发展银行股份有限公司苏州分行", "科技型中小企业知识产权质押融资流动资金贷款", 0.9, (), ()
)


async def told(database: Database, relay: Relay) -> tuple[str, ...]:
    """Title, product, institution, time of the one letter."""
    await relayed(relay)
    (row,) = await letters(database, SUBJECT)
    assert row.openid == OWNER
    assert all(valid_value(name, value) for name, value in row.content["data"].items())
    assert "/m/requests/RQ" in row.content["url"]
    return said(row)


async def test_at_once_nothing_is_told_before_the_review(database: Database, relay: Relay) -> None:
    await matched(database)
    await relayed(relay)
    assert await letters(database, SUBJECT) == []


async def test_a_list_that_stays_as_it_is(database: Database, relay: Relay) -> None:
    request_id = await matched(database)
    await take(database, request_id)
    await finish(database, request_id)
    assert await told(database, relay) == (
        "顾问已复核给您推荐的产品",
        "A1贷等3款",
        "苏州银行等2家",
        "2026-11-23 12:00",
    )


@pytest.mark.parametrize(
    ("products", "note", "title", "product"),
    [
        (("B1", "A1", "A2"), "", "顾问调整了给您推荐的产品", "B1贷等3款"),
        (("B1", "A1", "A2"), "先办农行", "顾问复核了推荐，并给您留了言", "B1贷等3款"),
        (("A2",), "", "顾问调整了给您推荐的产品", "A2贷"),
        ((), "", "顾问复核后，暂无合适的产品", "暂无"),
    ],
)
async def test_a_list_that_was_changed(
    database: Database, relay: Relay, products: tuple[str, ...], note: str, title: str, product: str
) -> None:
    request_id = await matched(database)
    await take(database, request_id)
    struck = dict.fromkeys({"A1", "A2", "B1"} - set(products), "不合适")
    await change(database, request_id, *products, struck=struck, note=note)
    await finish(database, request_id, seen=1)
    assert (await told(database, relay))[:2] == (title, product)


async def test_long_names_leave_room_for_how_many_there_are(database: Database, relay: Relay) -> None:
    others = (Found("L2", BANKS[0], "其他", 0.5, (), ()), Found("L3", BANKS[1], "其他", 0.4, (), ()))
    request_id = await matched(database, products=(LONG, *others))
    await take(database, request_id)
    await finish(database, request_id)
    assert (await told(database, relay))[1:3] == (
        "科技型中小企业知识产权质押融资流…等3款",
        "上海浦东发展银行股份有限公司苏州…等3家",
    )


async def test_what_nobody_had_time_for_says_so_and_is_told_again_when_it_is_reviewed(
    database: Database, relay: Relay
) -> None:
    request_id = await matched(database, rules=WITHIN)
    await clock(database, NOW + 4 * HOUR)
    assert (await told(database, relay))[0] == "匹配结果先给您，顾问复核后有调整再告知"
    await take(database, request_id)
    await change(database, request_id, "B1", "A1", "A2")
    await finish(database, request_id, seen=1)
    await relayed(relay)
    assert [said(row)[0] for row in await letters(database, SUBJECT)][1:] == ["顾问调整了给您推荐的产品"]


async def test_a_review_at_night_is_read_in_the_morning(database: Database) -> None:
    request_id = await matched(database, rules=REQUIRED)
    await take(database, request_id)
    await finish(database, request_id)
    await relayed(relay_of(database, "00:00-23:59"))
    for row in await letters(database, SUBJECT):
        assert row.not_before > row.created_at
