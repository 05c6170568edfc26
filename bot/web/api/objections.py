"""`/api/v1/objections`: what owners object to in their credit data, for those who answer."""

from datetime import date
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from bot.web.api.access import CALLER, allowed
from bot.web.api.bodies import json_object, validated
from bot.web.api.credit_data import source_of
from bot.web.api.places import cursor_of, place_of
from bot.web.api.queries import choice, page_size, text
from bot.web.keys import DATABASE, INDICATORS
from domain.base import Value, today_in_china, utcnow
from domain.clients import Role
from domain.credit import objections
from domain.credit.objections import MOST_TEXT, ObjectionState
from domain.credit.tables import CreditObjectionRow

routes = web.RouteTableDef()
_ANSWERERS = (Role.OPERATOR, Role.DATA_SOURCE)
Answer = Annotated[str, Field(min_length=1, max_length=MOST_TEXT)]


class Correction(Value):
    """The right value, and words for the owner; `ended_on` for bad records that are over."""

    value: bool | int | float | str
    answer: Answer
    ended_on: date | None = None


class Upholding(Value):
    """Why the value is right, for the owner."""

    answer: Answer


@routes.get("/objections")
@allowed(*_ANSWERERS)
async def list_objections(request: web.Request) -> web.Response:
    """The oldest first; a source sees those to its own data."""
    size, database = page_size(request), request.app[DATABASE]
    own = await source_of(database, request[CALLER])
    async with database.reading() as session:
        rows = await objections.page(
            session,
            state=choice(request, "state", ObjectionState),
            source=own or text(request, "source"),
            after=place_of(request.query.get("cursor")),
            size=size + 1,
        )
    items = rows[:size]
    cursor = cursor_of(items[-1].created_at, items[-1].id) if len(rows) > size else None
    return web.json_response({"items": [as_json(row) for row in items], "next_cursor": cursor})


@routes.post("/objections/{id}/ask")
@allowed(Role.OPERATOR)
async def ask(request: web.Request) -> web.Response:
    """The operator has asked the source."""
    async with request.app[DATABASE].unit_of_work() as session:
        row = await objections.ask(session, request.match_info["id"], now=utcnow())
    return web.json_response(as_json(row))


@routes.post("/objections/{id}/correct")
@allowed(*_ANSWERERS)
async def correct(request: web.Request) -> web.Response:
    """The owner was right."""
    body = validated(Correction, await json_object(request), "")
    database, caller = request.app[DATABASE], request[CALLER]
    own = await source_of(database, caller)
    async with database.unit_of_work() as session:
        row = await objections.correct(
            session,
            request.app[INDICATORS],
            request.match_info["id"],
            body.value,
            body.answer,
            by=caller.actor,
            ended_on=body.ended_on,
            source=own,
            now=utcnow(),
        )
    return web.json_response(as_json(row))


@routes.post("/objections/{id}/uphold")
@allowed(*_ANSWERERS)
async def uphold(request: web.Request) -> web.Response:
    """The value stays."""
    body = validated(Upholding, await json_object(request), "")
    database, caller = request.app[DATABASE], request[CALLER]
    own = await source_of(database, caller)
    async with database.unit_of_work() as session:
        row = await objections.uphold(
            session, request.match_info["id"], body.answer, by=caller.actor, source=own, now=utcnow()
        )
    return web.json_response(as_json(row))


def as_json(row: CreditObjectionRow) -> dict[str, Any]:
    """Without the value, which the source has, and without the person."""
    return {
        "id": row.id,
        "uscc": row.uscc,
        "indicator": row.indicator,
        "as_of": row.as_of.isoformat(),
        "source": row.source,
        "text": row.text,
        "state": row.state,
        "answer": row.answer,
        "created_at": row.created_at.isoformat(),
        "asked_at": row.asked_at.isoformat() if row.asked_at else None,
        "due_on": row.due_on.isoformat(),
        "overdue": row.closed_at is None and row.due_on < today_in_china(),
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
    }
