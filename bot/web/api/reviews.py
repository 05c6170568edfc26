"""`/api/v1/reviews`: what was matched for published requests, for the advisers who look at it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from bot import recommending
from bot.web.api.access import CALLER, Caller, allowed
from bot.web.api.bodies import json_object, validated
from bot.web.api.places import cursor_of, place_of
from bot.web.api.queries import choice, page_size, text
from bot.web.keys import DATABASE, REVIEW_RULES
from bot.web.problems import bad_request, not_found
from domain import regions
from domain.base import StorableText, Value, storable, today_in_china, utcnow
from domain.clients import Role
from domain.products import Code
from domain.recommending import reading, reviewing
from domain.recommending.reading import Listed
from domain.recommending.reviewing import Adviser, NewList
from domain.recommending.rules import Act, ReviewState
from domain.recommending.tables import (
    NOTE_CHARS,
    REASON_CHARS,
    RecommendationRow,
    ReviewRow,
    ReviewStepRow,
)
from domain.requests import RequestRow

routes = web.RouteTableDef()
_ADVISERS = (Role.ADVISER, Role.OPERATOR)
_MOST_PRODUCTS = 50

Version = Annotated[int, Field(ge=0, lt=2**31)]
Reason = Annotated[StorableText, Field(min_length=1, max_length=REASON_CHARS)]


class SeenList(Value):
    """`version` is the one that the adviser looked at."""

    version: Version


class RecommendedList(SeenList):
    """The whole list as it is to be: codes, best first; why others were struck off; a word to the owner."""

    products: Annotated[tuple[Code, ...], Field(max_length=_MOST_PRODUCTS)]
    struck: dict[Code, Reason] = Field(default_factory=dict)
    note: Annotated[str, Field(max_length=NOTE_CHARS)] = ""


@routes.get("/reviews")
@allowed(*_ADVISERS)
async def list_reviews(request: web.Request) -> web.Response:
    """Who has waited longest first, and how many open ones each adviser has."""
    size, caller, now = page_size(request), request[CALLER], utcnow()
    async with request.app[DATABASE].reading() as session:
        rows = await reading.queue(
            session,
            within_regions=_adviser(caller).regions,
            state=choice(request, "state", ReviewState),
            region=_region(request),
            taken_by=caller.actor if _mine(request) else None,
            now=now,
            after=place_of(request.query.get("cursor")),
            size=size + 1,
        )
        loads = await reading.loads(session, now)
    items = rows[:size]
    cursor = cursor_of(items[-1].created_at, items[-1].request_id) if len(rows) > size else None
    body = {"items": [as_json(row) for row in items], "loads": loads, "next_cursor": cursor}
    return web.json_response(body)


@routes.get("/reviews/{id}")
@allowed(*_ADVISERS)
async def get_review(request: web.Request) -> web.Response:
    """With its list and its steps; one of another region does not exist."""
    async with request.app[DATABASE].reading() as session:
        found = await reading.of(session, _id(request))
        if found is None or not _adviser(request[CALLER]).sees(found.review):
            raise not_found("没有这笔复核")
        steps = await reading.steps_of(session, found.review.request_id)
    return web.json_response(_whole(found) | {"steps": [_step(step) for step in steps]})


@routes.post("/reviews/next")
@allowed(*_ADVISERS)
async def take_next(request: web.Request) -> web.Response:
    """The one that has waited longest in the caller's regions; 404 where none waits."""
    return await _taken(request, None)


@routes.post("/reviews/{id}/take")
@allowed(*_ADVISERS)
async def take(request: web.Request) -> web.Response:
    """The caller's for a while, and longer with everything that he does; 409 where another has it."""
    return await _taken(request, _id(request))


async def _taken(request: web.Request, request_id: str | None) -> web.Response:
    by, rules, now = _adviser(request[CALLER]), request.app[REVIEW_RULES], utcnow()
    async with request.app[DATABASE].unit_of_work() as session:
        if request_id is None:
            row = await reviewing.take_next(session, by, rules=rules, now=now)
        else:
            row = await reviewing.take(session, request_id, by, rules=rules, now=now)
        found = await reading.listed(session, row)
    return web.json_response(_whole(found))


