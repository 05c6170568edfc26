"""The way to every page: errors become pages, who comes is known, and forms are really his.

From the outside inwards: `friendly` → `known` → `guarded` → the page. A page of its own accord can forget
none of it.
"""

import hmac
from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from redis.exceptions import RedisError

from bot.web.links import Page, Target
from bot.web.pages import data, login, rendering
from bot.web.pages.errors import Forged, LoggedOut, NoSuchPage, TooOften, Trouble, Unavailable
from bot.web.pages.forms import FORM, Form, read
from bot.web.pages.parts import RATES, SESSIONS, SITE, TICKETS, VISIT, address_of
from bot.web.pages.rates import PER_ADDRESS, PER_SESSION
from bot.web.pages.sessions import Visit
from bot.web.pages.tickets import Tickets
from bot.web.tracing import route_of
from domain.base import storable
from domain.errors import NotFound, Refusal

_log = structlog.get_logger(__name__)

# What may be opened by anybody: it shows no person's data.
_FILES = "static"
OPEN_TO_ALL = {login.GO, login.BACK, data.DELETED, "consent"}
_LONGEST_QUERY = 300
_PAGE_NAMES = {page.value for page in Page}


@web.middleware
async def friendly(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong ends in a page with a way back that tells nothing of the cause."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        return _shown(NoSuchPage if error.status < HTTPStatus.INTERNAL_SERVER_ERROR else Unavailable)
    except Exception as error:  # noqa: BLE001 - the edge; what is not expected is logged as a fault
        return _instead(request, error)


def _instead(request: web.Request, error: Exception) -> web.Response:
    match error:
        case Trouble():
            _log.info("page_refused", route=route_of(request), kind=type(error).__name__)
            return _shown(type(error))
        case NotFound():
            return _shown(NoSuchPage)
        case Refusal(sentence=sentence):
            return rendering.bare(
                "trouble.html", status=HTTPStatus.CONFLICT, title=Trouble.title, advice=sentence
            )
        case RedisError():
            _log.warning("pages_without_redis", error=type(error).__name__)
            return _shown(Unavailable)
        case _:
            _log.error("page_failed", route=route_of(request), exc_info=error)
            return _shown(Unavailable, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _shown(kind: type[Trouble], *, status: int | None = None) -> web.Response:
    return rendering.bare("trouble.html", status=status or kind.status, title=kind.title, advice=kind.advice)


@web.middleware
async def known(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Who comes without a session is sent to WeChat and comes back to the page that he wanted."""
    if request.match_info.http_exception is not None or not all(map(storable, request.match_info.values())):
        raise NoSuchPage
    name = _name_of(request)
    if name == _FILES:
        return await handler(request)
    visit = await request.app[SESSIONS].find(request.cookies.get(login.SESSION_COOKIE, ""))
    if visit is not None:
        request[VISIT] = visit
    elif name not in OPEN_TO_ALL:
        if request.method not in {"GET", "HEAD"}:
            raise LoggedOut
        return await login.begin(request, _target(request, name))
    return await handler(request)


def _name_of(request: web.Request) -> str | None:
    resource = request.match_info.route.resource
    return resource.name if resource else None


def _target(request: web.Request, name: str | None) -> Target:
    """The page that was asked for; one that is not opened by name leads to the home page."""
    if name not in _PAGE_NAMES or len(request.query_string) > _LONGEST_QUERY:
        return Target(Page.HOME, {})
    asked = {key: request.query.getall(key) for key in request.query}
    return Target(Page(name), {**asked, **request.match_info})


@web.middleware
async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A form counts when it comes from our own page, with this session's token, and the first time only."""
    if request.method in {"GET", "HEAD"}:
        return await handler(request)
    visit = request[VISIT]
    await _check_rate(request, visit)
    _check_origin(request)
    form = await read(request)
    ticket = form.text("ticket")
    if not hmac.compare_digest(form.text("csrf").encode(), visit.csrf.encode()) or not Tickets.well_formed(
        ticket
    ):
        raise Forged
    return await _once(request, handler, form, ticket)


async def _check_rate(request: web.Request, visit: Visit) -> None:
    rates = request.app[RATES]
    if not await rates.allow(f"session {visit.key}", PER_SESSION):
        raise TooOften
    if not await rates.allow(f"address {address_of(request)}", PER_ADDRESS):
        raise TooOften


def _check_origin(request: web.Request) -> None:
    """Browsers say where a form comes from; since our pages send no referrer, the origin is mostly «null»."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site not in {None, "same-origin"} or origin not in {None, "null", _own_origin(request)}:
        raise Forged


def _own_origin(request: web.Request) -> str:
    return "/".join(request.app[SITE].address.split("/")[:3])


async def _once(request: web.Request, handler: Handler, form: Form, ticket: str) -> web.StreamResponse:
    tickets, visit = request.app[TICKETS], request[VISIT]
    if used := await tickets.take(visit, ticket):
        # The home page says how far everything is.
        return rendering.redirect(used.location or rendering.place(request, Page.HOME, {}))
    request[FORM] = form
    location = ""
    try:
        async with tickets.at_work(visit, ticket):
            answer = await handler(request)
        location = answer.headers.get("Location", "")
        return answer
    finally:
        if location:
            await tickets.keep(visit, ticket, location)
        else:
            await tickets.give_back(visit, ticket)
