"""The platform's API, as far as the service calls it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.wechat.errors import BadAnswer, TokenInvalid
from bot.wechat.transport import Transport


class TokenSource(Protocol):
    async def get(self) -> str: ...

    async def renew(self, bad: str) -> str: ...


@dataclass(frozen=True, slots=True)
class PrivateTemplate:
    """A template of the account; ``content`` holds its fields as ``{{thing1.DATA}}``."""

    template_id: str
    title: str
    content: str
    example: str


class WeChatClient:
    """Calls for one account. Every method raises ``CallFailed``, whose flags say what a caller may do.

    A refused token is renewed and the call made once more: it was turned away, so it cannot happen twice.
    Nothing else is repeated here.
    """

    def __init__(self, transport: Transport, tokens: TokenSource) -> None:
        self._transport = transport
        self._tokens = tokens

    async def send_text(self, openid: str, text: str) -> None:
        """A customer message of at most ``replies.TEXT_LIMIT_BYTES``."""
        await self._send_custom(openid, "text", {"content": text})

    async def send_menu(
        self, openid: str, head: str, items: Sequence[tuple[str, str]], tail: str = ""
    ) -> None:
        """A text with ``items`` (id, label) to tap; a tap comes back as ``TextMessage.menu_id``."""
        choices = [{"id": item_id, "content": label} for item_id, label in items]
        menu = {"head_content": head, "list": choices, "tail_content": tail}
        await self._send_custom(openid, "msgmenu", menu)

    async def typing(self, openid: str) -> None:
        """Shows 「对方正在输入」 for up to 15 seconds; ``TypingNotNow`` when it is shown already."""
        await self._call("/cgi-bin/message/custom/typing", {"touser": openid, "command": "Typing"})

    async def send_template(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        *,
        url: str | None = None,
        client_msg_id: str | None = None,
    ) -> str:
        """A template message; answers its ``msgid``, which the ``TemplateReceipt`` carries.

        ``data`` maps field names to texts. With the same ``client_msg_id`` the platform sends once within ten
        minutes, so that a send of unknown outcome can be repeated.
        """
        path = "/cgi-bin/message/template/send"
        fields = {name: {"value": value} for name, value in data.items()}
        body: dict[str, Any] = {"touser": openid, "template_id": template_id, "data": fields}
        if url is not None:
            body["url"] = url
        if client_msg_id is not None:
            body["client_msg_id"] = client_msg_id
        msg_id = (await self._call(path, body)).get("msgid")
        if not isinstance(msg_id, int | str):
            raise BadAnswer(path, "no msgid in the answer")
        return str(msg_id)

    async def get_all_private_template(self) -> list[PrivateTemplate]:
        path = "/cgi-bin/template/get_all_private_template"
        templates = (await self._call(path)).get("template_list")
        if not isinstance(templates, list) or not all(isinstance(item, dict) for item in templates):
            raise BadAnswer(path, "no template_list in the answer")
        names = ("template_id", "title", "content", "example")
        return [PrivateTemplate(*(str(item.get(name, "")) for name in names)) for item in templates]

    async def create_menu(self, buttons: Sequence[Mapping[str, Any]]) -> None:
        """Replaces the account's menu: three ``buttons`` with five each at most, in WeChat's own format."""
        await self._call("/cgi-bin/menu/create", {"button": list(buttons)})

    async def _send_custom(self, openid: str, kind: str, content: Mapping[str, Any]) -> None:
        body = {"touser": openid, "msgtype": kind, kind: content}
        await self._call("/cgi-bin/message/custom/send", body)

    async def _call(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        token = await self._tokens.get()
        try:
            return await self._transport.exchange(path, body, token=token)
        except TokenInvalid:
            fresh = await self._tokens.renew(token)
            if fresh == token:
                raise
        return await self._transport.exchange(path, body, token=fresh)
