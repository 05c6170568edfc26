"""`/api/v1/saved-filters`: what a client of an institution looks for, kept and run by a call.

With `tell` the institution's webhooks hear of new requests that pass (`request.matched`).
"""

from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.api.access import CALLER, allowed
from bot.web.api.bodies import json_object, validated
from bot.web.api.idempotency import changed
from bot.web.api.queries import page_size
from bot.web.api.requests import page_of
from bot.web.keys import DATABASE
from bot.web.problems import not_found
from domain import browsing, saved_filters
from domain.base import storable, utcnow
from domain.clients import Role
from domain.saved_filters import NewFilter, Owner, SavedFilterRow

routes = web.RouteTableDef()
_ONE = "/saved-filters/{id}"


@routes.get("/saved-filters")
@allowed(Role.INSTITUTION)
async def list_filters(request: web.Request) -> web.Response:
    """The client's own, the newest first; there are at most some dozens."""
    async with request.app[DATABASE].reading() as session:
        rows = await saved_filters.all_of(session, _owner(request))
    return web.json_response({"items": [_as_json(row) for row in rows]})


@routes.post("/saved-filters")
@allowed(Role.INSTITUTION)
async def save_filter(request: web.Request) -> web.Response:
    """Kept until it is deleted."""
    body = await json_object(request)
    new = validated(NewFilter, body, "")

    async def change(session: AsyncSession) -> dict[str, Any]:
        return _as_json(await saved_filters.save(session, _owner(request), new, utcnow()))

    return await changed(request, body, change, status=201)


@routes.put(_ONE)
@allowed(Role.INSTITUTION)
async def change_filter(request: web.Request) -> web.Response:
    """The whole filter is replaced."""
    body = await json_object(request)
    new = validated(NewFilter, body, "")

    async def change(session: AsyncSession) -> dict[str, Any]:
        return _as_json(await saved_filters.change(session, _owner(request), _id(request), new, utcnow()))

    return await changed(request, body, change)


@routes.delete(_ONE)
@allowed(Role.INSTITUTION)
async def delete_filter(request: web.Request) -> web.Response:
    """The answer is what was deleted."""

    async def change(session: AsyncSession) -> dict[str, Any]:
        return _as_json(await saved_filters.remove(session, _owner(request), _id(request)))

    return await changed(request, None, change)


@routes.get(f"{_ONE}/requests")
@allowed(Role.INSTITUTION)
async def run_filter(request: web.Request) -> web.Response:
    """What passes it now, in pages as of all requests."""
    async with request.app[DATABASE].reading() as session:
        row = await saved_filters.own(session, _owner(request), _id(request))
    return await page_of(request, browsing.conditions(row.wanted), size=page_size(request))


def _owner(request: web.Request) -> Owner:
    caller = request[CALLER]
    return Owner(caller.client, caller.institution or "")


def _id(request: web.Request) -> str:
    filter_id = request.match_info["id"]
    if not storable(filter_id):
        raise not_found("没有这个筛选条件")
    return filter_id


def _as_json(row: SavedFilterRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "filter": row.filter,
        "tell": row.tell,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }
