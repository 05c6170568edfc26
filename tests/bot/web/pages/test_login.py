"""Links, states, codes and sessions: what is forged, used before, too old or another's opens nothing."""

import json
from collections.abc import Callable

import pytest
from yarl import URL

from bot.web.links import BadLink, ExpiredLink, Links, Page
from bot.web.pages import login
from bot.web.pages.errors import (
    LinkExpired,
    LinkOfAnother,
    LinkRefused,
    LoggedOut,
    LoginFailed,
    SnapshotVisit,
    TooOften,
    Trouble,
    Unavailable,
)
from bot.web.pages.rates import PER_ADDRESS
from domain.secrets import Cipher, decode_key, new_key
from tests.bot.web.pages.world import Answer, Phone, World

BACK = "/m/login/back"


def is_page(answer: Answer, trouble: type[Trouble]) -> None:
    """The page of that trouble, and nothing else."""
    assert (answer.status, answer.headers["Content-Type"]) == (trouble.status, "text/html; charset=utf-8")
    assert trouble.title in answer.text
    assert trouble.advice in answer.text


async def login_state(phone: Phone, path: str = "/m/") -> tuple[URL, dict[str, str]]:
    """A login begun on that phone: where WeChat would send it back, and its code and state."""
    begun = await phone.get(path)
    back = URL(phone.through(begun.location))
    return back, dict(back.query)


async def test_a_link_from_chat_opens_its_page_for_its_person(world: World) -> None:
    phone = world.phone()
    answer = await phone.open(world.links.to(phone.openid, "home"))
    assert (answer.status, answer.url.path) == (200, "/m/")
    assert "您的融资服务" in answer.text


async def test_a_page_without_a_link_goes_through_the_login_and_back_to_where_it_was(world: World) -> None:
    phone = world.phone()
    answer = await phone.open("/m/access-log?company=91320583MA1X7T8U2K")
    assert str(answer.url.relative()) == "/m/access-log?company=91320583MA1X7T8U2K"


async def test_who_is_logged_in_already_is_there_at_once(world: World) -> None:
    phone = world.phone()
    await phone.open("/m/")
    answer = await phone.get(world.links.to(phone.openid, "data"))
    assert (answer.status, answer.location) == (303, "/m/data")


async def test_a_link_shows_neither_openid_nor_page(world: World) -> None:
    openid = world.phone().openid
    token = world.links.to(openid, "register", note="第二步").rpartition("/")[2]
    assert openid not in token
    assert "register" not in token
    assert world.links.to(openid, "register") != world.links.to(openid, "register")


def test_a_link_leads_to_known_pages_only(world: World) -> None:
    with pytest.raises(ValueError, match="not a valid Page"):
        world.links.to("o1", "https://evil.example")


def sealed(world: World, said: object, purpose: str = "page link") -> str:
    import base64

    blob = world.cipher.encrypt(json.dumps(said), purpose)
    return base64.urlsafe_b64encode(blob).decode().rstrip("=")


def other_key(world: World, phone: Phone) -> str:
    strange = Links(Cipher(decode_key(new_key())), str(world.url), minutes=30)
    return strange.to(phone.openid, "home").rpartition("/")[2]


def changed(world: World, phone: Phone) -> str:
    token = world.links.to(phone.openid, "home").rpartition("/")[2]
    middle = len(token) // 2
    return token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]


