"""`/api/v1/clients`: who may call the API; for operators."""

from typing import Any

from aiohttp import hdrs, web

from bot.web.api.access import CALLER, allowed
from bot.web.api.bodies import json_object, validated
from bot.web.api.places import cursor_of, place_of
from bot.web.api.queries import page_size
from bot.web.keys import DATABASE
from bot.web.problems import not_found
from domain import clients
from domain.base import storable, utcnow
from domain.clients import ClientRow, NewClient, Role

routes = web.RouteTableDef()


@routes.post("/clients")
@allowed(Role.OPERATOR)
async def create_client(request: web.Request) -> web.Response:
    """The answer holds the token, this once."""
    new = validated(NewClient, await json_object(request), "")
    async with request.app[DATABASE].unit_of_work() as session:
        issued = clients.create(session, new, by=request[CALLER].actor, now=utcnow())
    body = as_json(issued.row) | {"token": issued.token}
    return web.json_response(body, status=201, headers={hdrs.CACHE_CONTROL: "no-store"})


@routes.get("/clients")
@allowed(Role.OPERATOR)
async def list_clients(request: web.Request) -> web.Response:
    """Newest first; `next_cursor` is null on the last page."""
    size = page_size(request)
    async with request.app[DATABASE].reading() as session:
        rows = await clients.page(session, after=place_of(request.query.get("cursor")), size=size + 1)
    items = rows[:size]
    cursor = cursor_of(items[-1].created_at, items[-1].id) if len(rows) > size else None
    return web.json_response({"items": [as_json(row) for row in items], "next_cursor": cursor})


@routes.delete("/clients/{id}")
@allowed(Role.OPERATOR)
async def revoke_client(request: web.Request) -> web.Response:
    """The token is void from now on; the client stays in the list."""
    client_id = request.match_info["id"]
    if not storable(client_id):
        raise not_found("没有这个客户端")
    async with request.app[DATABASE].unit_of_work() as session:
        row = await clients.revoke(session, client_id, utcnow())
    return web.json_response(as_json(row))


def as_json(row: ClientRow) -> dict[str, Any]:
    times = ("created_at", "expires_at", "revoked_at", "last_used_at")
    return {
        "id": row.id,
        "name": row.name,
        "role": row.role,
        "institution": row.institution,
        "branch": row.branch,
        "regions": row.regions,
        "scopes": row.scopes,
        "created_by": row.created_by,
    } | {name: at.isoformat() if (at := getattr(row, name)) else None for name in times}
