"""Pushes as WeChat documents them, one of each kind, in both formats; and spoiled ones."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from bot.wechat import messages as m

HEAD = {"to_user": "gh_1", "openid": "oOwner1", "created_at": datetime(2026, 11, 23, 3, 0, tzinfo=UTC)}
SECONDS = int(datetime(2026, 11, 23, 3, 0, tzinfo=UTC).timestamp())
MSG_ID = "6512345678901234567"
Tree = Mapping[str, Any]


@dataclass(frozen=True)
class Sample:
    """``fields`` are a push's own, ``value`` what they are read as: its type, and the type's own fields."""

    fields: Tree
    kind: type[m.Incoming]
    own: Tree

    @property
    def is_message(self) -> bool:
        return "Event" not in self.fields

    def whole(self) -> dict[str, Any]:
        """With the fields that every push has; MsgId goes with messages only."""
        head = {"ToUserName": "gh_1", "FromUserName": "oOwner1", "CreateTime": SECONDS}
        return (
            head | ({"MsgId": int(MSG_ID)} if self.is_message else {"MsgType": "event"}) | dict(self.fields)
        )


def message(kind: str, fields: Tree, type_: type[m.Incoming], **own: Any) -> Sample:
    return Sample({"MsgType": kind, **fields}, type_, {"msg_id": MSG_ID, **own})


def event(name: str, fields: Tree, type_: type[m.Incoming], **own: Any) -> Sample:
    return Sample({"Event": name, **fields}, type_, own)


_VERDICT = {
    "ArticleIdx": 1,
    "UserDeclareState": 0,
    "AuditState": 2,
    "OriginalArticleUrl": "https://mp/o",
    "OriginalArticleType": 1,
    "CanReprint": 1,
    "NeedReplaceContent": 1,
    "NeedShowReprintSource": 0,
}
_PERSON = {"OpenID": "oOwner9", "AppID": "wx1", "UnionID": "u9"}
_ABOUT = {"subject": "oOwner9", "app_id": "wx1", "union_id": "u9"}

MESSAGES = {
    "text": message(
        "text",
        {"Content": "想贷50万", "bizmsgmenuid": "a", "MsgDataId": "700", "Idx": 2},
        m.TextMessage,
        text="想贷50万",
        menu_id="a",
        article=m.ArticleSource("700", 2),
    ),
    "image": message("image", {"PicUrl": "u", "MediaId": "i"}, m.ImageMessage, media_id="i", url="u"),
    "voice": message(
        "voice",
        {"MediaId": "v", "MediaId16K": "w", "Format": "amr", "Recognition": "想贷款"},
        m.VoiceMessage,
        media_id="v",
        media_id_16k="w",
        format="amr",
        recognition="想贷款",
    ),
    "video": message(
        "video", {"MediaId": "w", "ThumbMediaId": "t"}, m.VideoMessage, media_id="w", thumb_media_id="t"
    ),
    "shortvideo": message(
        "shortvideo",
        {"MediaId": "w", "ThumbMediaId": "t"},
        m.VideoMessage,
        media_id="w",
        thumb_media_id="t",
        short=True,
    ),
    "location": message(
        "location",
        {"Location_X": 30.27, "Location_Y": -120.1, "Scale": 20, "Label": "杭州"},
        m.LocationMessage,
        latitude=30.27,
        longitude=-120.1,
        scale=20,
        label="杭州",
    ),
    "link": message(
        "link",
        {"Title": "t", "Description": "d", "Url": "https://x"},
        m.LinkMessage,
        title="t",
        description="d",
        url="https://x",
    ),
}

EVENTS = {
    "subscribe": event(
        "subscribe",
        {"EventKey": "qrscene_bank7", "Ticket": "k"},
        m.SubscribeEvent,
        scene="bank7",
        ticket="k",
    ),
    "unsubscribe": event("unsubscribe", {}, m.UnsubscribeEvent),
    "SCAN": event("SCAN", {"EventKey": "bank7", "Ticket": "k"}, m.ScanEvent, scene="bank7", ticket="k"),
    "CLICK": event("CLICK", {"EventKey": "help"}, m.ClickEvent, key="help"),
    "VIEW": event("VIEW", {"EventKey": "https://x", "MenuId": 4}, m.ViewEvent, url="https://x", menu_id="4"),
    "view_miniprogram": event(
        "view_miniprogram",
        {"EventKey": "pages/a", "MenuId": 4},
        m.ViewMiniProgramEvent,
        path="pages/a",
        menu_id="4",
    ),
    "LOCATION": event(
        "LOCATION",
        {"Latitude": 23.137466, "Longitude": 113.352425, "Precision": 119.38504},
        m.PositionEvent,
        latitude=23.137466,
        longitude=113.352425,
        precision=119.38504,
    ),
    "scancode_push": event(
        "scancode_push",
        {"EventKey": "6", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "1"}},
        m.ScanCodeEvent,
        key="6",
        scan_type="qrcode",
        result="1",
        waiting=False,
    ),
    "scancode_waitmsg": event(
        "scancode_waitmsg",
        {"EventKey": "6", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "1"}},
        m.ScanCodeEvent,
        key="6",
        scan_type="qrcode",
        result="1",
        waiting=True,
    ),
    **{
        name: event(
            name,
            {
                "EventKey": "6",
                "SendPicsInfo": {"Count": 2, "PicList": {"item": [{"PicMd5Sum": "a"}, {"PicMd5Sum": "b"}]}},
            },
            m.PicturesEvent,
            key="6",
            source=name,
            count=2,
            md5_sums=("a", "b"),
        )
        for name in ("pic_sysphoto", "pic_photo_or_album", "pic_weixin")
    },
    "location_select": event(
        "location_select",
        {
            "EventKey": "6",
            "SendLocationInfo": {
                "Location_X": 23.0,
                "Location_Y": 113.5,
                "Scale": 15,
                "Label": "广州",
                "Poiname": "塔",
            },
        },
        m.PlaceEvent,
        key="6",
        latitude=23.0,
        longitude=113.5,
        scale=15,
        label="广州",
        poi_name="塔",
    ),
    "subscribe_msg_popup_event": event(
        "subscribe_msg_popup_event",
        {
            "SubscribeMsgPopupEvent": {
                "List": [
                    {"TemplateId": "T1", "SubscribeStatusString": "accept", "PopupScene": 1},
                    {"TemplateId": "T2", "SubscribeStatusString": "reject", "PopupScene": 2},
                ]
            }
        },
        m.SubscriptionPopupEvent,
        choices=(m.SubscriptionChoice("T1", "accept", 1), m.SubscriptionChoice("T2", "reject", 2)),
    ),
    "subscribe_msg_change_event": event(
        "subscribe_msg_change_event",
        {"SubscribeMsgChangeEvent": {"List": {"TemplateId": "T1", "SubscribeStatusString": "reject"}}},
        m.SubscriptionChangeEvent,
        choices=(m.SubscriptionChoice("T1", "reject"),),
    ),
    "subscribe_msg_sent_event": event(
        "subscribe_msg_sent_event",
        {
            "SubscribeMsgSentEvent": {
                "List": [
                    {"TemplateId": "T1", "MsgID": 1, "ErrorCode": 0, "ErrorStatus": "success"},
                    {"TemplateId": "T2", "MsgID": 2, "ErrorCode": 43101, "ErrorStatus": "user refuse"},
                ]
            }
        },
        m.SubscriptionReceipts,
        receipts=(
            m.SubscriptionReceipt("T1", "1", 0, "success"),
            m.SubscriptionReceipt("T2", "2", 43101, "user refuse"),
        ),
    ),
    "kf_create_session": event(
        "kf_create_session", {"KfAccount": "an@gh_1"}, m.SessionOpenedEvent, account="an@gh_1"
    ),
    "kf_close_session": event(
        "kf_close_session",
        {"KfAccount": "an@gh_1", "CloseType": "KF"},
        m.SessionClosedEvent,
        account="an@gh_1",
        close_type="KF",
    ),
    "kf_switch_session": event(
        "kf_switch_session",
        {"FromKfAccount": "an@gh_1", "ToKfAccount": "bo@gh_1"},
        m.SessionSwitchedEvent,
        from_account="an@gh_1",
        to_account="bo@gh_1",
    ),
    "TEMPLATESENDJOBFINISH": event(
        "TEMPLATESENDJOBFINISH",
        {"MsgID": 9, "Status": "success"},
        m.TemplateReceipt,
        msg_id="9",
        status="success",
    ),
    "MASSSENDJOBFINISH": event(
        "MASSSENDJOBFINISH",
        {
            "MsgID": 1000,
            "Status": "send success",
            "TotalCount": 100,
            "FilterCount": 80,
            "SentCount": 75,
            "ErrorCount": 5,
            "CopyrightCheckResult": {"Count": 1, "ResultList": {"item": _VERDICT}, "CheckState": 2},
            "ArticleUrlResult": {
                "Count": 1,
                "ResultList": {"item": {"ArticleIdx": 1, "ArticleUrl": "https://mp/1"}},
            },
        },
        m.MassReceipt,
        msg_id="1000",
        status="send success",
        total=100,
        filtered=80,
        sent=75,
        errors=5,
        copyright_state=2,
        verdicts=(
            m.CopyrightVerdict(
                1, 0, 2, "https://mp/o", 1, can_reprint=True, needs_replacement=True, needs_source=False
            ),
        ),
        articles=(m.PublishedArticle(1, "https://mp/1"),),
    ),
    "PUBLISHJOBFINISH": event(
        "PUBLISHJOBFINISH",
        {
            "PublishEventInfo": {
                "publish_id": 2247503051,
                "publish_status": 0,
                "article_id": "A",
                "article_detail": {
                    "count": 2,
                    "item": [{"idx": 1, "article_url": "u1"}, {"idx": 2, "article_url": "u2"}],
                },
                "fail_idx": [3, 4],
            }
        },
        m.PublishReport,
        publish_id="2247503051",
        status=0,
        article_id="A",
        articles=(m.PublishedArticle(1, "u1"), m.PublishedArticle(2, "u2")),
        failed=(3, 4),
    ),
    "user_info_modified": event(
        "user_info_modified",
        _PERSON | {"RevokeInfo": "301"},
        m.ProfileChangedReport,
        **_ABOUT,
        revoked=("301",),
    ),
    "user_authorization_revoke": event(
        "user_authorization_revoke",
        _PERSON | {"RevokeInfo": "1,301"},
        m.AuthorizationRevokedReport,
        **_ABOUT,
        revoked=("1", "301"),
    ),
    "user_authorization_cancellation": event(
        "user_authorization_cancellation", _PERSON, m.AccountClosedReport, **_ABOUT
    ),
}

SAMPLES = {f"message {name}": sample for name, sample in MESSAGES.items()} | {
    f"event {name}": sample for name, sample in EVENTS.items()
}


def to_xml(fields: Tree) -> bytes:
    return f"<xml>{_elements(fields)}</xml>".encode("utf-8", "surrogatepass")


def to_json(fields: Tree) -> bytes:
    return json.dumps(fields).encode()


def _elements(fields: Tree) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    inner = _elements(value) if isinstance(value, Mapping) else f"<![CDATA[{value}]]>"
    return f"<{name}>{inner}</{name}>"


_ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.text(st.characters(categories=["Cc", "Cs", "Co", "Cn"]), max_size=5)
    | st.sampled_from(
        ["-1", "9" * 400, "1e999", "NaN", "]]>", "&x;", "<a/>", "../..", "{{7*7}}", "\x00", " "]
    )
)
ODD_VALUES = st.recursive(
    _ODD,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["List", "item", "a"]), inner)
    ),
    max_leaves=4,
)


@st.composite
def spoiled_fields(draw: st.DrawFn) -> dict[str, Any]:
    """A documented push with up to three of its fields dropped or given something else."""
    fields = draw(st.sampled_from(list(SAMPLES.values()))).whole()
    for name in draw(st.lists(st.sampled_from(list(fields)), max_size=3, unique=True)):
        if draw(st.booleans()):
            fields[name] = draw(ODD_VALUES)
        else:
            del fields[name]
    return fields


@st.composite
def spoiled_bodies(draw: st.DrawFn) -> bytes:
    """Spoiled fields in either format, and some of the bytes replaced, dropped or put in."""
    body = bytearray(draw(st.sampled_from([to_xml, to_json]))(draw(spoiled_fields())))
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(body)))
        body[start : start + draw(st.integers(0, 8))] = draw(st.binary(max_size=4))
    return bytes(body)
