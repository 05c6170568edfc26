"""QR codes that lead to the account and carry a scene (带参二维码)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from bot.wechat.answers import number_of, text_of
from bot.wechat.caller import Caller
from bot.wechat.limits import check_chars, check_range

CREATE = "/cgi-bin/qrcode/create"
_LONGEST = timedelta(days=30)
_MOST_PERMANENT = 100_000
_MOST_TEMPORARY = 2**32 - 1
_SCENE_CHARS = 64


@dataclass(frozen=True, slots=True)
class QrCode:
    """``url`` is what the picture holds, ``picture_url`` the picture; a permanent one has no ``lifetime``."""

    ticket: str
    url: str
    picture_url: str
    lifetime: timedelta | None


class QrCodes:
    """``mp_url`` is where WeChat's own pages are: https://mp.weixin.qq.com."""

    def __init__(self, caller: Caller, *, mp_url: str) -> None:
        self._caller = caller
        self._mp_url = mp_url

    async def temporary(self, scene: int | str, lifetime: timedelta = _LONGEST) -> QrCode:
        """For up to thirty days; a number of 32 bits, or a text of 1 to 64 characters."""
        check_range("lifetime in seconds", int(lifetime.total_seconds()), 1, int(_LONGEST.total_seconds()))
        body = _body("QR_SCENE", "QR_STR_SCENE", scene, _MOST_TEMPORARY)
        return await self._create({"expire_seconds": int(lifetime.total_seconds()), **body})

    async def permanent(self, scene: int | str) -> QrCode:
        """One of the account's 100,000; a number of 1 to 100,000, or a text of 1 to 64 characters."""
        return await self._create(_body("QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE", scene, _MOST_PERMANENT))

    async def _create(self, body: dict[str, Any]) -> QrCode:
        answer = await self._caller.post(CREATE, body)
        ticket = text_of(answer, "ticket", CREATE)
        lasts = (
            timedelta(seconds=number_of(answer, "expire_seconds", CREATE))
            if "expire_seconds" in body
            else None
        )
        return QrCode(ticket, text_of(answer, "url", CREATE), self.picture_url(ticket), lasts)

    def picture_url(self, ticket: str) -> str:
        return f"{self._mp_url}/cgi-bin/showqrcode?ticket={quote(ticket, safe='')}"


def _body(number_action: str, text_action: str, scene: int | str, most: int) -> dict[str, Any]:
    if isinstance(scene, int):
        check_range("scene", scene, 1, most)
        return {"action_name": number_action, "action_info": {"scene": {"scene_id": scene}}}
    check_chars("scene", scene, _SCENE_CHARS)
    return {"action_name": text_action, "action_info": {"scene": {"scene_str": scene}}}
