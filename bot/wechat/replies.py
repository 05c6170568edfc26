"""Passive replies: what answers a push within its five seconds, and how a long text is cut for them."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.wechat.errors import OversizedReply, WeChatError
from bot.wechat.markup import cdata, clean
from bot.wechat.messages import Incoming, Message

NO_REPLY = "success"
"""WeChat takes this body for «nothing to say»; an empty reply element would show the user a fault notice."""

TEXT_LIMIT_BYTES = 2048
"""UTF-8 bytes in one text, passive or customer message. WeChat does not publish it; this was measured."""

_SMALLEST_LIMIT_BYTES = 4  # one character of UTF-8
_ARTICLES_FOR_MESSAGE, _ARTICLES_FOR_EVENT = 1, 8

_LINE = r"\n+"
# A Latin full stop ends a sentence only before a space, else it is part of a figure or address.
_SENTENCE = r"[。！？；…]+[”』」）]*|[.!?;](?=\s)"
_COMMA = r"[，、：]|[,:\s](?=\S)"
# Where to cut, best first, each with the share of a part that must stay: a part of a few words is a message
# wasted, of the few that the platform allows.
_BREAKS = (
    (re.compile(_LINE), 1 / 2),
    (re.compile(_SENTENCE), 1 / 2),
    (re.compile(f"{_LINE}|{_SENTENCE}"), 1 / 8),
    (re.compile(_COMMA), 1 / 2),
)
# A link that is cut is no link: what may not be broken if it can be helped.
_WHOLE = re.compile(r"<a\b[^>]*>.*?</a>|https?://[!-~]+", re.DOTALL)

_ZERO_WIDTH_JOINER = "\u200d"
_JOINING = re.compile("[\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")  # joiner, skin tones, tags
_REGIONAL = re.compile("[\U0001f1e6-\U0001f1ff]+$")  # letters of which two make a flag


class UnfitReply(WeChatError):
    """A reply that WeChat would not take, and show the person a fault notice in its place."""


@dataclass(frozen=True, slots=True)
class TextReply:
    """At most ``TEXT_LIMIT_BYTES``; longer texts go through ``split_text`` first."""

    text: str


@dataclass(frozen=True, slots=True)
class ImageReply:
    """Media ids are those of the platform: a file is uploaded before it can be sent."""

    media_id: str


@dataclass(frozen=True, slots=True)
class VoiceReply:
    media_id: str


@dataclass(frozen=True, slots=True)
class VideoReply:
    media_id: str
    title: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class MusicReply:
    """``hq_url`` is preferred by a phone on Wi-Fi."""

    thumb_media_id: str
    title: str = ""
    description: str = ""
    url: str = ""
    hq_url: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    title: str
    description: str
    url: str
    picture_url: str = ""


@dataclass(frozen=True, slots=True)
class NewsReply:
    """One article in answer to a message, up to eight in answer to an event."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class TransferReply:
    """Hands a message over to WeChat's own customer service, to the agent ``account`` if one is chosen."""

    account: str | None = None


@dataclass(frozen=True, slots=True)
class NoReply:
    pass


MediaReply = ImageReply | VoiceReply | VideoReply | MusicReply
Reply = TextReply | MediaReply | NewsReply | TransferReply | NoReply


def render(reply: Reply, to: Incoming, now: datetime | None = None) -> str:
    """The body that answers ``to``: XML with sender and receiver swapped, or ``NO_REPLY``.

    A text without anything in it is ``NO_REPLY`` too. Raises ``OversizedReply`` or ``UnfitReply`` for what
    WeChat would replace by a fault notice.
    """
    kind, content = _content(reply, to)
    if not kind:
        return NO_REPLY
    seconds = int((now or datetime.now(UTC)).timestamp())
    people = _elements({"ToUserName": to.openid, "FromUserName": to.to_user})
    return f"<xml>{people}<CreateTime>{seconds}</CreateTime>{_elements({'MsgType': kind})}{content}</xml>"


def _content(reply: Reply, to: Incoming) -> tuple[str, str]:
    """The kind of the reply, empty for none, and its own elements."""
    match reply:
        case NoReply():
            return "", ""
        case TextReply(text):
            return _text(text)
        case NewsReply(articles):
            return "news", _news(articles, to)
        case TransferReply(account):
            return "transfer_customer_service", _transfer(account, to)
        case _:
            return _media(reply)


def _elements(values: dict[str, str]) -> str:
    return "".join(f"<{name}>{cdata(value)}</{name}>" for name, value in values.items())


