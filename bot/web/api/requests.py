"""`/api/v1/financing-requests`: what owners asked for, as far as the caller may see it.

Operators and advisers see everything. A government office sees what was published for its regions. An
institution sees what is on the market and meant for it: addressed to it, or to nobody in particular. Before
it follows a request it does not learn whose it is: `openid`, `company` and `uscc` are null, figures in the
owner's own words are masked, `institutions` names itself alone, and it cannot ask by these.
"""

from typing import Any

from aiohttp import web
from sqlalchemy import ColumnElement, String, cast, exists, false, or_, true

from bot.masking import masked
from bot.web.api.access import CALLER, Caller, allowed
from bot.web.api.places import cursor_of, place_of
from bot.web.api.queries import choice, page_size, text
from bot.web.keys import DATABASE
from bot.web.problems import Problem, not_found
from domain import regions, requests
from domain.addressees import AddresseeRow
from domain.base import storable
from domain.clients import Role
from domain.requests import RequestRow, RequestStatus

routes = web.RouteTableDef()
_READERS = (Role.OPERATOR, Role.ADVISER, Role.GOVERNMENT, Role.INSTITUTION)
_ON_THE_MARKET = (RequestStatus.PUBLISHED, RequestStatus.FOLLOWED)
_WHOSE = ("openid", "company", "uscc")


@routes.get("/financing-requests")
@allowed(*_READERS)
async def list_requests(request: web.Request) -> web.Response:
    """Newest first; `next_cursor` is null on the last page."""
    caller, size = request[CALLER], page_size(request)
    openid, institution = text(request, "openid"), text(request, "institution")
    if caller.role is Role.INSTITUTION and (openid or institution not in {None, caller.institution}):
        raise Problem(403, "Forbidden", "机构不能按 openid 或其他机构查询")
    query = requests.page_query(
        openid=openid,
        status=choice(request, "status", RequestStatus),
        institution=institution,
        after=place_of(request.query.get("cursor")),
        size=size + 1,
    )
    async with request.app[DATABASE].reading() as session:
        rows = (await session.scalars(query.where(_visible(caller)))).all()
    items, more = rows[:size], len(rows) > size
    cursor = cursor_of(items[-1].created_at, items[-1].id) if more else None
    return web.json_response({"items": [as_json(row, caller) for row in items], "next_cursor": cursor})


@routes.get("/financing-requests/{id}")
@allowed(*_READERS)
async def get_request(request: web.Request) -> web.Response:
    """What the caller may not see does not exist."""
    caller, request_id = request[CALLER], request.match_info["id"]
    query = requests.page_query(openid=None, status=None, institution=None, after=None, size=1)
    row = None
    if storable(request_id):
        query = query.where(RequestRow.id == request_id, _visible(caller))
        async with request.app[DATABASE].reading() as session:
            row = await session.scalar(query)
    if row is None:
        raise not_found("没有这笔融资需求")
    return web.json_response(as_json(row, caller))


def _visible(caller: Caller) -> ColumnElement[bool]:
    """Which requests the caller may see."""
    if caller.role is Role.GOVERNMENT:
        inside = [RequestRow.region.startswith(regions.prefix(code)) for code in caller.regions]
        return RequestRow.published_at.is_not(None) & or_(false(), *inside)
    if caller.role is Role.INSTITUTION:
        is_its_own = AddresseeRow.institution == caller.institution
        addressed = exists().where(AddresseeRow.request_id == RequestRow.id, is_its_own)
        # Of the two tables the request's alone is the page's: a page of one institution asks the other too.
        addressed = addressed.correlate(RequestRow)
        # By the list itself: what was addressed to a name that no institution has is not meant for all.
        to_all = cast(RequestRow.institutions, String) == "[]"
        return RequestRow.status.in_(_ON_THE_MARKET) & or_(addressed, to_all)
    return true()


def as_json(row: RequestRow, caller: Caller) -> dict[str, Any]:
    """The request as this caller may see it."""
    if caller.role is not Role.INSTITUTION:
        return _whole(row)
    own = [name for name in row.institutions if name == caller.institution]
    return (
        _whole(row) | dict.fromkeys(_WHOSE) | {"purpose_text": masked(row.purpose_text), "institutions": own}
    )


def _whole(row: RequestRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": row.status,
        "openid": row.openid,
        "company": row.company,
        "uscc": row.uscc,
        "amount_min": row.amount_min,
        "amount_max": row.amount_max,
        "term_min_months": row.term_min_months,
        "term_months": row.term_months,
        "rate_max": None if row.rate_max is None else float(row.rate_max),
        "purpose": row.purpose,
        "purpose_text": row.purpose_text,
        "guarantee": row.guarantee,
        "collateral": row.collateral or [],
        "region": row.region,
        "industry": row.industry,
        "product": row.product,
        "institutions": row.institutions,
        "declared": row.declared,
        "follows": [],
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "published_at": row.published_at.isoformat() if row.published_at else None,
    }
