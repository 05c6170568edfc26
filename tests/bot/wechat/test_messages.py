"""Every kind of push, read as documented from XML and from JSON; and what is not as documented."""

from contextlib import suppress
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.wechat import messages as m
from bot.wechat.errors import Malformed
from bot.wechat.markup import parse_fields
from bot.wechat.parsing import parse
from tests.bot.wechat.pushes import (
    EVENTS,
    HEAD,
    MESSAGES,
    MSG_ID,
    SAMPLES,
    SECONDS,
    Sample,
    spoiled_bodies,
    to_json,
    to_xml,
)


def read(body: bytes) -> m.Incoming:
    return parse(parse_fields(body))


def push(kind: str, *, message_id: str = MSG_ID, **fields: Any) -> bytes:
    head = {"ToUserName": "gh_1", "FromUserName": "oOwner1", "CreateTime": SECONDS, "MsgType": kind}
    return to_xml(head | fields if kind == "event" else head | fields | {"MsgId": message_id})


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())
def test_each_kind(sample: Sample) -> None:
    for form in (to_xml, to_json):
        incoming = read(form(sample.whole()))
        assert replace(incoming, dedup_key="") == sample.kind(**HEAD, dedup_key="", **sample.own)
        with pytest.raises(FrozenInstanceError):
            incoming.openid = "other"  # type: ignore[misc]


@pytest.mark.parametrize("name", EVENTS)
def test_names_of_events_are_read_in_any_case(name: str) -> None:
    fields = EVENTS[name].whole()
    assert type(read(to_xml(fields | {"Event": name.swapcase()}))) is EVENTS[name].kind


@pytest.mark.parametrize("form", [to_xml, to_json])
def test_fields_that_may_be_missing(form: Any) -> None:
    def of(sample: Sample, **fields: Any) -> Any:
        kept = {name: value for name, value in (sample.whole() | fields).items() if value is not None}
        return read(form(kept))

    typed = of(MESSAGES["text"], bizmsgmenuid=None, MsgDataId=None, Idx=None)
    assert (typed.menu_id, typed.article) == (None, None)
    assert of(MESSAGES["text"], Content="").text == ""
    voice = of(MESSAGES["voice"], Recognition="", MediaId16K=None)
    assert (voice.recognition, voice.media_id_16k) == (None, None)
    follow = of(EVENTS["subscribe"], EventKey="", Ticket=None)
    assert (follow.scene, follow.ticket) == (None, None)
    assert of(EVENTS["VIEW"], MenuId=None).menu_id is None
    failed = of(EVENTS["MASSSENDJOBFINISH"], CopyrightCheckResult=None, ArticleUrlResult="")
    assert (failed.copyright_state, failed.verdicts, failed.articles) == (None, (), ())


def test_one_item_and_several_are_the_same_list() -> None:
    item = {"TemplateId": "T", "SubscribeStatusString": "accept", "PopupScene": 1}
    for items in ([item], [item, item]):
        event = push("event", Event="subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": items})
        popup = read(event)
        assert isinstance(popup, m.SubscriptionPopupEvent)
        assert len(popup.choices) == len(items)
        assert all(choice.accepted for choice in popup.choices)


@pytest.mark.parametrize("name", [name for name in EVENTS if name.startswith("subscribe_msg")])
def test_in_json_the_list_of_a_subscription_stands_alone(name: str) -> None:
    fields = EVENTS[name].whole()
    (section,) = (value for value in fields.values() if isinstance(value, dict))
    flat = {key: value for key, value in fields.items() if not isinstance(value, dict)} | section
    assert replace(read(to_json(flat)), dedup_key="") == replace(read(to_json(fields)), dedup_key="")


@pytest.mark.parametrize("form", [to_xml, to_json])
def test_unknown_kinds_are_kept(form: Any) -> None:
    head = {"ToUserName": "gh_1", "FromUserName": "oOwner1", "CreateTime": SECONDS}
    event = read(form(head | {"MsgType": "event", "Event": "card_pass_check", "Deep": {"A": [1, {"B": 2}]}}))
    assert isinstance(event, m.UnknownIncoming)
    assert event.kind == "event.card_pass_check"
    assert event.raw["Deep"] == ({"A": ["1", {"B": "2"}]})
    message = read(form(head | {"MsgType": "hologram"}))
    assert isinstance(message, m.UnknownIncoming)
    assert message.kind == "hologram"
    with pytest.raises(TypeError):
        message.raw["kind"] = "other"  # type: ignore[index]


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        ("success", None),
        ("failed:user block", "user_block"),
        ("failed: system failed", "system_failed"),
        ("failed:freq limit", "freq_limit"),
        ("failed:user block (again)", "user_block"),
        ("failed", "other"),
    ],
)
def test_receipts_of_templates_say_why(status: str, failure: str | None) -> None:
    receipt = read(push("event", Event="TEMPLATESENDJOBFINISH", MsgID="9", Status=status))
    assert isinstance(receipt, m.TemplateReceipt)
    assert (receipt.delivered, receipt.failure) == (failure is None, failure)


