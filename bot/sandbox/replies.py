"""What WeChat takes as a passive reply: its type, size and addressing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.envelope import Push
from bot.sandbox.errors import BadReplyError
from bot.sandbox.people import Article, Content, Kind

TEXT_LIMIT = 2048
"""Bytes of UTF-8."""
TRANSFER = "transfer_customer_service"
_ARTICLES_FOR_EVENT = 8
_MEDIA = {"image": "Image", "voice": "Voice", "video": "Video", "music": "Music"}
_MEDIA_NAMES = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "music": "[音乐]"}


@dataclass(frozen=True)
class Transfer:
    """The person is handed to a human agent; an empty account means whoever is free."""

    kf_account: str = ""


def read_reply(fields: Mapping[str, Any], push: Push) -> Content | Transfer:
    """What the person sees, or to whom they are handed. Raises `BadReplyError`."""
    _check_addressing(fields, push)
    kind = fields.get("MsgType")
    if kind == "text":
        return Content(Kind.TEXT, _text(fields))
    if kind == "news":
        return Content(Kind.NEWS, articles=_articles(fields, 1 if not push.is_event else _ARTICLES_FOR_EVENT))
    if kind in _MEDIA:
        return _media(str(kind), fields)
    if kind == TRANSFER:
        return _transfer(fields, push)
    raise BadReplyError(f"不认识的回复类型 {kind!r}")


def _transfer(fields: Mapping[str, Any], push: Push) -> Transfer:
    if push.is_event:
        raise BadReplyError("事件不能转给客服")
    info = fields.get("TransInfo")
    if info is None:
        return Transfer()
    account = info.get("KfAccount") if isinstance(info, Mapping) else None
    if not isinstance(account, str) or not account:
        raise BadReplyError("转客服的 TransInfo 没有 KfAccount")
    return Transfer(account)


def _check_addressing(fields: Mapping[str, Any], push: Push) -> None:
    if fields.get("ToUserName") != push.openid:
        raise BadReplyError("回复的 ToUserName 不是发来消息的人")
    if fields.get("FromUserName") != push.fields["ToUserName"]:
        raise BadReplyError("回复的 FromUserName 不是本公众号")
    if not str(fields.get("CreateTime", "")).isdecimal():
        raise BadReplyError("回复的 CreateTime 不是整数")


def _text(fields: Mapping[str, Any]) -> str:
    text = fields.get("Content")
    if not isinstance(text, str) or not text:
        raise BadReplyError("文本回复没有 Content")
    size = len(text.encode())
    if size > TEXT_LIMIT:
        raise BadReplyError(f"文本回复 {size} 字节，超过 {TEXT_LIMIT} 字节")
    return text


def _articles(fields: Mapping[str, Any], most: int) -> tuple[Article, ...]:
    block = fields.get("Articles")
    items = block.get("item") if isinstance(block, Mapping) else None
    listed = items if isinstance(items, list) else [items]
    articles = tuple(_article(item) for item in listed)
    if str(fields.get("ArticleCount")) != str(len(listed)):
        raise BadReplyError("ArticleCount 与文章数不符")
    if len(listed) > most:
        raise BadReplyError(f"图文回复有 {len(listed)} 篇文章，这里最多 {most} 篇")
    return articles


def _article(item: Any) -> Article:
    if not isinstance(item, Mapping):
        raise BadReplyError("图文回复没有文章")

    def part(name: str) -> str:
        return str(item.get(name) or "")

    return Article(part("Title"), part("Description"), part("Url"), part("PicUrl"))


def _media(kind: str, fields: Mapping[str, Any]) -> Content:
    block = fields.get(_MEDIA[kind])
    needed = "ThumbMediaId" if kind == "music" else "MediaId"
    if not isinstance(block, Mapping) or not block.get(needed):
        raise BadReplyError(f"{kind} 回复没有 {needed}")
    return Content(Kind.MEDIA, _MEDIA_NAMES[kind])
