"""`/api/v1/financing-requests`: what owners asked for, as far as the caller may see it.

Operators see everything, and so do advisers without regions; others those of their regions, and requests of
which nobody knows where. A government office sees what was published for its regions. An
institution sees what is on the market and meant for it, addressed to it or to nobody in particular, and what
it follows, whatever became of that; how much of each, see `request_views`. It cannot ask by what it may not
know.
"""

from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.api import request_views
from bot.web.api.access import CALLER, Caller, allowed
from bot.web.api.bodies import validated
from bot.web.api.places import Place, cursor_of, place_of
from bot.web.api.queries import choice, page_size, text
from bot.web.keys import CIPHER, DATABASE, MARKET_RULES
from bot.web.problems import Problem, not_found
from domain import browsing, regions, request_pages
from domain.base import storable, utcnow
from domain.browsing import RequestFilter
from domain.clients import Role
from domain.market.rules import FollowState
from domain.market.tables import FollowRow
from domain.requests import RequestRow, RequestStatus

routes = web.RouteTableDef()
_READERS = (Role.OPERATOR, Role.ADVISER, Role.GOVERNMENT, Role.INSTITUTION)
# Query parameters with several values, between commas, and the fields of the filter that they fill.
LISTS = {"region": "regions", "industry": "industries", "purpose": "purposes", "guarantee": "guarantees"}
BOUNDS = ("amount_min", "amount_max", "term_min", "term_max", "published_since")


@routes.get("/financing-requests")
@allowed(*_READERS)
async def list_requests(request: web.Request) -> web.Response:
    """Newest first; `next_cursor` is null on the last page."""
    caller = request[CALLER]
    openid, institution = text(request, "openid"), text(request, "institution")
    if caller.role is Role.INSTITUTION and (openid or institution not in {None, caller.institution}):
        raise Problem(403, "Forbidden", "机构不能按 openid 或其他机构查询")
    wanted = [
        *browsing.conditions(_filter(request)),
        *_followed(caller, choice(request, "follow", FollowState)),
    ]
    return await page_of(
        request,
        wanted,
        openid=openid,
        institution=institution,
        status=choice(request, "status", RequestStatus),
        size=page_size(request),
    )


@routes.get("/financing-requests/{id}")
@allowed(*_READERS)
async def get_request(request: web.Request) -> web.Response:
    """What the caller may not see does not exist."""
    caller, now, database = request[CALLER], utcnow(), request.app[DATABASE]
    async with database.reading() as session:
        row = await _visible_request(session, request.match_info["id"], caller)
        view = await view_of(request, session, row, now)
    whole = await request_views.disclosed(database, row, view, caller, cipher=request.app[CIPHER], now=now)
    return web.json_response(whole)


async def page_of(
    request: web.Request,
    wanted: list[ColumnElement[bool]],
    *,
    openid: str | None = None,
    institution: str | None = None,
    status: RequestStatus | None = None,
    size: int,
) -> web.Response:
    """A page of what the caller may see and the conditions hold for; the cursor is the query's."""
    caller, after = request[CALLER], _after(request)
    query = request_pages.page_query(
        openid=openid, status=status, institution=institution, after=after, size=size + 1
    )
    async with request.app[DATABASE].reading() as session:
        rows = (await session.scalars(query.where(_visible(caller), *wanted))).all()
        rules = request.app[MARKET_RULES]
        items = await request_views.views(session, rows[:size], caller, rules=rules, now=utcnow())
    cursor = cursor_of(rows[size - 1].created_at, rows[size - 1].id) if len(rows) > size else None
    return web.json_response({"items": items, "next_cursor": cursor})


async def _visible_request(session: AsyncSession, request_id: str, caller: Caller) -> RequestRow:
    """The request, if the caller may see it; a Problem (404) else."""
    query = select(RequestRow).where(RequestRow.id == request_id, _visible(caller))
    row = await session.scalar(query) if storable(request_id) else None
    if row is None:
        raise not_found("没有这笔融资需求")
    return row


async def view_of(
    request: web.Request, session: AsyncSession, row: RequestRow, now: datetime
) -> dict[str, Any]:
    """The request as its caller may see it, without what is read through the gate."""
    rules = request.app[MARKET_RULES]
    (view,) = await request_views.views(session, [row], request[CALLER], rules=rules, now=now)
    return view


def _visible(caller: Caller) -> ColumnElement[bool]:
    """Which requests the caller may see."""
    inside = [RequestRow.region.startswith(regions.prefix(code)) for code in caller.regions]
    if caller.role is Role.GOVERNMENT:
        return RequestRow.published_at.is_not(None) & or_(false(), *inside)
    if caller.role is Role.ADVISER and inside:
        return or_(RequestRow.region.is_(None), *inside)
    if caller.role is Role.INSTITUTION:
        return browsing.seen_by(caller.institution or "")
    return true()


def _filter(request: web.Request) -> RequestFilter:
    """What the query asks for; a Problem (400) naming the parameter that is wrong."""
    stated: dict[str, Any] = {name: value for name in BOUNDS if (value := text(request, name))}
    for name, field in LISTS.items():
        if value := text(request, name):
            stated[field] = value.split(",")
    return validated(RequestFilter, stated, "")


def _followed(caller: Caller, state: FollowState | None) -> list[ColumnElement[bool]]:
    """Requests that an institution, or for an institution itself, follows in that state."""
    if state is None:
        return []
    own = [FollowRow.institution == caller.institution] if caller.role is Role.INSTITUTION else []
    following = select(FollowRow.request_id).where(FollowRow.state == state, *own)
    return [RequestRow.id.in_(following)]


def _after(request: web.Request) -> Place | None:
    return place_of(request.query.get("cursor"))
