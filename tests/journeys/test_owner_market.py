"""The owner and the market, word for word: institutions, offers, a loan; and what an adviser answers."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

from aiohttp import ClientSession, CookieJar
from yarl import URL

from bot.sandbox.people import Kind
from domain.base import today_in_china
from tests.domain.databases import on_both
from tests.journeys.house import House, credit_code, until
from tests.journeys.test_story import FIRST

EAST, RURAL, SOUTH, LATE = "城东银行", "昆山农商银行", "城南银行", "城西银行"
_LINK = re.compile(r'href="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@dataclass
class Browser:
    """What opens inside WeChat when the owner taps a link: it follows redirects, and agrees to logins."""

    house: House
    session: ClientSession

    async def open(self, address: str) -> str:
        url = URL(address)
        for _ in range(8):
            async with self.session.get(url, allow_redirects=False) as answer:
                if answer.status == 200:
                    return await answer.text()
                assert answer.status in {302, 303}, (answer.status, await answer.text())
                url = self._through(url.join(URL(answer.headers["Location"])))
        raise AssertionError(f"led around in circles: {url}")

    def _through(self, url: URL) -> URL:
        if url.path.endswith("/connect/oauth2/authorize"):
            return URL(str(self.house.fake.open_page(self.house.openid, url.raw_query_string)))
        return url

    async def send(self, path: str, page: str, **fields: str) -> str:
        """The form of that page, filled in."""
        form = {name: unescape(value) for name, value in _HIDDEN.findall(page)} | fields
        url = URL(self.house.settings.server.address).join(URL(path))
        async with self.session.post(url, data=form, allow_redirects=False) as answer:
            assert answer.status == 303, (answer.status, await answer.text())
            return await self.open(str(url.join(URL(answer.headers["Location"]))))


@asynccontextmanager
async def browser(house: House) -> AsyncIterator[Browser]:
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        yield Browser(house, session)


def link(reply: str) -> str:
    """Where the last link of an answer leads."""
    return unescape(_LINK.findall(reply)[-1])


def cards(house: House) -> list[Any]:
    history = house.fake.history(house.openid)
    return [entry.content for entry in history if entry.content.kind is Kind.TEMPLATE]


async def card(house: House, words: str) -> str:
    """The newest notice with these words, as soon as it is there."""
    return await until(lambda: next((str(one) for one in cards(house) if words in str(one)), ""))


async def do(house: House, request_id: str, step: str, institution: str, **body: Any) -> dict[str, Any]:
    path = f"/financing-requests/{request_id}/{step}"
    status, answer = await house.post(path, {"institution": institution} | body)
    assert status == 200, answer
    return dict(answer)


async def approve(house: House, request_id: str, institution: str, rate: float) -> None:
    terms = {"amount": 1_200_000, "term_months": 24, "rate": rate, "guarantee": "mortgage"}
    await do(house, request_id, "approve", institution, **terms)


@on_both
async def test_from_three_institutions_to_a_loan_that_is_rated(opened: House) -> None:
    banks = [{"name": name, "kind": "bank"} for name in (EAST, RURAL, SOUTH, LATE)]
    assert (await opened.post("/institutions", {"items": banks}))[1]["accepted"] == 4
    await opened.say(FIRST)
    await opened.say("确认")
    (request,) = await opened.requests()
    for name in (EAST, RURAL, SOUTH, LATE):
        await do(opened, request["id"], "follow", name)
    said = await opened.say("我的贷款到哪一步了")
    for name in (EAST, RURAL, SOUTH):
        assert f"{name}：正在评估" in said
    assert f"{LATE}：在排队" in said
    await approve(opened, request["id"], EAST, 4.35)
    await approve(opened, request["id"], RURAL, 3.9)
    assert "批准" in await card(opened, f"{RURAL}批准")
    said = await opened.say("我的贷款批了没")
    assert f"{EAST}：已批准，120万元，2年，年利率4.35%，抵押，等您决定" in said
    async with browser(opened) as phone:
        page = await phone.open(link(said))
        assert "机构的方案，请您选一家" in page
        assert page.index(RURAL) < page.index(EAST), "the cheapest first"
        place = f"/m/requests/{request['id']}"
        asked = await phone.open(f"{opened.settings.server.address}{place}/accept?institution={RURAL}")
        page = await phone.send(f"{place}/accept", asked)
        assert f"已经选定{RURAL}" in page
        (request,) = await opened.requests()
        assert request["status"] == "accepted"
        follows = {one["institution"]: one["state"] for one in request["follows"]}
        assert follows[RURAL] == "accepted"
        assert {state for name, state in follows.items() if name != RURAL}.isdisjoint(
            {"following", "approved"}
        )
        lent = {"amount": 1_200_000, "rate": 3.9, "granted_on": today_in_china().isoformat()}
        await do(opened, request["id"], "grant", RURAL, **lent)
        assert await card(opened, f"{RURAL}已放款")
        assert "放款日期" in await phone.open(f"{opened.settings.server.address}{place}")
        said = await opened.say("给五星好评")
        assert f"您是给{RURAL}打5星吗" in said
        said = await opened.say("1")
        assert f"{RURAL}，5星" in said
        page = await phone.open(link(said))
        page = await phone.send(f"{place}/rate", page, stars="4", words="放款快，材料要得多")
        assert f"您给了{RURAL} 4 星" in page
    await opened.fake.settle()
    assert opened.fake.violations == []


async def test_an_offer_is_chosen_in_chat_by_its_number_alone(opened: House) -> None:
    await opened.post("/institutions", {"items": [{"name": EAST, "kind": "bank"}]})
    await opened.say(FIRST)
    await opened.say("确认")
    (request,) = await opened.requests()
    await do(opened, request["id"], "follow", EAST)
    await approve(opened, request["id"], EAST, 4.35)
    await opened.say("我接受城东银行的贷款，确认")
    assert (await opened.requests())[0]["status"] == "approved"
    await opened.say("我的贷款批了没")
    asked = await opened.say("1")
    assert f"要接受{EAST}的方案吗" in asked
    assert (await opened.requests())[0]["status"] == "approved"
    assert f"已选定{EAST}" in await opened.say("1")
    assert (await opened.requests())[0]["status"] == "accepted"


@on_both
async def test_a_difficulty_is_answered_by_an_adviser(opened: House) -> None:
    today = today_in_china()
    loan = {
        "loan_id": "L1",
        "uscc": credit_code(opened.openid),
        "institution": EAST,
        "amount": 500_000,
        "balance": 300_000,
        "granted_on": (today - timedelta(days=300)).isoformat(),
        "due_on": (today + timedelta(days=20)).isoformat(),
    }
    assert (await opened.post("/loans", {"items": [loan]}))[1]["accepted"] == 1
    said = await opened.say("大客户跑路了，这个月的贷款还不上了")
    assert "先别急" in said
    said = await opened.say("1")
    assert "已经转给融资顾问" in said
    ((case,), _) = (await opened.get("/cases")).values()
    assert (case["kind"], case["loan_id"], case["priority"]) == ("difficulty", "L1", "high")
    path = f"/cases/{case['id']}"
    assert (await opened.post(f"{path}/take", {"version": 1}))[0] == 200
    assert await card(opened, "顾问已接手您的还款困难")
    note = {"version": 2, "note": "银行同意先还利息，请周三带流水去网点"}
    assert (await opened.post(f"{path}/note", note))[0] == 200
    assert await card(opened, "银行同意先还利息")
    async with browser(opened) as phone:
        page = await phone.open(link(said))
        assert "银行同意先还利息，请周三带流水去网点" in page
        await phone.send(f"/m{path}", page, words="好的，周三上午去")
    (_, *_, last) = (await opened.get(path))["steps"]
    assert (last["by"], last["note"]) == ("owner", "好的，周三上午去")


async def test_a_renewal_comes_back_to_the_form_that_it_interrupted(opened: House) -> None:
    await opened.say("我想贷款买设备")
    await opened.say("农行有笔贷款下个月到期，想续贷")
    await opened.say("50万")
    summary = await opened.say("一年")
    assert all(word in summary for word in ("请您核对", "中国农业银行", "50万元", "1年"))
    said = await opened.say("确认")
    assert "已经交给融资顾问" in said
    assert "回到您的融资需求" in said
    ((case,), _) = (await opened.get("/cases", kind="renewal")).values()
    assert (case["amount"], case["term_months"]) == (500_000, 12)