def _text(text: str) -> tuple[str, str]:
    size = len(clean(text).encode())
    if size > TEXT_LIMIT_BYTES:
        raise OversizedReply(f"a text reply of {size} bytes, where {TEXT_LIMIT_BYTES} are possible")
    return ("text", _elements({"Content": text})) if clean(text).strip() else ("", "")


def _media(reply: MediaReply) -> tuple[str, str]:
    match reply:
        case ImageReply(media_id):
            return "image", _nested("Image", {"MediaId": media_id})
        case VoiceReply(media_id):
            return "voice", _nested("Voice", {"MediaId": media_id})
        case VideoReply(media_id, title, description):
            values = {"MediaId": media_id, "Title": title, "Description": description}
            return "video", _nested("Video", values)
        case MusicReply(media_id, title, description, url, hq_url):
            values = {"ThumbMediaId": media_id, "Title": title, "Description": description}
            return "music", _nested("Music", values | {"MusicUrl": url, "HQMusicUrl": hq_url})


def _nested(name: str, values: dict[str, str]) -> str:
    """Values in an element of their own; the first is the media id, which it cannot be without."""
    if not next(iter(values.values())):
        raise UnfitReply(f"{name} without a media id")
    return f"<{name}>{_elements(values)}</{name}>"


def _news(articles: tuple[Article, ...], to: Incoming) -> str:
    most = _ARTICLES_FOR_MESSAGE if isinstance(to, Message) else _ARTICLES_FOR_EVENT
    if not articles:
        raise UnfitReply("a news reply without articles")
    if len(articles) > most:
        raise OversizedReply(f"{len(articles)} articles, where {most} are possible")
    items = "".join(f"<item>{_elements(_article(article))}</item>" for article in articles)
    return f"<ArticleCount>{len(articles)}</ArticleCount><Articles>{items}</Articles>"


def _article(article: Article) -> dict[str, str]:
    return {
        "Title": article.title,
        "Description": article.description,
        "PicUrl": article.picture_url,
        "Url": article.url,
    }


def _transfer(account: str | None, to: Incoming) -> str:
    if not isinstance(to, Message):
        raise UnfitReply("only messages can be handed over to customer service")
    return f"<TransInfo>{_elements({'KfAccount': account})}</TransInfo>" if account else ""


def split_text(text: str, limit: int = TEXT_LIMIT_BYTES) -> list[str]:
    """The text in parts of at most ``limit`` bytes of UTF-8, cut where it reads best.

    That is the end of a line, else of a sentence, else a comma, else between two characters as a reader
    sees them. Blanks around a cut are dropped; an empty text has no parts.
    """
    if limit < _SMALLEST_LIMIT_BYTES:
        raise ValueError("no part can hold a character")
    return list(_parts(clean(text).strip(), limit))


def _parts(rest: str, limit: int) -> Iterator[str]:
    while len(rest.encode()) > limit:
        fitting = rest.encode()[:limit].decode(errors="ignore")
        cut = _cut(rest, len(fitting))
        yield rest[:cut].rstrip()
        rest = rest[cut:].lstrip()
    if rest:
        yield rest


def _cut(text: str, longest: int) -> int:
    """Where to cut so that at most ``longest`` characters stay."""
    links = [match.span() for match in _WHOLE.finditer(text, 0, 2 * longest)]
    for pattern, share in _BREAKS:
        ends = [match.end() for match in pattern.finditer(text, 0, longest)]
        good = [end for end in ends if end > longest * share and not _inside(end, links)]
        if good:
            return good[-1]
    before_link = (start for start, end in links if 0 < start < longest < end)
    return next(before_link, _between_characters(text, longest))


def _inside(position: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < position < end for start, end in spans)


def _between_characters(text: str, longest: int) -> int:
    """The last place up to ``longest`` that parts no character from its marks, and no emoji or flag.

    ``longest`` itself where all up to there is one.
    """
    return next((at for at in range(longest, 0, -1) if not _joined(text, at)), longest)


def _joined(text: str, at: int) -> bool:
    """Whether what stands at ``at`` belongs to the character before it."""
    if text[at - 1] == _ZERO_WIDTH_JOINER or _JOINING.match(text, at):
        return True
    if unicodedata.category(text[at]).startswith("M"):
        return True
    flags = _REGIONAL.search(text[:at]) if _REGIONAL.match(text[at]) else None
    return flags is not None and len(flags[0]) % 2 == 1
