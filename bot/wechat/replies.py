"""Passive replies: what answers a push within its five seconds, and how a long text is cut for them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.wechat.errors import OversizedReply
from bot.wechat.markup import cdata, clean
from bot.wechat.messages import Incoming

NO_REPLY = "success"
"""WeChat takes this body for «nothing to say»; an empty reply element would show the user a fault notice."""

TEXT_LIMIT_BYTES = 2048
"""UTF-8 bytes in one text, passive or customer message. WeChat does not publish it; this was measured."""

_SMALLEST_LIMIT_BYTES = 4  # one character of UTF-8

# Best first. A Latin full stop ends a sentence only before a space, else it is part of a figure or address.
_BREAKS = (
    re.compile(r"\n+"),
    re.compile(r"[。！？；…]+[”』」）]*|[.!?;](?=\s)"),
    re.compile(r"[，、：]|[,:\s](?=\S)"),
)
# A link that is cut is no link: what may not be broken if it can be helped.
_WHOLE = re.compile(r"<a\b[^>]*>.*?</a>|https?://[!-~]+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TextReply:
    """At most ``TEXT_LIMIT_BYTES``; longer texts go through ``split_text`` first."""

    text: str


@dataclass(frozen=True, slots=True)
class Article:
    title: str
    description: str
    url: str
    picture_url: str = ""


@dataclass(frozen=True, slots=True)
class NewsReply:
    """WeChat shows one article in answer to a message, and up to eight otherwise."""

    articles: Sequence[Article]


@dataclass(frozen=True, slots=True)
class TransferReply:
    """Hands over to WeChat's own customer service; ``account`` names the agent, if one is chosen."""

    account: str | None = None


@dataclass(frozen=True, slots=True)
class NoReply:
    pass


Reply = TextReply | NewsReply | TransferReply | NoReply


def render(reply: Reply, to: Incoming, now: datetime | None = None) -> str:
    """The body that answers ``to``: XML with sender and receiver swapped, or ``NO_REPLY``.

    Raises ``OversizedReply`` for a text that WeChat would replace by a fault notice.
    """
    match reply:
        case NoReply():
            return NO_REPLY
        case TextReply():
            return _envelope("text", _text(reply), to, now)
        case NewsReply():
            return _envelope("news", _news(reply), to, now)
        case TransferReply():
            return _envelope("transfer_customer_service", _transfer(reply), to, now)


def _envelope(kind: str, content: str, to: Incoming, now: datetime | None) -> str:
    seconds = int((now or datetime.now(UTC)).timestamp())
    return (
        f"<xml><ToUserName>{cdata(to.openid)}</ToUserName><FromUserName>{cdata(to.to_user)}</FromUserName>"
        f"<CreateTime>{seconds}</CreateTime><MsgType>{cdata(kind)}</MsgType>{content}</xml>"
    )


def _text(reply: TextReply) -> str:
    size = len(clean(reply.text).encode())
    if not 0 < size <= TEXT_LIMIT_BYTES:
        raise OversizedReply(f"a text reply of {size} bytes, where 1 to {TEXT_LIMIT_BYTES} are possible")
    return f"<Content>{cdata(reply.text)}</Content>"


def _news(reply: NewsReply) -> str:
    items = "".join(
        f"<item><Title>{cdata(article.title)}</Title><Description>{cdata(article.description)}</Description>"
        f"<PicUrl>{cdata(article.picture_url)}</PicUrl><Url>{cdata(article.url)}</Url></item>"
        for article in reply.articles
    )
    return f"<ArticleCount>{len(reply.articles)}</ArticleCount><Articles>{items}</Articles>"


def _transfer(reply: TransferReply) -> str:
    if reply.account is None:
        return ""
    return f"<TransInfo><KfAccount>{cdata(reply.account)}</KfAccount></TransInfo>"


def split_text(text: str, limit: int = TEXT_LIMIT_BYTES) -> list[str]:
    """The text in parts of at most ``limit`` bytes of UTF-8, cut at the end of a line, else of a sentence.

    Blanks around a cut are dropped; an empty text has no parts.
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
    """Where to cut so that at most ``longest`` characters stay, and at least half of them."""
    links = [match.span() for match in _WHOLE.finditer(text, 0, 2 * longest)]
    for pattern in _BREAKS:
        ends = [match.end() for match in pattern.finditer(text, 0, longest)]
        good = [end for end in ends if end > longest // 2 and not _inside(end, links)]
        if good:
            return good[-1]
    before_link = (start for start, end in links if 0 < start < longest < end)
    return next(before_link, longest)


def _inside(position: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < position < end for start, end in spans)
