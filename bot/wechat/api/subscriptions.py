"""Messages that a person grants one by one: one-time subscription (一次性订阅) and notices (订阅通知)."""

from collections.abc import Mapping
from urllib.parse import urlencode

from bot.wechat.answers import without_none
from bot.wechat.api.templates import MiniProgram, field_values
from bot.wechat.caller import Caller
from bot.wechat.limits import check_alphanumeric, check_chars, check_range, check_url

SEND_ONCE = "/cgi-bin/message/template/subscribe"
SEND_NOTICE = "/cgi-bin/message/subscribe/bizsend"
_MOST_SCENE = 10_000
_TITLE_CHARS = 15
_CONTENT_CHARS = 200
_RESERVED_CHARS = 128


class Subscriptions:
    """``mp_url`` is where WeChat's own pages are: https://mp.weixin.qq.com."""

    def __init__(self, caller: Caller, *, app_id: str, mp_url: str) -> None:
        self._caller = caller
        self._app_id = app_id
        self._mp_url = mp_url

    def confirm_url(self, scene: int, template_id: str, redirect_url: str, *, reserved: str = "") -> str:
        """The page that asks for one message; it redirects with openid, template_id, action, scene, reserved.

        ``reserved`` comes back unchanged: a value that proves who was sent there, against forged redirects.
        """
        check_range("scene", scene, 0, _MOST_SCENE)
        check_url("redirect_url", redirect_url)
        check_alphanumeric("reserved", reserved, _RESERVED_CHARS, least=0)
        query = {
            "action": "get_confirm",
            "appid": self._app_id,
            "scene": scene,
            "template_id": template_id,
            "redirect_url": redirect_url,
            "reserved": reserved,
        }
        return f"{self._mp_url}/mp/subscribemsg?{urlencode(query)}#wechat_redirect"

    async def send_once(
        self,
        openid: str,
        template_id: str,
        scene: int,
        title: str,
        content: str,
        *,
        url: str | None = None,
        mini_program: MiniProgram | None = None,
        colour: str | None = None,
    ) -> None:
        """The one message of a grant; ``scene`` is that of the grant, ``colour`` like ``#173177``."""
        check_range("scene", scene, 0, _MOST_SCENE)
        check_chars("title", title, _TITLE_CHARS)
        check_chars("content", content, _CONTENT_CHARS)
        body = without_none(
            touser=openid,
            template_id=template_id,
            url=url,
            miniprogram=mini_program.payload() if mini_program else None,
            scene=str(scene),
            title=title,
            data={"content": without_none(value=content, color=colour)},
        )
        await self._caller.post(SEND_ONCE, body)

    async def send_notice(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        *,
        page: str | None = None,
        mini_program: MiniProgram | None = None,
    ) -> None:
        """A subscription notice, to followers or not; `Refused` without a grant. ``page`` is a web page."""
        body = without_none(
            touser=openid,
            template_id=template_id,
            page=page,
            miniprogram=mini_program.payload() if mini_program else None,
            data=field_values(data),
        )
        await self._caller.post(SEND_NOTICE, body)
