"""What owners read about their requests, word for word; every change once."""

from datetime import timedelta

import pytest

from bot.sandbox.template_messages import valid_value
from domain import requests
from domain.database import Database
from domain.labels import Purpose
from domain.market import deciding, following
from domain.market.lapsing import Lapses
from domain.market.rules import FollowState, RejectReason
from domain.needs import Need
from domain.requests import RequestRow
from notify.fields import fit
from notify.notices.requests import TITLE_CHARS, named
from notify.relay import Relay
from tests.domain.market.fair import GRANT, NOW, OWNER
from tests.notify.conftest import relay_of
from tests.notify.market import (
    BANK,
    FOURTH,
    OTHER,
    RULES,
    THIRD,
    approve,
    follow,
    letters,
    publish,
    relayed,
    said,
    withdraw,
)

SHORTEST = 6
PROGRESS = "request_progress"


async def read(database: Database, relay: Relay) -> list[tuple[str, ...]]:
    """What the owner was told: title, amount and status; the oldest first."""
    await relayed(relay)
    rows = await letters(database, PROGRESS, openid=OWNER)
    assert all(valid_value(name, value) for row in rows for name, value in row.content["data"].items())
    return [said(row)[1:4] for row in rows]


async def test_from_publication_to_the_money(database: Database, relay: Relay) -> None:
    request_id = await publish(database)
    await follow(database, request_id, BANK)
    await follow(database, request_id, OTHER)
    async with database.unit_of_work() as session:
        reason = RejectReason.DEBT
        await deciding.reject(session, request_id, OTHER, reason, by="client:B", now=NOW, rules=RULES)
    await approve(database, request_id)
    async with database.unit_of_work() as session:
        await deciding.accept(session, OWNER, request_id, BANK, now=NOW, rules=RULES)
    async with database.unit_of_work() as session:
        await deciding.grant(session, request_id, BANK, GRANT, by="client:B", now=NOW, rules=RULES)
    assert await read(database, relay) == [
        ("购买设备融资需求", "800000元", "已发布"),
        ("苏州银行开始评估，11月28日前答复", "800000元", "跟进中"),
        ("中国农业银行开始评估，11月28日前答复", "800000元", "跟进中"),
        ("中国农业银行未通过：负债偏高", "800000元", "未通过"),
        ("苏州银行批准了，请您确认", "800000元", "已批准"),
        ("您接受了苏州银行的方案", "800000元", "已接受"),
        ("苏州银行已放款", "800000元", "已放款"),
    ]


async def test_who_waits_and_who_lapses(database: Database, relay: Relay) -> None:
    request_id = await publish(database)
    rows = [await follow(database, request_id, bank) for bank in (BANK, OTHER, THIRD, FOURTH)]
    assert rows[-1].standing is FollowState.WAITING
    await Lapses(database, RULES).run_once(NOW + timedelta(days=5, hours=13))
    told = await read(database, relay)
    assert told[4] == ("宁波银行已排队，有名额就跟进", "800000元", "排队中")
    assert ("苏州银行逾期未答复，名额已放开", "800000元", "已失效") in told


async def test_who_leaves_is_named_and_what_the_owner_did_himself_is_not_repeated(
    database: Database, relay: Relay
) -> None:
    request_id = await publish(database)
    await follow(database, request_id, BANK)
    await follow(database, request_id, OTHER)
    async with database.unit_of_work() as session:
        await following.leave(session, request_id, BANK, by="client:B", now=NOW, rules=RULES)
    await withdraw(database, request_id)
    assert [title for title, _, _ in await read(database, relay)][-2:] == [
        "苏州银行退出了跟进",
        "购买设备融资需求",
    ]


async def test_each_step_is_told_once(database: Database, relay: Relay) -> None:
    request_id = await publish(database)
    await follow(database, request_id)
    first = await read(database, relay)
    assert await read(database, relay) == first
    assert len(first) == 2


async def test_what_banks_do_at_night_waits_and_what_the_owner_does_does_not(database: Database) -> None:
    relay = relay_of(database, "00:00-23:59")
    request_id = await publish(database)
    await follow(database, request_id)
    await approve(database, request_id)
    async with database.unit_of_work() as session:
        await deciding.accept(session, OWNER, request_id, BANK, now=NOW, rules=RULES)
    await relayed(relay)
    waits = {said(row)[3]: row.not_before > row.created_at for row in await letters(database, PROGRESS)}
    assert waits == {"已发布": False, "跟进中": True, "已批准": True, "已接受": False}


async def test_a_request_that_an_adviser_sees_first(database: Database, relay: Relay) -> None:
    async with database.unit_of_work() as session:
        need = Need(amount_max=500_000, purpose=Purpose.EQUIPMENT)
        row = await requests.draft(session, OWNER, need, NOW)
        row.review_first = True
        await requests.publish(session, row, NOW)
    assert [status for _, _, status in await read(database, relay)] == ["审核中"]
    async with database.unit_of_work() as session:
        requests.finish_review(session, await session.get_one(RequestRow, row.id), "client:LI", NOW)
    assert [status for _, _, status in await read(database, relay)] == ["审核中", "已发布"]


@pytest.mark.parametrize("institution", ["苏州银行", "上海浦东发展银行股份有限公司苏州分行", "A" * 60])
@pytest.mark.parametrize(
    "words", ["{}已放款", "{}开始评估，12月31日前答复", "{}未通过：金额、期限或利率的要求难以满足"]
)
def test_a_long_name_is_cut_and_what_happened_is_not(institution: str, words: str) -> None:
    title = named(institution, words)
    name, rest = title.removesuffix(words.removeprefix("{}")), words.removeprefix("{}")
    assert title == name + rest
    assert institution.startswith(name.removesuffix("…"))
    assert len(title) <= TITLE_CHARS or len(name) <= SHORTEST


def test_of_every_reason_the_owner_reads_the_beginning() -> None:
    for reason in RejectReason:
        title = named("上海浦东发展银行", f"{{}}未通过：{reason.label}")
        assert title[:TITLE_CHARS].startswith("上海浦东")
        assert len(fit("thing2", title).rstrip("…")) > title.index("：") + 1
