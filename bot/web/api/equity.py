"""`/api/v1/equity-requests`: what companies raise, for investment institutions, and what these do about it.

An institution that invests sees what is on the market. Before it follows a request it does not learn whose
it is: `company` and `uscc` are null, the owner's words are without the company's name and figures of people,
and the region is that of the city. To other institutions there are no equity requests. With the company's
consent the two sides see how far the other is: `debt-side` of an equity request, `equity-side` of a
financing request.
"""

from typing import Any

from aiohttp import web
from sqlalchemy import ColumnElement, exists, or_, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.masking import masked
from bot.web.api.access import CALLER, Caller, allowed, scoped
from bot.web.api.bodies import json_object, validated
from bot.web.api.houses import Named, house_of, object_or_none, own_house
from bot.web.api.idempotency import changed
from bot.web.api.places import cursor_of, place_of
from bot.web.api.queries import choice, page_size
from bot.web.keys import DATABASE
from bot.web.problems import not_found
from domain.base import storable, utcnow
from domain.clients import Role, Scope
from domain.equity import following, linking, reading, terms
from domain.equity.following import INVOLVED, EquityEvent, Followed
from domain.equity.labels import ON_THE_MARKET, EquityRound, EquityStatus
from domain.equity.linking import SideState
from domain.equity.raising import NO_SUCH
from domain.equity.tables import EquityFollowRow, EquityRequestRow
from domain.labels import Industry

routes = web.RouteTableDef()
_READERS = (Role.OPERATOR, Role.ADVISER, Role.INSTITUTION)
_ACTORS = (Role.OPERATOR, Role.INSTITUTION)
_ONE = "/equity-requests/{id}"
_NAMELESS = "（本企业）"


class ToldEvent(Named, EquityEvent):
    """What happened between an institution and the company."""


@routes.get("/equity-requests")
@allowed(*_READERS)
async def list_requests(request: web.Request) -> web.Response:
    """Newest first; `next_cursor` is null on the last page."""
    size, caller = page_size(request), request[CALLER]
    query = reading.page_query(
        status=choice(request, "status", EquityStatus),
        round_=choice(request, "round", EquityRound),
        industry=choice(request, "industry", Industry),
        after=place_of(request.query.get("cursor")),
        size=size + 1,
    )
    async with request.app[DATABASE].reading() as session:
        rows = (await session.scalars(query.where(await _visible(session, caller)))).all()
        follows = await reading.follows_of(session, [row.id for row in rows[:size]])
    items = [as_json(row, follows[row.id], caller) for row in rows[:size]]
    last = rows[size - 1] if len(rows) > size else None
    cursor = cursor_of(last.created_at, last.id) if last else None
    return web.json_response({"items": items, "next_cursor": cursor})


@routes.get(_ONE)
@allowed(*_READERS)
async def get_request(request: web.Request) -> web.Response:
    """What the caller may not see does not exist."""
    async with request.app[DATABASE].reading() as session:
        return web.json_response(await _one(session, _id(request), request[CALLER]))


@routes.post(f"{_ONE}/follow")
@allowed(*_ACTORS)
@scoped(Scope.FOLLOW)
async def follow(request: web.Request) -> web.Response:
    """From now on the institution sees whose it is, and the owner that it looks into it."""
    body = await object_or_none(request)
    house, caller = house_of(request, validated(Named, body, "").institution), request[CALLER]

    async def step(session: AsyncSession) -> dict[str, Any]:
        await _check_investor(session, house)
        done = await following.follow(session, _id(request), house, by=caller.actor, now=utcnow())
        return await _answer(session, done, caller)

    return await changed(request, body, step)


@routes.post(f"{_ONE}/events")
@allowed(*_ACTORS)
@scoped(Scope.DECIDE)
async def tell(request: web.Request) -> web.Response:
    """Met, a term sheet, money in, or none to come; 409 where that cannot follow."""
    body = await json_object(request)
    given = validated(ToldEvent, body, "")
    event = EquityEvent.model_validate(given.model_dump(exclude={"institution"}))
    house, caller = house_of(request, given.institution), request[CALLER]

    async def step(session: AsyncSession) -> dict[str, Any]:
        done = await following.record(session, _id(request), house, event, by=caller.actor, now=utcnow())
        return await _answer(session, done, caller)

    return await changed(request, body, step)


