"""The callback over HTTP: what is taken in every mode, what is refused with which status."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, given, settings
from redis.asyncio import Redis
from sqlalchemy import func, select
from structlog.testing import capture_logs
from yarl import URL

from bot.web import callback, keys
from bot.wechat.callback import MAX_BODY_BYTES, CallbackCodec, Mode
from bot.wechat.crypto import MessageCipher, sign
from bot.wechat.markup import parse_fields
from bot.wechat.nonces import RedisNonces
from domain.inbox import InboxRow
from tests.bot.front import Front
from tests.bot.wechat.pushes import MESSAGES, SAMPLES, spoiled_bodies, to_json, to_xml

OLD_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
_ids = itertools.count(time.time_ns())


@dataclass
class Push:
    """A push of WeChat's as it goes over the wire, to be spoiled piece by piece."""

    world: Front
    mode: Mode = Mode.SAFE
    form: Any = to_xml
    key: str = ""
    app_id: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    inner: bytes = b""
    body: bytes = b""
    query: dict[str, str] = field(default_factory=dict)
    content_type: str = "text/xml"

    def __post_init__(self) -> None:
        account = self.world.account
        stamp, nonce = str(int(time.time())), str(next(_ids))
        self.query = {"signature": sign(account.token, stamp, nonce), "timestamp": stamp, "nonce": nonce}
        whole = self.whole()
        self.inner = self.inner or self.form(whole)
        self.body = self.inner
        if self.mode is not Mode.PLAIN:
            sealed = MessageCipher(
                self.key or account.encoding_aes_key, self.app_id or account.app_id
            ).encrypt(self.inner)
            signature = sign(account.token, stamp, nonce, sealed)
            self.query |= {"encrypt_type": "aes", "msg_signature": signature}
            outer = whole if self.mode is Mode.COMPATIBLE else {"ToUserName": account.original_id}
            self.body = self.form({**outer, "Encrypt": sealed})

    def whole(self) -> dict[str, Any]:
        text = {"MsgType": "text", "Content": "你好", "MsgId": next(_ids)}
        people = {"ToUserName": self.world.account.original_id, "FromUserName": self.world.openid}
        return people | {"CreateTime": int(time.time())} | (dict(self.fields) or text)

    async def sent(self, url: str = "") -> tuple[int, str]:
        target = URL(url or self.world.url).with_query(self.query)
        headers = {"Content-Type": self.content_type}
        async with (
            ClientSession() as session,
            session.post(target, data=self.body, headers=headers) as answer,
        ):
            text = await answer.text()
            assert "Traceback" not in text
            return answer.status, text


@asynccontextmanager
async def account(world: Front, redis_url: str, mode: Mode, previous: str = "") -> AsyncIterator[str]:
    """The same account in another mode: the address of its callback."""
    app = web.Application()
    app.add_routes(callback.routes)
    app[keys.PIPELINE] = world.pipeline
    async with Redis.from_url(redis_url) as redis:
        app[keys.CODEC] = CallbackCodec(
            world.account.app_id,
            world.account.token,
            RedisNonces(redis),
            encoding_aes_key=world.account.encoding_aes_key,
            previous_aes_key=previous,
            mode=mode,
        )
        async with TestServer(app) as server:
            yield str(server.make_url("/wechat"))


async def turns(world: Front) -> int:
    query = select(func.count()).select_from(InboxRow).where(InboxRow.key.startswith("msg:"))
    async with world.database.reading() as session:
        return int(await session.scalar(query) or 0)


async def test_wechat_verifies_the_address(world: Front) -> None:
    query = Push(world).query | {"echostr": "5837397520665436492"}
    async with ClientSession() as session, session.get(world.url, params=query) as response:
        assert (response.status, await response.text()) == (200, "5837397520665436492")


@pytest.mark.parametrize(
    ("spoiled", "status"),
    [
        ({"signature": "0" * 40}, 403),
        ({"signature": ""}, 403),
        ({"timestamp": str(int(time.time()) - 5000)}, 403),
        ({"timestamp": "soon"}, 400),
        ({"nonce": ""}, 400),
        ({"echostr": ""}, 400),
        ({"echostr": "<script>"}, 400),
    ],
)
async def test_a_forged_verification_is_refused(world: Front, spoiled: dict[str, str], status: int) -> None:
    query = Push(world).query | {"echostr": "1"} | spoiled
    async with ClientSession() as session, session.get(world.url, params=query) as response:
        assert response.status == status
    async with ClientSession() as session, session.get(world.url) as response:
        assert response.status == 403


@pytest.mark.parametrize("form", [to_xml, to_json])
@pytest.mark.parametrize("mode", Mode)
async def test_a_proper_push_is_answered_in_its_mode(
    world: Front, shared_valkey: str, mode: Mode, form: Any
) -> None:
    media = "text/xml" if form is to_xml else "application/json"
    async with account(world, shared_valkey, mode) as url:
        status, answer = await Push(world, mode, form, content_type=media).sent(url)
    assert status == 200
    assert await turns(world) == 1
    reply = parse_fields(answer.encode())
    assert ("Encrypt" in reply) == (mode is not Mode.PLAIN)
    if mode is not Mode.PLAIN:
        cipher = MessageCipher(world.account.encoding_aes_key, world.account.app_id)
        reply = parse_fields(cipher.decrypt(str(reply["Encrypt"])))
    assert (reply["ToUserName"], reply["FromUserName"]) == (world.openid, world.account.original_id)


