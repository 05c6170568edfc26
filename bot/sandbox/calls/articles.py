"""Drafts and what is published of them."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.calls.base import FINE, Answer, Payload, Work, listed, number, text
from bot.sandbox.calls.media import MediaDesk
from bot.sandbox.errors import ApiError
from bot.sandbox.later import Later
from bot.sandbox.people import Article
from bot.sandbox.pushes import Pushes

_MOST_ARTICLES = 8
_TITLE_CHARS = 64
_UNDER_WAY, _DONE = 1, 0
_DRAFT, _PUBLISH = "cgi-bin/draft/", "cgi-bin/freepublish/"


@dataclass
class _Publication:
    articles: list[Answer]
    article_id: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    status: int = _UNDER_WAY

    def urls(self) -> list[str]:
        address = "https://mp.weixin.qq.com/s/" + self.article_id
        return [f"{address}?idx={number}" for number, _ in enumerate(self.articles, 1)]

    def detail(self) -> Answer:
        items = [{"idx": number, "article_url": url} for number, url in enumerate(self.urls(), 1)]
        return {"count": len(items), "item": items}


class ArticleDesk:
    def __init__(
        self,
        media: MediaDesk,
        pushes: Pushes,
        later: Later,
        clock: Callable[[], float],
        manager: str,
        delay: float,
    ) -> None:
        """`manager` is the openid in whose name WeChat reports; the report comes after `delay` seconds."""
        self._media = media
        self._pushes = pushes
        self._later = later
        self._clock = clock
        self._manager = manager
        self._delay = delay
        self._drafts: dict[str, list[Answer]] = {}
        self._publications: dict[int, _Publication] = {}

    def calls(self) -> dict[str, Work]:
        return {
            f"{_DRAFT}add": self._add,
            f"{_DRAFT}get": lambda payload: {"news_item": self._draft(payload)},
            f"{_DRAFT}update": self._update,
            f"{_DRAFT}delete": self._delete,
            f"{_DRAFT}count": lambda _payload: {"total_count": len(self._drafts)},
            f"{_DRAFT}batchget": self._list,
            f"{_PUBLISH}submit": self._submit,
            f"{_PUBLISH}get": self._status,
            f"{_PUBLISH}delete": self._withdraw,
            f"{_PUBLISH}getarticle": self._article,
        }

    def of_draft(self, media_id: str) -> tuple[Article, ...]:
        """As a phone shows them; raises 40007."""
        return _shown(self._draft({"media_id": media_id}), "")

    def of_published(self, article_id: str) -> tuple[Article, ...]:
        publication = self._by_article(article_id)
        return _shown(publication.articles, publication.urls()[0])

    def _draft(self, payload: Payload) -> list[Answer]:
        articles = self._drafts.get(text(payload, "media_id", 40007))
        if articles is None:
            raise ApiError(40007, "invalid media_id")
        return articles

    def _checked(self, item: Any) -> Answer:
        if not isinstance(item, Mapping):
            raise ApiError(47001, "data format error: article")
        if len(text(item, "title")) > _TITLE_CHARS:
            raise ApiError(45003, "title size out of limit")
        text(item, "content")
        if item.get("article_type", "news") == "news":
            self._media.find(text(item, "thumb_media_id", 40007), "image", "thumb")
        return dict(item)

    def _add(self, payload: Payload) -> Answer:
        articles = listed(payload, "articles")
        if len(articles) > _MOST_ARTICLES:
            raise ApiError(45008, "article size out of limit")
        media_id = secrets.token_urlsafe(48)
        self._drafts[media_id] = [self._checked(item) for item in articles]
        return {"media_id": media_id}

    def _update(self, payload: Payload) -> Answer:
        articles, index = self._draft(payload), number(payload, "index")
        if not 0 <= index < len(articles):
            raise ApiError(40114, "invalid index value")
        articles[index] = self._checked(payload.get("articles"))
        return FINE

    def _delete(self, payload: Payload) -> Answer:
        self._draft(payload)
        del self._drafts[payload["media_id"]]
        return FINE

    def _list(self, payload: Payload) -> Answer:
        offset, count = number(payload, "offset"), number(payload, "count")
        chosen = list(self._drafts.items())[offset : offset + count]
        items = [
            {"media_id": media_id, "content": {"news_item": articles}, "update_time": int(self._clock())}
            for media_id, articles in chosen
        ]
        return {"total_count": len(self._drafts), "item_count": len(items), "item": items}

    def _submit(self, payload: Payload) -> Answer:
        publication = _Publication(self._draft(payload))
        publish_id = self._pushes.new_id()
        # What is published is no draft any more.
        del self._drafts[payload["media_id"]]
        self._publications[publish_id] = publication
        self._later.after(self._delay, lambda: self._finish(publish_id, publication))
        return FINE | {"publish_id": str(publish_id), "msg_data_id": publish_id}

    async def _finish(self, publish_id: int, publication: _Publication) -> None:
        publication.status = _DONE
        info = {
            "publish_id": publish_id,
            "publish_status": _DONE,
            "article_id": publication.article_id,
            "article_detail": publication.detail(),
        }
        await self._pushes.unseen(self._manager, "PUBLISHJOBFINISH", PublishEventInfo=info)

    def _status(self, payload: Payload) -> Answer:
        key = text(payload, "publish_id", 53600)
        publication = self._publications.get(int(key)) if key.isdecimal() else None
        if publication is None:
            raise ApiError(53600, "invalid publish_id")
        found: Answer = {"publish_id": key, "publish_status": publication.status}
        if publication.status == _DONE:
            found |= {"article_id": publication.article_id, "article_detail": publication.detail()}
        return found

    def _by_article(self, article_id: str) -> _Publication:
        for publication in self._publications.values():
            if publication.article_id == article_id and publication.status == _DONE:
                return publication
        raise ApiError(53600, "article_id is invalid")

    def _withdraw(self, payload: Payload) -> Answer:
        gone = self._by_article(text(payload, "article_id", 53600))
        self._publications = {key: each for key, each in self._publications.items() if each is not gone}
        return FINE

    def _article(self, payload: Payload) -> Answer:
        return {"news_item": self._by_article(text(payload, "article_id", 53600)).articles}


def _shown(articles: list[Answer], url: str) -> tuple[Article, ...]:
    return tuple(
        Article(
            str(item["title"]),
            str(item.get("digest") or ""),
            url or str(item.get("content_source_url") or ""),
        )
        for item in articles
    )
