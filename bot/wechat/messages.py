"""What arrives from WeChat, as values: messages of people, events about them, reports of the platform."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

_RECEIPT_FAILURES = {"user block": "user_block", "system failed": "system_failed", "freq limit": "freq_limit"}
_MASS_ERROR = re.compile(r"err\((\d{1,9})\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One push. ``dedup_key`` is the same when WeChat sends it again, and at most 160 characters long."""

    to_user: str
    openid: str
    created_at: datetime
    dedup_key: str


@dataclass(frozen=True, slots=True)
class ArticleSource:
    """The article that a message was sent from: its ``MsgDataId``, and its place in the bundle, from 1."""

    data_id: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Incoming):
    """What a person sent; ``article`` is None when it was written in the chat itself."""

    msg_id: str = ""
    article: ArticleSource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage(Message):
    """``menu_id`` is the id of the tapped ``msgmenu`` item; None when the person typed."""

    text: str
    menu_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceMessage(Message):
    """``recognition`` is WeChat's own transcript, withdrawn for most accounts since 2023.

    ``media_id`` leads to the recording at 8 kHz, ``media_id_16k`` to that at 16 kHz.
    """

    media_id: str
    media_id_16k: str | None = None
    format: str = ""
    recognition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageMessage(Message):
    media_id: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoMessage(Message):
    """``short``: taken in the chat, not chosen from the album."""

    media_id: str
    thumb_media_id: str
    short: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationMessage(Message):
    """Degrees, GCJ-02; ``scale`` is the zoom of the map."""

    latitude: float
    longitude: float
    scale: int = 0
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMessage(Message):
    title: str
    description: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Incoming):
    """What a person did, other than sending a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribeEvent(Event):
    """``scene`` and ``ticket`` are those of the scanned code; None when the person came another way."""

    scene: str | None = None
    ticket: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribeEvent(Event):
    """After it the person's data have to go, says the platform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanEvent(Event):
    """A follower scanned a code."""

    scene: str
    ticket: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickEvent(Event):
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewEvent(Event):
    """``menu_id`` names the conditional menu that the person saw; None with the default menu."""

    url: str
    menu_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewMiniProgramEvent(Event):
    path: str
    menu_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionEvent(Event):
    """``LOCATION``: where the phone is, sent on entering the chat. Degrees; ``precision`` in metres."""

    latitude: float
    longitude: float
    precision: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanCodeEvent(Event):
    """A code scanned from the menu; ``waiting``: the phone shows that the account is about to answer."""

    key: str
    scan_type: str
    result: str
    waiting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturesEvent(Event):
    """Pictures sent from the menu; each follows as an ``ImageMessage``.

    ``source`` is ``pic_sysphoto``, ``pic_photo_or_album`` or ``pic_weixin``.
    """

    key: str
    source: str
    count: int
    md5_sums: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceEvent(Event):
    """``location_select``: a place chosen from the menu; it follows as a ``LocationMessage``."""

    key: str
    latitude: float
    longitude: float
    scale: int
    label: str
    poi_name: str


@dataclass(frozen=True, slots=True)
class SubscriptionChoice:
    """``scene``: 1 a page, 2 an article; None where WeChat does not say it."""

    template_id: str
    status: str
    scene: int | None = None

    @property
    def accepted(self) -> bool:
        return self.status == "accept"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionPopupEvent(Event):
    """What the person chose in the dialog that asks for subscription notices."""

    choices: tuple[SubscriptionChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionChangeEvent(Event):
    """What the person changed later in the settings; WeChat pushes only refusals."""

    choices: tuple[SubscriptionChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpenedEvent(Event):
    """An agent of WeChat's own customer service takes the person; messages no longer come here."""

    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClosedEvent(Event):
    account: str
    close_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSwitchedEvent(Event):
    from_account: str
    to_account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Incoming):
    """The platform's word about something; no act of a person, who does not become active by it.

    ``openid`` is whom the platform names as sender: often its own account, not a follower.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateReceipt(Report):
    """What became of the template message ``msg_id``; ``status`` in WeChat's own words."""

    msg_id: str
    status: str

    @property
    def delivered(self) -> bool:
        return self.status.startswith("success")

    @property
    def failure(self) -> str | None:
        """``user_block``, ``system_failed``, ``freq_limit`` or ``other``; None when delivered.

        WeChat writes the reason after the colon with and without a space.
        """
        if self.delivered:
            return None
        reason = self.status.partition(":")[2].strip()
        return next((name for text, name in _RECEIPT_FAILURES.items() if reason.startswith(text)), "other")


@dataclass(frozen=True, slots=True)
class SubscriptionReceipt:
    template_id: str
    msg_id: str
    error_code: int
    status: str

    @property
    def delivered(self) -> bool:
        return self.error_code == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionReceipts(Report):
    """What became of subscription notices; one push may tell of several."""

    receipts: tuple[SubscriptionReceipt, ...]


@dataclass(frozen=True, slots=True)
class PublishedArticle:
    index: int
    url: str


@dataclass(frozen=True, slots=True)
class CopyrightVerdict:
    """What WeChat found about one article of a mass send."""

    index: int
    user_declared: int
    audit_state: int
    original_url: str
    original_type: int
    can_reprint: bool
    needs_replacement: bool
    needs_source: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MassReceipt(Report):
    """How a mass send ended; ``total`` counts people, ``filtered`` those that were left after the filters.

    ``copyright_state``: 1 no reprint, 2 a reprint that may be sent, 3 one that may not; None where WeChat
    did not check.
    """

    msg_id: str
    status: str
    total: int
    filtered: int
    sent: int
    errors: int
    copyright_state: int | None
    verdicts: tuple[CopyrightVerdict, ...]
    articles: tuple[PublishedArticle, ...]

    @property
    def delivered(self) -> bool:
        return self.status.startswith(("send success", "sendsuccess"))

    @property
    def error_code(self) -> int | None:
        """WeChat's number for the reason, such as 20001 (politics); None when it gives none."""
        found = _MASS_ERROR.search(self.status)
        return int(found[1]) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport(Report):
    """How a publication ended; ``status`` 0 is success. ``failed`` holds the places of refused articles."""

    publish_id: str
    status: int
    article_id: str | None
    articles: tuple[PublishedArticle, ...]
    failed: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonReport(Report):
    """About the data of ``subject``, an openid; ``revoked`` names kinds of data by WeChat's numbers."""

    subject: str
    app_id: str
    union_id: str | None = None
    revoked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChangedReport(PersonReport):
    """WeChat replaced the person's name or picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRevokedReport(PersonReport):
    """The person took back what was authorized to this account: the data have to go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosedReport(PersonReport):
    """The person gave up the WeChat account: the data have to go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownIncoming(Incoming):
    """A kind that nobody here reads yet; ``kind`` is the MsgType, or ``event.`` and the event's name."""

    kind: str
    raw: Mapping[str, object]
