"""Who opens a page inside WeChat (网页授权). Its access token is a person's, not the account's API token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal
from urllib.parse import quote

from bot.wechat.answers import number_of, text_of
from bot.wechat.limits import check_alphanumeric, check_url
from bot.wechat.refusals import BadOpenid, LoginError, TokenInvalid
from bot.wechat.transport import Call, Transport

EXCHANGE = "/sns/oauth2/access_token"
REFRESH = "/sns/oauth2/refresh_token"
CHECK = "/sns/auth"
USER_INFO = "/sns/userinfo"
_STATE_CHARS = 128


class Scope(StrEnum):
    """BASE tells the openid without asking; USER_INFO asks the person and tells name and picture."""

    BASE = "snsapi_base"
    USER_INFO = "snsapi_userinfo"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A real person of the account; all of it is private."""

    openid: str = field(repr=False)
    union_id: str | None = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in_s: int
    scope: str
    is_snapshot: Literal[False] = False


@dataclass(frozen=True, slots=True)
class SnapshotVisitor:
    """Somebody who looks at a snapshot of the page (快照页) under a throw-away identity.

    It has no ``openid`` on purpose: nothing may be bound to it. Ask the person to open the whole page
    (使用完整服务), which comes back with another code.
    """

    is_snapshot: Literal[True] = True


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person granted with `Scope.USER_INFO`; the name may be 「微信用户」."""

    openid: str = field(repr=False)
    nickname: str = field(repr=False)
    picture_url: str = field(repr=False)
    union_id: str | None = field(repr=False)


class OAuth:
    """``open_url`` is where the authorize page is: https://open.weixin.qq.com."""

    def __init__(self, transport: Transport, *, app_id: str, app_secret: str, open_url: str) -> None:
        self._transport = transport
        self._app_id = app_id
        self._app_secret = app_secret
        self._open_url = open_url

    def authorize_url(self, redirect_uri: str, state: str, scope: Scope = Scope.BASE) -> str:
        """Parameters in this order, or WeChat refuses the page. ``state`` ties the answer to the session."""
        check_url("redirect_uri", redirect_uri)
        check_alphanumeric("state", state, _STATE_CHARS)
        query = (
            f"appid={self._app_id}&redirect_uri={quote(redirect_uri, safe='')}"
            f"&response_type=code&scope={scope}&state={state}"
        )
        return f"{self._open_url}/connect/oauth2/authorize?{query}#wechat_redirect"

    async def exchange(self, code: str) -> Visitor | SnapshotVisitor:
        """Who stands behind a code; it counts once and for five minutes. Raises `LoginError`."""
        query = {
            "appid": self._app_id,
            "secret": self._app_secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        return _visitor(await self._get(EXCHANGE, query), EXCHANGE)

    async def refresh(self, refresh_token: str) -> Visitor | SnapshotVisitor:
        """A new token for thirty days; raises `GrantEnded` after them."""
        query = {"appid": self._app_id, "grant_type": "refresh_token", "refresh_token": refresh_token}
        return _visitor(await self._get(REFRESH, query), REFRESH)

    async def check(self, visitor: Visitor) -> bool:
        """Whether the visitor's token still counts."""
        try:
            await self._get(CHECK, {"access_token": visitor.access_token, "openid": visitor.openid})
        except (TokenInvalid, LoginError, BadOpenid):
            return False
        return True

    async def profile(self, visitor: Visitor) -> Profile:
        query = {"access_token": visitor.access_token, "openid": visitor.openid, "lang": "zh_CN"}
        answer = await self._get(USER_INFO, query)
        return Profile(
            text_of(answer, "openid", USER_INFO),
            str(answer.get("nickname", "")),
            str(answer.get("headimgurl", "")),
            _union_id(answer),
        )

    async def _get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        return await self._transport.exchange(Call("GET", path, query))


def _visitor(answer: Mapping[str, Any], path: str) -> Visitor | SnapshotVisitor:
    # A new flag's other values are unknown: whatever is not plainly no counts as a snapshot.
    if answer.get("is_snapshotuser") not in {None, 0, "0"}:
        return SnapshotVisitor()
    return Visitor(
        text_of(answer, "openid", path),
        _union_id(answer),
        text_of(answer, "access_token", path),
        text_of(answer, "refresh_token", path),
        number_of(answer, "expires_in", path),
        text_of(answer, "scope", path),
    )


def _union_id(answer: Mapping[str, Any]) -> str | None:
    union_id = answer.get("unionid")
    return str(union_id) if union_id else None
