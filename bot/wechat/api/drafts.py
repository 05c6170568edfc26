"""Drafts (草稿箱) and their publishing (发布); publishing puts articles online and sends them to nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from bot.wechat.answers import list_of, number_of, records_of, text_of
from bot.wechat.caller import Caller
from bot.wechat.errors import BadAnswer
from bot.wechat.limits import check_bytes, check_chars, check_count

ADD = "/cgi-bin/draft/add"
GET = "/cgi-bin/draft/get"
DELETE = "/cgi-bin/draft/delete"
SUBMIT = "/cgi-bin/freepublish/submit"
PUBLISHED = "/cgi-bin/freepublish/get"
_MOST_ARTICLES = 8
_CONTENT_CHARS = 19_999
_CONTENT_BYTES = 1024 * 1024 - 1


@dataclass(frozen=True, slots=True)
class DraftArticle:
    """``content`` is HTML without scripts, its pictures from `Media.upload_article_image`.

    ``cover_media_id`` is permanent material; ``digest`` counts only for a single article.
    """

    title: str
    content: str
    cover_media_id: str
    author: str = ""
    digest: str = ""
    source_url: str = ""
    comments: bool = False
    only_fans_comment: bool = False

    def payload(self) -> dict[str, Any]:
        """Raises `InvalidArgument`."""
        check_chars("title", self.title, 32)
        check_chars("author", self.author, 16, least=0)
        check_chars("digest", self.digest, 128, least=0)
        check_chars("content", self.content, _CONTENT_CHARS)
        check_bytes("content", self.content, _CONTENT_BYTES)
        check_bytes("source_url", self.source_url, 1024, least=0)
        return {
            "article_type": "news",
            "title": self.title,
            "author": self.author,
            "digest": self.digest,
            "content": self.content,
            "content_source_url": self.source_url,
            "thumb_media_id": self.cover_media_id,
            "need_open_comment": int(self.comments),
            "only_fans_can_comment": int(self.only_fans_comment),
        }


class PublishStatus(IntEnum):
    DONE = 0
    UNDER_WAY = 1
    NOT_ORIGINAL = 2
    FAILED = 3
    REFUSED = 4
    DELETED_LATER = 5
    BANNED_LATER = 6


@dataclass(frozen=True, slots=True)
class Publication:
    """``urls`` are permanent and in the order of the draft; ``failed`` counts articles from 1."""

    status: PublishStatus
    article_id: str | None
    urls: tuple[str, ...]
    failed: tuple[int, ...]


class Drafts:
    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def add(self, articles: Sequence[DraftArticle]) -> str:
        """The draft's ``media_id``; it is gone once the draft is sent or published."""
        check_count("articles", articles, _MOST_ARTICLES)
        body = {"articles": [article.payload() for article in articles]}
        return text_of(await self._caller.post(ADD, body), "media_id", ADD)

    async def get(self, media_id: str) -> list[DraftArticle]:
        answer = await self._caller.post(GET, {"media_id": media_id})
        return [_article(item) for item in records_of(answer, "news_item", GET)]

    async def delete(self, media_id: str) -> None:
        """For good."""
        await self._caller.post(DELETE, {"media_id": media_id})

    async def publish(self, media_id: str) -> str:
        """The ``publish_id``; the event PUBLISHJOBFINISH says how it ended."""
        return text_of(await self._caller.post(SUBMIT, {"media_id": media_id}), "publish_id", SUBMIT)

    async def publication(self, publish_id: str) -> Publication:
        answer = await self._caller.post(PUBLISHED, {"publish_id": publish_id})
        number = number_of(answer, "publish_status", PUBLISHED)
        if number not in set(PublishStatus):
            raise BadAnswer(PUBLISHED, "unknown publish_status")
        detail = answer.get("article_detail")
        items = records_of(detail, "item", PUBLISHED) if isinstance(detail, dict) else []
        failed = list_of(answer, "fail_idx", PUBLISHED) if "fail_idx" in answer else []
        article_id = answer.get("article_id")
        return Publication(
            PublishStatus(number),
            str(article_id) if article_id else None,
            tuple(text_of(item, "article_url", PUBLISHED) for item in items),
            tuple(int(index) for index in failed),
        )


def _article(item: Mapping[str, Any]) -> DraftArticle:
    return DraftArticle(
        title=str(item.get("title", "")),
        content=str(item.get("content", "")),
        cover_media_id=str(item.get("thumb_media_id", "")),
        author=str(item.get("author", "")),
        digest=str(item.get("digest", "")),
        source_url=str(item.get("content_source_url", "")),
        comments=bool(item.get("need_open_comment", 0)),
        only_fans_comment=bool(item.get("only_fans_can_comment", 0)),
    )