@pytest.mark.parametrize(
    ("status", "delivered", "code"),
    [("send success", True, None), ("send fail", False, None), ("err(20001)", False, 20001)],
)
def test_receipts_of_mass_sends_say_why(status: str, delivered: bool, code: int | None) -> None:  # noqa: FBT001 -- a column
    receipt = read(push("event", Event="MASSSENDJOBFINISH", MsgID="9", Status=status))
    assert isinstance(receipt, m.MassReceipt)
    assert (receipt.delivered, receipt.error_code) == (delivered, code)


def test_receipts_of_subscriptions_say_which() -> None:
    receipts = read(to_xml(EVENTS["subscribe_msg_sent_event"].whole()))
    assert isinstance(receipts, m.SubscriptionReceipts)
    assert [receipt.delivered for receipt in receipts.receipts] == [True, False]


def test_reports_are_no_acts_of_people() -> None:
    reports = {name for name, sample in EVENTS.items() if issubclass(sample.kind, m.Report)}
    assert reports == {name for name in EVENTS if name.isupper() and name.endswith("FINISH")} | {
        "subscribe_msg_sent_event",
        "user_info_modified",
        "user_authorization_revoke",
        "user_authorization_cancellation",
    }
    assert all(issubclass(sample.kind, m.Message) for sample in MESSAGES.values())


PERSON_REPORTS = [name for name, sample in EVENTS.items() if issubclass(sample.kind, m.PersonReport)]


@pytest.mark.parametrize("name", PERSON_REPORTS)
@pytest.mark.parametrize("form", [to_xml, to_json])
def test_whom_a_report_is_about_has_the_form_of_who_sends(form: Any, name: str) -> None:
    fields = EVENTS[name].whole()
    longest = read(form(fields | {"OpenID": "o" * 64}))
    assert isinstance(longest, m.PersonReport)
    assert longest.subject == "o" * 64
    for openid in ("", "o" * 65, "老板", "o 1"):
        with pytest.raises(Malformed):
            read(form(fields | {"OpenID": openid}))


def test_what_a_receipt_says_can_be_kept_as_a_reason() -> None:
    fields = EVENTS["TEMPLATESENDJOBFINISH"].whole()
    longest = read(to_xml(fields | {"Status": "f" * 200}))
    assert isinstance(longest, m.TemplateReceipt)
    assert longest.status == "f" * 200
    with pytest.raises(Malformed):
        read(to_xml(fields | {"Status": "f" * 201}))


def test_the_key_of_a_message_is_its_id() -> None:
    def key(kind: str, **fields: str) -> str:
        return read(push(kind, **fields)).dedup_key

    assert key("text", Content="a") == key("image", MediaId="a") == f"msg:{MSG_ID}"
    assert key("text", Content="a", message_id="7") == "msg:7"


def test_the_key_of_an_event_is_the_same_for_a_copy_and_another_for_another() -> None:
    keys = [read(to_xml(sample.whole())).dedup_key for sample in EVENTS.values()]
    changed = [
        read(to_xml(EVENTS[name].whole() | {field: "7"})).dedup_key
        for name, field in [
            ("CLICK", "EventKey"),
            ("CLICK", "CreateTime"),
            ("CLICK", "FromUserName"),
            ("VIEW", "MenuId"),
            ("TEMPLATESENDJOBFINISH", "MsgID"),
            ("LOCATION", "Latitude"),
            ("kf_switch_session", "ToKfAccount"),
        ]
    ]
    assert len({*keys, *changed}) == len(keys) + len(changed)
    copies = [dict(reversed(sample.whole().items())) for sample in EVENTS.values()]
    assert keys == [read(to_xml(copy)).dedup_key for copy in copies]


def test_no_key_is_longer_than_its_column() -> None:
    longest = {
        "FromUserName": "o" * 64,
        "Event": "e" * 64,
        "EventKey": "k" * 2000,
        "CreateTime": "9999999999",
    }
    assert len(read(push("event", **longest)).dedup_key) <= 160
    assert len(read(push("text", Content="a", message_id="9" * 20)).dedup_key) <= 160


def nested(depth: int) -> dict[str, Any]:
    return {"A": nested(depth - 1) if depth else "a"}


