"""From a template to an answer; everything in it is escaped."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.web.links import MOUNT, Page
from bot.web.pages import consent_text, wording
from bot.web.pages.parts import PUBLISHED, SESSIONS, VISIT
from bot.web.pages.tickets import Tickets
from domain.money import yuan
from domain.requests import RequestStatus

HERE = Path(__file__).parent
STATIC = HERE / "static"
_VERSION_CHARS = 12
_PUBLISHED = {
    RequestStatus.PUBLISHED: (
        "您的融资需求已自动发布，有机构跟进时会通知您。回到公众号问「有什么产品适合我」，就能看匹配结果。"
    ),
    RequestStatus.REVIEWING: "您的融资需求已自动提交，融资顾问先审核，发给机构后会在微信里通知您。",
}

_environment = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters |= {
    "day": wording.day,
    "moment": wording.moment,
    "soon": wording.soon,
    "left": wording.left,
    "region": wording.region,
    "yuan": yuan,
    "consent": consent_text.html,
}


async def page(request: web.Request, template: str, *, status: int = 200, **context: Any) -> web.Response:
    """The page as an answer; shows what was noted for this session, once."""
    visit = request.get(VISIT)
    common = {
        "csrf": visit.csrf if visit else "",
        "ticket": Tickets.new(),
        "note": await request.app[SESSIONS].noted(visit) if visit else "",
    }
    return _answer(template, status, common | context)


def bare(template: str, *, status: int, **context: Any) -> web.Response:
    """A page that needs neither session nor Redis: what is shown when something is wrong."""
    return _answer(template, status, {"csrf": "", "ticket": "", "note": ""} | context)


async def see(request: web.Request, page_name: Page, sentence: str = "", **args: str) -> web.Response:
    """After something was done: 303, so that reloading the next page does not do it again.

    The sentence stands at the top of that page; what was published along the way is said there too.
    """
    published = request.get(PUBLISHED)
    said = sentence + (_PUBLISHED[published] if published else "")
    if said:
        await request.app[SESSIONS].note(request[VISIT], said)
    return redirect(place(request, page_name, args))


def redirect(location: str) -> web.Response:
    return web.Response(status=303, headers={"Location": location})


def place(request: web.Request, page_name: Page, args: Mapping[str, str | Sequence[str]]) -> str:
    """The path of a page; what is not part of the path goes into its query."""
    resource = request.app.router[page_name]
    info = resource.get_info()
    template = info.get("formatter", "")
    inside = {name: str(value) for name, value in args.items() if f"{{{name}}}" in template}
    outside = {name: value for name, value in args.items() if name not in inside}
    return str(resource.url_for(**inside).with_query(outside))


@cache
def static(name: str) -> str:
    """The address of a file of ours; another content has another address, so it may be kept for long."""
    version = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:_VERSION_CHARS]
    return f"{MOUNT}/static/{name}?v={version}"


_environment.globals |= {"static": static, "mount": MOUNT, "Page": Page}


def _answer(template: str, status: int, context: Mapping[str, Any]) -> web.Response:
    html = _environment.get_template(template).render(context)
    return web.Response(status=status, text=html, content_type="text/html")
