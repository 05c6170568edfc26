"""The push behind the fields: which kind it is, who sent it, and the key by which a second copy is known."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2s
from types import MappingProxyType

from bot.wechat import messages as m
from bot.wechat.events import EVENTS
from bot.wechat.fields import IDENTITY, FieldReader, Head
from bot.wechat.markup import Fields

_SECONDS = re.compile(r"[0-9]{1,10}")
_MESSAGE_ID = re.compile(r"[0-9]{1,20}")
_WORD = re.compile(r"[A-Za-z0-9_]{1,64}")
_KEY_WORD_CHARS = 40


class _MessageHead(Head):
    msg_id: str
    article: m.ArticleSource | None


def _text(fields: FieldReader, head: _MessageHead) -> m.Incoming:
    return m.TextMessage(**head, text=fields.text("Content"), menu_id=fields.optional("bizmsgmenuid"))


def _image(fields: FieldReader, head: _MessageHead) -> m.Incoming:
    return m.ImageMessage(**head, media_id=fields.needed("MediaId"), url=fields.text("PicUrl"))


def _voice(fields: FieldReader, head: _MessageHead) -> m.Incoming:
    return m.VoiceMessage(
        **head,
        media_id=fields.needed("MediaId"),
        media_id_16k=fields.optional("MediaId16K"),
        format=fields.text("Format"),
        recognition=fields.optional("Recognition"),
    )


def _video(fields: FieldReader, head: _MessageHead) -> m.Incoming:
    return m.VideoMessage(
        **head,
        media_id=fields.needed("MediaId"),
        thumb_media_id=fields.text("ThumbMediaId"),
        short=fields.text("MsgType").lower() == "shortvideo",
    )


def _location(fields: FieldReader, head: _MessageHead) -> m.Incoming:
    return m.LocationMessage(
        **head,
        latitude=fields.number("Location_X"),
        longitude=fields.number("Location_Y"),
        scale=fields.integer("Scale"),
        label=fields.text("Label"),
    )


def _link(fields: FieldReader, head: _MessageHead) -> m.Incoming:
    title, description = fields.text("Title"), fields.text("Description")
    return m.LinkMessage(**head, title=title, description=description, url=fields.needed("Url"))


MESSAGES: dict[str, Callable[[FieldReader, _MessageHead], m.Incoming]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _video,
    "location": _location,
    "link": _link,
}


def parse(raw: Fields) -> m.Incoming:
    """The push with these fields; raises ``Malformed``, and nothing else, for what is not as documented."""
    fields = FieldReader(raw)
    kind = fields.shaped("MsgType", _WORD).lower()
    if kind == "event":
        return _event(fields)
    reader = MESSAGES.get(kind)
    if reader is None:
        return _unknown(fields, kind)
    msg_id = fields.shaped("MsgId", _MESSAGE_ID)
    head = _head(fields, f"msg:{msg_id}")
    return reader(fields, _MessageHead(**head, msg_id=msg_id, article=_article(fields)))


def _event(fields: FieldReader) -> m.Incoming:
    name = fields.shaped("Event", _WORD).lower()
    reader = EVENTS.get(name)
    if reader is None:
        return _unknown(fields, f"event.{name}")
    return reader(fields, _head(fields, _key(fields, name)))


def _unknown(fields: FieldReader, kind: str) -> m.Incoming:
    return m.UnknownIncoming(
        **_head(fields, _key(fields, kind)), kind=kind, raw=MappingProxyType(dict(fields.raw))
    )


def _head(fields: FieldReader, dedup_key: str) -> Head:
    return Head(
        to_user=fields.shaped("ToUserName", IDENTITY),
        openid=fields.shaped("FromUserName", IDENTITY),
        created_at=datetime.fromtimestamp(int(fields.shaped("CreateTime", _SECONDS)), UTC),
        dedup_key=dedup_key,
    )


def _key(fields: FieldReader, kind: str) -> str:
    """Sender and second, as WeChat documents it for events, and a digest of all that the push says.

    Without the digest two events of one second would pass for one. A copy says the same.
    """
    words = json.dumps(fields.raw, sort_keys=True)
    digest = blake2s(words.encode(), digest_size=10).hexdigest()
    sender, second = fields.text("FromUserName"), fields.text("CreateTime")
    return f"event:{sender}:{second}:{kind[:_KEY_WORD_CHARS]}:{digest}"


def _article(fields: FieldReader) -> m.ArticleSource | None:
    data_id = fields.text("MsgDataId")
    return m.ArticleSource(data_id, fields.integer("Idx")) if data_id else None
