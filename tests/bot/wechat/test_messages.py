"""Every kind of push, read from XML as documented."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat import messages as m
from bot.wechat.errors import Malformed

HEAD = {"to_user": "gh_1", "openid": "oOwner1", "created_at": datetime(2026, 11, 23, 3, 0, tzinfo=UTC)}
SECONDS = int(HEAD["created_at"].timestamp())  # type: ignore[attr-defined]


def push(kind: str, *, message_id: str = "6512345678901234567", **fields: str) -> bytes:
    head = {"ToUserName": "gh_1", "FromUserName": "oOwner1", "CreateTime": str(SECONDS), "MsgType": kind}
    own = fields if kind == "event" else fields | {"MsgId": message_id}
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in (head | own).items())
    return f"<xml>{inner}</xml>".encode()


def without_key(incoming: m.Incoming) -> dict[str, Any]:
    names = [name for cls in type(incoming).__mro__ for name in getattr(cls, "__slots__", ())]
    return {name: getattr(incoming, name) for name in names if name != "dedup_key"}


@pytest.mark.parametrize(
    ("xml", "kind", "own"),
    [
        (push("text", Content="想贷50万"), m.TextMessage, {"text": "想贷50万", "menu_id": None}),
        (push("text", Content="是", bizmsgmenuid="a"), m.TextMessage, {"text": "是", "menu_id": "a"}),
        (push("text", Content=""), m.TextMessage, {"text": "", "menu_id": None}),
        (push("voice", MediaId="v", Format="amr"), m.VoiceMessage, {"media_id": "v", "recognition": None}),
        (
            push("voice", MediaId="v", Recognition="好"),
            m.VoiceMessage,
            {"media_id": "v", "recognition": "好"},
        ),
        (push("image", MediaId="i", PicUrl="u"), m.ImageMessage, {"media_id": "i", "url": "u"}),
        (
            push("video", MediaId="w", ThumbMediaId="t"),
            m.VideoMessage,
            {"media_id": "w", "thumb_media_id": "t"},
        ),
        (push("shortvideo", MediaId="w"), m.VideoMessage, {"media_id": "w", "thumb_media_id": ""}),
        (
            push("location", Location_X="30.27", Location_Y="-120.1", Scale="20", Label="杭州"),
            m.LocationMessage,
            {"latitude": 30.27, "longitude": -120.1, "label": "杭州"},
        ),
        (
            push("link", Title="t", Description="d", Url="u"),
            m.LinkMessage,
            {"title": "t", "description": "d", "url": "u"},
        ),
        (push("event", Event="subscribe", EventKey=""), m.SubscribeEvent, {"scene": None}),
        (push("event", Event="subscribe", EventKey="qrscene_bank7"), m.SubscribeEvent, {"scene": "bank7"}),
        (push("event", Event="unsubscribe"), m.UnsubscribeEvent, {}),
        (push("event", Event="SCAN", EventKey="bank7"), m.ScanEvent, {"scene": "bank7"}),
        (push("event", Event="CLICK", EventKey="help"), m.ClickEvent, {"key": "help"}),
        (push("event", Event="VIEW", EventKey="https://x"), m.ViewEvent, {"url": "https://x"}),
        (
            push("event", Event="TEMPLATESENDJOBFINISH", MsgID="9", Status="success"),
            m.TemplateReceipt,
            {"msg_id": "9", "status": "success"},
        ),
    ],
)
def test_documented_pushes(xml: bytes, kind: type[m.Incoming], own: dict[str, Any]) -> None:
    incoming = m.parse(xml)
    assert type(incoming) is kind
    assert without_key(incoming) == HEAD | own


def test_unknown_kinds_are_kept() -> None:
    event = m.parse(push("event", Event="user_info_modified", Extra="1"))
    assert isinstance(event, m.UnknownIncoming)
    assert (event.kind, event.raw["Extra"]) == ("event.user_info_modified", "1")
    message = m.parse(push("hologram"))
    assert isinstance(message, m.UnknownIncoming)
    assert message.kind == "hologram"


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        ("success", None),
        ("failed:user block", "user_block"),
        ("failed: system failed", "system_failed"),
        ("failed:freq limit", "freq_limit"),
        ("failed", "other"),
    ],
)
def test_receipts_say_why(status: str, failure: str | None) -> None:
    receipt = m.parse(push("event", Event="TEMPLATESENDJOBFINISH", MsgID="9", Status=status))
    assert isinstance(receipt, m.TemplateReceipt)
    assert (receipt.delivered, receipt.failure) == (failure is None, failure)


def test_the_key_is_that_of_the_push() -> None:
    def key(kind: str, **fields: str) -> str:
        return m.parse(push(kind, **fields)).dedup_key

    assert key("text", Content="a") == key("image", MediaId="a") == "msg:6512345678901234567"
    assert key("text", Content="a", message_id="7") == "msg:7"
    events = [
        key("event", Event="CLICK", EventKey="help"),
        key("event", Event="CLICK", EventKey="ask_policy"),
        key("event", Event="VIEW", EventKey="help"),
        key("event", Event="TEMPLATESENDJOBFINISH", MsgID="1", Status="success"),
        key("event", Event="TEMPLATESENDJOBFINISH", MsgID="2", Status="success"),
    ]
    assert len(set(events)) == len(events)
    assert key("event", Event="CLICK", EventKey="help") == events[0]
    assert len(key("event", Event="VIEW", EventKey="https://x/" + "y" * 2000)) <= 160


GOOD = push("text", Content="a").decode()
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + GOOD.replace("<![CDATA[a]]>", "&b;")


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "not xml",
        "<xml/>",
        "<xml>text</xml>",
        "<other><MsgType>text</MsgType></other>",
        BOMB,
        '<?xml version="1.0" encoding="rot13"?>' + GOOD.replace("oOwner1", ""),
        GOOD.replace("gh_1", "gh 1"),
        GOOD.replace("oOwner1", "老板"),
        GOOD.replace(str(SECONDS), "yesterday"),
        GOOD.replace(str(SECONDS), "１２３"),
        GOOD.replace("6512345678901234567", ""),
        GOOD.replace("MsgType", "Kind"),
        GOOD.replace("</xml>", "<MsgType>text</MsgType></xml>"),
        GOOD.replace("</xml>", "<Content><b>x</b></Content></xml>"),
        push("event").decode(),
        push("event", Event="CLICK").decode(),
        push("location", Location_X="north", Location_Y="1").decode(),
        push("image").decode(),
    ],
)
def test_what_is_not_as_documented_is_malformed(xml: str) -> None:
    with pytest.raises(Malformed):
        m.parse(xml.encode())


def test_depth_does_not_break_the_reader() -> None:
    with pytest.raises(Malformed):
        m.parse(b"<xml>" + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</xml>")


def parses_or_is_malformed(xml: bytes) -> None:
    with suppress(Malformed):
        assert isinstance(m.parse(xml), m.Incoming)


@given(st.binary())
def test_arbitrary_bytes(xml: bytes) -> None:
    parses_or_is_malformed(xml)


NAMES = [
    "ToUserName",
    "FromUserName",
    "CreateTime",
    "MsgType",
    "MsgId",
    "Event",
    "EventKey",
    "MsgID",
    "Status",
]
VALUES = st.sampled_from(
    ["gh_1", "1", "99999999999", "event", "text", "location", "subscribe", "SCAN", "<a/>", ""]
)


@given(
    st.lists(st.tuples(st.sampled_from([*NAMES, "Location_X"]), VALUES | st.text(max_size=8)), max_size=14)
)
def test_arbitrary_fields(fields: list[tuple[str, str]]) -> None:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields)
    parses_or_is_malformed(f"<xml>{inner}</xml>".encode("utf-8", "replace"))
