"""The callback over HTTP: what is refused, with which status, and what is answered."""

import time
from dataclasses import replace

import pytest
from aiohttp import ClientSession, FormData
from sqlalchemy import func, select
from yarl import URL

from bot.sandbox.envelope import Encryption, Envelope, Push
from domain.inbox import InboxRow
from tests.bot.front import Front


def push(world: Front, *, at: float | None = None, account: object = None, text: str = "你好") -> Push:
    """A text as WeChat would push it, by the sandbox's own encryption."""
    fields = {
        "ToUserName": world.account.original_id,
        "FromUserName": world.openid,
        "CreateTime": int(time.time()),
        "MsgType": "text",
        "Content": text,
        "MsgId": time.time_ns(),
    }
    envelope = Envelope(account or world.account, Encryption.SAFE)  # type: ignore[arg-type]
    return envelope.seal(world.url, world.openid, fields, int(at or time.time()))


async def post(url: URL, body: object, content_type: str = "text/xml") -> int:
    headers = {} if isinstance(body, FormData) else {"Content-Type": content_type}
    async with ClientSession() as session, session.post(url, data=body, headers=headers) as response:
        text = await response.text()
        assert "Traceback" not in text
        return response.status


async def turns(world: Front) -> int:
    query = select(func.count()).select_from(InboxRow).where(InboxRow.key.startswith("msg:"))
    async with world.database.reading() as session:
        return int(await session.scalar(query) or 0)


async def test_wechat_verifies_the_address(world: Front) -> None:
    assert await world.fake.verify()


async def test_a_forged_verification_is_refused(world: Front) -> None:
    query = {"signature": "0" * 40, "timestamp": str(int(time.time())), "nonce": "n", "echostr": "1"}
    async with ClientSession() as session, session.get(world.url, params=query) as response:
        assert response.status == 403
    async with ClientSession() as session, session.get(world.url) as response:
        assert response.status == 403


async def test_a_proper_push_is_answered(world: Front) -> None:
    good = push(world)
    assert await post(good.url, good.body) == 200
    assert await turns(world) == 1


async def test_malformed_400(world: Front) -> None:
    good = push(world)
    for body in (b"", b"<xml", b"<xml><a/></xml>", b"<xml><Encrypt>%%%</Encrypt></xml>"):
        assert await post(good.url, body) in {400, 403}
    assert await post(good.url, b"<xml") == 400
    assert await turns(world) == 0


async def test_a_message_without_its_fields_400(world: Front) -> None:
    envelope = Envelope(world.account, Encryption.SAFE)
    bare = envelope.seal(world.url, world.openid, {"MsgType": "text"}, int(time.time()))
    assert await post(bare.url, bare.body) == 400


@pytest.mark.parametrize("key", ["signature", "msg_signature", "timestamp", "nonce"])
async def test_a_forged_signature_403(world: Front, key: str) -> None:
    good = push(world)
    value = str(int(time.time()) - 5) if key == "timestamp" else "f" * 40
    assert await post(good.url.update_query({key: value}), good.body) == 403
    assert await turns(world) == 0


async def test_no_signature_403(world: Front) -> None:
    good = push(world)
    assert await post(good.url.with_query(None), good.body) == 403


@pytest.mark.parametrize("off", [-700, 700])
async def test_an_old_or_early_push_403(world: Front, off: int) -> None:
    late = push(world, at=time.time() + off)
    assert await post(late.url, late.body) == 403


async def test_another_account_403(world: Front) -> None:
    other = push(world, account=replace(world.account, app_id="wx0000000000000000"))
    assert await post(other.url, other.body) == 403


async def test_a_nonce_with_another_message_403_the_same_again_200(world: Front) -> None:
    first, second = push(world, text="一"), push(world, text="二")
    assert await post(first.url, first.body) == 200
    assert await post(first.url, first.body) == 200
    assert await turns(world) == 1
    assert await post(first.url, second.body) == 403


async def test_plain_text_to_an_account_in_safe_mode_403(world: Front) -> None:
    plain = Envelope(world.account, Encryption.PLAIN).seal(
        world.url, world.openid, push(world).fields, int(time.time())
    )
    assert await post(plain.url, plain.body) == 403


async def test_a_body_too_large_413(world: Front) -> None:
    good = push(world)
    assert await post(good.url, b"x" * (512 * 1024 + 1)) == 413


@pytest.mark.parametrize("content_type", ["application/json", "text/html", "multipart/form-data; boundary=x"])
async def test_another_media_type_415(world: Front, content_type: str) -> None:
    good = push(world)
    assert await post(good.url, good.body, content_type) == 415


async def test_a_long_text_is_taken(world: Front) -> None:
    good = push(world, text="贷" * 2000)
    assert await post(good.url, good.body) == 200
