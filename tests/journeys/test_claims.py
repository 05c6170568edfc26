"""A claim, word for word: found in chat, prepared on its page, reminded of, handed in and paid."""

import asyncio
from datetime import timedelta
from typing import Any

from aiohttp import ClientSession, CookieJar
from yarl import URL

from bot.sandbox.people import Kind
from domain.base import today_in_china
from tests.domain.databases import on_both
from tests.journeys.house import House, until

TITLE = "数控设备换新贴息"


async def publish(house: House, days: int) -> dict[str, Any]:
    """A policy of the owner's city that ends in so many days."""
    policy = {
        "code": "T-EQ",
        "title": TITLE,
        "issuer": "昆山市工信局",
        "level": "district",
        "kind": "subsidy",
        "regions": ["320583"],
        "benefit": "按设备投入的8%补助",
        "text": "企业购买数控设备，按投入的8%给予贴息补助",
        "deadline": (today_in_china() + timedelta(days=days)).isoformat(),
        "url": "https://www.ks.gov.cn/policy",
    }
    status, answer = await house.post("/policies", {"items": [policy]})
    assert (status, answer["accepted"]) == (200, 1), answer
    return policy


async def found(house: House) -> str:
    """The card of the policy, from the list in which it stands."""
    listed = await house.say("昆山有什么数控设备换新的补贴")
    for place in range(1, 4):
        if f"{place}. {TITLE}" in listed:
            return await house.say(f"第{place}个")
    raise AssertionError(listed)


@on_both
async def test_from_the_list_to_the_claim(opened: House) -> None:
    await publish(opened, 30)
    assert "申报这个" in await found(opened)
    answer = await opened.say("申报这个")
    for said in (TITLE, "不能直接申报", "官方网站", "/m/go/", "截止前7天和1天"):
        assert said in answer
    assert f"「{TITLE}」：准备中，材料备好0/" in await opened.say("我的申报到哪一步了")
    (claim,) = (await opened.get("/claims"))["items"]
    assert (claim["policy"], claim["state"]) == ("T-EQ", "preparing")
    status, problem = await opened.post(f"/claims/{claim['id']}/grant", {"amount": 80_000})
    assert (status, problem["title"]) == (409, "Conflict")


async def test_the_link_leads_to_the_page_and_the_office_s_word_to_the_owner(opened: House) -> None:
    await publish(opened, 30)
    await found(opened)
    answer = await opened.say("申报这个")
    link = answer.split('href="')[1].split('"')[0]
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser:
        page, url = await _open(opened, browser, link)
        assert url.path == "/m/policies/T-EQ"
        assert "本平台不代交" in page
        page = await _send(browser, url, page, "submitted", {"on": today_in_china().isoformat()})
        assert "已提交" in page
    (claim,) = (await opened.get("/claims"))["items"]
    status, decided = await opened.post(f"/claims/{claim['id']}/grant", {"amount": 80_000})
    assert (status, decided["state"]) == (200, "granted")
    card = await until(lambda: next((card for card in _cards(opened) if "已兑现" in card), ""))
    assert "80000元" in card
    assert "已兑现" in await opened.say("我的申报到哪一步了")


async def test_who_prepares_late_is_reminded_by_the_worker(closed: House) -> None:
    """Nothing but the service itself, with its loops."""
    async with closed.open():
        await closed.fake.follow(closed.openid)
        await publish(closed, 3)
        await found(closed)
        await closed.say("申报这个")
    # The loop looks every few minutes, and when the service starts.
    async with closed.open():

        async def told() -> list[dict[str, Any]]:
            page = await closed.get("/deliveries", openid=closed.openid, notice="policy_notice")
            return list(page["items"])

        async with asyncio.timeout(20):
            while not (letters := await told()):  # noqa: ASYNC110 - the loop is in the service
                await asyncio.sleep(0.1)
    assert len(letters) == 1


def _cards(house: House) -> list[str]:
    return [
        str(entry.content)
        for entry in house.fake.history(house.openid)
        if entry.content.kind is Kind.TEMPLATE
    ]


async def _open(house: House, browser: ClientSession, link: str) -> tuple[str, URL]:
    """As WeChat's browser: the person agrees to the login, and goes where that leads."""
    url = URL(link)
    for _ in range(8):
        async with browser.get(url, allow_redirects=False) as answer:
            if not 300 <= answer.status < 400:
                return await answer.text(), url
            url = url.join(URL(answer.headers["Location"]))
        if url.path.endswith("/connect/oauth2/authorize"):
            url = URL(str(house.fake.open_page(house.openid, url.raw_query_string)))
    raise AssertionError(f"led around in circles: {url}")


async def _send(browser: ClientSession, url: URL, page: str, step: str, fields: dict[str, str]) -> str:
    """The form of that step, with what the page carries for it."""
    action = page.split(f'action="/m/policies/T-EQ/{step}')[1]
    query = action.split('"')[0].removeprefix("?")
    hidden = {name: action.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "ticket")}
    there = url.with_path(f"/m/policies/T-EQ/{step}").with_query(query)
    async with browser.post(there, data=hidden | fields) as answer:
        return await answer.text()
