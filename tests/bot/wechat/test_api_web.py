"""Pages inside WeChat: who opens them, the JS-SDK's signature; and the account's quota."""

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.sections import PROJECT
from bot.wechat import refusals
from bot.wechat.api.jssdk import sign
from bot.wechat.api.oauth import Profile, Scope, SnapshotVisitor, Visitor
from bot.wechat.api.quota import CallQuota
from bot.wechat.client import Sites, WeChatClient
from bot.wechat.errors import BadAnswer, CallFailed, InvalidArgument
from bot.wechat.transport import Transport
from tests.bot.wechat.conftest import ACCOUNT
from tests.bot.wechat.platform_server import APP_ID, SECRET, Platform

Act = Callable[[WeChatClient], Awaitable[Any]]
GRANT = {
    "access_token": "sns-token",
    "expires_in": 7200,
    "refresh_token": "sns-refresh",
    "openid": "oOwner1",
    "scope": "snsapi_base",
    "unionid": "u1",
}
VISITOR = Visitor("oOwner1", "u1", "sns-token", "sns-refresh", 7200, "snsapi_base")


def test_the_authorize_url_has_wechats_order(client: WeChatClient) -> None:
    url = client.oauth.authorize_url("https://x.cn/m/id?next=/进度", "s7", Scope.USER_INFO)
    assert url == (
        f"https://open.weixin.qq.com/connect/oauth2/authorize?appid={APP_ID}"
        "&redirect_uri=https%3A%2F%2Fx.cn%2Fm%2Fid%3Fnext%3D%2F%E8%BF%9B%E5%BA%A6"
        "&response_type=code&scope=snsapi_userinfo&state=s7#wechat_redirect"
    )


def test_a_sandbox_has_its_own_pages(transport: Transport, redis: Redis) -> None:
    sites = Sites(mp="http://127.0.0.1/mp", open="http://127.0.0.1/open")
    client = WeChatClient(transport, redis, ACCOUNT, sites)
    url = client.oauth.authorize_url("https://x.cn", "s")
    assert url.startswith("http://127.0.0.1/open/connect/oauth2/authorize?appid=")
    assert client.qrcodes.picture_url("T").startswith("http://127.0.0.1/mp/cgi-bin/showqrcode?ticket=T")


async def test_a_code_is_exchanged_without_the_accounts_token(
    client: WeChatClient, platform: Platform
) -> None:
    platform.answers["/sns/oauth2/access_token"] = GRANT
    assert await client.oauth.exchange("code-1") == VISITOR
    query = {"appid": APP_ID, "secret": SECRET, "code": "code-1", "grant_type": "authorization_code"}
    assert (platform.last.method, platform.last.query) == ("GET", query)
    assert platform.fetches == []
    for private in ("oOwner1", "u1", "sns-token", "sns-refresh"):
        assert private not in repr(VISITOR)


@pytest.mark.parametrize("flag", [1, "1", True, 2])
async def test_a_snapshot_has_no_openid_to_bind(
    client: WeChatClient, platform: Platform, flag: int | str
) -> None:
    platform.answers["/sns/oauth2/access_token"] = GRANT | {"is_snapshotuser": flag}
    visitor = await client.oauth.exchange("code-1")
    assert visitor == SnapshotVisitor()
    assert visitor.is_snapshot
    assert not hasattr(visitor, "openid")


