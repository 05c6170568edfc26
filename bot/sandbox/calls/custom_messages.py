"""Customer messages: what their JSON must hold, and whether this person may get one now."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.calls.articles import ArticleDesk
from bot.sandbox.calls.base import FINE, Answer, Payload, Work, block, listed, person_of, text
from bot.sandbox.calls.media import MediaDesk
from bot.sandbox.errors import ApiError
from bot.sandbox.hub import Hub
from bot.sandbox.people import Article, Content, Kind, Option, Origin, People, Sender
from bot.sandbox.replies import TEXT_LIMIT

_NAMES = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "music": "[音乐]", "wxcard": "[卡券]"}


class CustomDesk:
    def __init__(
        self,
        people: People,
        hub: Hub,
        media: MediaDesk,
        articles: ArticleDesk,
        clock: Callable[[], float],
        agent_exists: Callable[[str], bool],
    ) -> None:
        self._people = people
        self._hub = hub
        self._media = media
        self._articles = articles
        self._clock = clock
        self._agent_exists = agent_exists
        self._readers: Mapping[str, Callable[[Payload], Content]] = {
            "text": lambda body: Content(Kind.TEXT, _short(text(body, "content"))),
            "msgmenu": _menu,
            "news": _news,
            "image": lambda body: self._file("image", body),
            "voice": lambda body: self._file("voice", body),
            "video": lambda body: self._file("video", body),
            "music": self._music,
            "mpnews": self._mpnews,
            "mpnewsarticle": self._mpnews_article,
            "miniprogrampage": self._mini_program,
            "wxcard": lambda body: Content(Kind.MEDIA, f"{_NAMES['wxcard']} {text(body, 'card_id')}"),
        }

    def calls(self) -> dict[str, Work]:
        return {"cgi-bin/message/custom/send": self._send, "cgi-bin/message/custom/typing": self._type}

    def _send(self, payload: Payload) -> Answer:
        person, content = person_of(self._people, payload), self._read(payload)
        self._check_agent(payload)
        if not person.followed:
            raise ApiError(45015, "response out of time limit or subscription is canceled")
        if person.refuses or person.blacklisted:
            raise ApiError(48002, "user block the message")
        person.quota.check(self._clock())
        person.quota.spend()
        self._people.add_entry(person, Sender.ACCOUNT, Origin.CUSTOMER, content)
        return FINE

    def _type(self, payload: Payload) -> Answer:
        person = person_of(self._people, payload)
        person.quota.type(str(payload.get("command")), self._clock())
        self._hub.tell("typing", person)
        return FINE

    def _read(self, payload: Payload) -> Content:
        """What the person will see; raises WeChat's refusal."""
        kind = str(payload.get("msgtype"))
        reader = self._readers.get(kind)
        if reader is None:
            raise ApiError(40008, "invalid message type")
        return reader(block(payload, kind))

    def _check_agent(self, payload: Payload) -> None:
        speaker = payload.get("customservice")
        if speaker is None:
            return
        if not isinstance(speaker, Mapping) or not self._agent_exists(str(speaker.get("kf_account"))):
            raise ApiError(65401, "invalid custom service account")

    def _file(self, kind: str, body: Payload) -> Content:
        self._media.find(text(body, "media_id", 40007), kind)
        return Content(Kind.MEDIA, _NAMES[kind])

    def _music(self, body: Payload) -> Content:
        self._media.find(text(body, "thumb_media_id", 40007), "thumb")
        address = text(body, "musicurl")
        return Content(Kind.MEDIA, str(body.get("title") or _NAMES["music"]), url=address)

    def _mpnews(self, body: Payload) -> Content:
        shown = self._articles.of_draft(text(body, "media_id", 40007))
        if len(shown) != 1:
            raise ApiError(45008, "article size out of limit")
        return Content(Kind.NEWS, articles=shown)

    def _mpnews_article(self, body: Payload) -> Content:
        return Content(Kind.NEWS, articles=self._articles.of_published(text(body, "article_id", 53600)))

    def _mini_program(self, body: Payload) -> Content:
        self._media.find(text(body, "thumb_media_id", 40007), "image", "thumb")
        title, app_id, page = (text(body, name) for name in ("title", "appid", "pagepath"))
        return Content(Kind.MINI_PROGRAM, title, url=page, app_id=app_id)


def _short(said: str) -> str:
    if len(said.encode()) > TEXT_LIMIT:
        raise ApiError(45002, f"content size out of limit: {len(said.encode())} bytes")
    return said


def _menu(body: Payload) -> Content:
    options = tuple(_option(item) for item in listed(body, "list"))
    head, tail = str(body.get("head_content") or ""), str(body.get("tail_content") or "")
    _short("\n".join([head, *(option.content for option in options), tail]))
    return Content(Kind.MENU, head, tail=tail, options=options)


def _option(item: Any) -> Option:
    if not isinstance(item, Mapping) or not isinstance(item.get("id"), str):
        raise ApiError(47001, "data format error: list.id is no string")
    return Option(item["id"], text(item, "content"))


def _news(body: Payload) -> Content:
    articles = body.get("articles")
    if not isinstance(articles, list) or not all(isinstance(item, Mapping) for item in articles):
        raise ApiError(44004, "empty content: articles")
    if len(articles) != 1:
        raise ApiError(45008, "article size out of limit")
    item = articles[0]
    article = Article(
        text(item, "title"),
        str(item.get("description") or ""),
        str(item.get("url") or ""),
        str(item.get("picurl") or ""),
    )
    return Content(Kind.NEWS, articles=(article,))
