"""WeChat's login: from a link or a page to WeChat and back, with a session at the end."""

import structlog
from aiohttp import web

from bot.web import links
from bot.web.links import MOUNT, Opened, Target
from bot.web.pages.errors import (
    LinkExpired,
    LinkOfAnother,
    LinkRefused,
    LoginFailed,
    SnapshotVisit,
    TooOften,
    Unavailable,
)
from bot.web.pages.parts import LINKS, LOGINS, OAUTH, RATES, SESSIONS, SITE, VISIT, address_of
from bot.web.pages.rates import PER_ADDRESS
from bot.web.pages.rendering import place, redirect
from bot.web.pages.sessions import LOGIN_SECONDS, Login, fresh
from bot.wechat.api.oauth import SnapshotVisitor
from bot.wechat.errors import CallFailed
from bot.wechat.refusals import LoginError

_log = structlog.get_logger(__name__)

GO, BACK = "go", "login_back"
SESSION_COOKIE = "rongqiao_session"
_LOGIN_COOKIE = "rongqiao_login"

routes = web.RouteTableDef()


@routes.get("/go/{token}", name=GO)
async def go(request: web.Request) -> web.StreamResponse:
    """A link from chat. Who is logged in as its person already is there at once."""
    opened = _opened(request)
    visit = request.get(VISIT)
    if visit and visit.openid == opened.openid:
        return redirect(place(request, opened.target.page, opened.target.args))
    return await begin(request, opened.target, opened.openid)


def _opened(request: web.Request) -> Opened:
    try:
        return request.app[LINKS].open(request.match_info["token"])
    except links.ExpiredLink as error:
        raise LinkExpired from error
    except links.BadLink as error:
        raise LinkRefused from error


async def begin(request: web.Request, target: Target, openid: str | None = None) -> web.Response:
    """Send the browser to WeChat; `openid` is whom the answer has to name, if a link said so."""
    if not await request.app[RATES].allow(f"login {address_of(request)}", PER_ADDRESS):
        raise TooOften
    browser = request.cookies.get(_LOGIN_COOKIE, "") or fresh()
    state = await request.app[LOGINS].begin(Login(target, openid), browser)
    back = f"{request.app[SITE].address}{MOUNT}/login/back"
    answer = redirect(request.app[OAUTH].authorize_url(back, state))
    _set(request, answer, _LOGIN_COOKIE, browser, max_age=LOGIN_SECONDS)
    return answer


@routes.get("/login/back", name=BACK)
async def back(request: web.Request) -> web.StreamResponse:
    """Where WeChat sends the browser; who comes is told by WeChat's server, never by the address."""
    state, browser = request.query.get("state", ""), request.cookies.get(_LOGIN_COOKIE, "")
    login = await request.app[LOGINS].redeem(state, browser)
    code = request.query.get("code", "")
    if login is None or not code:
        raise LoginFailed
    openid = await _openid(request, code)
    if login.openid not in {None, openid}:
        _log.warning("link_of_another")
        raise LinkOfAnother
    sessions = request.app[SESSIONS]
    await sessions.end(request.cookies.get(SESSION_COOKIE, ""))
    answer = redirect(place(request, login.target.page, login.target.args))
    _set(request, answer, SESSION_COOKIE, await sessions.begin(openid))
    return answer


async def _openid(request: web.Request, code: str) -> str:
    try:
        visitor = await request.app[OAUTH].exchange(code)
    except LoginError as error:
        _log.warning("login_refused", kind=type(error).__name__)
        raise LoginFailed from error
    except CallFailed as error:
        _log.warning("login_unavailable", kind=type(error).__name__)
        raise Unavailable from error
    if isinstance(visitor, SnapshotVisitor):
        raise SnapshotVisit
    return visitor.openid


def _set(
    request: web.Request, answer: web.Response, name: str, value: str, max_age: int | None = None
) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=max_age,
        path=MOUNT,
        httponly=True,
        samesite="Lax",
        secure=request.app[SITE].secure,
    )
