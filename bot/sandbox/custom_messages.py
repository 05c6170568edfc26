"""Customer messages: what their JSON must hold."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.errors import ApiError
from bot.sandbox.people import Article, Content, Kind, Option
from bot.sandbox.replies import TEXT_LIMIT


def read_message(payload: Mapping[str, Any]) -> Content:
    """What the person will see; raises WeChat's refusal."""
    kind = payload.get("msgtype")
    body = payload.get(str(kind))
    if kind not in {"text", "msgmenu", "news"}:
        raise ApiError(40008, "invalid message type")
    if not isinstance(body, Mapping):
        raise ApiError(44004, f"empty content: {kind}")
    if kind == "text":
        return Content(Kind.TEXT, _needed(body, "content"))
    return _menu(body) if kind == "msgmenu" else _news(body)


def _needed(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise ApiError(44004, f"empty content: {name}")
    return _short_enough(value)


def _short_enough(text: str) -> str:
    if len(text.encode()) > TEXT_LIMIT:
        raise ApiError(45002, f"content size out of limit: {len(text.encode())} bytes")
    return text


def _menu(body: Mapping[str, Any]) -> Content:
    listed = body.get("list")
    if not isinstance(listed, list) or not listed:
        raise ApiError(44004, "empty content: list")
    options = tuple(_option(item) for item in listed)
    head, tail = str(body.get("head_content") or ""), str(body.get("tail_content") or "")
    _short_enough("\n".join([head, *(option.content for option in options), tail]))
    return Content(Kind.MENU, head, tail=tail, options=options)


def _option(item: Any) -> Option:
    if not isinstance(item, Mapping) or not isinstance(item.get("id"), str):
        raise ApiError(47001, "data format error: list.id is no string")
    return Option(item["id"], _needed(item, "content"))


def _news(body: Mapping[str, Any]) -> Content:
    articles = body.get("articles")
    if not isinstance(articles, list) or not all(isinstance(item, Mapping) for item in articles):
        raise ApiError(44004, "empty content: articles")
    if len(articles) != 1:
        raise ApiError(45008, "article size out of limit")
    item = articles[0]
    article = Article(
        _needed(item, "title"),
        str(item.get("description") or ""),
        str(item.get("url") or ""),
        str(item.get("picurl") or ""),
    )
    return Content(Kind.NEWS, articles=(article,))