async def test_a_person_is_told_from_a_snapshot(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/sns/oauth2/access_token"] = GRANT | {"is_snapshotuser": 0}
    assert not (await client.oauth.exchange("code-1")).is_snapshot


@pytest.mark.parametrize(
    ("errcode", "kind"),
    [(40029, refusals.BadCode), (40163, refusals.CodeUsed), (42003, refusals.CodeExpired)],
)
async def test_a_code_that_is_of_no_use(
    client: WeChatClient, platform: Platform, errcode: int, kind: type[refusals.LoginError]
) -> None:
    platform.troubles.append(errcode)
    with pytest.raises(kind) as caught:
        await client.oauth.exchange("code-1")
    assert isinstance(caught.value, refusals.LoginError)


async def test_refresh_check_and_profile(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/sns/oauth2/refresh_token"] = GRANT
    assert await client.oauth.refresh("sns-refresh") == VISITOR
    query = {"appid": APP_ID, "grant_type": "refresh_token", "refresh_token": "sns-refresh"}
    assert platform.last.query == query
    assert await client.oauth.check(VISITOR)
    assert (platform.last.path, platform.last.query) == (
        "/sns/auth",
        {"access_token": "sns-token", "openid": "oOwner1"},
    )
    for trouble in (40001, 42002, 40003):
        platform.troubles.append(trouble)
        assert not await client.oauth.check(VISITOR)
    platform.answers["/sns/userinfo"] = {
        "openid": "oOwner1",
        "nickname": "微信用户",
        "headimgurl": "https://thirdwx.qlogo.cn/1",
        "unionid": "u1",
    }
    found = await client.oauth.profile(VISITOR)
    assert found == Profile("oOwner1", "微信用户", "https://thirdwx.qlogo.cn/1", "u1")
    assert platform.last.query["lang"] == "zh_CN"


def test_the_signature_of_wechats_own_example() -> None:
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    signed = sign(ticket, nonce="Wm3WZYTPz0wzccnW", timestamp=1414587457, url="http://mp.weixin.qq.com#part")
    assert signed == "f4d90daf4b3bca3078ab155816175ba34c443a7b"


async def test_one_ticket_serves_many_pages(client: WeChatClient, platform: Platform, redis: Redis) -> None:
    pages = await asyncio.gather(*(client.jssdk.config(f"https://x.cn/{n}#a") for n in range(8)))
    assert platform.tickets == 1
    assert platform.last.query == {"type": "jsapi"}
    assert len({page.nonce for page in pages}) == 8
    for number, page in enumerate(pages):
        expected = sign("ticket-1", nonce=page.nonce, timestamp=page.timestamp, url=f"https://x.cn/{number}")
        assert (page.app_id, page.signature) == (APP_ID, expected)
    assert 6900 < await redis.ttl(f"wechat:ticket:{APP_ID}") <= 7200 - 240


REPLICA = """
import asyncio, json, sys
from redis.asyncio import Redis
from bot.wechat.client import Credentials, Sites, connected
from nlu.breaker import Breaker

async def main(socket, base_url, app_id, secret):
    async with Redis(unix_socket_path=socket) as redis:
        async with connected(redis, Credentials(app_id, secret), Breaker(), Sites(api=base_url)) as client:
            await asyncio.gather(*(client.jssdk.config("https://x.cn") for _ in range(5)))
            await client.custom_messages.send_text("o1", "好")
            token = await redis.get(f"wechat:token:{app_id}")
            ticket = await redis.get(f"wechat:ticket:{app_id}")
            print(json.dumps([token.decode(), ticket.decode()]))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_processes_share_one_token_and_one_ticket(
    platform: Platform, base_url: str, redis: Redis, valkey_socket: Path
) -> None:
    async def replica() -> Any:
        arguments = [str(valkey_socket), base_url, APP_ID, SECRET]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", REPLICA, *arguments, cwd=PROJECT, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
        assert process.returncode == 0
        return json.loads(output)

    assert await redis.dbsize() == 0
    assert await asyncio.gather(replica(), replica()) == [["stable-0", "ticket-1"]] * 2
    assert (platform.fetches, platform.tickets) == ([False], 1)


async def test_quota(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/openapi/quota/get"] = {
        "errcode": 0,
        "quota": {"daily_limit": 500000, "used": 12, "remain": 499988},
    }
    await client.quota.clear()
    await client.quota.clear_by_secret()
    assert platform.last.query == {}
    await client.quota.clear_one("/cgi-bin/message/custom/send")
    assert await client.quota.get("/cgi-bin/message/custom/send") == CallQuota(500000, 12, 499988)
    assert platform.calls == [
        ("/cgi-bin/clear_quota", {"appid": APP_ID}),
        ("/cgi-bin/clear_quota/v2", {"appid": APP_ID, "appsecret": SECRET}),
        ("/cgi-bin/openapi/quota/clear", {"cgi_path": "/cgi-bin/message/custom/send"}),
        ("/cgi-bin/openapi/quota/get", {"cgi_path": "/cgi-bin/message/custom/send"}),
    ]
    assert platform.fetches == [False]


async def test_a_call_looked_up_by_its_rid_shows_no_private_part(
    client: WeChatClient, platform: Platform
) -> None:
    platform.answers["/cgi-bin/openapi/rid/get"] = {
        "request": {
            "invoke_time": 1635156704,
            "cost_in_ms": 30,
            "request_url": "access_token=50_secret",
            "request_body": "oOwner1",
            "response_body": '{"errcode":45009}',
            "client_ip": "203.0.113.7",
        }
    }
    found = await client.quota.request_info("61725984-6126f6f9-040f19c4")
    assert platform.last.body == {"rid": "61725984-6126f6f9-040f19c4"}
    assert (found.cost_ms, found.url, found.body) == (30, "access_token=50_secret", "oOwner1")
    assert "50_secret" not in repr(found)
    assert "oOwner1" not in repr(found)


@pytest.mark.parametrize("trouble", ["slow", "drop", 40029])
async def test_secret_and_code_stay_out_of_errors_and_logs(
    client: WeChatClient, platform: Platform, trouble: str | int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    platform.troubles.extend([trouble] * 2)
    with pytest.raises(CallFailed) as caught:
        await client.oauth.exchange("061Rk3Ga1YqFzB0yNxHa1Uj6aR3Rk3GE")
    ours = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]
    written = "".join(ours) + repr(caught.value) + repr(ACCOUNT)
    assert SECRET not in written
    assert "061Rk3Ga1" not in written
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("field", "act"),
    [
        ("path", lambda c: c.quota.get("cgi-bin/menu/get")),
        ("path", lambda c: c.quota.clear_one("/cgi-bin/menu/get?access_token=x")),
        ("url", lambda c: c.jssdk.config("x.cn")),
    ],
)
async def test_limits_are_checked_before_the_call(
    client: WeChatClient, platform: Platform, field: str, act: Act
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        await act(client)
    assert caught.value.field == field
    assert platform.received == []


@pytest.mark.parametrize(
    ("field", "uri", "state"),
    [
        ("state", "https://x.cn", "s" * 129),
        ("state", "https://x.cn", "a&scope=b"),
        ("redirect_uri", "javascript:0", "s"),
    ],
)
def test_limits_of_the_authorize_url(client: WeChatClient, field: str, uri: str, state: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        client.oauth.authorize_url(uri, state)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "act",
    [
        lambda c: c.oauth.exchange("c"),
        lambda c: c.oauth.refresh("r"),
        lambda c: c.oauth.profile(VISITOR),
        lambda c: c.quota.get("/cgi-bin/menu/get"),
        lambda c: c.quota.request_info("r"),
    ],
)
async def test_an_answer_without_what_was_asked_for_is_no_success(client: WeChatClient, act: Act) -> None:
    with pytest.raises(BadAnswer):
        await act(client)