FORGED: dict[str, Callable[[World, Phone], str]] = {
    "nonsense": lambda *_: "abc",
    "empty looking": lambda *_: "=",
    "not ascii": lambda *_: "%E4%BD%A0%E5%A5%BD",
    "an openid": lambda _, phone: phone.openid,
    "of another key": other_key,
    "changed in its middle": changed,
    "cut short": lambda world, phone: world.links.to(phone.openid, "home").rpartition("/")[2][:-5],
    "made longer": lambda world, phone: world.links.to(phone.openid, "home").rpartition("/")[2] + "AAAA",
    "sealed for something else": lambda world, phone: sealed(
        world, ["home", phone.openid, 9e9, {}], purpose="phone"
    ),
    "a page that is gone": lambda world, phone: sealed(world, ["gone", phone.openid, 9e9, {}]),
    "endless": lambda *_: "A" * 5000,
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_a_forged_link_is_refused(world: World, forge: Callable[[World, Phone], str]) -> None:
    phone = world.phone()
    answer = await phone.open(f"/m/go/{forge(world, phone)}")
    is_page(answer, LinkRefused)
    assert not phone.session.cookie_jar.filter_cookies(world.url / "m" / "")


async def test_an_expired_link_is_refused(world: World) -> None:
    phone = world.phone()
    link = world.links.to(phone.openid, "home")
    world.clock.ahead = 30 * 60 + 1
    is_page(await phone.open(link), LinkExpired)


async def test_a_link_of_another_person_tells_nothing(world: World) -> None:
    ann, bob = world.phone("安女士"), world.phone("卜先生")
    link = world.links.to(ann.openid, "authorization_new", institution="苏州银行")
    answer = await bob.open(link)
    is_page(answer, LinkOfAnother)
    assert "苏州银行" not in answer.text
    assert ann.openid not in answer.text
    # Nor does he have a session by it.
    assert (await bob.get("/m/")).status == 303


async def test_a_link_of_another_person_does_not_use_the_session_that_is_there(world: World) -> None:
    ann, bob = world.phone("安女士"), world.phone("卜先生")
    await bob.open("/m/")
    is_page(await bob.open(world.links.to(ann.openid, "data")), LinkOfAnother)


async def replayed(_: World, phone: Phone) -> Answer:
    back, _query = await login_state(phone)
    assert (await phone.get(str(back))).status == 303
    return await phone.get(str(back))


async def of_another_browser(world: World, phone: Phone) -> Answer:
    """An attacker lures his victim to the end of a login that he began himself."""
    back, _ = await login_state(world.phone("攻击者"))
    return await phone.get(str(back))


async def in_a_browser_with_another_login(world: World, phone: Phone) -> Answer:
    await phone.get("/m/")
    return await of_another_browser(world, phone)


async def with_state_made_up(_: World, phone: Phone) -> Answer:
    back, _query = await login_state(phone)
    return await phone.get(str(back.update_query(state="0" * 32)))


async def without_state(_: World, phone: Phone) -> Answer:
    back, query = await login_state(phone)
    return await phone.get(str(back.with_query(code=query["code"])))


async def with_a_long_state(_: World, phone: Phone) -> Answer:
    back, _query = await login_state(phone)
    return await phone.get(str(back.update_query(state="a" * 3000)))


async def without_code(_: World, phone: Phone) -> Answer:
    back, query = await login_state(phone)
    return await phone.get(str(back.with_query(state=query["state"])))


async def with_code_made_up(_: World, phone: Phone) -> Answer:
    back, _query = await login_state(phone)
    return await phone.get(str(back.update_query(code="made-up")))


async def with_a_used_code(_: World, phone: Phone) -> Answer:
    back, query = await login_state(phone)
    assert (await phone.get(str(back))).status == 303
    phone.session.cookie_jar.clear()
    fresh, _query = await login_state(phone)
    return await phone.get(str(fresh.update_query(code=query["code"])))


async def with_a_state_that_expired(world: World, phone: Phone) -> Answer:
    back, _ = await login_state(phone)
    (key,) = [key async for key in world.redis.scan_iter("pages:login:*")][-1:]
    assert 0 < await world.redis.ttl(key) <= 600
    await world.redis.pexpire(key, 1)
    while await world.redis.exists(key):
        pass
    return await phone.get(str(back))


ATTACKS = [
    replayed,
    of_another_browser,
    in_a_browser_with_another_login,
    with_state_made_up,
    without_state,
    with_a_long_state,
    without_code,
    with_code_made_up,
    with_a_used_code,
    with_a_state_that_expired,
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
async def test_a_login_that_is_not_this_browser_s_own_is_refused(world: World, attack: object) -> None:
    assert callable(attack)
    await world.redis.flushdb()
    phone = world.phone()
    is_page(await attack(world, phone), LoginFailed)


async def test_a_snapshot_user_is_never_bound(world: World) -> None:
    phone = world.phone()
    world.fake.person(phone.openid).snapshot = True
    answer = await phone.open(world.links.to(phone.openid, "home"))
    is_page(answer, SnapshotVisit)
    assert "使用完整服务" in answer.text
    assert login.SESSION_COOKIE not in phone.session.cookie_jar.filter_cookies(world.url / "m" / "")
    world.fake.person(phone.openid).snapshot = False
    assert (await phone.open(world.links.to(phone.openid, "home"))).status == 200


async def test_wechat_out_of_order_is_said_so(world: World) -> None:
    phone = world.phone()
    back, _ = await login_state(phone)
    world.fake.faults.fail_calls, world.fake.faults.fail_errcode = 9, -1
    is_page(await phone.get(str(back)), Unavailable)


async def test_the_session_cookie_is_new_with_each_login_and_closed_to_scripts_and_other_sites(
    world: World,
) -> None:
    phone = world.phone()
    values = []
    for _ in range(2):
        back, _query = await login_state(phone, world.links.to(phone.openid, "home"))
        answer = await phone.get(str(back))
        cookie = answer.headers["Set-Cookie"]
        assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Path=/m"))
        assert "Secure" not in cookie
        values.append(cookie.split(";")[0])
        phone.session.cookie_jar.clear()
    assert values[0] != values[1]


async def test_a_session_that_was_there_before_the_login_ends_with_it(world: World) -> None:
    """Who plants his own session in a browser gains nothing once its person logs in."""
    ann, bob = world.phone("安女士"), world.phone("卜先生")
    await ann.open("/m/")
    planted = ann.session.cookie_jar.filter_cookies(world.url / "m" / "")[login.SESSION_COOKIE].value
    bob.session.cookie_jar.update_cookies({login.SESSION_COOKIE: planted}, world.url)
    back, _ = await login_state(bob, world.links.to(bob.openid, "home"))
    assert (await bob.get(str(back))).status == 303
    answer = await ann.get("/m/")
    assert answer.status == 303
    assert "oauth2/authorize" in answer.location


@pytest.mark.parametrize("value", ["", "made-up", "a" * 4000, "%00", "../../x"])
async def test_a_session_that_was_made_up_is_none(world: World, value: str) -> None:
    phone = world.phone()
    answer = await phone.get("/m/", headers={"Cookie": f"{login.SESSION_COOKIE}={value}"})
    assert (answer.status, "oauth2/authorize" in answer.location) == (303, True)
    refused = await phone.post(
        "/m/data", {"csrf": "x"}, headers={"Cookie": f"{login.SESSION_COOKIE}={value}"}
    )
    is_page(refused, LoggedOut)


async def test_a_session_ends_after_its_longest_time_however_busy(world: World) -> None:
    phone = world.phone()
    await phone.open("/m/")
    world.clock.ahead = 8 * 3600 - 60
    assert (await phone.get("/m/")).status == 200
    world.clock.ahead = 8 * 3600 + 1
    assert (await phone.get("/m/")).status == 303


async def test_an_idle_session_ends(world: World) -> None:
    await world.redis.flushdb()
    phone = world.phone()
    await phone.open("/m/")
    (key,) = [key async for key in world.redis.scan_iter("pages:session:*")]
    await world.redis.expire(key, 5)
    assert (await phone.get("/m/")).status == 200
    assert 29 * 60 < await world.redis.ttl(key) <= 30 * 60
    await world.redis.delete(key)
    assert (await phone.get("/m/")).status == 303


async def test_redis_holds_no_id_that_opens_a_session(world: World) -> None:
    await world.redis.flushdb()
    phone = world.phone()
    await phone.open("/m/")
    cookie = phone.session.cookie_jar.filter_cookies(world.url / "m" / "")[login.SESSION_COOKIE].value
    for key in [key async for key in world.redis.scan_iter("*")]:
        assert cookie.encode() not in key + (await world.redis.get(key) or b"")


async def test_logins_without_end_are_stopped(world: World) -> None:
    await world.redis.flushdb()
    phone = world.phone()
    answers = [await phone.get("/m/") for _ in range(PER_ADDRESS + 1)]
    assert [answer.status for answer in answers[:-1]] == [303] * PER_ADDRESS
    is_page(answers[-1], TooOften)


async def test_an_address_within_a_link_is_only_an_argument(world: World) -> None:
    phone = world.phone()
    link = world.links.to(phone.openid, "home", next="https://evil.example")
    answer = await phone.open(link)
    assert (answer.url.host, answer.url.path) == (world.url.host, "/m/")


async def test_a_link_outlives_a_change_of_key() -> None:
    old, new = (decode_key(new_key()) for _ in range(2))
    before = Links(Cipher(old), "http://x", minutes=30)
    after = Links(Cipher(new, previous=[old]), "http://x", minutes=30)
    token = before.to("o1", Page.DATA).rpartition("/")[2]
    assert after.open(token).openid == "o1"
    with pytest.raises(BadLink):
        Links(Cipher(new), "http://x", minutes=30).open(token)
    with pytest.raises(ExpiredLink):
        Links(Cipher(old), "http://x", minutes=30, clock=lambda: 9e9).open(token)
