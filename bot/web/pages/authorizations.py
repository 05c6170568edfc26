"""What was authorized, and taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from aiohttp import web
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.keys import DATABASE
from bot.web.links import Page
from bot.web.pages import consent_text, rendering
from bot.web.pages.errors import NoSuchPage
from bot.web.pages.parts import city_of, visit_of
from bot.web.pages.work import unit_of_work
from domain import admission, companies
from domain.authorizations import reading, wording
from domain.authorizations.consents import Consent
from domain.authorizations.labels import PLATFORM, Category, DataPurpose, Kind, State
from domain.authorizations.tables import AuthorizationRow
from domain.base import utcnow
from domain.labels import Label

routes = web.RouteTableDef()

_COLOURS = {State.GIVEN: "good", State.EXPIRED: "wait", State.REVOKED: ""}
# Blanks of a text that nobody has filled in yet.
_BLANKS = {
    "company": "（您的企业）",
    "uscc": "（您企业的代码）",
    "recipient": "（您选择的机构）",
    "scope": "（您勾选的信息类别）",
    "purposes": "（您勾选的用途）",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An authorization in the words of a page."""

    id: str
    kind: Kind
    company: str
    recipient: str
    scope: str
    purposes: str
    given_at: datetime
    until: datetime
    ended_at: datetime | None
    state: State
    imported: bool

    @property
    def colour(self) -> str:
        return _COLOURS[self.state]

    @property
    def stands(self) -> bool:
        return self.state is State.GIVEN

    @classmethod
    def of(cls, row: AuthorizationRow, company: str, operator: str, now: datetime) -> Self:
        return cls(
            row.id,
            Kind(row.kind),
            company,
            operator if row.recipient == PLATFORM else row.recipient,
            listed(Category, row.scope),
            listed(DataPurpose, row.purposes),
            row.given_at,
            row.until,
            row.ended_at,
            row.state(now),
            row.text_version is None,
        )


def listed(labels: type[Label], chosen: frozenset[Category] | frozenset[DataPurpose]) -> str:
    return "、".join(label.label for label in labels if label in chosen)


@routes.get("/authorizations", name=Page.AUTHORIZATIONS)
async def show(request: web.Request) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        found = await _all(request, session)
    return await rendering.page(
        request,
        "authorizations.html",
        standing=[item for item in found if item.stands],
        over=[item for item in found if not item.stands],
    )


async def _all(request: web.Request, session: AsyncSession) -> list[Shown]:
    openid = visit_of(request).openid
    found = []
    for company in await companies.registered_by(session, openid):
        rows = await reading.of_company(session, company.uscc)
        found += _shown(request, company.name, rows)
    return found + _shown(request, "", await reading.of_person(session, openid))


def _shown(request: web.Request, company: str, rows: Sequence[AuthorizationRow]) -> list[Shown]:
    operator, now = city_of(request).authorization.operator, utcnow()
    return [Shown.of(row, company, operator, now) for row in rows]


@routes.get("/authorizations/{id}", name=Page.AUTHORIZATION)
async def detail(request: web.Request) -> web.Response:
    """One of them, with the text as it was agreed to."""
    item, text = await _own(request)
    return await rendering.page(request, "authorization.html", item=item, text=text)


@routes.get("/authorizations/{id}/revoke", name=Page.AUTHORIZATION_REVOKE)
async def ask(request: web.Request) -> web.Response:
    item, _ = await _own(request)
    if not item.stands:
        return await rendering.see(request, Page.AUTHORIZATION, "这项授权已经失效，不用撤回。", id=item.id)
    return await rendering.page(request, "authorization_revoke.html", item=item)


@routes.post("/authorizations/{id}/revoke")
async def revoke(request: web.Request) -> web.Response:
    async with unit_of_work(request) as session:
        row, stopped = await admission.revoke(
            session, request.match_info["id"], visit_of(request).openid, utcnow()
        )
    withdrawn = f"依据它发布的 {len(stopped)} 笔融资需求已一并撤回。" if stopped else ""
    return await rendering.see(request, Page.AUTHORIZATION, f"授权已经撤回，立即生效。{withdrawn}", id=row.id)


async def _own(request: web.Request) -> tuple[Shown, Markup]:
    """The person's authorization of that id, with its text, empty where it came from another platform."""
    async with request.app[DATABASE].reading() as session:
        openid = visit_of(request).openid
        mine = {row.uscc: row.name for row in await companies.registered_by(session, openid)}
        row = await session.get(AuthorizationRow, request.match_info["id"])
    if row is None or (row.uscc not in mine if row.uscc else row.openid != openid):
        raise NoSuchPage
    company = mine[row.uscc] if row.uscc else ""
    text = reading.text_of(row)
    item = Shown.of(row, company, city_of(request).authorization.operator, utcnow())
    return item, consent_text.html(text.text) if text else Markup()


@routes.get("/consents/{kind}/{version}", name="consent")
async def consent(request: web.Request) -> web.Response:
    """A text of any version with its blanks; nothing in it is about anybody."""
    kind, version = request.match_info["kind"], request.match_info["version"]
    pinned = {str(number) for number in wording.pinned().get(Kind(kind), {})} if kind in set(Kind) else set()
    if version not in pinned:
        raise NoSuchPage
    rules = city_of(request).authorization
    like = Consent.face(city_of(request).face_checker or _BLANKS["recipient"], rules)
    values = {
        **wording.shown(like, rules).values,
        **({} if kind == Kind.FACE else _BLANKS),
        "days": str(rules.days(Kind(kind))),
    }
    text = wording.filled(Kind(kind), int(version), values)
    return await rendering.page(request, "consent.html", kind=Kind(kind), text=text)
