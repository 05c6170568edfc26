"""`POST /api/v1/screening`: companies that authorized the institution, found by their indicators."""

from typing import Any

from aiohttp import web

from bot.web.api.access import CALLER, Caller, allowed
from bot.web.api.bodies import json_object, validated
from bot.web.keys import DATABASE, INDICATORS
from bot.web.problems import Problem
from domain.authorizations.readers import Reader
from domain.clients import Role
from domain.credit import screening
from domain.credit.screening import Match, Screening

routes = web.RouteTableDef()


@routes.post("/screening")
@allowed(Role.INSTITUTION)
async def screen(request: web.Request) -> web.Response:
    """In the order of credit codes; `next_cursor` is null on the last page."""
    wanted = validated(Screening, await json_object(request), "")
    reader = reader_of(request[CALLER])
    page = await screening.screen(request.app[DATABASE], request.app[INDICATORS], reader, wanted)
    return web.json_response({"items": [_as_json(item) for item in page.items], "next_cursor": page.cursor})


def reader_of(caller: Caller) -> Reader:
    """The house that the client works for, before the gate."""
    if caller.institution is None:
        raise Problem(403, "Forbidden", "这个令牌不属于任何机构")
    return Reader.institution(caller.institution, caller.client)


def _as_json(item: Match) -> dict[str, Any]:
    disputed = [code for code, value in item.values.items() if value is None]
    return {"uscc": item.uscc, "name": item.name, "values": item.values, "disputed": disputed}
