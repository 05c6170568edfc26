"""Events as values, read from the fields of a push."""

import re
from collections.abc import Callable

from bot.wechat import messages as m
from bot.wechat.fields import IDENTITY, FieldReader, Head

_SCENE_PREFIX = "qrscene_"
_NUMBER = re.compile(r"[0-9]{1,20}")
_STATUS = re.compile(r"[0-9]{1,4}")
# The longest that WeChat documents has 21 characters; it is kept as the reason why a letter did not arrive.
_OUTCOME = re.compile(r".{1,200}")

Reader = Callable[[FieldReader, Head], m.Incoming]


def _subscribe(fields: FieldReader, head: Head) -> m.Incoming:
    scene = fields.text("EventKey").removeprefix(_SCENE_PREFIX) or None
    return m.SubscribeEvent(**head, scene=scene, ticket=fields.optional("Ticket"))


def _unsubscribe(_fields: FieldReader, head: Head) -> m.Incoming:
    return m.UnsubscribeEvent(**head)


def _scan(fields: FieldReader, head: Head) -> m.Incoming:
    return m.ScanEvent(**head, scene=fields.needed("EventKey"), ticket=fields.optional("Ticket"))


def _click(fields: FieldReader, head: Head) -> m.Incoming:
    return m.ClickEvent(**head, key=fields.needed("EventKey"))


def _view(fields: FieldReader, head: Head) -> m.Incoming:
    return m.ViewEvent(**head, url=fields.needed("EventKey"), menu_id=fields.optional("MenuId"))


def _view_mini_program(fields: FieldReader, head: Head) -> m.Incoming:
    menu_id = fields.optional("MenuId")
    return m.ViewMiniProgramEvent(**head, path=fields.needed("EventKey"), menu_id=menu_id)


def _position(fields: FieldReader, head: Head) -> m.Incoming:
    return m.PositionEvent(
        **head,
        latitude=fields.number("Latitude"),
        longitude=fields.number("Longitude"),
        precision=fields.number("Precision"),
    )


def _scan_code(fields: FieldReader, head: Head) -> m.Incoming:
    code = fields.section("ScanCodeInfo")
    return m.ScanCodeEvent(
        **head,
        key=fields.needed("EventKey"),
        scan_type=code.text("ScanType"),
        result=code.needed("ScanResult"),
        waiting=fields.text("Event").lower() == "scancode_waitmsg",
    )


def _pictures(fields: FieldReader, head: Head) -> m.Incoming:
    sent = fields.section("SendPicsInfo")
    items = sent.section("PicList").sections("item")
    return m.PicturesEvent(
        **head,
        key=fields.needed("EventKey"),
        source=fields.text("Event").lower(),
        count=sent.integer("Count"),
        md5_sums=tuple(item.needed("PicMd5Sum") for item in items),
    )


def _place(fields: FieldReader, head: Head) -> m.Incoming:
    place = fields.section("SendLocationInfo")
    return m.PlaceEvent(
        **head,
        key=fields.needed("EventKey"),
        latitude=place.number("Location_X"),
        longitude=place.number("Location_Y"),
        scale=place.integer("Scale"),
        label=place.text("Label"),
        poi_name=place.text("Poiname"),
    )


def _items(fields: FieldReader, name: str) -> list[FieldReader]:
    """The items of a ``subscribe_msg_…`` event; in JSON their list stands without the section around it."""
    outer = fields.section(name) if name in fields.raw else fields
    return outer.sections("List")


def _choices(fields: FieldReader, name: str) -> tuple[m.SubscriptionChoice, ...]:
    return tuple(
        m.SubscriptionChoice(
            item.needed("TemplateId"),
            item.needed("SubscribeStatusString"),
            item.optional_integer("PopupScene"),
        )
        for item in _items(fields, name)
    )


def _subscription_popup(fields: FieldReader, head: Head) -> m.Incoming:
    return m.SubscriptionPopupEvent(**head, choices=_choices(fields, "SubscribeMsgPopupEvent"))


def _subscription_change(fields: FieldReader, head: Head) -> m.Incoming:
    return m.SubscriptionChangeEvent(**head, choices=_choices(fields, "SubscribeMsgChangeEvent"))


def _subscription_receipts(fields: FieldReader, head: Head) -> m.Incoming:
    receipts = (
        m.SubscriptionReceipt(
            item.needed("TemplateId"),
            item.shaped("MsgID", _NUMBER),
            item.integer("ErrorCode"),
            item.text("ErrorStatus"),
        )
        for item in _items(fields, "SubscribeMsgSentEvent")
    )
    return m.SubscriptionReceipts(**head, receipts=tuple(receipts))


