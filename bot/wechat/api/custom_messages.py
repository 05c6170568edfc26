"""Customer messages (客服消息): only within the window, and the count, that a person's last action opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.wechat.answers import without_none
from bot.wechat.caller import Caller
from bot.wechat.limits import check_bytes, check_not_empty, check_url

SEND = "/cgi-bin/message/custom/send"
TYPING = "/cgi-bin/message/custom/typing"
TEXT_BYTES = 2048
"""Measured; WeChat publishes no figure."""


@dataclass(frozen=True, slots=True)
class Article:
    """The one picture-and-text card that a customer message takes."""

    title: str
    description: str
    url: str
    picture_url: str


class CustomMessages:
    """``kf_account`` is the adviser in whose name a message appears; without one it is the account."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def send_text(self, openid: str, text: str, *, kf_account: str | None = None) -> None:
        check_bytes("text", text, TEXT_BYTES)
        await self._send(openid, "text", {"content": text}, kf_account)

    async def send_image(self, openid: str, media_id: str, *, kf_account: str | None = None) -> None:
        await self._send(openid, "image", {"media_id": media_id}, kf_account)

    async def send_voice(self, openid: str, media_id: str, *, kf_account: str | None = None) -> None:
        await self._send(openid, "voice", {"media_id": media_id}, kf_account)

    async def send_video(
        self,
        openid: str,
        media_id: str,
        thumb_media_id: str,
        *,
        title: str | None = None,
        description: str | None = None,
        kf_account: str | None = None,
    ) -> None:
        content = without_none(
            media_id=media_id, thumb_media_id=thumb_media_id, title=title, description=description
        )
        await self._send(openid, "video", content, kf_account)

    async def send_music(
        self,
        openid: str,
        url: str,
        thumb_media_id: str,
        *,
        hq_url: str | None = None,
        title: str | None = None,
        description: str | None = None,
        kf_account: str | None = None,
    ) -> None:
        """``hq_url`` is played on Wi-Fi; without it ``url`` is."""
        check_url("url", url)
        content = without_none(
            title=title,
            description=description,
            musicurl=url,
            hqmusicurl=hq_url or url,
            thumb_media_id=thumb_media_id,
        )
        await self._send(openid, "music", content, kf_account)

    async def send_news(self, openid: str, article: Article, *, kf_account: str | None = None) -> None:
        check_url("article.url", article.url)
        fields = {
            "title": article.title,
            "description": article.description,
            "url": article.url,
            "picurl": article.picture_url,
        }
        await self._send(openid, "news", {"articles": [fields]}, kf_account)

    async def send_menu(
        self,
        openid: str,
        head: str,
        items: Sequence[tuple[str, str]],
        tail: str = "",
        *,
        kf_account: str | None = None,
    ) -> None:
        """A text with ``items`` (id, label) to tap; a tap comes back as a text with ``bizmsgmenuid``.

        A tap counts as a menu click: it opens three messages within a minute.
        """
        check_not_empty("items", items)
        choices = [{"id": item_id, "content": label} for item_id, label in items]
        content = {"head_content": head, "list": choices, "tail_content": tail}
        await self._send(openid, "msgmenu", content, kf_account)

    async def typing(self, openid: str) -> None:
        """Shows 「对方正在输入」 for up to 15 seconds; `TypingNotNow` when it is shown already."""
        await self._caller.post(TYPING, {"touser": openid, "command": "Typing"})

    async def cancel_typing(self, openid: str) -> None:
        await self._caller.post(TYPING, {"touser": openid, "command": "CancelTyping"})

    async def _send(self, openid: str, kind: str, content: Mapping[str, Any], kf_account: str | None) -> None:
        body = {"touser": openid, "msgtype": kind, kind: content}
        if kf_account is not None:
            body["customservice"] = {"kf_account": kf_account}
        await self._caller.post(SEND, body)
