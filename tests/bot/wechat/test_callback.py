"""Callbacks in the three modes and both formats, as WeChat sends them and as nobody should."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis
from wechatpy.crypto import WeChatCrypto

from bot.wechat.callback import MAX_BODY_BYTES, CallbackCodec, Envelope, Mode
from bot.wechat.crypto import MessageCipher, sign
from bot.wechat.errors import (
    BadSignature,
    CallbackError,
    Expired,
    Malformed,
    Replay,
    TooLarge,
    UnsupportedMedia,
    WrongApp,
)
from bot.wechat.markup import parse_fields
from bot.wechat.messages import Incoming
from bot.wechat.nonces import RedisNonces
from bot.wechat.parsing import parse
from bot.wechat.replies import NO_REPLY
from tests.bot.wechat.pushes import SAMPLES, spoiled_bodies, to_json, to_xml

APP, TOKEN, NOW = "wxba5fad812f8e6fb9", "AAAAA", 1_714_037_059
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLD_KEY = KEY[::-1]
FIELDS = {"MsgType": "text", "Content": "贷款"}
XML = to_xml(FIELDS).decode()
OTHER = XML.replace("贷款", "转账")
Push = tuple[dict[str, str], bytes]


def codec(redis: Redis, mode: Mode = Mode.SAFE, key: str = KEY, now: float = NOW) -> CallbackCodec:
    return CallbackCodec(
        APP,
        TOKEN,
        RedisNonces(redis),
        encoding_aes_key=key,
        previous_aes_key=OLD_KEY,
        mode=mode,
        now=lambda: now,
    )


def encrypted(
    text: str = XML,
    *,
    key: str = KEY,
    app: str = APP,
    nonce: str = "n1",
    at: int = NOW,
    form: Any = to_xml,
    beside: dict[str, str] | None = None,
) -> Push:
    """A push encrypted by wechatpy, as WeChat would; ``beside`` are the plain fields of compatible mode."""
    sealed = parse_fields(WeChatCrypto(TOKEN, key, app).encrypt_message(text, nonce, str(at)).encode())
    query = {"timestamp": str(at), "nonce": nonce, "encrypt_type": "aes"}
    query["msg_signature"] = str(sealed["MsgSignature"])
    query["signature"] = sign(TOKEN, str(at), nonce)
    return query, form({"ToUserName": "gh_1", **(beside or {}), "Encrypt": sealed["Encrypt"]})


def sealed_raw(body: bytes) -> Push:
    """Any bytes at all, where wechatpy encrypts texts only."""
    sealed = MessageCipher(KEY, APP).encrypt(body)
    query = {"timestamp": str(NOW), "nonce": "n1", "encrypt_type": "aes"}
    return query | {"msg_signature": sign(TOKEN, str(NOW), "n1", sealed)}, to_xml({"Encrypt": sealed})


def plain(body: bytes = XML.encode()) -> Push:
    signature = "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    return {"signature": signature, "timestamp": str(NOW), "nonce": "486452656"}, body


async def test_address_is_verified_with_the_documented_signature(redis: Redis) -> None:
    query = plain()[0] | {"echostr": "5837397520665436492"}
    assert codec(redis).verify_url(query) == "5837397520665436492"
    for wrong, error in [
        ({"signature": "0" * 40}, BadSignature),
        ({"signature": ""}, BadSignature),
        ({"nonce": ""}, Malformed),
        ({"timestamp": "１７"}, Malformed),
        ({"echostr": "<script>"}, Malformed),
    ]:
        with pytest.raises(error):
            codec(redis).verify_url(query | wrong)


@pytest.mark.parametrize("form", [to_xml, to_json])
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("key", [KEY, OLD_KEY])
async def test_encrypted_push_opens_under_both_keys(redis: Redis, mode: Mode, key: str, form: Any) -> None:
    text = form(FIELDS).decode()
    envelope = await codec(redis, mode).open(*encrypted(text, key=key, form=form), "text/xml; charset=utf-8")
    assert envelope.fields == FIELDS


@pytest.mark.parametrize("form", [to_xml, to_json])
@pytest.mark.parametrize("mode", [Mode.PLAIN, Mode.COMPATIBLE])
async def test_plain_push_opens_where_the_mode_allows(redis: Redis, mode: Mode, form: Any) -> None:
    opened = codec(redis, mode)
    envelope = await opened.open(
        *plain(form(FIELDS)), "application/xml" if form is to_xml else "application/json"
    )
    assert envelope.fields == FIELDS
    assert opened.seal("<xml>x</xml>", envelope) == "<xml>x</xml>"


async def test_in_compatible_mode_the_encrypted_part_alone_counts(redis: Redis) -> None:
    forged = {"FromUserName": "oOther", "MsgType": "text", "Content": "转账"}
    opened = codec(redis, Mode.COMPATIBLE)
    assert (await opened.open(*encrypted(beside=forged), "text/xml")).fields == FIELDS


@pytest.mark.parametrize("mode", [Mode.COMPATIBLE, Mode.PLAIN])
async def test_nobody_talks_the_encrypted_part_away(redis: Redis, mode: Mode) -> None:
    """Who caught a push may change its query and its plain fields: no signature covers them."""
    query, body = encrypted(beside=FIELDS | {"Content": "转账"})
    del query["encrypt_type"]
    assert (await codec(redis, mode).open(query, body, "text/xml")).fields == FIELDS
    del query["msg_signature"]
    with pytest.raises(BadSignature):
        await codec(redis, mode).open(query, body, "text/xml")


async def test_plain_push_is_refused_in_safe_mode(redis: Redis) -> None:
    with pytest.raises(BadSignature):
        await codec(redis).open(*plain(), "text/xml")


async def test_encrypted_push_is_refused_without_a_key(redis: Redis) -> None:
    keyless = CallbackCodec(APP, TOKEN, RedisNonces(redis), mode=Mode.PLAIN)
    with pytest.raises(Malformed):
        await keyless.open(*encrypted(), "text/xml")
    with pytest.raises(ValueError, match="EncodingAESKey"):
        CallbackCodec(APP, TOKEN, RedisNonces(redis), mode=Mode.SAFE)


@pytest.mark.parametrize("form", [to_xml, to_json])
@pytest.mark.parametrize("key", [KEY, OLD_KEY])
async def test_reply_is_sealed_under_the_key_of_the_push(redis: Redis, key: str, form: Any) -> None:
    opened = codec(redis)
    envelope = await opened.open(*encrypted(key=key, form=form), "text/xml")
    sealed = parse_fields(opened.seal("<xml>答复]]&gt;</xml>", envelope).encode())
    read = WeChatCrypto(TOKEN, key, APP).decrypt_message(
        sealed, sealed["MsgSignature"], sealed["TimeStamp"], sealed["Nonce"]
    )
    assert read == "<xml>答复]]&gt;</xml>"
    assert opened.seal(NO_REPLY, envelope) == "success"


async def test_sent_again_passes_and_another_message_under_its_nonce_does_not(redis: Redis) -> None:
    first, second = codec(redis), codec(redis)
    await first.open(*encrypted(), "text/xml")
    await second.open(*encrypted(), "text/xml")  # encrypted anew: another body, the same message
    with pytest.raises(Replay) as caught:
        await second.open(*encrypted(OTHER), "text/xml")
    assert caught.value.status == 403
    await second.open(*encrypted(OTHER, nonce="n2"), "text/xml")


async def test_a_refused_push_does_not_use_up_the_nonce(redis: Redis) -> None:
    query, body = encrypted("<xml><a>forged</a></xml>")
    with pytest.raises(BadSignature):
        await codec(redis).open(query | {"msg_signature": "0" * 40}, body, "text/xml")
    await codec(redis).open(*encrypted(), "text/xml")


@pytest.mark.parametrize("off", [-601, 601])
async def test_late_and_early_pushes_are_refused(redis: Redis, off: int) -> None:
    with pytest.raises(Expired):
        await codec(redis, now=NOW + off).open(*encrypted(), "text/xml")
    await codec(redis, now=NOW + off // 602 * 600 + 599 * (off > 0)).open(*encrypted(), "text/xml")


async def test_push_for_another_account_is_refused(redis: Redis) -> None:
    for key in (KEY, OLD_KEY):
        with pytest.raises(WrongApp):
            await codec(redis).open(*encrypted(app="wx-other", key=key), "text/xml")


async def test_wrong_signatures_are_refused(redis: Redis) -> None:
    query, body = encrypted()
    for wrong in (
        {"msg_signature": "0" * 40},
        {"msg_signature": ""},
        {"signature": "0" * 40},
        {"nonce": "n9"},
    ):
        with pytest.raises(BadSignature):
            await codec(redis).open(query | wrong, body, "text/xml")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "application/json",  # the body is XML
        "xml",
    ],
)
async def test_another_media_type_is_refused(redis: Redis, content_type: str) -> None:
    with pytest.raises(UnsupportedMedia):
        await codec(redis).open(*encrypted(), content_type)


@pytest.mark.parametrize("content_type", ["", "TEXT/XML", "application/xml;charset=utf-8"])
async def test_media_types_of_xml_are_taken(redis: Redis, content_type: str) -> None:
    assert (await codec(redis).open(*encrypted(), content_type)).fields == FIELDS


async def test_a_body_too_large_is_refused(redis: Redis) -> None:
    with pytest.raises(TooLarge):
        await codec(redis).open(encrypted()[0], b"x" * (MAX_BODY_BYTES + 1), "text/xml")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<xml",
        b"<xml/>",
        b"<xml><Encrypt/></xml>",
        b"<xml><Encrypt><a/></Encrypt></xml>",
        b"<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>",
        "<xml><Encrypt>密</Encrypt></xml>".encode(),
        b'{"Encrypt": 1',
        b'{"Encrypt": ["a"]}',
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>',
    ],
)
async def test_an_envelope_that_is_none_is_malformed(redis: Redis, body: bytes) -> None:
    with pytest.raises(Malformed):
        await codec(redis).open(encrypted()[0], body, "text/xml")


@pytest.mark.parametrize("sealed", ["%%%", "AAAA", "A" * 44, "A" * 88, "é"])
async def test_a_signed_part_that_does_not_decrypt_is_malformed(redis: Redis, sealed: str) -> None:
    query = {"timestamp": str(NOW), "nonce": "n", "encrypt_type": "aes"}
    query["msg_signature"] = sign(TOKEN, str(NOW), "n", sealed)
    with pytest.raises(Malformed):
        await codec(redis).open(query, to_xml({"Encrypt": sealed}), "text/xml")


@pytest.mark.parametrize("name", ["timestamp", "nonce"])
@pytest.mark.parametrize("value", ["", "-1", "１７", "a b", "x" * 200, "\x00", "1e9"])
async def test_parameters_that_are_none_are_refused(redis: Redis, name: str, value: str) -> None:
    query, body = encrypted()
    with pytest.raises((Malformed, BadSignature)):
        await codec(redis).open(query | {name: value}, body, "text/xml")
    with pytest.raises((Malformed, BadSignature)):
        await codec(redis).open({key: kept for key, kept in query.items() if key != name}, body, "text/xml")


async def test_callbacks_pass_without_redis(no_redis: Redis) -> None:
    assert (await codec(no_redis).open(*encrypted(), "text/xml")).fields == FIELDS


async def test_every_kind_of_push_passes_every_way(redis: Redis) -> None:
    for count, sample in enumerate(SAMPLES.values()):
        for form in (to_xml, to_json):
            text = form(sample.whole()).decode()
            query, body = encrypted(text, nonce=f"{form.__name__}{count}", form=form)
            envelope = await codec(redis).open(query, body, "text/xml")
            assert type(parse(envelope.fields)) is sample.kind


def test_an_envelope_shows_nothing_of_a_person() -> None:
    assert "贷款" not in repr(Envelope(FIELDS))


_SHARED_REDIS = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None
)


@_SHARED_REDIS
@given(
    body=st.binary()
    | spoiled_bodies()
    | st.text().map(lambda text: f"<xml><Encrypt>{text}</Encrypt></xml>".encode("utf-8", "replace"))
    | st.text().map(lambda text: json.dumps({"Encrypt": text}).encode())
)
async def test_arbitrary_bodies_are_refused_typed(redis: Redis, body: bytes) -> None:
    with pytest.raises(CallbackError):
        await codec(redis).open(encrypted()[0], body, "text/xml")


@_SHARED_REDIS
@given(body=spoiled_bodies(), mode=st.sampled_from(Mode), content_type=st.sampled_from(["text/xml", ""]))
async def test_spoiled_pushes_are_taken_or_refused_typed(
    redis: Redis, body: bytes, mode: Mode, content_type: str
) -> None:
    """Signed and encrypted properly, so that nothing but the reader stands before them."""
    query, sealed = sealed_raw(body) if mode is not Mode.PLAIN else plain(body)
    await redis.flushall()
    with suppress(CallbackError):
        envelope = await codec(redis, mode).open(query, sealed, content_type)
        assert isinstance(parse(envelope.fields), Incoming)


@_SHARED_REDIS
@given(
    query=st.dictionaries(
        st.sampled_from(["signature", "timestamp", "nonce", "msg_signature", "encrypt_type", "echostr"]),
        st.text(max_size=50) | st.sampled_from([str(NOW), "aes", "raw"]),
    )
)
async def test_arbitrary_queries_are_refused_typed(redis: Redis, query: dict[str, str]) -> None:
    with pytest.raises(CallbackError):
        await codec(redis).open(query, encrypted()[1], "text/xml")
    with pytest.raises(CallbackError):
        codec(redis).verify_url(query)