@routes.put("/reviews/{id}")
@allowed(*_ADVISERS)
async def change(request: web.Request) -> web.Response:
    """A new list in the place of the old; a product whose conditions the firm does not meet is refused."""
    given = validated(RecommendedList, await json_object(request), "")
    request_id, now = _id(request), utcnow()
    async with request.app[DATABASE].unit_of_work() as session:
        wanted = await session.get(RequestRow, request_id)
        if wanted is None:
            raise not_found("没有这笔复核")
        found = await reviewing.change(
            session,
            request_id,
            NewList(given.products, given.struck, given.note),
            _adviser(request[CALLER]),
            seen=given.version,
            judged=await recommending.judge_of(session, wanted, given.products, today_in_china(now)),
            rules=request.app[REVIEW_RULES],
            now=now,
        )
    return web.json_response(_whole(found))


@routes.post("/reviews/{id}/finish")
@allowed(*_ADVISERS)
async def finish(request: web.Request) -> web.Response:
    """The owner is told, and the institutions on the list; 409 where it is not the caller's, or changed."""
    given = validated(SeenList, await json_object(request), "")
    async with request.app[DATABASE].unit_of_work() as session:
        by = _adviser(request[CALLER])
        found = await reviewing.finish(session, _id(request), by, seen=given.version, now=utcnow())
    return web.json_response(_whole(found))


def as_json(row: ReviewRow) -> dict[str, Any]:
    """A line of the queue; `id` is the request's."""
    holder = row.holder(utcnow())
    return {
        "id": row.request_id,
        "state": row.state,
        "state_label": row.standing.label,
        "version": row.version,
        "region": row.region,
        "region_name": regions.region_name(row.region) if row.region else None,
        "note": row.note,
        "taken_by": holder,
        "taken_until": _time(row.taken_until) if holder else None,
        "due_at": _time(row.due_at),
        "sent_at": _time(row.sent_at),
        "finished_by": row.finished_by,
        "finished_at": _time(row.finished_at),
        "created_at": _time(row.created_at),
    }


def _whole(found: Listed) -> dict[str, Any]:
    products = [_product(row) for row in (*found.on, *found.off)]
    return as_json(found.review) | {"changed": found.changed, "products": products}


def _product(row: RecommendationRow) -> dict[str, Any]:
    return {
        "code": row.product,
        "name": row.name,
        "institution": row.institution,
        "rank": row.rank,
        "found_rank": row.found_rank,
        "score": None if row.score is None else round(row.score, 6),
        "reasons": row.reasons,
        "open": row.open,
        "source": row.source,
        "struck_reason": row.struck_reason,
        "changed_by": row.changed_by,
        "changed_at": _time(row.changed_at),
    }


def _step(step: ReviewStepRow) -> dict[str, Any]:
    return {
        "at": _time(step.at),
        "by": _shown(step),
        "act": step.act,
        "act_label": Act(step.act).label,
        "detail": step.detail,
    }


def _shown(step: ReviewStepRow) -> str:
    """A client by its id; of the owner no more than that it was he."""
    if step.act == Act.RENEWED:
        return "owner"
    return step.actor


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _adviser(caller: Caller) -> Adviser:
    """An operator stands in for all; an adviser without regions works for all of them."""
    stands_in = caller.role is Role.OPERATOR
    within: Sequence[str] | None = None if stands_in else caller.regions or None
    return Adviser(caller.actor, within, stands_in=stands_in)


def _mine(request: web.Request) -> bool:
    word = request.query.get("mine", "false")
    if word not in {"true", "false"}:
        raise bad_request("mine 应为 true 或 false", field="mine")
    return word == "true"


def _region(request: web.Request) -> str | None:
    code = text(request, "region")
    if code is not None and not regions.exists(code):
        raise bad_request("region 应为 6 位行政区划代码，如 320583", field="region")
    return code


def _id(request: web.Request) -> str:
    request_id = request.match_info["id"]
    if not storable(request_id):
        raise not_found("没有这笔复核")
    return request_id
