"""The platform's own vectors, wechatpy as the other side, and arbitrary input."""

from base64 import b64decode, b64encode
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.crypto.base import WeChatCipher

from bot.wechat.crypto import MessageCipher, sign, signed
from bot.wechat.errors import CallbackError, Malformed, WrongApp

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP = "wxba5fad812f8e6fb9"
CIPHER = MessageCipher(KEY, APP)
RAW_KEY = WeChatCrypto("token", KEY, APP).key
THEIRS = PrpCrypto(RAW_KEY)
ENCRYPT = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="


def test_documented_signatures() -> None:
    assert sign("AAAAA", "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    assert signed("1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1", "AAAAA", "1713424427", "415670741", ENCRYPT)
    assert not signed("1b9339964ed2e271e7c7b6ff2b0ef902fc94dea2", "AAAAA", "1713424427", "415670741", ENCRYPT)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_wrong_signature(signature: str) -> None:
    assert not signed(signature, "AAAAA", "1", "2")


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_both_sides_read_each_other(text: str) -> None:
    assert THEIRS.decrypt(CIPHER.encrypt(text.encode()), APP) == text
    assert CIPHER.decrypt(THEIRS.encrypt(text, APP).decode()).decode() == text


def test_every_length_of_padding() -> None:
    for length in range(70):
        assert CIPHER.decrypt(CIPHER.encrypt(b"x" * length)) == b"x" * length


def test_another_account_is_told_from_another_key() -> None:
    with pytest.raises(WrongApp):
        CIPHER.decrypt(MessageCipher(KEY, "wx-other").encrypt(b"<xml/>"))
    with pytest.raises(Malformed):
        CIPHER.decrypt(MessageCipher(KEY[::-1], APP).encrypt(b"<xml/>"))


def sealed(plain: bytes) -> str:
    """Any plaintext under the right key, padded as WeChat pads."""
    pad = 32 - len(plain) % 32
    return b64encode(WeChatCipher(RAW_KEY).encrypt(plain + bytes([pad]) * pad)).decode()


@pytest.mark.parametrize(
    "length",
    [
        pytest.param(b"\xff\xff\xff\xff", id="minus one"),
        pytest.param(b"\x80\x00\x00\x00", id="the most negative"),
        pytest.param(b"\x00\x00\x00\xff", id="beyond the end"),
    ],
)
def test_a_length_that_cannot_be_is_refused(length: bytes) -> None:
    with pytest.raises(Malformed):
        CIPHER.decrypt(sealed(b"r" * 16 + length + b"<xml/>" + APP.encode()))


@pytest.mark.parametrize("plain", [b"", b"r" * 15, b"r" * 19])
def test_a_plaintext_without_its_head_is_refused(plain: bytes) -> None:
    with pytest.raises(Malformed):
        CIPHER.decrypt(sealed(plain))


@pytest.mark.parametrize("padding", [b"\x00" * 20, b"\x21" * 20, b"\x01" * 19 + b"\x14"])
def test_a_wrong_padding_is_refused(padding: bytes) -> None:
    plain = b"r" * 16 + (6).to_bytes(4) + b"<xml/>" + APP.encode()
    assert CIPHER.decrypt(sealed(plain)) == b"<xml/>"
    with pytest.raises(Malformed):
        CIPHER.decrypt(b64encode(WeChatCipher(RAW_KEY).encrypt(plain + padding)).decode())


@settings(deadline=None)
@given(st.data())
def test_a_spoiled_message_is_refused_or_reads_as_another(data: st.DataObject) -> None:
    """CBC carries no seal of its own: that the message is untouched is what ``msg_signature`` says."""
    raw = bytearray(b64decode(CIPHER.encrypt(b"<xml>1</xml>" * 5)))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(CallbackError):
        assert isinstance(CIPHER.decrypt(b64encode(raw).decode()), bytes)


@settings(deadline=None)
@given(st.text() | st.binary().map(lambda raw: b64encode(raw).decode()))
def test_arbitrary_input_is_refused_typed(text: str) -> None:
    with pytest.raises(CallbackError):
        CIPHER.decrypt(text)


@pytest.mark.parametrize("key", ["", KEY[1:], KEY + "A", "!" * 43, "中" * 43])
def test_a_wrong_key_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ValueError, match="EncodingAESKey") as caught:
        MessageCipher(key, APP)
    assert not key or key not in str(caught.value)
