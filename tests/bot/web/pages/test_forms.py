"""A form counts when it is the person's own, sent from our page, and the first time only."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import FormData
from sqlalchemy import func, select

from bot.web.pages.errors import Forged, LoggedOut, TooLarge, TooOften, Trouble, Unreadable
from bot.web.pages.rates import PER_SESSION
from domain.registrations.tables import RegistrationRow
from tests.bot.web.pages.test_login import is_page
from tests.bot.web.pages.test_register import FORM
from tests.bot.web.pages.world import Answer, Phone, World

PLACE = "/m/register"


async def registrations(world: World) -> int:
    async with world.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(RegistrationRow)) or 0


async def hidden(phone: Phone) -> dict[str, str]:
    return (await phone.open(PLACE)).hidden


Attack = Callable[[World, Phone], Awaitable[Answer]]


def fields(**change: str) -> Attack:
    async def send(_: World, phone: Phone) -> Answer:
        return await phone.post(PLACE, FORM | await hidden(phone) | change)

    return send


def without(name: str) -> Attack:
    async def send(_: World, phone: Phone) -> Answer:
        given = FORM | await hidden(phone)
        del given[name]
        return await phone.post(PLACE, given)

    return send


def headers(**change: str) -> Attack:
    async def send(_: World, phone: Phone) -> Answer:
        given = {name.replace("_", "-"): value for name, value in change.items()}
        return await phone.post(PLACE, FORM | await hidden(phone), headers=given)

    return send


async def token_of_another_person(world: World, phone: Phone) -> Answer:
    other = await hidden(world.phone("卜先生"))
    await phone.open("/m/")
    return await phone.post(PLACE, FORM | other)


async def token_of_the_session_before(_: World, phone: Phone) -> Answer:
    before = await hidden(phone)
    phone.session.cookie_jar.clear()
    await phone.open("/m/")
    return await phone.post(PLACE, FORM | before)


def raw(body: bytes, kind: str) -> Attack:
    async def send(_: World, phone: Phone) -> Answer:
        await phone.open("/m/")
        return await phone.post(PLACE, body, headers={"Content-Type": kind})

    return send


async def chunked(_: World, phone: Phone) -> Answer:
    async def parts() -> Any:
        yield b"csrf=x"

    await phone.open("/m/")
    return await phone.post(
        PLACE,
        parts(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )


async def logged_out(_: World, phone: Phone) -> Answer:
    given = FORM | await hidden(phone)
    phone.session.cookie_jar.clear()
    return await phone.post(PLACE, given)


ATTACKS: dict[str, tuple[Attack, type[Trouble]]] = {
    "no token": (without("csrf"), Forged),
    "empty token": (fields(csrf=""), Forged),
    "made up token": (fields(csrf="0" * 43), Forged),
    "a token that is not ASCII": (fields(csrf="令牌"), Forged),
    "another person's token": (token_of_another_person, Forged),
    "a token of the session before": (token_of_the_session_before, Forged),
    "no ticket": (without("ticket"), Forged),
    "a ticket that is none of ours": (fields(ticket="../../x"), Forged),
    "an endless ticket": (fields(ticket="a" * 500), Forged),
    "from another origin": (headers(Origin="https://evil.example"), Forged),
    "from an origin that looks like ours": (headers(Origin="http://127.0.0.1:1"), Forged),
    "from another site": (headers(Sec_Fetch_Site="cross-site"), Forged),
    "from a neighbouring site": (headers(Sec_Fetch_Site="same-site"), Forged),
    "typed into the address bar": (headers(Sec_Fetch_Site="none"), Forged),
    "null origin from another site": (headers(Origin="null", Sec_Fetch_Site="cross-site"), Forged),
    "JSON": (raw(b"{}", "application/json"), Unreadable),
    "plain text": (raw(b"csrf=1", "text/plain"), Unreadable),
    "multipart without a boundary": (raw(b"x", "multipart/form-data"), Unreadable),
    "without a length": (chunked, Unreadable),
    "far too large": (raw(b"a=" + b"b" * 100_000, "application/x-www-form-urlencoded"), TooLarge),
    "without a session": (logged_out, LoggedOut),
}


@pytest.mark.parametrize(("attack", "trouble"), ATTACKS.values(), ids=ATTACKS)
async def test_a_form_that_is_not_the_person_s_own_does_nothing(
    world: World, attack: Attack, trouble: type[Trouble]
) -> None:
    is_page(await attack(world, world.phone()), trouble)
    assert await registrations(world) == 0


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
    ids=str,
)
async def test_what_browsers_say_of_our_own_forms_is_taken(world: World, given: dict[str, str]) -> None:
    phone = world.phone()
    answer = await phone.post(PLACE, FORM | await hidden(phone), headers=given)
    assert (answer.status, await registrations(world)) == (303, 1)


async def test_our_own_origin_is_taken(world: World) -> None:
    phone = world.phone()
    origin = {"Origin": str(world.url).rstrip("/")}
    assert (await phone.post(PLACE, FORM | await hidden(phone), headers=origin)).status == 303


async def test_a_second_tap_leads_to_where_the_first_one_led(world: World) -> None:
    phone = world.phone()
    given = FORM | await hidden(phone)
    first = await phone.post(PLACE, given)
    # A person who withdrew in between must not be registered again by the same form.
    again = await phone.post(PLACE, given | {"uscc": "91320508MA1Y3K4L5M"})
    assert (again.status, again.location) == (303, first.location)
    assert await registrations(world) == 1


async def test_taps_at_the_same_moment_count_once(world: World) -> None:
    phone = world.phone()
    given = FORM | await hidden(phone)
    answers = await asyncio.gather(*(phone.post(PLACE, given) for _ in range(5)))
    # Those that came later waited, and lead to where the first one led.
    ((status, location),) = {(answer.status, answer.location) for answer in answers}
    assert (status, location.startswith("/m/registrations/")) == (303, True)
    assert await registrations(world) == 1


async def test_a_form_whose_process_died_counts_when_it_is_sent_again(world: World) -> None:
    phone = world.phone()
    given = FORM | await hidden(phone)
    (session,) = [key async for key in world.redis.scan_iter("pages:session:*") if key.count(b":") == 2]
    # As the dead process left it.
    await world.redis.set(session + b":ticket:" + given["ticket"].encode(), b"", px=300)
    answer = await phone.post(PLACE, given)
    assert (answer.status, await registrations(world)) == (303, 1)
    assert answer.location.startswith("/m/registrations/")


async def test_what_was_refused_may_be_sent_again_with_the_same_ticket(world: World) -> None:
    phone = world.phone()
    given = FORM | await hidden(phone)
    assert (await phone.post(PLACE, given | {"name": ""})).status == 422
    assert (await phone.post(PLACE, given)).status == 303


async def test_another_person_s_ticket_is_no_ticket_of_mine(world: World) -> None:
    """Who learns a ticket cannot use it up for its person."""
    ann, bob = world.phone(), world.phone("卜先生")
    ticket = (await hidden(ann))["ticket"]
    await bob.post(PLACE, FORM | await hidden(bob) | {"ticket": ticket})
    answer = await ann.post(PLACE, FORM | await hidden(ann) | {"ticket": ticket})
    assert (answer.status, await registrations(world)) == (303, 2)


async def test_forms_without_end_are_stopped(world: World) -> None:
    phone = world.phone()
    given = await hidden(phone)
    for _ in range(PER_SESSION):
        assert (await phone.post(PLACE, given)).status == 422
    is_page(await phone.post(PLACE, given), TooOften)


async def test_what_no_database_keeps_counts_as_empty(world: World) -> None:
    phone = world.phone()
    answer = await phone.post(PLACE, FORM | await hidden(phone) | {"name": "昆山\0精工"})
    assert (answer.status, "请填写营业执照上的企业全称" in answer.text) == (422, True)


async def test_markup_in_what_people_write_stays_text(world: World) -> None:
    phone = world.phone()
    evil = '"><script>alert(1)</script>'
    answer = await phone.post(PLACE, FORM | await hidden(phone) | {"name": evil, "uscc": ""})
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text


async def test_a_file_where_a_text_belongs_is_no_text(world: World) -> None:
    phone = world.phone()
    form = FormData(FORM | await hidden(phone) | {"name": ""})
    form.add_field("name", b"x", filename="x.txt")
    assert (await phone.post(PLACE, form)).status == 422
