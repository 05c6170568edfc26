"""`/api/v1/cases`: renewals and difficulties, for the advisers who answer them."""

from collections.abc import Sequence
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.api.access import BOOTSTRAP, CALLER, Caller, allowed
from bot.web.api.bodies import json_object, validated
from bot.web.api.places import cursor_of, place_of
from bot.web.api.queries import choice, page_size
from bot.web.keys import DATABASE
from bot.web.problems import not_found
from domain import regions
from domain.base import Value, storable, utcnow
from domain.cases import handling, reading
from domain.cases.handling import Adviser
from domain.cases.rules import WORDS_LONGEST, CaseKind, CaseOutcome, CasePriority, CaseState
from domain.cases.tables import CaseRow, CaseStepRow
from domain.clients import ClientRow, Role
from domain.loans import LoanRow, LoanState

routes = web.RouteTableDef()
_ADVISERS = (Role.ADVISER, Role.OPERATOR)
Version = Annotated[int, Field(ge=1, lt=2**31)]
Words = Annotated[str, Field(min_length=1, max_length=WORDS_LONGEST)]


class Seen(Value):
    """`version` is the one that the adviser looked at."""

    version: Version


class Note(Seen):
    """A note is written for the owner, who reads it on his page."""

    note: Words


class Closing(Note):
    """The last note, with what became of the case."""

    outcome: CaseOutcome


@routes.get("/cases")
@allowed(*_ADVISERS)
async def list_cases(request: web.Request) -> web.Response:
    """What is to be answered first comes first; an adviser sees the cases of his regions."""
    size = page_size(request)
    async with request.app[DATABASE].reading() as session:
        rows = await reading.queue(
            session,
            within=_regions(request[CALLER]),
            state=choice(request, "state", CaseState),
            kind=choice(request, "kind", CaseKind),
            priority=choice(request, "priority", CasePriority),
            after=place_of(request.query.get("cursor")),
            size=size + 1,
        )
    items = rows[:size]
    cursor = cursor_of(items[-1].answer_by, items[-1].id) if len(rows) > size else None
    return web.json_response({"items": [as_json(row) for row in items], "next_cursor": cursor})


@routes.get("/cases/{id}")
@allowed(*_ADVISERS)
async def get_case(request: web.Request) -> web.Response:
    """With its loan and its steps; one of another region does not exist."""
    async with request.app[DATABASE].reading() as session:
        row = await session.get(CaseRow, _id(request))
        if row is None or not (await _adviser(session, request[CALLER])).sees(row):
            raise not_found("没有这件事")
        steps = await reading.steps_of(session, row.id)
        loan = await session.get(LoanRow, row.loan_id) if row.loan_id else None
    more = {"loan": _loan(loan) if loan else None, "steps": _steps(row, steps)}
    return web.json_response(as_json(row) | more)


@routes.post("/cases/{id}/take")
@allowed(*_ADVISERS)
async def take(request: web.Request) -> web.Response:
    """His from now on, and the owner hears so; 409 where somebody was faster."""
    given = validated(Seen, await json_object(request), "")
    async with request.app[DATABASE].unit_of_work() as session:
        by = await _adviser(session, request[CALLER])
        row = await handling.take(session, _id(request), by, seen=given.version, now=utcnow())
    return web.json_response(as_json(row))


@routes.post("/cases/{id}/note")
@allowed(*_ADVISERS)
async def write_note(request: web.Request) -> web.Response:
    """To the owner; 409 where the case is not the caller's."""
    given = validated(Note, await json_object(request), "")
    async with request.app[DATABASE].unit_of_work() as session:
        by = await _adviser(session, request[CALLER])
        row = await handling.note(session, _id(request), by, given.note, seen=given.version, now=utcnow())
    return web.json_response(as_json(row))


@routes.post("/cases/{id}/close")
@allowed(*_ADVISERS)
async def close(request: web.Request) -> web.Response:
    """With the last word to the owner; 409 where the case is not the caller's."""
    given = validated(Closing, await json_object(request), "")
    async with request.app[DATABASE].unit_of_work() as session:
        by = await _adviser(session, request[CALLER])
        row = await handling.close(
            session, _id(request), by, given.outcome, given.note, seen=given.version, now=utcnow()
        )
    return web.json_response(as_json(row))


def as_json(row: CaseRow) -> dict[str, Any]:
    """What an adviser needs; the owner's openid is not part of it."""
    return {
        "id": row.id,
        "kind": row.kind,
        "kind_label": row.what.label,
        "state": row.state,
        "state_label": row.standing.label,
        "priority": row.priority,
        "version": row.version,
        "uscc": row.uscc,
        "company": row.company,
        "region": row.region,
        "region_name": regions.region_name(row.region) if row.region else None,
        "loan_id": row.loan_id,
        "institution": row.institution,
        "amount": row.amount,
        "term_months": row.term_months,
        "words": row.words,
        "opened_at": row.opened_at.isoformat(),
        "answer_by": row.answer_by.isoformat(),
        "answered_at": row.answered_at.isoformat() if row.answered_at else None,
        "overdue": row.answered_at is None and row.closed_at is None and row.answer_by < utcnow(),
        "taken_by": row.taken_by,
        "adviser": row.adviser,
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        "outcome": row.outcome,
    }


def _loan(row: LoanRow) -> dict[str, Any]:
    return {
        "loan_id": row.loan_id,
        "institution": row.institution,
        "product": row.product,
        "amount": row.amount,
        "balance": row.balance,
        "rate": float(row.rate) if row.rate is not None else None,
        "granted_on": row.granted_on.isoformat(),
        "due_on": row.due_on.isoformat(),
        "state": row.state,
        "state_label": LoanState(row.state).label,
    }


def _steps(row: CaseRow, steps: Sequence[CaseStepRow]) -> list[dict[str, Any]]:
    return [
        {
            "at": step.at.isoformat(),
            "by": "owner" if step.actor == row.openid else step.actor,
            "before": step.before,
            "after": step.after,
            "note": step.note,
        }
        for step in steps
    ]


async def _adviser(session: AsyncSession, caller: Caller) -> Adviser:
    """By the name that his client has; the token of the configuration is nobody in particular."""
    client = await session.get(ClientRow, caller.client) if caller.client != BOOTSTRAP else None
    return Adviser(
        caller.actor,
        client.name if client else "平台",
        _regions(caller),
        stands_in=caller.role is Role.OPERATOR,
    )


def _regions(caller: Caller) -> Sequence[str] | None:
    return caller.regions or None if caller.role is Role.ADVISER else None


def _id(request: web.Request) -> str:
    case_id = request.match_info["id"]
    if not storable(case_id):
        raise not_found("没有这件事")
    return case_id
