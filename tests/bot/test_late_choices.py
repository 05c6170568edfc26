"""Choices: numbered in a passive reply, to be tapped in a late one."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from bot.sandbox.people import ChatEntry, Kind, Sender
from domain.database import Database
from domain.requests import RequestRow
from matching.matcher import Matcher
from notify.sender import Sender as Deliverer
from tests.bot.front import Front, front
from tests.bot.turns import Slow
from tests.notify.conftest import relay_of

ASKS_FOR_SECURITY = "想贷120万换机床，用两年"
NO_MENUS = 40200


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
async def late(
    database: Database, shared_valkey: str, empty_matcher: Matcher, slow: Slow
) -> AsyncIterator[Front]:
    async with front(database, shared_valkey, empty_matcher, understand=slow, deadline=0.2) as world:
        yield world


async def answered_late(late: Front, slow: Slow, text: str) -> None:
    slow.may_answer.clear()
    assert await late.fake.say(late.openid, text) == []
    slow.may_answer.set()
    await delivered(late)


async def delivered(late: Front) -> None:
    await late.pipeline.drain()
    await relay_of(late.database).run_once()
    await Deliverer(late.database, late.messenger).run_once()


def menus(late: Front) -> list[ChatEntry]:
    history = late.fake.history(late.openid)
    return [entry for entry in history if entry.sender is Sender.ACCOUNT and entry.content.kind is Kind.MENU]


async def request(late: Front) -> RequestRow:
    async with late.database.reading() as session:
        return (await session.scalars(select(RequestRow))).one()


async def test_a_late_question_can_be_tapped(late: Front, slow: Slow) -> None:
    await answered_late(late, slow, ASKS_FOR_SECURITY)
    (menu,) = menus(late)
    assert "什么方式担保" in menu.content.text
    assert "1." not in menu.content.text
    chosen = menu.content.options[3]
    assert chosen.content == "纯信用，什么都不押"
    await late.fake.tap(late.openid, chosen.id, chosen.content)
    await late.pipeline.drain()
    assert (await request(late)).guarantee == ["credit"]
    assert late.fake.violations == []


async def test_a_tap_on_a_menu_that_is_over_changes_nothing(late: Front, slow: Slow) -> None:
    await answered_late(late, slow, ASKS_FOR_SECURITY)
    (menu,) = menus(late)
    for option in (menu.content.options[3], menu.content.options[0]):
        await late.fake.tap(late.openid, option.id, option.content)
        await late.pipeline.drain()
    assert (await request(late)).guarantee == ["credit"]


async def test_in_time_the_choices_are_numbered(
    database: Database, shared_valkey: str, empty_matcher: Matcher
) -> None:
    async with front(database, shared_valkey, empty_matcher) as world:
        (reply,) = await world.fake.say(world.openid, ASKS_FOR_SECURITY)
        assert "\n4. 纯信用，什么都不押\n回复数字就行。" in reply.content.text
        await world.fake.say(world.openid, "4")
        assert (await request(world)).guarantee == ["credit"]


async def test_an_account_that_may_send_no_menus_sends_the_numbers(late: Front, slow: Slow) -> None:
    # The greeting may have been late as well.
    await delivered(late)
    faults = late.fake.faults
    faults.fail_calls, faults.fail_errcode, faults.only_path = 1, NO_MENUS, "cgi-bin/message/custom/send"
    await answered_late(late, slow, ASKS_FOR_SECURITY)
    assert menus(late) == []
    (text,) = [said for said in late.received(Kind.TEXT) if "什么方式担保" in said]
    assert text.endswith("\n4. 纯信用，什么都不押\n回复数字就行。")