@routes.get(f"{_ONE}/debt-side")
@allowed(*_ACTORS)
async def debt_side(request: web.Request) -> web.Response:
    """How far lenders are with the company of an equity request that the caller looks into."""
    async with request.app[DATABASE].reading() as session:
        uscc = await linking.company_of_equity(session, _id(request), own_house(request))
        if uscc is None:
            raise not_found(NO_SUCH)
        return _side(await linking.debt_side(session, uscc, utcnow()))


@routes.get("/financing-requests/{id}/equity-side")
@allowed(*_ACTORS)
async def equity_side(request: web.Request) -> web.Response:
    """How far investors are with the company of a financing request that the caller works on."""
    async with request.app[DATABASE].reading() as session:
        uscc = await linking.company_of_debt(session, _id(request), own_house(request), utcnow())
        if uscc is None:
            raise not_found("没有这笔融资需求")
        return _side(await linking.equity_side(session, uscc, utcnow()))


def _side(states: list[SideState] | None) -> web.Response:
    """`shared` is false where the company has not agreed to it; then there is nothing to see."""
    items = [
        {"institution_kind": one.kind, "state": one.state, "since": one.since.isoformat()}
        for one in states or ()
    ]
    return web.json_response({"shared": states is not None, "items": items})


async def _answer(session: AsyncSession, done: Followed, caller: Caller) -> dict[str, Any]:
    follows = await reading.follows_of(session, [done.request.id])
    return as_json(done.request, follows[done.request.id], caller)


async def _one(session: AsyncSession, request_id: str, caller: Caller) -> dict[str, Any]:
    query = reading.page_query(status=None, round_=None, industry=None, after=None, size=1)
    visible = await _visible(session, caller)
    row = await session.scalar(query.where(EquityRequestRow.id == request_id, visible))
    if row is None:
        raise not_found(NO_SUCH)
    return as_json(row, (await reading.follows_of(session, [row.id]))[row.id], caller)


async def _visible(session: AsyncSession, caller: Caller) -> ColumnElement[bool]:
    """An institution sees what is on the market, if it invests, and what it was part of."""
    if caller.role is not Role.INSTITUTION:
        return true()
    house = caller.institution or ""
    part_of = exists().where(
        EquityFollowRow.request_id == EquityRequestRow.id, EquityFollowRow.institution == house
    )
    if not await reading.is_investor(session, house):
        return part_of
    return or_(EquityRequestRow.status.in_(ON_THE_MARKET), part_of)


async def _check_investor(session: AsyncSession, house: str) -> None:
    if not await reading.is_investor(session, house):
        # To a bank there is no such thing; an operator hears which name was wrong.
        raise not_found(f"{NO_SUCH}（「{house}」不是平台上的投资机构）")


def as_json(row: EquityRequestRow, follows: list[EquityFollowRow], caller: Caller) -> dict[str, Any]:
    """The request as this caller may see it."""
    offered = terms.of(row)
    whole = {
        "id": row.id,
        "status": row.status,
        "round": row.round,
        "amount": row.amount,
        "share": None if row.share is None else float(row.share),
        "valuation": offered.valuation,
        "industry": row.industry,
        "region": row.region,
        "words": row.words,
        "company": row.company,
        "uscc": row.uscc,
        "created_at": row.created_at.isoformat(),
        "published_at": row.published_at.isoformat() if row.published_at else None,
    }
    if caller.role is not Role.INSTITUTION:
        return whole | {"openid": row.openid, "follows": [_follow(one) for one in follows]}
    own = next((one for one in follows if one.institution == caller.institution), None)
    known = whole | {"follow": _follow(own) if own else None}
    return known if own and own.state in INVOLVED else known | _nameless(row)


def _nameless(row: EquityRequestRow) -> dict[str, Any]:
    """What takes the place of all that says whose it is."""
    words = row.words.replace(row.company, _NAMELESS) if row.company else row.words
    region = _city(row.region) if row.region else None
    return {"company": None, "uscc": None, "words": masked(words), "region": region}


def _city(region: str) -> str:
    """A district may have one such company; a city has many."""
    return region[:4] + "00"


def _follow(row: EquityFollowRow) -> dict[str, Any]:
    return {
        "institution": row.institution,
        "state": row.status,
        "followed_at": row.followed_at.isoformat(),
        "happened_on": row.happened_on.isoformat() if row.happened_on else None,
        "amount": row.amount,
        "reason": row.reason,
        "note": row.note,
    }


def _id(request: web.Request) -> str:
    request_id = request.match_info["id"]
    if not storable(request_id):
        raise not_found(NO_SUCH)
    return request_id
