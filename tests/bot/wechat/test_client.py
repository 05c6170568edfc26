"""Calls to the platform: what leaves, and what each trouble becomes."""

import logging
import socket
import traceback

import pytest
from aiohttp import ClientSession

from bot.wechat import errors
from bot.wechat.client import PrivateTemplate, WeChatClient
from bot.wechat.token import AccessTokens
from bot.wechat.transport import Transport
from tests.bot.wechat.conftest import TIMEOUT
from tests.bot.wechat.platform_server import Platform

OPENID = "oOwner1"


async def test_text_leaves_without_escapes(client: WeChatClient, platform: Platform) -> None:
    await client.send_text(OPENID, "您好，额度五十万")
    body = {"touser": OPENID, "msgtype": "text", "text": {"content": "您好，额度五十万"}}
    assert platform.calls == [("/cgi-bin/message/custom/send", body)]
    assert "您好，额度五十万".encode() in platform.bodies[0]


async def test_lone_surrogate_does_not_stop_a_message(client: WeChatClient, platform: Platform) -> None:
    await client.send_text(OPENID, "好\ud83d")
    assert platform.calls[0][1]["text"] == {"content": "好?"}


async def test_menu_and_typing(client: WeChatClient, platform: Platform) -> None:
    await client.send_menu(OPENID, "请选择", [("a", "是"), ("b", "否")], "谢谢")
    await client.typing(OPENID)
    assert platform.calls[0][1]["msgmenu"] == {
        "head_content": "请选择",
        "list": [{"id": "a", "content": "是"}, {"id": "b", "content": "否"}],
        "tail_content": "谢谢",
    }
    assert platform.calls[1] == ("/cgi-bin/message/custom/typing", {"touser": OPENID, "command": "Typing"})


async def test_template_is_sent_once_under_one_id(client: WeChatClient, platform: Platform) -> None:
    sends = [
        await client.send_template(OPENID, "T1", {"thing1": "进度"}, url="https://x.cn", client_msg_id="m1")
        for _ in range(2)
    ]
    assert sends == ["3000000000000000000"] * 2
    assert platform.calls[0][1] == {
        "touser": OPENID,
        "template_id": "T1",
        "data": {"thing1": {"value": "进度"}},
        "url": "https://x.cn",
        "client_msg_id": "m1",
    }
    assert await client.send_template(OPENID, "T1", {}) == "3000000000000000001"
    assert set(platform.calls[2][1]) == {"touser", "template_id", "data"}


async def test_templates_and_menu(client: WeChatClient, platform: Platform) -> None:
    assert await client.get_all_private_template() == [PrivateTemplate("T1", "进度", "{{thing1.DATA}}", "x")]
    await client.create_menu([{"type": "click", "name": "融资", "key": "apply_financing"}])
    assert platform.calls[1][1] == {"button": [{"type": "click", "name": "融资", "key": "apply_financing"}]}


@pytest.mark.parametrize("trouble", [40001, 40014, 42001])
async def test_a_refused_token_is_renewed_once(
    client: WeChatClient, platform: Platform, trouble: int
) -> None:
    platform.troubles.append(trouble)
    await client.send_text(OPENID, "好")
    assert len(platform.calls) == 2


async def test_a_token_refused_again_ends_the_call(client: WeChatClient, platform: Platform) -> None:
    platform.troubles.extend([40001] * 9)
    with pytest.raises(errors.TokenInvalid):
        await client.send_text(OPENID, "好")
    assert len(platform.calls) == 2
    with pytest.raises(errors.TokenInvalid):
        await client.send_text(OPENID, "好")
    assert platform.fetches.count(True) == 1


@pytest.mark.parametrize(
    ("errcode", "kind", "retryable"),
    [
        (-1, errors.Busy, True),
        (45009, errors.QuotaExhausted, True),
        (45011, errors.RateLimited, True),
        (43108, errors.ConcurrentSend, True),
        (45015, errors.WindowClosed, False),
        (45047, errors.CountUsedUp, False),
        (43004, errors.NotFollower, False),
        (48002, errors.UserBlocked, False),
        (43019, errors.UserBlocked, False),
        (40003, errors.BadOpenid, False),
        (40037, errors.BadTemplate, False),
        (47003, errors.BadTemplateData, False),
        (45002, errors.ContentTooLong, False),
        (43101, errors.Refused, False),
        (40164, errors.AccountMisconfigured, False),
        (99999, errors.ApiError, False),
    ],
)
async def test_errcode_becomes_its_kind(
    client: WeChatClient, platform: Platform, errcode: int, kind: type[errors.ApiError], *, retryable: bool
) -> None:
    platform.troubles.append(errcode)
    with pytest.raises(errors.ApiError) as caught:
        await client.send_text(OPENID, "好")
    assert type(caught.value) is kind
    assert (caught.value.errcode, caught.value.path) == (errcode, "/cgi-bin/message/custom/send")
    assert (caught.value.retryable, caught.value.outcome_unknown) == (retryable, False)
    assert len(platform.calls) == 1


@pytest.mark.parametrize(
    ("trouble", "kind", "unknown"),
    [
        ("slow", errors.TimedOut, True),
        ("drop", errors.ConnectionLost, True),
        ("502", errors.BadAnswer, True),
        ("<html>", errors.BadAnswer, True),
        ("[1]", errors.BadAnswer, True),
        ('{"errcode": "x"}', errors.BadAnswer, True),
        ("413", errors.GatewayRefused, False),
        ("redirect", errors.GatewayRefused, False),
    ],
)
async def test_unclear_outcomes_are_said_and_not_repeated(
    client: WeChatClient, platform: Platform, trouble: str, kind: type[errors.CallFailed], *, unknown: bool
) -> None:
    platform.troubles.append(trouble)
    with pytest.raises(kind) as caught:
        await client.send_text(OPENID, "好")
    assert (caught.value.retryable, caught.value.outcome_unknown) == (False, unknown)
    assert len(platform.calls) == 1


async def test_nothing_was_sent_where_nobody_listens(tokens: AccessTokens) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: refused
        async with ClientSession() as session:
            there = Transport(session, f"http://127.0.0.1:{taken.getsockname()[1]}", TIMEOUT)
            with pytest.raises(errors.NotSent) as caught:
                await WeChatClient(there, tokens).send_text(OPENID, "好")
    assert (caught.value.retryable, caught.value.outcome_unknown) == (True, False)


@pytest.mark.parametrize("trouble", ["slow", "drop", "502", 45015])
async def test_no_token_openid_or_text_in_logs(
    client: WeChatClient, platform: Platform, trouble: str | int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    platform.troubles.append(trouble)
    with pytest.raises(errors.CallFailed) as caught:
        await client.send_text(OPENID, "机密内容")
    assert caught.value.__context__ is None
    ours = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]
    written = "".join(ours) + "".join(traceback.format_exception_only(caught.value))
    for private in ("stable-0", OPENID, "机密内容"):
        assert private not in written
