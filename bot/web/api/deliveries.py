"""`GET /api/v1/deliveries`: what was sent to whom, and what became of it."""

from typing import Any

from aiohttp import web

from bot.web.api.access import allowed
from bot.web.api.queries import bad_cursor, choice, page_size, text
from bot.web.keys import DATABASE
from domain.clients import Role
from notify import deliveries
from notify.deliveries import DeliveryRow, DeliveryState

routes = web.RouteTableDef()
# What every database's integer holds.
_CURSOR_DIGITS = 18


@routes.get("/deliveries")
@allowed(Role.OPERATOR)
async def list_deliveries(request: web.Request) -> web.Response:
    """Newest first; `next_cursor` is null on the last page."""
    size = page_size(request)
    async with request.app[DATABASE].reading() as session:
        rows = await deliveries.page(
            session,
            openid=text(request, "openid"),
            notice=text(request, "notice"),
            state=choice(request, "state", DeliveryState),
            before=_before(request.query.get("cursor")),
            size=size + 1,
        )
    cursor = str(rows[size - 1].id) if len(rows) > size else None
    return web.json_response({"items": [_as_json(row) for row in rows[:size]], "next_cursor": cursor})


def _as_json(row: DeliveryRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "notice": row.notice,
        "openid": row.openid,
        "channel": row.channel,
        "state": row.state,
        "reason": row.reason,
        "created_at": row.created_at.isoformat(),
        "sent_at": row.sent_at.isoformat() if row.sent_at else None,
    }


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdecimal()) or len(cursor) > _CURSOR_DIGITS:
        raise bad_cursor()
    return int(cursor)
