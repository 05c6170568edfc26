"""`/api/v1/webhooks`: where an institution's system hears of what happens, and what became of it."""

from typing import Annotated, Any, Self

from aiohttp import web
from pydantic import Field, model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.api.access import CALLER, allowed, scoped
from bot.web.api.bodies import json_object, validated
from bot.web.api.houses import Named, house_of, own_house
from bot.web.api.idempotency import changed
from bot.web.api.queries import bad_cursor, choice, page_size
from bot.web.keys import CIPHER, DATABASE, WEBHOOK_ADDRESSES
from bot.web.problems import not_found
from domain.base import Moment, Value, storable, utcnow
from domain.clients import Role, Scope
from domain.webhooks import history, subscribing
from domain.webhooks.queue import TRIPS_AT
from domain.webhooks.subscribing import NewWebhook
from domain.webhooks.tables import Event, State, WebhookDeliveryRow, WebhookRow

routes = web.RouteTableDef()
_ACTORS = (Role.INSTITUTION, Role.OPERATOR)
_ONE = "/webhooks/{id}"
_DELIVERIES = f"{_ONE}/deliveries"
# What every database's integer holds.
_ID_DIGITS = 18


class Subscription(Named, NewWebhook):
    """A subscription to be; an operator names the institution."""


class Span(Value):
    """Events that occurred from `since` on and before `until`, by default now, and ended in such a state."""

    since: Moment
    until: Moment | None = None
    states: Annotated[tuple[State, ...], Field(min_length=1, max_length=len(State))] = (State.DEAD,)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until <= self.since:
            raise ValueError("until 应晚于 since")
        if State.QUEUED in self.states:
            raise ValueError("states 只能是 delivered 或 dead：queued 的还会投递")
        return self


@routes.post("/webhooks")
@allowed(*_ACTORS)
@scoped(Scope.WEBHOOKS)
async def subscribe(request: web.Request) -> web.Response:
    """The answer holds the secret, this once."""
    body = await json_object(request)
    given = validated(Subscription, body, "")
    house = house_of(request, given.institution)

    async def change(session: AsyncSession) -> dict[str, Any]:
        made = await subscribing.subscribe(
            session,
            house,
            NewWebhook(url=given.url, events=given.events),
            addresses=request.app[WEBHOOK_ADDRESSES],
            cipher=request.app[CIPHER],
            by=request[CALLER].actor,
            now=utcnow(),
        )
        return _as_json(made.row) | {"secret": made.secret}

    return await changed(request, body, change, status=201)


@routes.get("/webhooks")
@allowed(*_ACTORS)
@scoped(Scope.WEBHOOKS)
async def list_webhooks(request: web.Request) -> web.Response:
    """Those that stand, the newest first; an institution has at most some dozens."""
    async with request.app[DATABASE].reading() as session:
        rows = await subscribing.all_of(session, own_house(request))
    return web.json_response({"items": [_as_json(row) for row in rows]})


@routes.delete(_ONE)
@allowed(*_ACTORS)
@scoped(Scope.WEBHOOKS)
async def unsubscribe(request: web.Request) -> web.Response:
    """Nothing more is sent, not even what waits; what was sent can be looked at for a while."""

    async def change(session: AsyncSession) -> dict[str, Any]:
        return _as_json(await subscribing.end(session, _id(request), own_house(request), utcnow()))

    return await changed(request, None, change)


@routes.get(_DELIVERIES)
@allowed(*_ACTORS)
@scoped(Scope.WEBHOOKS)
async def list_deliveries(request: web.Request) -> web.Response:
    """Newest first; `next_cursor` is null on the last page."""
    size, cursor = page_size(request), request.query.get("cursor")
    async with request.app[DATABASE].reading() as session:
        webhook = await subscribing.one(session, _id(request), own_house(request))
        rows = await history.page(
            session,
            webhook.id,
            state=choice(request, "state", State),
            event=choice(request, "event", Event),
            before=None if cursor is None else _number(cursor),
            size=size + 1,
        )
    following = str(rows[size - 1].id) if len(rows) > size else None
    items = [_delivery_as_json(row) for row in rows[:size]]
    return web.json_response({"items": items, "next_cursor": following})


@routes.post(f"{_DELIVERIES}/{{number}}/replay")
@allowed(*_ACTORS)
@scoped(Scope.WEBHOOKS)
async def replay(request: web.Request) -> web.Response:
    """Sent again with its old id; what still waits goes on waiting."""
    digits = request.match_info["number"]
    number = int(digits) if _is_number(digits) else 0

    async def change(session: AsyncSession) -> dict[str, Any]:
        webhook = await subscribing.one(session, _id(request), own_house(request))
        return _delivery_as_json(await history.replay(session, webhook, number, utcnow()))

    return await changed(request, None, change)


@routes.post(f"{_ONE}/replay")
@allowed(*_ACTORS)
@scoped(Scope.WEBHOOKS)
async def replay_span(request: web.Request) -> web.Response:
    """Everything of a time sent again, by default what failed for good; how many, and if more may be left."""
    body = await json_object(request)
    given, now = validated(Span, body, ""), utcnow()

    async def change(session: AsyncSession) -> dict[str, Any]:
        webhook = await subscribing.one(session, _id(request), own_house(request))
        queued = await history.replay_span(
            session,
            webhook,
            since=given.since,
            until=given.until or now,
            states=given.states,
            now=now,
        )
        return {"queued": queued, "more": queued == history.REPLAYED_AT_ONCE}

    return await changed(request, body, change)


def _as_json(row: WebhookRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "institution": row.institution,
        "url": row.url,
        "events": row.events,
        "failing": row.failures >= TRIPS_AT,
        "paused_until": row.paused_until.isoformat() if row.paused_until else None,
        "created_at": row.created_at.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
    }


def _delivery_as_json(row: WebhookDeliveryRow) -> dict[str, Any]:
    waits = row.state == State.QUEUED
    return {
        "id": row.id,
        "event_id": row.event_id,
        "event": row.event,
        "occurred_at": row.occurred_at.isoformat(),
        "data": row.data,
        "state": row.state,
        "attempts": row.attempts,
        "next_try_at": row.not_before.isoformat() if waits else None,
        "delivered_at": row.delivered_at.isoformat() if row.delivered_at else None,
        "http_status": row.http_status,
        "reason": row.reason,
    }


def _id(request: web.Request) -> str:
    webhook_id = request.match_info["id"]
    if not storable(webhook_id):
        raise not_found("没有这个推送订阅")
    return webhook_id


def _number(cursor: str) -> int:
    if not _is_number(cursor):
        raise bad_cursor()
    return int(cursor)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _ID_DIGITS
