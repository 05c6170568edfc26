"""`POST /api/v1/products|policies|companies|institutions|loans`: records of other systems."""

from typing import cast

from aiohttp import web

from bot.web.api.bodies import json_object
from bot.web.keys import CIPHER, DATABASE, FEED
from bot.web.problems import bad_request
from domain import importing
from domain.importing import KINDS, Kind

routes = web.RouteTableDef()


@routes.post(f"/{{kind:{'|'.join(KINDS)}}}")
async def take_over(request: web.Request) -> web.Response:
    """Insert or update by key; good rows are kept, bad ones named."""
    kind = cast("Kind", request.match_info["kind"])
    items = (await json_object(request)).get("items")
    if not isinstance(items, list):
        raise bad_request("缺少 items 列表", field="items")
    report = await importing.import_rows(request.app[DATABASE], kind, items, cipher=request.app[CIPHER])
    # The next match of this process must see what was just accepted.
    await request.app[FEED].follow()
    rejected = [{"index": bad.index, "field": bad.field, "reason": bad.reason} for bad in report.rejected]
    return web.json_response({"accepted": report.accepted, "rejected": rejected})
