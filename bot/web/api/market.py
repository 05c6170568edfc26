"""`/api/v1/financing-requests/{id}/…`: what institutions do with a request, or operators for them."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.api.access import CALLER, allowed, scoped
from bot.web.api.bodies import json_object, validated
from bot.web.api.houses import Name, Named, house_of, object_or_none
from bot.web.api.idempotency import changed
from bot.web.api.requests import view_of
from bot.web.keys import MARKET_RULES, REQUEST_TURNS
from domain import browsing, institutions
from domain.base import storable, utcnow
from domain.clients import Role, Scope
from domain.errors import NotAllowedNow
from domain.market import deciding, following, reading
from domain.market.deciding import Grant, RejectReason, Terms
from domain.market.rules import LONGEST_DECISION_DAYS, MarketRules
from domain.market.tables import NOTE_CHARS
from domain.products import Code
from domain.requests import RequestRow

routes = web.RouteTableDef()
_ACTORS = (Role.INSTITUTION, Role.OPERATOR)
_ONE = "/financing-requests/{id}"


class Following(Named):
    """All of it may be missing; `product` is the code of the product that is to serve the request."""

    branch: Name | None = None
    product: Code | None = None
    decision_days: Annotated[int, Field(ge=1, le=LONGEST_DECISION_DAYS)] | None = None


class ApprovedTerms(Named, Terms):
    """The terms of an approval."""


class Rejection(Named):
    """Why not; the owner reads both."""

    reason: RejectReason
    note: Annotated[str, Field(max_length=NOTE_CHARS)] = ""


class Granting(Named, Grant):
    """The loan that was paid out."""


# What a step does: session, request, institution, and who, when and by which rules as keywords.
_Step = Callable[..., Awaitable[object]]


@routes.post(f"{_ONE}/follow")
@allowed(*_ACTORS)
@scoped(Scope.FOLLOW)
async def follow(request: web.Request) -> web.Response:
    """A place, or a turn where none is free; 409 with the reason where the rules forbid it."""
    body = await object_or_none(request)
    given = validated(Following, body, "")

    async def step(session: AsyncSession, request_id: str, house: str, **how: Any) -> None:
        # Before the request is locked: who takes an institution off the market locks it first, too.
        if not await institutions.active(session, house):
            raise NotAllowedNow("贵机构已经退出平台，不能再跟进新的需求。")
        branch = given.branch or request[CALLER].branch
        await following.follow(
            session,
            request_id,
            house,
            branch=branch,
            product=given.product,
            decision_days=given.decision_days,
            **how,
        )

    return await _taken(request, body, given, step, first=True)


@routes.post(f"{_ONE}/leave")
@allowed(*_ACTORS)
@scoped(Scope.FOLLOW)
async def leave(request: web.Request) -> web.Response:
    """The place, or the turn, goes to the next."""
    body = await object_or_none(request)
    return await _taken(request, body, validated(Named, body, ""), following.leave)


@routes.post(f"{_ONE}/approve")
@allowed(*_ACTORS)
@scoped(Scope.DECIDE)
async def approve(request: web.Request) -> web.Response:
    """Yes, with terms."""
    body = await json_object(request)
    given = validated(ApprovedTerms, body, "")
    terms = Terms.model_validate(given.model_dump(exclude={"institution"}))

    async def step(session: AsyncSession, request_id: str, house: str, **how: Any) -> None:
        await deciding.approve(session, request_id, house, terms, **how)

    return await _taken(request, body, given, step)


@routes.post(f"{_ONE}/reject")
@allowed(*_ACTORS)
@scoped(Scope.DECIDE)
async def reject(request: web.Request) -> web.Response:
    """No, with the reason."""
    body = await json_object(request)
    given = validated(Rejection, body, "")

    async def step(session: AsyncSession, request_id: str, house: str, **how: Any) -> None:
        await deciding.reject(session, request_id, house, given.reason, note=given.note, **how)

    return await _taken(request, body, given, step)


@routes.post(f"{_ONE}/grant")
@allowed(*_ACTORS)
@scoped(Scope.DECIDE)
async def grant(request: web.Request) -> web.Response:
    """The money is on the account: the loan is recorded."""
    body = await json_object(request)
    given = validated(Granting, body, "")
    loan = Grant.model_validate(given.model_dump(exclude={"institution"}))

    async def step(session: AsyncSession, request_id: str, house: str, **how: Any) -> None:
        await deciding.grant(session, request_id, house, loan, **how)

    return await _taken(request, body, given, step)


async def _taken(
    request: web.Request, body: dict[str, Any], given: Named, step: _Step, *, first: bool = False
) -> web.Response:
    """Take the step; the answer is the request as the caller sees it afterwards.

    All steps but the `first` need a follow.
    """
    caller, house = request[CALLER], house_of(request, given.institution)
    request_id = request.match_info["id"]
    rules: MarketRules = request.app[MARKET_RULES]

    async def change(session: AsyncSession) -> dict[str, Any]:
        now = utcnow()
        if not first:
            await _check_follows(session, request_id, house)
        await step(session, request_id, house, by=caller.actor, now=now, rules=rules)
        await session.flush()
        return await view_of(request, session, await session.get_one(RequestRow, request_id), now)

    async with request.app[REQUEST_TURNS].of(request_id):
        return await changed(request, body, change)


async def _check_follows(session: AsyncSession, request_id: str, house: str) -> None:
    """What is offered to the institution is there: to follow first is a rule, and no missing request.

    Raises:
        NotAllowedNow: it may follow, and never did.
    """
    offered = select(RequestRow.id).where(RequestRow.id == request_id, browsing.offered_to(house))
    if not storable(request_id) or await session.scalar(offered) is None:
        return
    if await reading.follow_of(session, request_id, house) is None:
        raise NotAllowedNow("还没有跟进这笔需求，请先跟进。")