GOOD = push("text", Content="a").decode()
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + GOOD.replace("<![CDATA[a]]>", "&b;")
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + GOOD.replace("<![CDATA[a]]>", "&a;")
PARAMETER = '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1/x">%a;]>' + GOOD
QUADRATIC = f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]>' + GOOD.replace("<![CDATA[a]]>", "&a;" * 5000)


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "not xml",
        "<xml/>",
        "<xml>text</xml>",
        "<other><MsgType>text</MsgType></other>",
        BOMB,
        EXTERNAL,
        PARAMETER,
        QUADRATIC,
        '<?xml version="1.0" encoding="rot13"?>' + GOOD.replace("oOwner1", ""),
        GOOD.replace("gh_1", "gh 1"),
        GOOD.replace("oOwner1", "老板"),
        GOOD.replace(str(SECONDS), "yesterday"),
        GOOD.replace(str(SECONDS), "１２３"),
        GOOD.replace(str(SECONDS), "-1"),
        GOOD.replace(MSG_ID, ""),
        GOOD.replace(MSG_ID, "-1"),
        GOOD.replace("MsgType", "Kind"),
        GOOD.replace("</xml>", "<MsgType>text</MsgType></xml>"),
        GOOD.replace("</xml>", "<Content><b>x</b></Content></xml>"),
        GOOD.replace("<![CDATA[a]]>", "&#0;"),
        GOOD + GOOD,
        push("event").decode(),
        push("event", Event="CLICK").decode(),
        push("event", Event="scancode_push", EventKey="6").decode(),
        push("event", Event="scancode_push", EventKey="6", ScanCodeInfo="text").decode(),
        push("event", Event="subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": "text"}).decode(),
        push("event", Event="PUBLISHJOBFINISH", PublishEventInfo={"publish_id": "1"}).decode(),
        push("location", Location_X="north", Location_Y="1").decode(),
        push("location", Location_X="1", Location_Y="nan").decode(),
        push("image").decode(),
        "{",
        "[]",
        "{}",
        '{"MsgType": NaN}',
        to_json(MESSAGES["text"].whole()).decode()[:-1] + ', "Content": "b"}',
        push("event", Event="odd", Deep=nested(17)).decode(),
        to_json(EVENTS["CLICK"].whole() | {"Event": "odd", "Deep": nested(17)}).decode(),
        push("event", Event="odd", Many=[1] * 5000).decode(),
        to_json(EVENTS["CLICK"].whole() | {"Event": "odd", "Many": [1] * 5000}).decode(),
        to_json(MESSAGES["text"].whole() | {"CreateTime": 1.5}).decode(),
        to_json(MESSAGES["text"].whole() | {"Content": ["a"]}).decode(),
        to_json(MESSAGES["text"].whole()).decode()[:-1],
        '{"a":' * 10_000,
        '{"a":' * 900 + "1" + "}" * 900,
        "[" * 100_000,
    ],
)
def test_what_is_not_as_documented_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        read(body.encode())


@pytest.mark.parametrize(
    "body",
    [
        GOOD.encode().replace(b"[a]", b"[\xff\xfe]"),
        GOOD.encode("utf-16"),
        GOOD.replace("[a]", "[贷款]").encode("gb18030"),
        to_json(MESSAGES["text"].whole()).decode().encode("utf-16"),
        b'{"Content": "\xff"}',
    ],
)
def test_other_encodings_than_utf_8_are_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body)


def test_a_byte_order_mark_is_taken() -> None:
    for form in (to_xml, to_json):
        assert isinstance(read(b"\xef\xbb\xbf" + form(MESSAGES["text"].whole())), m.TextMessage)


def test_depth_and_number_do_not_break_the_reader() -> None:
    assert isinstance(read(push("event", Event="odd", Deep=nested(10))), m.UnknownIncoming)
    assert isinstance(read(push("event", Event="odd", Many=[1] * 1000)), m.UnknownIncoming)
    with pytest.raises(Malformed):
        read(b"<xml>" + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</xml>")


@pytest.mark.parametrize("form", [to_xml, to_json])
def test_control_characters_do_no_harm(form: Any) -> None:
    dirty = "想\x00贷\x08\x0b50\x1f万\x7f\x85\ufffe\uffff"
    text = read(form(MESSAGES["text"].whole() | {"Content": dirty}))
    assert isinstance(text, m.TextMessage)
    assert text.text == "想贷50万"
    unknown = read(form(EVENTS["CLICK"].whole() | {"Event": "odd", "EventKey": dirty}))
    assert isinstance(unknown, m.UnknownIncoming)
    assert unknown.raw["EventKey"] == "想贷50万"


def test_a_lone_surrogate_in_json_does_no_harm() -> None:
    text = read(to_json(MESSAGES["text"].whole() | {"Content": "贷\ud83d款😀"}))
    assert isinstance(text, m.TextMessage)
    assert text.text == "贷款😀"


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x1f", "\ufffe"])
def test_no_control_character_lets_a_text_break_out(character: str) -> None:
    """WeChat guards an end mark in a text; without the character inside, this would become one."""
    said = f"]]{character}></Content><FromUserName>oOther</FromUserName><Content><![CDATA["
    text = read(push("text", Content=said))
    assert isinstance(text, m.TextMessage)
    assert text.openid == "oOwner1"
    assert "<FromUserName>oOther" in text.text


@settings(deadline=None)
@given(spoiled_bodies() | st.binary())
@example(push("text", Content="]]>"))
def test_whatever_comes_is_a_push_or_malformed(body: bytes) -> None:
    with suppress(Malformed):
        assert isinstance(read(body), m.Incoming)
