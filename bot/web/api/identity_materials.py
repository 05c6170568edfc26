"""`/api/v1/identity-materials`: papers that people uploaded instead of showing their face, for advisers."""

from typing import Annotated, Any

import structlog
from aiohttp import hdrs, web
from pydantic import Field

from bot.identity.checking import Checking
from bot.identity.results import Result
from bot.web.api.access import CALLER, allowed
from bot.web.api.bodies import json_object, validated
from bot.web.api.places import cursor_of, place_of
from bot.web.api.queries import page_size
from bot.web.keys import CIPHER, DATABASE
from bot.web.problems import not_found
from domain.base import Value, storable
from domain.clients import Role
from domain.identity import materials, verifications
from domain.identity.papers import masked_name, masked_number
from domain.identity.tables import REASON_CHARS, VerificationRow
from domain.secrets import Cipher

routes = web.RouteTableDef()
CHECKING = web.AppKey("checking", Checking)
_log = structlog.get_logger(__name__)
_DECIDERS = (Role.OPERATOR, Role.ADVISER)
_FEW_DIGITS = 3
# What a stranger uploaded is shown by nothing of ours and kept by no cache on the way.
_HEADERS = {
    hdrs.CACHE_CONTROL: "no-store",
    hdrs.CONTENT_DISPOSITION: "attachment",
    hdrs.X_CONTENT_TYPE_OPTIONS: "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


class Rejection(Value):
    """The reason is written for the person, who reads it in WeChat."""

    reason: Annotated[str, Field(min_length=1, max_length=REASON_CHARS)]


@routes.get("/identity-materials")
@allowed(*_DECIDERS)
async def list_materials(request: web.Request) -> web.Response:
    """Who has waited longest first; names and numbers are masked."""
    size, cipher = page_size(request), request.app[CIPHER]
    async with request.app[DATABASE].reading() as session:
        rows = await materials.waiting(session, place_of(request.query.get("cursor")), size + 1)
    items = rows[:size]
    cursor = cursor_of(items[-1].begun_at, items[-1].id) if len(rows) > size else None
    return web.json_response({"items": [_in_list(row, cipher) for row in items], "next_cursor": cursor})


@routes.get("/identity-materials/{id}")
@allowed(*_DECIDERS)
async def get_material(request: web.Request) -> web.Response:
    """With name and number in full, which are to be compared with the papers; who looked is in the log."""
    async with request.app[DATABASE].reading() as session:
        case = await materials.case(session, _id(request))
    _opened(request, "case")
    person = verifications.person_of(case.verification, request.app[CIPHER])
    body = _plain(case.verification) | {"name": person.name, "id_number": person.id_number}
    files = [{"number": number, "media_type": kind} for number, kind in enumerate(case.media_types, start=1)]
    return web.json_response(body | {"files": files})


@routes.get("/identity-materials/{id}/files/{number}")
@allowed(*_DECIDERS)
async def get_file(request: web.Request) -> web.Response:
    """One file as it was uploaded."""
    digits = request.match_info["number"]
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > _FEW_DIGITS:
        raise not_found("没有这个文件")
    async with request.app[DATABASE].reading() as session:
        paper = await materials.paper(session, _id(request), int(digits), cipher=request.app[CIPHER])
    _opened(request, f"file {digits}")
    return web.Response(body=paper.content, content_type=paper.media_type, headers=_HEADERS)


@routes.post("/identity-materials/{id}/approve")
@allowed(*_DECIDERS)
async def approve(request: web.Request) -> web.Response:
    """The person is verified; of two who decide the first one's word counts, the other gets 404."""
    return _decided(await request.app[CHECKING].decide(_id(request), None, request[CALLER].actor))


@routes.post("/identity-materials/{id}/reject")
@allowed(*_DECIDERS)
async def reject(request: web.Request) -> web.Response:
    """With a reason, which the person reads."""
    given = validated(Rejection, await json_object(request), "")
    decided = await request.app[CHECKING].decide(_id(request), given.reason, request[CALLER].actor)
    return _decided(decided)


def _plain(row: VerificationRow) -> dict[str, Any]:
    return {"id": row.id, "state": row.state, "begun_at": row.begun_at.isoformat()}


def _in_list(row: VerificationRow, cipher: Cipher) -> dict[str, Any]:
    person = verifications.person_of(row, cipher)
    shown = {"name": masked_name(person.name), "id_number": masked_number(person.id_number)}
    return _plain(row) | shown


def _decided(result: Result) -> web.Response:
    ended_at = result.ended_at.isoformat() if result.ended_at else None
    return web.json_response({"id": result.id, "state": result.state, "ended_at": ended_at})


def _opened(request: web.Request, what: str) -> None:
    _log.info("identity_material_opened", verification=_id(request), what=what, by=request[CALLER].actor)


def _id(request: web.Request) -> str:
    verification_id = request.match_info["id"]
    if not storable(verification_id):
        raise not_found("没有这份待审核的材料")
    return verification_id
