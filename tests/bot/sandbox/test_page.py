"""The phone's endpoints: state, acts, same origin, events."""

import json
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.sandbox.rules import Rule
from bot.sandbox.wechat import FakeWeChat
from tests.bot.sandbox.conftest import ANN
from tests.bot.sandbox.product import EchoAccount


async def post(url: str, body: Any, **headers: str) -> tuple[int, Any]:
    async with ClientSession() as session, session.post(url, json=body, headers=headers) as response:
        is_json = response.content_type == "application/json"
        return response.status, await response.json() if is_json else await response.text()


async def test_the_page_allows_no_foreign_and_no_inline_code(sandbox_url: str) -> None:
    async with ClientSession() as session, session.get(sandbox_url) as response:
        assert response.status == 200
        policy = response.headers["Content-Security-Policy"]
        html = await response.text()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert 'lang="zh-CN"' in html
    assert "<style" not in html
    assert " style=" not in html
    assert "/sandbox/static/phone.js" in html


async def test_the_account_s_name_is_escaped(sandbox_url: str, fake: FakeWeChat) -> None:
    fake.name = "<img src=x>"
    async with ClientSession() as session, session.get(sandbox_url) as response:
        html = await response.text()
    assert "<img" not in html
    assert "&lt;img src=x&gt;" in html


async def test_acts_answer_with_the_passive_reply(sandbox_url: str, product: EchoAccount) -> None:
    assert (await post(f"{sandbox_url}/people/{ANN}/follow", {}))[0] == 200
    status, answer = await post(f"{sandbox_url}/people/{ANN}/say", {"text": "你好"})
    assert status == 200
    assert [entry["content"]["text"] for entry in answer["entries"]] == ["你说：你好"]
    for act, body in (
        ("voice", {}), ("image", {}), ("scan", {"scene": "hall"}),
        ("location", {"latitude": 31, "longitude": 120.5}),
        ("click", {"key": "help"}), ("view", {"url": "https://x.cn"}), ("tap", {"id": "a", "text": "甲"}),
        ("refuse", {"refuses": True}), ("resend", {}), ("unfollow", {}),
    ):  # fmt: skip
        assert (await post(f"{sandbox_url}/people/{ANN}/{act}", body))[0] == 200, act
    assert product.fields[-1]["Event"] == "unsubscribe"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("people/oNobody/say", {"text": "你好"}, 409),
        (f"people/{ANN}/say", {"text": "还没关注"}, 409),
        (f"people/{ANN}/location", {"latitude": "北纬"}, 409),
        (f"people/{ANN}/dance", {}, 404),
        (f"people/{ANN}/follow", [], 400),
        ("faults", {"fail_calls": "many"}, 409),
        ("faults", {"delay_seconds": "long"}, 409),
    ],
)
async def test_what_cannot_be_is_refused(sandbox_url: str, path: str, body: Any, status: int) -> None:
    assert (await post(f"{sandbox_url}/{path}", body))[0] == status


async def test_other_sites_cannot_act(sandbox_url: str, fake: FakeWeChat) -> None:
    url = f"{sandbox_url}/people/{ANN}/follow"
    assert (await post(url, {}, Origin="https://evil.example"))[0] == 403
    assert (await post(url, {}, Origin="null"))[0] == 403
    async with ClientSession() as session, session.post(url, data=b"{}") as response:
        assert response.status == 415
    assert not fake.person(ANN).followed
    origin = sandbox_url.removesuffix("/sandbox")
    assert (await post(url, {}, Origin=origin))[0] == 200


async def test_switches_are_turned_and_shown(sandbox_url: str, fake: FakeWeChat) -> None:
    await post(f"{sandbox_url}/faults", {"fail_calls": 2, "fail_errcode": 45009, "delay_seconds": 1})
    assert (fake.faults.fail_calls, fake.faults.fail_errcode, fake.faults.delay_seconds) == (2, 45009, 1.0)
    fake.rules.broken(Rule.LIMIT, "cgi-bin/token", "太多了")
    async with ClientSession() as session, session.get(f"{sandbox_url}/state") as response:
        state = await response.json()
    assert state["faults"]["fail_calls"] == 2
    assert [(found["rule"], found["detail"]) for found in state["violations"]] == [("LIMIT", "太多了")]
    assert len(state["menu"]["button"]) == 2
    assert [person["nickname"] for person in state["people"]] == ["安女士"]


async def test_events_tell_what_happens_and_end_with_the_sandbox(sandbox_url: str, fake: FakeWeChat) -> None:
    async with ClientSession() as session, session.get(f"{sandbox_url}/events") as response:
        assert response.content_type == "text/event-stream"
        await fake.follow(ANN)
        await fake.say(ANN, "你好")
        fake.hub.close()
        stream = (await response.read()).decode()
    events = [block.split("\n") for block in stream.split("\n\n") if block.startswith("event")]
    assert [event[0] for event in events] == ["event: person", "event: entry", "event: entry"]
    assert json.loads(events[2][1].removeprefix("data: "))["content"]["text"] == "你说：你好"