async def test_after_a_change_of_keys_the_previous_one_opens_and_seals(
    world: Front, shared_valkey: str
) -> None:
    async with account(world, shared_valkey, Mode.SAFE, previous=OLD_KEY) as url:
        status, answer = await Push(world, key=OLD_KEY).sent(url)
    assert status == 200
    sealed = str(parse_fields(answer.encode())["Encrypt"])
    assert b"oOther" not in MessageCipher(OLD_KEY, world.account.app_id).decrypt(sealed)


async def test_plain_fields_beside_the_encrypted_part_are_not_read(world: Front, shared_valkey: str) -> None:
    push = Push(world, Mode.COMPATIBLE)
    push.body = push.body.replace(world.openid.encode(), b"oOther")
    async with account(world, shared_valkey, Mode.COMPATIBLE) as url:
        assert (await push.sent(url))[0] == 200
    async with world.database.reading() as session:
        people = set(await session.scalars(select(InboxRow.openid).where(InboxRow.key.startswith("msg:"))))
    assert people == {world.openid}


async def test_an_unknown_event_is_answered_with_success(world: Front) -> None:
    push = Push(world, fields={"MsgType": "event", "Event": "card_pass_check", "CardId": "c"})
    assert await push.sent() == (200, "success")


async def test_no_kind_of_push_fails(world: Front) -> None:
    people = {"ToUserName": world.account.original_id, "FromUserName": world.openid}
    for name, sample in SAMPLES.items():
        status, _ = await Push(world, fields=sample.whole() | people).sent()
        assert status == 200, name


def _query(**spoiled: str) -> Any:
    return lambda push: push.query.update(spoiled)


def _without(*names: str) -> Any:
    return lambda push: [push.query.pop(name) for name in names]


def _body(body: bytes) -> Any:
    return lambda push: setattr(push, "body", body)


def _type(content_type: str) -> Any:
    return lambda push: setattr(push, "content_type", content_type)


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>'
REFUSALS = {
    "empty": (_body(b""), 400),
    "broken xml": (_body(b"<xml"), 400),
    "broken json": (_body(b'{"Encrypt":'), 400),
    "no encrypted part": (_body(b"<xml><a>1</a></xml>"), 400),
    "entity bomb": (_body(BOMB), 400),
    "not utf-8": (_body(b"<xml><Encrypt>\xff\xfe</Encrypt></xml>"), 400),
    "deep": (_body(b"<xml>" + b"<a>" * 30_000), 400),
    "no timestamp": (_without("timestamp"), 400),
    "no nonce": (_without("nonce"), 400),
    "odd timestamp": (_query(timestamp="1e9"), 400),
    "forged signature": (_query(signature="f" * 40), 403),
    "forged message signature": (_query(msg_signature="f" * 40), 403),
    "no message signature": (_without("msg_signature"), 403),
    "no query": (_without("signature", "timestamp", "nonce", "encrypt_type", "msg_signature"), 403),
    "another encrypted part": (_body(b"<xml><Encrypt>AAAA</Encrypt></xml>"), 403),
    "called plain": (_without("encrypt_type"), 403),
    "too large": (_body(b"x" * (MAX_BODY_BYTES + 1)), 413),
    "html": (_type("text/html"), 415),
    "a form": (_type("application/x-www-form-urlencoded"), 415),
    "json that is xml": (_type("application/json"), 415),
}


async def test_bad_input_is_refused(
    world: Front, caplog: pytest.LogCaptureFixture, subtests: pytest.Subtests
) -> None:
    for name, (spoil, status) in REFUSALS.items():
        with subtests.test(name):
            push = Push(world)
            spoil(push)
            await refused(world, push, status, caplog)


