"""Callbacks in the three modes, as WeChat sends them and as nobody should."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis
from wechatpy.crypto import WeChatCrypto

from bot.wechat.callback import MAX_BODY_BYTES, CallbackCodec, Mode
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
from bot.wechat.nonces import RedisNonces
from bot.wechat.replies import NO_REPLY

APP, TOKEN, NOW = "wxba5fad812f8e6fb9", "AAAAA", 1_714_037_059
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLD_KEY = KEY[::-1]
XML = "<xml><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[贷款]]></Content></xml>"
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


def encrypted(xml: str = XML, *, key: str = KEY, app: str = APP, nonce: str = "n1", at: int = NOW) -> Push:
    """A push encrypted by wechatpy, as WeChat would."""
    sealed = parse_fields(WeChatCrypto(TOKEN, key, app).encrypt_message(xml, nonce, str(at)).encode())
    query = {"timestamp": str(at), "nonce": nonce, "encrypt_type": "aes"}
    query["msg_signature"] = str(sealed["MsgSignature"])
    body = f"<xml><ToUserName>gh_1</ToUserName><Encrypt>{sealed['Encrypt']}</Encrypt></xml>"
    return query, body.encode()


def plain(xml: str = XML) -> Push:
    signature = "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    return {"signature": signature, "timestamp": str(NOW), "nonce": "486452656"}, xml.encode()


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


@pytest.mark.parametrize("mode", [Mode.SAFE, Mode.COMPATIBLE])
@pytest.mark.parametrize("key", [KEY, OLD_KEY])
async def test_encrypted_push_opens_under_both_keys(redis: Redis, mode: Mode, key: str) -> None:
    envelope = await codec(redis, mode).open(*encrypted(key=key), "text/xml; charset=utf-8")
    assert (envelope.xml.decode(), envelope.encrypted) == (XML, True)


@pytest.mark.parametrize("mode", [Mode.PLAIN, Mode.COMPATIBLE])
async def test_plain_push_opens_where_the_mode_allows(redis: Redis, mode: Mode) -> None:
    opened = codec(redis, mode)
    envelope = await opened.open(*plain(), "application/xml")
    assert (envelope.xml.decode(), envelope.encrypted) == (XML, False)
    assert opened.seal("<xml>x</xml>", envelope) == "<xml>x</xml>"


async def test_plain_push_is_refused_in_safe_mode(redis: Redis) -> None:
    with pytest.raises(BadSignature):
        await codec(redis).open(*plain(), "text/xml")


async def test_encrypted_push_is_refused_without_a_key(redis: Redis) -> None:
    keyless = CallbackCodec(APP, TOKEN, RedisNonces(redis), mode=Mode.PLAIN)
    with pytest.raises(Malformed):
        await keyless.open(*encrypted(), "text/xml")
    with pytest.raises(ValueError, match="EncodingAESKey"):
        CallbackCodec(APP, TOKEN, RedisNonces(redis), mode=Mode.SAFE)


async def test_reply_is_sealed_as_wechat_reads_it(redis: Redis) -> None:
    opened = codec(redis)
    envelope = await opened.open(*encrypted(), "text/xml")
    sealed = parse_fields(opened.seal("<xml>答复]]&gt;</xml>", envelope).encode())
    read = WeChatCrypto(TOKEN, KEY, APP).decrypt_message(
        sealed, sealed["MsgSignature"], sealed["TimeStamp"], sealed["Nonce"]
    )
    assert read == "<xml>答复]]&gt;</xml>"
    assert opened.seal(NO_REPLY, envelope) == "success"


async def test_sent_again_passes_and_another_message_under_its_nonce_does_not(redis: Redis) -> None:
    first, second = codec(redis), codec(redis)
    await first.open(*encrypted(), "text/xml")
    await second.open(*encrypted(), "text/xml")  # encrypted anew: another body, the same message
    with pytest.raises(Replay) as caught:
        await second.open(*encrypted(XML.replace("贷款", "转账")), "text/xml")
    assert caught.value.status == 403
    await second.open(*encrypted(XML.replace("贷款", "转账"), nonce="n2"), "text/xml")


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


async def test_size_and_media_are_refused(redis: Redis) -> None:
    query, body = encrypted()
    with pytest.raises(TooLarge):
        await codec(redis).open(query, b"x" * (MAX_BODY_BYTES + 1), "text/xml")
    with pytest.raises(UnsupportedMedia):
        await codec(redis).open(query, body, "application/json")


async def test_callbacks_pass_without_redis(no_redis: Redis) -> None:
    assert (await codec(no_redis).open(*encrypted(), "text/xml")).xml.decode() == XML


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    body=st.binary()
    | st.text().map(lambda text: f"<xml><Encrypt>{text}</Encrypt></xml>".encode("utf-8", "replace"))
)
async def test_arbitrary_bodies_are_refused_typed(redis: Redis, body: bytes) -> None:
    with pytest.raises(CallbackError):
        await codec(redis).open(encrypted()[0], body, "text/xml")