def _session_opened(fields: FieldReader, head: Head) -> m.Incoming:
    return m.SessionOpenedEvent(**head, account=fields.needed("KfAccount"))


def _session_closed(fields: FieldReader, head: Head) -> m.Incoming:
    close_type = fields.optional("CloseType")
    return m.SessionClosedEvent(**head, account=fields.needed("KfAccount"), close_type=close_type)


def _session_switched(fields: FieldReader, head: Head) -> m.Incoming:
    accounts = {"from_account": fields.needed("FromKfAccount"), "to_account": fields.needed("ToKfAccount")}
    return m.SessionSwitchedEvent(**head, **accounts)


def _template_receipt(fields: FieldReader, head: Head) -> m.Incoming:
    status = fields.shaped("Status", _OUTCOME)
    return m.TemplateReceipt(**head, msg_id=fields.shaped("MsgID", _NUMBER), status=status)


def _mass_receipt(fields: FieldReader, head: Head) -> m.Incoming:
    check = fields.section("CopyrightCheckResult")
    urls = fields.section("ArticleUrlResult").section("ResultList").sections("item")
    return m.MassReceipt(
        **head,
        msg_id=fields.shaped("MsgID", _NUMBER),
        status=fields.needed("Status"),
        total=fields.integer("TotalCount"),
        filtered=fields.integer("FilterCount"),
        sent=fields.integer("SentCount"),
        errors=fields.integer("ErrorCount"),
        copyright_state=check.optional_integer("CheckState"),
        verdicts=tuple(_verdict(item) for item in check.section("ResultList").sections("item")),
        articles=tuple(
            m.PublishedArticle(item.integer("ArticleIdx"), item.text("ArticleUrl")) for item in urls
        ),
    )


def _verdict(item: FieldReader) -> m.CopyrightVerdict:
    return m.CopyrightVerdict(
        index=item.integer("ArticleIdx"),
        user_declared=item.integer("UserDeclareState"),
        audit_state=item.integer("AuditState"),
        original_url=item.text("OriginalArticleUrl"),
        original_type=item.integer("OriginalArticleType"),
        can_reprint=item.integer("CanReprint") == 1,
        needs_replacement=item.integer("NeedReplaceContent") == 1,
        needs_source=item.integer("NeedShowReprintSource") == 1,
    )


def _publish_report(fields: FieldReader, head: Head) -> m.Incoming:
    info = fields.section("PublishEventInfo")
    items = info.section("article_detail").sections("item")
    return m.PublishReport(
        **head,
        publish_id=info.needed("publish_id"),
        status=int(info.shaped("publish_status", _STATUS)),
        article_id=info.optional("article_id"),
        articles=tuple(m.PublishedArticle(item.integer("idx"), item.text("article_url")) for item in items),
        failed=tuple(info.integers("fail_idx")),
    )


def _person_report(kind: type[m.PersonReport]) -> Reader:
    def read(fields: FieldReader, head: Head) -> m.Incoming:
        return kind(
            **head,
            subject=fields.shaped("OpenID", IDENTITY),
            app_id=fields.text("AppID"),
            union_id=fields.optional("UnionID"),
            revoked=tuple(part for part in fields.text("RevokeInfo").split(",") if part),
        )

    return read


# WeChat writes the names of events in several cases; they are looked up in lower case.
EVENTS: dict[str, Reader] = {
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "scan": _scan,
    "click": _click,
    "view": _view,
    "view_miniprogram": _view_mini_program,
    "location": _position,
    "scancode_push": _scan_code,
    "scancode_waitmsg": _scan_code,
    "pic_sysphoto": _pictures,
    "pic_photo_or_album": _pictures,
    "pic_weixin": _pictures,
    "location_select": _place,
    "subscribe_msg_popup_event": _subscription_popup,
    "subscribe_msg_change_event": _subscription_change,
    "subscribe_msg_sent_event": _subscription_receipts,
    "kf_create_session": _session_opened,
    "kf_close_session": _session_closed,
    "kf_switch_session": _session_switched,
    "templatesendjobfinish": _template_receipt,
    "masssendjobfinish": _mass_receipt,
    "publishjobfinish": _publish_report,
    "user_info_modified": _person_report(m.ProfileChangedReport),
    "user_authorization_revoke": _person_report(m.AuthorizationRevokedReport),
    "user_authorization_cancellation": _person_report(m.AccountClosedReport),
}
