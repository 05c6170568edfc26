"""`/api/v1/registrations`: companies that register, for the offices that review them."""

from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from bot.web.api.access import CALLER, Caller, allowed
from bot.web.api.bodies import json_object, validated
from bot.web.api.places import cursor_of, place_of
from bot.web.api.queries import choice, page_size, text
from bot.web.keys import CIPHER, DATABASE
from bot.web.problems import bad_request, not_found
from domain import regions
from domain.base import Value, storable, utcnow
from domain.clients import Role
from domain.companies import MemberRole
from domain.intake.problems import masked
from domain.labels import Industry
from domain.registrations import deciding, reading
from domain.registrations.deciding import Office
from domain.registrations.rules import RegistrationStatus
from domain.registrations.tables import RegistrationRow, RegistrationStepRow
from domain.secrets import Cipher

routes = web.RouteTableDef()
_REVIEWERS = (Role.GOVERNMENT, Role.OPERATOR)


class Approval(Value):
    """`version` is the one that the reviewer looked at."""

    version: Annotated[int, Field(ge=1, lt=2**31)]
    note: Annotated[str, Field(max_length=200)] = ""


class GivenBack(Value):
    """A reason is written for the applicant, who reads it in WeChat."""

    version: Annotated[int, Field(ge=1, lt=2**31)]
    reason: Annotated[str, Field(min_length=1, max_length=200)]


@routes.get("/registrations")
@allowed(*_REVIEWERS)
async def list_registrations(request: web.Request) -> web.Response:
    """Who has waited longest first; an office sees those of its regions."""
    size, cipher = page_size(request), request.app[CIPHER]
    async with request.app[DATABASE].reading() as session:
        rows = await reading.queue(
            session,
            within=_office(request[CALLER]).regions,
            status=choice(request, "status", RegistrationStatus),
            region=_region(request),
            after=place_of(request.query.get("cursor")),
            size=size + 1,
        )
    items = rows[:size]
    cursor = cursor_of(items[-1].submitted_at, items[-1].id) if len(rows) > size else None
    return web.json_response({"items": [as_json(row, cipher) for row in items], "next_cursor": cursor})


@routes.get("/registrations/{id}")
@allowed(*_REVIEWERS)
async def get_registration(request: web.Request) -> web.Response:
    """With its steps; one of another region does not exist."""
    async with request.app[DATABASE].reading() as session:
        row = await session.get(RegistrationRow, _id(request))
        if row is None or not await _office(request[CALLER]).sees(session, row):
            raise not_found("没有这笔注册申请")
        steps = await reading.steps_of(session, row.id)
    body = as_json(row, request.app[CIPHER])
    return web.json_response(body | {"steps": [_step_as_json(row, step) for step in steps]})


@routes.post("/registrations/{id}/approve")
@allowed(*_REVIEWERS)
async def approve(request: web.Request) -> web.Response:
    """On to the next step; 409 where somebody was faster."""
    given = validated(Approval, await json_object(request), "")
    async with request.app[DATABASE].unit_of_work() as session:
        row = await deciding.approve(
            session,
            _id(request),
            _office(request[CALLER]),
            seen=given.version,
            now=utcnow(),
            note=given.note,
        )
    return web.json_response(as_json(row, request.app[CIPHER]))


@routes.post("/registrations/{id}/return")
@allowed(*_REVIEWERS)
async def give_back(request: web.Request) -> web.Response:
    """Back to the applicant, with the reason; 409 where somebody was faster."""
    given = validated(GivenBack, await json_object(request), "")
    async with request.app[DATABASE].unit_of_work() as session:
        row = await deciding.give_back(
            session,
            _id(request),
            _office(request[CALLER]),
            seen=given.version,
            reason=given.reason,
            now=utcnow(),
        )
    return web.json_response(as_json(row, request.app[CIPHER]))


def as_json(row: RegistrationRow, cipher: Cipher) -> dict[str, Any]:
    """What a reviewer needs; the applicant's openid and his whole number are not part of it."""
    return {
        "id": row.id,
        "kind": row.kind,
        "status": row.status,
        "status_label": row.state.label,
        "version": row.version,
        "uscc": row.uscc,
        "uscc_doubtful": row.uscc_doubtful,
        "name": row.name,
        "company_kind": row.company_kind,
        "region": row.region,
        "region_name": regions.region_name(row.region),
        "industry": row.industry,
        "industry_label": Industry(row.industry).label,
        "role": row.role,
        "role_label": MemberRole(row.role).label,
        "contact": cipher.decrypt(row.contact, "contact"),
        "phone": masked(cipher.decrypt(row.phone, "phone")),
        "founded": row.founded.isoformat() if row.founded else None,
        "registered_capital": row.registered_capital,
        "register": row.entry,
        "submitted_at": row.submitted_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }


def _step_as_json(row: RegistrationRow, step: RegistrationStepRow) -> dict[str, Any]:
    return {
        "at": step.at.isoformat(),
        "by": "applicant" if step.actor == row.openid else _shown(step.actor),
        "before": step.before,
        "after": step.after,
        "note": step.note,
    }


def _shown(actor: str) -> str:
    """A client by its id; of a member of the company no more than that he is one."""
    return actor if actor.startswith("client:") else "member"


def _office(caller: Caller) -> Office:
    return Office(caller.actor, caller.regions if caller.role is Role.GOVERNMENT else None)


def _region(request: web.Request) -> str | None:
    code = text(request, "region")
    if code is not None and not regions.exists(code):
        raise bad_request("region 应为 6 位行政区划代码，如 320583", field="region")
    return code


def _id(request: web.Request) -> str:
    registration_id = request.match_info["id"]
    if not storable(registration_id):
        raise not_found("没有这笔注册申请")
    return registration_id
