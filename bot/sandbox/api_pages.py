"""Pages of WeChat's own that a person meets inside the phone: 网页授权, 一次性订阅, pictures of codes.

Which person opens a page is told by the phone around it; opened without a phone the page asks.
"""

import json
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from yarl import URL

from bot.sandbox.calls.oauth import AUTHORIZE
from bot.sandbox.errors import ApiError, SandboxError
from bot.sandbox.wechat import FakeWeChat

_HERE = Path(__file__).parent
_SUBSCRIBE = "mp/subscribemsg"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_pages = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined)


def add_pages(app: web.Application, fake: FakeWeChat) -> None:
    pages = _Pages(fake)
    app.router.add_get(f"/{AUTHORIZE}", pages.authorize)
    app.router.add_post(f"/{AUTHORIZE}", pages.agree)
    app.router.add_get(f"/{_SUBSCRIBE}", pages.subscribe)
    app.router.add_post(f"/{_SUBSCRIBE}", pages.subscribed)
    app.router.add_get("/cgi-bin/showqrcode", pages.picture)
    app.router.add_static("/pages/static", _HERE / "static", name="pages")


class _Pages:
    def __init__(self, fake: FakeWeChat) -> None:
        self._fake = fake

    async def authorize(self, request: web.Request) -> web.Response:
        try:
            asked = self._fake.oauth.read_link(request.query_string)
        except SandboxError as error:
            return self._page(request, error=str(error))
        wants = "获得你的昵称和头像" if asked.scope == "snsapi_userinfo" else ""
        return self._page(request, question=f"{URL(asked.redirect_uri).host} 申请{wants}" if wants else "")

    async def agree(self, request: web.Request) -> web.Response:
        body = await _json(request)
        try:
            target = self._fake.open_page(str(body.get("openid")), request.query_string)
        except SandboxError as error:
            return web.json_response({"error": str(error)}, status=409)
        return web.json_response({"location": str(target)})

    async def subscribe(self, request: web.Request) -> web.Response:
        try:
            self._check_subscription(request)
        except (ApiError, SandboxError) as error:
            return self._page(request, error=str(error))
        return self._page(request, question=f"{self._fake.name} 想给你发一条一次性通知")

    async def subscribed(self, request: web.Request) -> web.Response:
        body, query = await _json(request), request.query
        try:
            self._check_subscription(request)
            person = self._fake.person(str(body.get("openid")))
            if body.get("agrees") is True:
                self._fake.subscriptions.grant_once(person, query["template_id"], int(query["scene"]))
        except (ApiError, SandboxError) as error:
            return web.json_response({"error": str(error)}, status=409)
        action = "confirm" if body.get("agrees") is True else "cancel"
        target = URL(_way_back(request)).update_query(
            openid=person.openid,
            template_id=query["template_id"],
            action=action,
            scene=query["scene"],
            reserved=query.get("reserved", ""),
        )
        return web.json_response({"location": str(target)})

    async def picture(self, request: web.Request) -> web.Response:
        picture = self._fake.codes.picture(request.query.get("ticket", ""))
        if picture is None:
            raise web.HTTPNotFound
        return web.Response(body=picture.data, content_type=picture.type)

    def _check_subscription(self, request: web.Request) -> None:
        query = request.query
        if query.get("appid") != self._fake.account.app_id or query.get("action") != "get_confirm":
            raise SandboxError("链接的 appid 或 action 不对")
        if not query.get("scene", "").isdecimal() or not _way_back(request):
            raise SandboxError("链接没有 scene 或 redirect_url")

    def _page(self, request: web.Request, *, question: str = "", error: str = "") -> web.Response:
        people = [{"openid": person.openid, "nickname": person.nickname} for person in self._fake.people]
        static = str(request.app.router["pages"].url_for(filename=""))
        html = _pages.get_template("ask.html").render(
            static=static.rstrip("/"), name=self._fake.name, question=question, error=error, people=people
        )
        return web.Response(text=html, content_type="text/html", headers=_HEADERS)


def _way_back(request: web.Request) -> str:
    """WeChat's own pages name it `redirect_url`, newer copies of them `redirect_uri`."""
    return request.query.get("redirect_url") or request.query.get("redirect_uri", "")


async def _json(request: web.Request) -> dict[str, Any]:
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise web.HTTPForbidden(text="只接受本页发出的请求")
    try:
        body = json.loads(await request.text())
    except ValueError as error:
        raise web.HTTPBadRequest(text="请求不是 JSON") from error
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="请求不是 JSON 对象")
    return body
