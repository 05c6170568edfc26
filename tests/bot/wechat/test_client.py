"""What holds for every call: one retry with another token, bodies as WeChat wants them."""

import pytest
from aiohttp import web

from bot.wechat import refusals
from bot.wechat.api.media import MediaKind
from bot.wechat.client import WeChatClient
from bot.wechat.transport import Upload
from tests.bot.wechat.platform_server import Platform

OPENID = "oOwner1"


async def test_chinese_leaves_without_escapes(client: WeChatClient, platform: Platform) -> None:
    await client.custom_messages.send_text(OPENID, "您好，额度五十万")
    body = '{"touser":"oOwner1","msgtype":"text","text":{"content":"您好，额度五十万"}}'
    assert platform.last.raw == body.encode()
    assert platform.last.content_type == "application/json"


async def test_lone_surrogate_does_not_stop_a_message(client: WeChatClient, platform: Platform) -> None:
    await client.custom_messages.send_text(OPENID, "好\ud83d")
    assert platform.last.body["text"] == {"content": "好?"}


async def test_an_answer_with_raw_control_characters_is_read(
    client: WeChatClient, platform: Platform
) -> None:
    raw = '{"subscribe":1,"openid":"o1","subscribe_time":1,"tagid_list":[],"remark":"张\n\x01总'.encode()
    platform.answers["/cgi-bin/user/info"] = web.Response(body=raw + b'\xe5"}')
    assert (await client.users.get("o1")).remark == "张\n\x01总\ufffd"


@pytest.mark.parametrize("trouble", [40001, 40014, 42001])
async def test_a_refused_token_is_renewed_once(
    client: WeChatClient, platform: Platform, trouble: int
) -> None:
    platform.troubles.append(trouble)
    await client.custom_messages.send_text(OPENID, "好")
    assert len(platform.received) == 2


async def test_a_token_refused_again_ends_the_call(client: WeChatClient, platform: Platform) -> None:
    platform.troubles.extend([40001] * 9)
    with pytest.raises(refusals.TokenInvalid):
        await client.custom_messages.send_text(OPENID, "好")
    assert len(platform.received) == 2
    with pytest.raises(refusals.TokenInvalid):
        await client.custom_messages.send_text(OPENID, "好")
    assert platform.fetches.count(True) == 1


async def test_an_uploaded_file_is_whole_at_the_second_try(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/media/upload"] = {"type": "image", "media_id": "M1", "created_at": 1}
    platform.troubles.append(42001)
    await client.media.upload(MediaKind.IMAGE, Upload("a.png", b"\x89PNG-content", "image/png"))
    assert len(platform.received) == 2
    assert all(b"\x89PNG-content" in request.raw for request in platform.received)
