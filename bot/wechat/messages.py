"""What arrives from WeChat, as values: messages of people, and events about them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2s
from typing import TypedDict

from bot.wechat.errors import Malformed
from bot.wechat.markup import parse_fields

_IDENTITY = re.compile(r"[!-~]{1,64}")
_SECONDS = re.compile(r"[0-9]{1,10}")
_MESSAGE_ID = re.compile(r"[0-9]{1,20}")
_NUMBER = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,20})?")
_WORD = re.compile(r"[A-Za-z0-9_]{1,64}")
_SCENE_PREFIX = "qrscene_"
_RECEIPT_FAILURES = {"user block": "user_block", "system failed": "system_failed", "freq limit": "freq_limit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One push. ``dedup_key`` is the same when WeChat sends it again, and at most 160 characters long."""

    to_user: str
    openid: str
    created_at: datetime
    dedup_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage(Incoming):
    """``menu_id`` is the id of the tapped ``msgmenu`` item; None when the person typed."""

    text: str
    menu_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceMessage(Incoming):
    """``recognition`` is WeChat's own transcript, withdrawn for most accounts since 2023."""

    media_id: str
    recognition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageMessage(Incoming):
    media_id: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoMessage(Incoming):
    media_id: str
    thumb_media_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationMessage(Incoming):
    """Degrees, GCJ-02."""

    latitude: float
    longitude: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMessage(Incoming):
    title: str
    description: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribeEvent(Incoming):
    """``scene`` is that of the scanned code; None when the person came another way."""

    scene: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribeEvent(Incoming):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanEvent(Incoming):
    """A follower scanned a code."""

    scene: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickEvent(Incoming):
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewEvent(Incoming):
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateReceipt(Incoming):
    """What became of the template message ``msg_id``; ``status`` in WeChat's own words."""

    msg_id: str
    status: str

    @property
    def delivered(self) -> bool:
        return self.status == "success"

    @property
    def failure(self) -> str | None:
        """``user_block``, ``system_failed``, ``freq_limit`` or ``other``; None when delivered.

        WeChat writes the reason after the colon with and without a space.
        """
        if self.delivered:
            return None
        reason = self.status.partition(":")[2].strip()
        return next((name for text, name in _RECEIPT_FAILURES.items() if reason.startswith(text)), "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownIncoming(Incoming):
    """A kind that nobody here reads yet; ``kind`` is the MsgType, or ``event.`` and the event's name."""

    kind: str
    raw: Mapping[str, object]


class _Fields:
    """The fields of a push; whatever is not as documented is ``Malformed``."""

    def __init__(self, raw: dict[str, object]) -> None:
        self.raw = raw

    def text(self, name: str) -> str:
        """The field's text, empty when the field is missing or empty."""
        value = self.raw.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Malformed(f"{name} is not a text")
        return value

    def shaped(self, name: str, shape: re.Pattern[str]) -> str:
        value = self.text(name)
        if not shape.fullmatch(value):
            raise Malformed(f"{name} is missing or not as documented")
        return value

    def needed(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise Malformed(f"{name} is missing")
        return value

    def number(self, name: str) -> float:
        return float(self.shaped(name, _NUMBER))


class _Head(TypedDict):
    """What every push has, read once."""

    to_user: str
    openid: str
    created_at: datetime
    dedup_key: str


def _text(fields: _Fields, head: _Head) -> Incoming:
    return TextMessage(**head, text=fields.text("Content"), menu_id=fields.text("bizmsgmenuid") or None)


def _voice(fields: _Fields, head: _Head) -> Incoming:
    recognition = fields.text("Recognition") or None
    return VoiceMessage(**head, media_id=fields.needed("MediaId"), recognition=recognition)


def _image(fields: _Fields, head: _Head) -> Incoming:
    return ImageMessage(**head, media_id=fields.needed("MediaId"), url=fields.text("PicUrl"))


def _video(fields: _Fields, head: _Head) -> Incoming:
    thumb = fields.text("ThumbMediaId")
    return VideoMessage(**head, media_id=fields.needed("MediaId"), thumb_media_id=thumb)


def _location(fields: _Fields, head: _Head) -> Incoming:
    latitude, longitude = fields.number("Location_X"), fields.number("Location_Y")
    return LocationMessage(**head, latitude=latitude, longitude=longitude, label=fields.text("Label"))


def _link(fields: _Fields, head: _Head) -> Incoming:
    title, description = fields.text("Title"), fields.text("Description")
    return LinkMessage(**head, title=title, description=description, url=fields.needed("Url"))


def _subscribe(fields: _Fields, head: _Head) -> Incoming:
    return SubscribeEvent(**head, scene=fields.text("EventKey").removeprefix(_SCENE_PREFIX) or None)


def _unsubscribe(_fields: _Fields, head: _Head) -> Incoming:
    return UnsubscribeEvent(**head)


def _scan(fields: _Fields, head: _Head) -> Incoming:
    return ScanEvent(**head, scene=fields.needed("EventKey"))


def _click(fields: _Fields, head: _Head) -> Incoming:
    return ClickEvent(**head, key=fields.needed("EventKey"))


def _view(fields: _Fields, head: _Head) -> Incoming:
    return ViewEvent(**head, url=fields.needed("EventKey"))


def _template_receipt(fields: _Fields, head: _Head) -> Incoming:
    return TemplateReceipt(**head, msg_id=fields.needed("MsgID"), status=fields.needed("Status"))


_Reader = Callable[[_Fields, _Head], Incoming]

_MESSAGES: dict[str, _Reader] = {
    "text": _text,
    "voice": _voice,
    "image": _image,
    "video": _video,
    "shortvideo": _video,
    "location": _location,
    "link": _link,
}

# WeChat writes the names of events in several cases; they are looked up in lower case.
_EVENTS: dict[str, _Reader] = {
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "scan": _scan,
    "click": _click,
    "view": _view,
    "templatesendjobfinish": _template_receipt,
}


def _event_key(fields: _Fields, event: str) -> str:
    """Sender and second, as WeChat documents it, and the event's own words.

    Without those, two events of one second would pass for one. They may be long, so they are hashed.
    """
    words = fields.text("MsgID") or fields.text("EventKey")
    digest = blake2s(words.encode(), digest_size=8).hexdigest()
    return f"event:{fields.text('FromUserName')}:{fields.text('CreateTime')}:{event}:{digest}"


def parse(xml: bytes) -> Incoming:
    """The push in ``xml``; raises ``Malformed``, and nothing else, for whatever is not as documented."""
    fields = _Fields(parse_fields(xml))
    kind = fields.shaped("MsgType", _WORD).lower()
    if kind == "event":
        event = fields.shaped("Event", _WORD).lower()
        kind, reader, dedup_key = f"event.{event}", _EVENTS.get(event), _event_key(fields, event)
    else:
        reader, dedup_key = _MESSAGES.get(kind), f"msg:{fields.shaped('MsgId', _MESSAGE_ID)}"
    head = _Head(
        to_user=fields.shaped("ToUserName", _IDENTITY),
        openid=fields.shaped("FromUserName", _IDENTITY),
        created_at=datetime.fromtimestamp(int(fields.shaped("CreateTime", _SECONDS)), UTC),
        dedup_key=dedup_key,
    )
    return reader(fields, head) if reader else UnknownIncoming(**head, kind=kind, raw=fields.raw)