async def refused(world: Front, push: Push, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """With that status, one line in the log that shows nothing of anybody, and nothing in the database."""
    with capture_logs() as lines:
        answered, text = await push.sent()
    assert answered == status
    (line,) = lines
    assert (line["event"], line["status"], line["reason"]) == ("callback_refused", status, text)
    assert world.openid not in str(line)
    assert not caplog.records
    assert await turns(world) == 0


NO_MESSAGES = {
    "broken xml": b"<xml",
    "broken json": b"{]",
    "not utf-8": b"\xff\xfe",
    "entity bomb": BOMB,
    "fields missing": b"<xml><MsgType>text</MsgType></xml>",
    "a time that is none": to_xml(MESSAGES["text"].whole() | {"CreateTime": "-1"}),
}


async def test_a_message_that_is_none_400(
    world: Front, caplog: pytest.LogCaptureFixture, subtests: pytest.Subtests
) -> None:
    """Signed and encrypted as WeChat would."""
    for name, inner in NO_MESSAGES.items():
        with subtests.test(name):
            await refused(world, Push(world, inner=inner), 400, caplog)


@pytest.mark.parametrize("off", [-700, 700])
async def test_an_old_or_early_push_403(world: Front, caplog: pytest.LogCaptureFixture, off: int) -> None:
    push = Push(world)
    stamp = str(int(time.time()) + off)
    sealed = str(parse_fields(push.body)["Encrypt"])
    nonce, token = push.query["nonce"], world.account.token
    push.query |= {"timestamp": stamp, "signature": sign(token, stamp, nonce)}
    push.query |= {"msg_signature": sign(token, stamp, nonce, sealed)}
    await refused(world, push, 403, caplog)


async def test_another_account_403(world: Front, caplog: pytest.LogCaptureFixture) -> None:
    await refused(world, Push(world, app_id="wx0000000000000000"), 403, caplog)


async def test_another_key_400(world: Front, caplog: pytest.LogCaptureFixture) -> None:
    await refused(world, Push(world, key=OLD_KEY), 400, caplog)


async def test_plain_text_to_an_account_in_safe_mode_403(
    world: Front, caplog: pytest.LogCaptureFixture
) -> None:
    await refused(world, Push(world, Mode.PLAIN), 403, caplog)


async def test_a_nonce_with_another_message_403_the_same_again_200(world: Front, shared_valkey: str) -> None:
    async with account(world, shared_valkey, Mode.PLAIN) as url:
        push = Push(world, Mode.PLAIN)
        assert (await push.sent(url))[0] == 200
        assert (await push.sent(url))[0] == 200
        assert await turns(world) == 1
        push.body = push.body.replace("你好".encode(), "转账".encode())
        assert (await push.sent(url))[0] == 403
        assert await turns(world) == 1


async def test_a_long_text_is_taken(world: Front) -> None:
    text = {"MsgType": "text", "Content": "贷" * 2000, "MsgId": next(_ids)}
    assert (await Push(world, fields=text).sent())[0] == 200


async def raw(world: Front, head: str, *parts: bytes) -> str:
    """The status line that answers bytes on the wire, whether or not they are all that was announced."""
    url = URL(world.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    query = URL("/wechat").with_query(Push(world).query)
    writer.write(f"POST {query} HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n{head}\r\n\r\n".encode())
    for part in parts:
        await asyncio.sleep(0.05)  # so that the head is read without it
        writer.write(part)
    answer = await asyncio.wait_for(reader.readline(), 20)
    writer.close()
    return answer.decode().strip()


async def test_ten_megabytes_are_refused_before_they_come(world: Front) -> None:
    answer = await raw(world, f"Content-Length: {10 * 1024 * 1024}", b"<xml>")
    assert answer.startswith("HTTP/1.1 413")


async def test_a_body_of_unknown_length_is_read_no_further_than_the_limit(world: Front) -> None:
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    answer = await raw(world, "Transfer-Encoding: chunked", chunk * 9)
    assert answer.startswith("HTTP/1.1 413")


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_a_compressed_body_415(world: Front, coding: str) -> None:
    answer = await raw(world, f"Content-Encoding: {coding}\r\nContent-Length: 4")
    assert answer.startswith("HTTP/1.1 415")


@pytest.mark.parametrize("head", ["Content-Length: 100", "Transfer-Encoding: chunked"])
async def test_who_leaves_amid_the_body_leaves_no_trace(
    world: Front, caplog: pytest.LogCaptureFixture, head: str
) -> None:
    url = URL(world.url)
    _, writer = await asyncio.open_connection(url.host, url.port)
    query = URL("/wechat").with_query(Push(world).query)
    writer.write(f"POST {query} HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n5\r\n".encode())
    await asyncio.sleep(0.1)
    with capture_logs() as lines:
        writer.close()
        await asyncio.sleep(0.2)
    assert not lines
    assert not caplog.records


async def test_a_body_that_does_not_come_400(world: Front) -> None:
    """Also chunks that are none: the server's parser waits for the rest of them for ever."""
    with capture_logs() as lines:
        answers = await asyncio.gather(
            raw(world, "Content-Length: 100", b"<xml>"),
            raw(world, "Transfer-Encoding: chunked", b"zz\r\n<xml\r\n"),
        )
    assert answers == ["HTTP/1.1 400 Bad Request"] * 2
    assert [line["event"] for line in lines] == ["callback_refused"] * 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(inner=spoiled_bodies())
async def test_no_spoiled_push_is_a_fault_of_ours(world: Front, inner: bytes) -> None:
    """Signed and encrypted as WeChat would, so that it reaches the reader and the pipeline."""
    status, _ = await Push(world, inner=inner).sent()
    assert status in {200, 400}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(body=spoiled_bodies())
async def test_no_spoiled_envelope_is_a_fault_of_ours(world: Front, body: bytes) -> None:
    push = Push(world)
    push.body = body
    assert (await push.sent())[0] in {400, 403}
