"""What the pages find in their application and in a request."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from aiohttp import web

from bot.identity import checking
from bot.identity.checking import Checking
from bot.identity.representing import Representing
from bot.web.links import Links
from bot.web.pages.rates import Rates
from bot.web.pages.sessions import Logins, Sessions, Visit
from bot.web.pages.tickets import Tickets
from bot.wechat.api.oauth import OAuth
from domain.authorizations import rules as authorizations
from domain.market.rules import MarketRules
from domain.recommending.rules import ReviewRules
from domain.registrations import rules as registrations
from domain.registrations.register import CompanyRegister
from domain.requests import RequestStatus


@dataclass(frozen=True, slots=True)
class Site:
    """How the pages are reached.

    `address` is the public one, without a slash at the end. `proxies` of our own stand before the service and
    are believed about where a request came from. `framed` lets the sandbox's phone show pages in its frame.
    """

    address: str
    proxies: int
    framed: bool

    @property
    def secure(self) -> bool:
        return self.address.startswith("https://")


@dataclass(frozen=True, slots=True)
class City:
    """The city's rules, and what its pages ask and call.

    `register` knows companies, where there is one. `face_checker` is who looks at faces, as people know him,
    empty where nobody does. `admission_first`: only who is registered, verified and has authorized may
    publish. `review`: whether an adviser looks before institutions do. `on_events` is called after a commit
    that wrote events.
    """

    registration: registrations.Rules
    authorization: authorizations.Rules
    identity: checking.Rules
    face_checker: str
    objection_days: int
    admission_first: bool
    market: MarketRules
    review: ReviewRules
    register: CompanyRegister | None
    on_events: Callable[[], None]


SITE = web.AppKey("site", Site)
OAUTH = web.AppKey("oauth", OAuth)
LINKS = web.AppKey("links", Links)
SESSIONS = web.AppKey("sessions", Sessions)
LOGINS = web.AppKey("logins", Logins)
TICKETS = web.AppKey("tickets", Tickets)
RATES = web.AppKey("rates", Rates)

CITY = web.AppKey("city", City)
CHECKING = web.AppKey("checking", Checking)
# None where no register is asked.
REPRESENTING: web.AppKey[Representing | None] = web.AppKey("representing")

VISIT: web.RequestKey[Visit] = web.RequestKey("visit", Visit)
# How far a financing request that had waited came by this request of the browser.
PUBLISHED: web.RequestKey[RequestStatus] = web.RequestKey("published", RequestStatus)


def visit_of(request: web.Request) -> Visit:
    """Who is in front of the page; there is always somebody where `doors` let the request through."""
    return request[VISIT]


def city_of(request: web.Request) -> City:
    return request.app[CITY]


def address_of(request: web.Request) -> str:
    """Where the request came from: as far back as our own proxies vouch for it, and no further."""
    hops = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    proxies = request.app[SITE].proxies
    vouched = hops[-proxies].strip() if 0 < proxies <= len(hops) else ""
    return vouched if _is_address(vouched) else request.remote or ""


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
