"""`/api/v1/institutions`: who is on the market; operators take institutions off it and let them back."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.api.access import CALLER, allowed
from bot.web.api.bodies import json_object, validated
from bot.web.api.idempotency import changed
from bot.web.keys import DATABASE, FEED, MARKET_RULES
from bot.web.problems import not_found
from domain import institutions
from domain.base import Value, storable, utcnow
from domain.clients import Role
from domain.institutions import BranchRow, InstitutionRow, InstitutionStepRow
from domain.market import following

routes = web.RouteTableDef()
_ONE = "/institutions/{name}"
_Move = Callable[..., Awaitable[InstitutionRow]]


class Reason(Value):
    """Why an institution leaves or enters the market."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]


@routes.get("/institutions")
@allowed(Role.OPERATOR)
async def list_institutions(request: web.Request) -> web.Response:
    """All of them by name, with their branches: a city has some hundred."""
    async with request.app[DATABASE].reading() as session:
        rows = (await session.scalars(select(InstitutionRow).order_by(InstitutionRow.name))).all()
        branches = (await session.scalars(select(BranchRow).order_by(BranchRow.name))).all()
    items = [_as_json(row, [one for one in branches if one.institution == row.name]) for row in rows]
    return web.json_response({"items": items})


@routes.get(_ONE)
@allowed(Role.OPERATOR)
async def get_institution(request: web.Request) -> web.Response:
    """With when it left and entered, the latest first."""
    name = _name(request)
    async with request.app[DATABASE].reading() as session:
        row = await session.get(InstitutionRow, name)
        if row is None:
            raise not_found("没有这家机构")
        own = select(BranchRow).where(BranchRow.institution == name).order_by(BranchRow.name)
        branches = (await session.scalars(own)).all()
        steps = await institutions.steps_of(session, name)
    return web.json_response(_as_json(row, branches) | {"steps": [_step(step) for step in steps]})


@routes.post(f"{_ONE}/exit")
@allowed(Role.OPERATOR)
async def leave_market(request: web.Request) -> web.Response:
    """Off the market: nothing new for it, and what it waits for it waits for no longer."""
    return await _moved(request, institutions.leave_market, _stop_waiting)


@routes.post(f"{_ONE}/entry")
@allowed(Role.OPERATOR)
async def enter_market(request: web.Request) -> web.Response:
    """Back on the market, with its products."""
    return await _moved(request, institutions.enter_market, None)


async def _moved(
    request: web.Request,
    move: _Move,
    then: Callable[[web.Request, AsyncSession, str, datetime], Awaitable[None]] | None,
) -> web.Response:
    name, now, body = _name(request), utcnow(), await json_object(request)
    given = validated(Reason, body, "")

    async def change(session: AsyncSession) -> dict[str, Any]:
        row = await move(session, name, reason=given.reason, by=request[CALLER].actor, now=now)
        if then is not None:
            await then(request, session, name, now)
        return {"name": row.name, "active": row.exited_at is None, "reason": given.reason}

    answer = await changed(request, body, change)
    await request.app[FEED].follow()
    return answer


async def _stop_waiting(request: web.Request, session: AsyncSession, name: str, now: datetime) -> None:
    """Places are for institutions on the market; what it follows already goes on to its end."""
    for request_id in await following.waits_for(session, name):
        await following.stop_waiting(
            session, request_id, name, by=request[CALLER].actor, now=now, rules=request.app[MARKET_RULES]
        )


def _as_json(row: InstitutionRow, branches: Any) -> dict[str, Any]:
    """Without its officers: who they are is in its records, and nobody's business here."""
    return {
        "name": row.name,
        "kind": row.data.get("kind", "bank"),
        "active": row.exited_at is None,
        "exited_at": row.exited_at.isoformat() if row.exited_at else None,
        "branches": [
            {"name": branch.name, "region": branch.region, "centre": branch.centre} for branch in branches
        ],
    }


def _step(step: InstitutionStepRow) -> dict[str, Any]:
    return {
        "at": step.at.isoformat(),
        "by": step.actor,
        "step": "entry" if step.entered else "exit",
        "reason": step.reason,
    }


def _name(request: web.Request) -> str:
    name = request.match_info["name"]
    if not storable(name):
        raise not_found("没有这家机构")
    return name
