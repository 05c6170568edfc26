"""`GET /api/v1/authorizations`: which companies allow their credit data to be used, by whom and what for.

An institution sees those that are given to it and hold, and nothing of what was revoked or has run out. An
operator sees all that hold, with the companies' codes masked.
"""

import re
from typing import Any

from aiohttp import web

from bot.web.api.access import CALLER, Caller, allowed
from bot.web.api.queries import bad_cursor, page_size, text
from bot.web.keys import DATABASE
from domain.authorizations import reading
from domain.authorizations.labels import Category, DataPurpose
from domain.authorizations.reading import Standing
from domain.base import utcnow
from domain.clients import Role

routes = web.RouteTableDef()
_CURSOR = re.compile(r"AU[0-9A-Z-]{1,30}")
_SHOWN = 4


@routes.get("/authorizations")
@allowed(Role.OPERATOR, Role.INSTITUTION, Role.CREDIT_SERVICE)
async def list_authorizations(request: web.Request) -> web.Response:
    """`next_cursor` is null on the last page."""
    caller, size = request[CALLER], page_size(request)
    async with request.app[DATABASE].reading() as session:
        found = await reading.page(
            session,
            utcnow(),
            institution=None if caller.role is Role.OPERATOR else caller.institution or "",
            uscc=text(request, "uscc"),
            before=_before(request.query.get("cursor")),
            size=size + 1,
        )
    cursor = found[size - 1].authorization.id if len(found) > size else None
    items = [_as_json(standing, caller) for standing in found[:size]]
    return web.json_response({"items": items, "next_cursor": cursor})


def _as_json(standing: Standing, caller: Caller) -> dict[str, Any]:
    """Nothing of who gave it: that is between him and the platform."""
    row = standing.authorization
    return {
        "id": row.id,
        "kind": row.kind,
        "uscc": _masked(row.uscc or "") if caller.role is Role.OPERATOR else row.uscc,
        "company": standing.company,
        "recipient": row.recipient,
        "scope": [category for category in Category if category in row.scope],
        "purposes": [purpose for purpose in DataPurpose if purpose in row.purposes],
        "given_at": row.given_at.isoformat(),
        "until": row.until.isoformat(),
    }


def _masked(uscc: str) -> str:
    return f"{uscc[:_SHOWN]}{'*' * (len(uscc) - 2 * _SHOWN)}{uscc[-_SHOWN:]}"


def _before(cursor: str | None) -> str | None:
    if cursor is not None and not _CURSOR.fullmatch(cursor):
        raise bad_cursor()
    return cursor
