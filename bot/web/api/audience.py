"""`POST /api/v1/policies/{code}/audience` and `/products/{code}/audience`: which companies are admitted.

For operators alone: of others' companies an institution learns nothing before they turn to it.
"""

import re
from typing import Any

from aiohttp import web

from bot.web.api.access import allowed
from bot.web.api.queries import bad_cursor, page_size
from bot.web.keys import AUDIENCES, DATABASE
from bot.web.problems import not_found
from domain.base import storable
from domain.clients import Role
from domain.policies import Policy, PolicyRow
from domain.products import Product, ProductRow

routes = web.RouteTableDef()
_USCC = re.compile(r"[0-9A-HJ-NP-RTUW-Y]{18}")


@routes.post("/policies/{code}/audience")
@allowed(Role.OPERATOR)
async def policy_audience(request: web.Request) -> web.Response:
    code = request.match_info["code"]
    async with request.app[DATABASE].reading() as session:
        row = await session.get(PolicyRow, code) if storable(code) else None
    if row is None:
        raise not_found("没有这项政策")
    return await _page(request, row.policy)


@routes.post("/products/{code}/audience")
@allowed(Role.OPERATOR)
async def product_audience(request: web.Request) -> web.Response:
    """Its place and conditions alone: what a company would ask for is not known."""
    code = request.match_info["code"]
    async with request.app[DATABASE].reading() as session:
        row = await session.get(ProductRow, code) if storable(code) else None
    if row is None:
        raise not_found("没有这个产品")
    return await _page(request, row.product)


async def _page(request: web.Request, item: Policy | Product) -> web.Response:
    """A page by uscc with the counts of the whole; `next_cursor` is null on the last page."""
    size, after = page_size(request), request.query.get("cursor", "")
    if after and not _USCC.fullmatch(after):
        raise bad_cursor()
    audience = await request.app[AUDIENCES].of(item)
    usccs, more = audience.page(after, size)
    answer: dict[str, Any] = {
        "count": audience.count,
        "certain": audience.certain,
        "items": [{"uscc": uscc} for uscc in usccs],
        "next_cursor": usccs[-1] if more else None,
    }
    return web.json_response(answer)
