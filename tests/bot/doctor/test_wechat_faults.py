"""Faults between the account and us, each provoked where it happens."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.utils import formatdate
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.doctor import callback, clock, menu, quota, templates, token
from bot.doctor.finding import Finding, Level
from bot.embedded import ports
from bot.sandbox.account import SandboxAccount
from notify import registry
from tests.bot.doctor.ways import changed, found, worst
from tests.journeys.house import House

OTHER_KEY = SandboxAccount.generate().encoding_aes_key


@asynccontextmanager
async def platform(**answers: Any) -> AsyncIterator[str]:
    """A platform that gives a token, and to other paths (by their last word) what it is told to."""

    async def answer(request: web.Request) -> web.Response:
        last = request.path.rpartition("/")[2]
        return web.json_response(answers.get(last, {"access_token": "T", "expires_in": 7200}))

    async with TestServer(_app(answer)) as server:
        yield str(server.make_url("/")).rstrip("/")


def _app(handler: Callable[[web.Request], Any]) -> web.Application:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    return app


def facing(home: House, url: str) -> Any:
    return changed(home.settings, "wechat", {"api_base_url": url})


@pytest.mark.parametrize(
    ("values", "said", "remedy"),
    [
        ({"app_secret": "0" * 32}, "40125", "AppSecret"),
        ({"app_id": "wx" + "0" * 16}, "40013", "AppID"),
    ],
)
async def test_a_wrong_secret_or_app_id(well: House, values: dict[str, str], said: str, remedy: str) -> None:
    (finding,) = await found(changed(well.settings, "wechat", values), token.examine)
    assert finding.level is Level.ERROR
    assert said in finding.text
    assert remedy in finding.remedy


@pytest.mark.parametrize(
    ("errcode", "errmsg", "said"),
    [
        (40164, "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 1", "203.0.113.7"),
        (40164, "not in whitelist", "出口 IP"),
        (40243, "AppSecret is frozen", "冻结"),
        (40001, "invalid credential", "AppSecret 不对（40001）"),
        (45009, "reach max api daily quota limit", "次数用完"),
        (99999, "something new", "99999 something new"),
    ],
)
async def test_why_wechat_gives_no_token(well: House, errcode: int, errmsg: str, said: str) -> None:
    async with platform(stable_token={"errcode": errcode, "errmsg": errmsg}) as url:
        (finding,) = await found(facing(well, url), token.examine)
    assert finding.level is Level.ERROR
    assert said in finding.text
    assert finding.remedy


async def test_no_wechat_at_all(well: House) -> None:
    settings = facing(well, f"http://127.0.0.1:{ports.any_free()}")
    (finding,) = await found(settings, token.examine)
    assert "连不上微信接口" in finding.text


async def test_without_a_token_what_hangs_on_it_is_no_further_error(well: House) -> None:
    settings = changed(well.settings, "wechat", {"app_secret": "0" * 32})
    for examine in (templates.examine, menu.examine, quota.examine):
        (finding,) = await found(settings, examine)
        assert finding.level is Level.NOTE
        assert "没有 access_token" in finding.text


async def callback_of(home: House, section: str = "wechat", **values: Any) -> Finding:
    return worst(await found(changed(home.settings, section, values), callback.examine))


async def test_a_callback_with_another_token(well: House) -> None:
    assert "不认这里的 Token" in (await callback_of(well, token="another")).text


async def test_a_callback_with_another_key(well: House) -> None:
    finding = await callback_of(well, encoding_aes_key=OTHER_KEY)
    assert "EncodingAESKey 不一致" in finding.text


async def test_a_callback_of_another_account(well: House) -> None:
    finding = await callback_of(well, app_id="wx" + "0" * 16)
    assert "AppID 不一致" in finding.text


async def test_a_callback_that_is_not_there(well: House) -> None:
    url = f"http://127.0.0.1:{ports.any_free()}"
    assert "打不开" in (await callback_of(well, "server", public_url=url)).text


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (web.HTTPFound("/login"), "跳转"),
        (web.HTTPOk(text="It works!"), "不是原样的 echostr"),
        (web.HTTPBadGateway(), "HTTP 502"),
    ],
)
async def test_a_callback_that_somebody_else_answers(
    well: House, answer: web.HTTPException, said: str
) -> None:
    async def other(_: web.Request) -> web.Response:
        return web.Response(status=answer.status, text=answer.text, headers=answer.headers)

    async with TestServer(_app(other)) as server:
        url = str(server.make_url("/"))
        assert said in (await callback_of(well, "server", public_url=url)).text


async def test_a_proxy_that_lets_no_push_through(well: House) -> None:
    async def only_get(request: web.Request) -> web.Response:
        if request.method == "POST":
            return web.Response(status=405)
        return web.Response(text=request.query["echostr"])

    async with TestServer(_app(only_get)) as server:
        finding = await callback_of(well, "server", public_url=str(server.make_url("/")))
    assert "HTTP 405" in finding.text


async def templates_of(home: House, **template: Any) -> list[Finding]:
    present = home.settings.wechat.templates.model_dump()
    present["request_progress"] |= template
    return await found(changed(home.settings, "wechat", {"templates": present}), templates.examine)


async def test_a_template_that_is_not_there(well: House) -> None:
    finding = worst(await templates_of(well, id="AQIDBA"))
    assert finding.level is Level.ERROR
    assert "没有模板 AQIDBA" in finding.text
    assert "wechat.templates.request_progress.id" in finding.remedy


async def test_fields_that_the_template_does_not_have_or_that_stay_empty(well: House) -> None:
    texts = [
        finding.text
        for finding in await templates_of(well, fields={"character_string1": "request_id", "thing9": "title"})
        if finding.level is Level.ERROR
    ]
    assert any("没有字段 thing9" in text for text in texts)
    assert any("thing2 没有内容可填" in text for text in texts)


@pytest.mark.parametrize(
    ("fields", "said", "level"),
    [
        ({"time1": "title"}, "time 类型，装不下 title", Level.ERROR),
        ({"amount1": "status"}, "amount 类型，装不下 status", Level.ERROR),
        ({"character_string1": "title"}, "装不下 title", Level.ERROR),
        ({"phrase1": "title"}, "5 个汉字", Level.WARNING),
        ({"const1": "status"}, "固定词", Level.WARNING),
        ({"keyword1": "title"}, "历史模板", Level.WARNING),
        ({"thing1": "title", "time2": "time", "amount3": "amount"}, "3 个字段都对得上", Level.OK),
    ],
)
async def test_what_a_field_can_hold(well: House, fields: dict[str, str], said: str, level: Level) -> None:
    content = "\n".join(f"标签:{{{{{field}.DATA}}}}" for field in fields)
    listed = {"template_list": [{"template_id": "T1", "title": "进度", "content": content}]}
    async with platform(get_all_private_template=listed) as url:
        present = well.settings.wechat.templates.model_dump()
        present["request_progress"] = {"id": "T1", "fields": fields}
        wechat = {"templates": present, "api_base_url": url}
        findings = await found(changed(well.settings, "wechat", wechat), templates.examine)
    assert any(said in finding.text and finding.level is level for finding in findings)


async def test_notices_that_nothing_sends_yet_need_no_template(well: House) -> None:
    listed = {"template_list": []}
    async with platform(get_all_private_template=listed) as url:
        findings = await found(facing(well, url), templates.examine)
    sent = {notice.name for notice in registry.NOTICES}
    assert [finding.level for finding in findings] == [Level.ERROR] * len(sent) + [Level.NOTE]
    assert f"{len(well.settings.wechat.templates.by_notice()) - len(sent)} 种通知" in findings[-1].text


@pytest.mark.parametrize(
    ("answer", "said", "level"),
    [
        ({"errcode": 46003, "errmsg": "menu no exist"}, "还没有菜单", Level.WARNING),
        (
            {"menu": {"button": [{"name": "更多", "sub_button": [{"type": "click", "key": "old_key"}]}]}},
            "old_key",
            Level.WARNING,
        ),
        ({"errcode": 48001, "errmsg": "api unauthorized"}, "48001", Level.ERROR),
        ({"menu": {"button": [{"type": "click", "key": "help"}]}}, "1 个点击键", Level.OK),
    ],
)
async def test_the_menu(well: House, answer: dict[str, Any], said: str, level: Level) -> None:
    async with platform(get=answer) as url:
        (finding,) = await found(facing(well, url), menu.examine)
    assert said in finding.text
    assert finding.level is level


@pytest.mark.parametrize(("left", "level"), [(0, Level.ERROR), (9_999, Level.WARNING), (90_000, Level.OK)])
async def test_what_is_left_of_the_quota(well: House, left: int, level: Level) -> None:
    answer = {"quota": {"daily_limit": 100_000, "used": 100_000 - left, "remain": left}}
    async with platform(get=answer) as url:
        findings = await found(facing(well, url), quota.examine)
    assert {finding.level for finding in findings} == {level}
    assert len(findings) == 2


@pytest.mark.parametrize(
    ("off", "said", "level"),
    [(-90, "快", Level.ERROR), (90, "慢", Level.ERROR), (-20, "快", Level.WARNING), (0, "一致", Level.OK)],
)
async def test_a_clock_that_is_off(well: House, off: int, said: str, level: Level) -> None:
    async def late(_: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = formatdate(time.time() + off, usegmt=True)

    async def hello(_: web.Request) -> web.Response:
        return web.Response()

    app = _app(hello)
    app.on_response_prepare.append(late)
    async with TestServer(app) as server:
        (finding,) = await found(facing(well, str(server.make_url("/")).rstrip("/")), clock.examine)
    assert said in finding.text
    assert finding.level is level
