"""`/api/v1/claims`: what companies claim, for the operators who hear from the offices what came of it."""

from datetime import date
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.api.access import CALLER, allowed
from bot.web.api.bodies import json_object, validated
from bot.web.api.houses import object_or_none
from bot.web.api.idempotency import changed
from bot.web.api.places import cursor_of, place_of
from bot.web.api.queries import choice, page_size, text
from bot.web.keys import DATABASE
from bot.web.problems import not_found
from domain.base import Value, utcnow
from domain.claims import claiming, reading
from domain.claims.claiming import Decision
from domain.claims.labels import ClaimState
from domain.claims.tables import MOST_REASON, ClaimRow
from domain.clients import Role
from domain.conditions import Yuan

routes = web.RouteTableDef()
_ONE = "/claims/{id}"
_NO_SUCH = "没有这项申报"


class Accepting(Value):
    """The office looks into it; `on` is the day, today if it is not stated."""

    on: date | None = None


class Paying(Accepting):
    """The office has granted it; `amount` in yuan."""

    amount: Annotated[Yuan, Field(gt=0)]


class Refusing(Accepting):
    """The office has refused it; the owner reads why."""

    reason: Annotated[str, Field(min_length=1, max_length=MOST_REASON)]


@routes.get("/claims")
@allowed(Role.OPERATOR)
async def list_claims(request: web.Request) -> web.Response:
    """Newest first; `next_cursor` is null on the last page."""
    size = page_size(request)
    query = reading.page_query(
        state=choice(request, "state", ClaimState),
        policy=text(request, "policy"),
        after=place_of(request.query.get("cursor")),
        size=size + 1,
    )
    async with request.app[DATABASE].reading() as session:
        rows = (await session.scalars(query)).all()
    last = rows[size - 1] if len(rows) > size else None
    cursor = cursor_of(last.created_at, last.id) if last else None
    return web.json_response({"items": [as_json(row) for row in rows[:size]], "next_cursor": cursor})


@routes.post(f"{_ONE}/accept")
@allowed(Role.OPERATOR)
async def accept(request: web.Request) -> web.Response:
    """The office took it on."""
    body = await object_or_none(request)
    return await _decided(request, body, ClaimState.ACCEPTED, validated(Accepting, body, ""))


@routes.post(f"{_ONE}/grant")
@allowed(Role.OPERATOR)
async def grant(request: web.Request) -> web.Response:
    """The office said yes."""
    body = await json_object(request)
    return await _decided(request, body, ClaimState.GRANTED, validated(Paying, body, ""))


@routes.post(f"{_ONE}/refuse")
@allowed(Role.OPERATOR)
async def refuse(request: web.Request) -> web.Response:
    """The office said no."""
    body = await json_object(request)
    return await _decided(request, body, ClaimState.REFUSED, validated(Refusing, body, ""))


async def _decided(request: web.Request, body: Any, outcome: ClaimState, given: Accepting) -> web.Response:
    """The claim as it stands then; its owner is told."""
    by = request[CALLER].actor
    decision = Decision(outcome, **given.model_dump(exclude_none=True))

    async def step(session: AsyncSession) -> dict[str, Any]:
        row = await claiming.held(session, request.match_info["id"])
        if row is None:
            raise not_found(_NO_SUCH)
        await claiming.decide_for_owner(session, row, decision, by=by, now=utcnow())
        return as_json(row)

    return await changed(request, body, step)


def as_json(row: ClaimRow) -> dict[str, Any]:
    """Without the person who prepared it."""
    return {
        "id": row.id,
        "uscc": row.uscc,
        "policy": row.policy,
        "title": row.title,
        "state": row.state,
        "submitted_on": row.submitted_on.isoformat() if row.submitted_on else None,
        "decided_on": row.decided_on.isoformat() if row.decided_on else None,
        "amount": row.amount,
        "reason": row.reason,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }
