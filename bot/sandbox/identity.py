"""A stand-in for a provider of identity checks: a page that says so, with three buttons and no camera.

The service asks it over HTTP as it would ask a real one: `POST /checks` opens a try, `GET /checks/{token}`
says what became of it. Tries live in memory; after a new start none is known.
"""

import hmac
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from yarl import URL

RESULTS = ("pass", "fail", "away")
_HERE = Path(__file__).parent
_FEW_BYTES = 16 * 1024
_pages = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined)


@dataclass(slots=True)
class _Check:
    """`origin` is that of `redirect_url`; `result` is empty until a button was pressed."""

    name: str
    redirect_url: URL
    origin: str
    result: str = ""


def identity_app(secret: str, address: str) -> web.Application:
    """To be mounted; `address` is how browsers reach it, `secret` is what the service asks with."""
    stand_in = _StandIn(secret, address.rstrip("/"))
    app = web.Application(client_max_size=_FEW_BYTES)
    app.router.add_post("/checks", stand_in.begin, name="checks")
    app.router.add_get("/checks/{token}", stand_in.look, name="check")
    app.router.add_static("/static", _HERE / "static", name="static")
    app.router.add_get("/{token}", stand_in.page)
    app.router.add_post("/{token}", stand_in.press)
    return app


class _StandIn:
    def __init__(self, secret: str, address: str) -> None:
        self._secret = secret
        self._address = address
        self._checks: dict[str, _Check] = {}

    async def begin(self, request: web.Request) -> web.Response:
        self._only_the_service(request)
        try:
            body = json.loads(await request.text())
            back = URL(str(body["redirect_url"]))
            check = _Check(str(body["name"]), back, str(back.origin()))
        except (ValueError, KeyError, TypeError) as error:
            raise web.HTTPBadRequest from error
        token = secrets.token_urlsafe(24)
        self._checks[token] = check
        return web.json_response({"token": token, "url": f"{self._address}/{token}"})

    async def look(self, request: web.Request) -> web.Response:
        self._only_the_service(request)
        return web.json_response({"result": self._check(request).result})

    async def page(self, request: web.Request) -> web.Response:
        check = self._check(request)
        static = f"{self._address}/static"
        html = _pages.get_template("identity.html").render(
            static=static, name=check.name, done=bool(check.result), back=str(_back(request, check))
        )
        return web.Response(text=html, content_type="text/html", headers=_headers(check))

    async def press(self, request: web.Request) -> web.Response:
        """The first button counts; then back to where the service wants the person."""
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None and origin.partition("://")[2] != request.host:
            raise web.HTTPForbidden(text="只接受本页发出的请求")
        check = self._check(request)
        result = (await request.post()).get("result")
        if result not in RESULTS:
            raise web.HTTPBadRequest
        check.result = check.result or str(result)
        raise web.HTTPSeeOther(_back(request, check))

    def _only_the_service(self, request: web.Request) -> None:
        """A stranger who opened tries could send people anywhere."""
        given = request.headers.get(hdrs.AUTHORIZATION, "").encode(errors="replace")
        if not hmac.compare_digest(given, f"Bearer {self._secret}".encode()):
            raise web.HTTPUnauthorized

    def _check(self, request: web.Request) -> _Check:
        check = self._checks.get(request.match_info["token"])
        if check is None:
            raise web.HTTPNotFound
        return check


def _back(request: web.Request, check: _Check) -> URL:
    return check.redirect_url.update_query(BizToken=request.match_info["token"])


def _headers(check: _Check) -> dict[str, str]:
    """A form may lead to where it redirects to, and nowhere else."""
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'self'; "
        f"form-action 'self' {check.origin}"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
