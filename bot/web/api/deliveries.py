"""`GET /api/v1/deliveries`: what was sent to whom, and what became of it."""

from typing import Any

from aiohttp import web

from bot.web.api.requests import page_size
from bot.web.keys import DATABASE
from bot.web.problems import bad_request
from notify import deliveries
from notify.deliveries import DeliveryRow, DeliveryState

routes = web.RouteTableDef()
# What every database's integer holds.
_CURSOR_DIGITS = 18


@routes.get("/deliveries")
async def list_deliveries(request: web.Request) -> web.Response:
    """Newest first; `next_cursor` is null on the last page."""
    query = request.query
    size = page_size(request)
    async with request.app[DATABASE].reading() as session:
        rows = await deliveries.page(
            session,
            openid=query.get("openid"),
            notice=query.get("notice"),
            state=_state(query.get("state")),
            before=_before(query.get("cursor")),
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


def _state(text: str | None) -> DeliveryState | None:
    if text is None:
        return None
    try:
        return DeliveryState(text)
    except ValueError as error:
        raise bad_request(f"state 应为 {'、'.join(DeliveryState)} 之一", field="state") from error


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not cursor.isdecimal() or len(cursor) > _CURSOR_DIGITS:
        raise bad_request("cursor 不是上一页给出的值", field="cursor")
    return int(cursor)
