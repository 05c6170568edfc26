"""`/api/v1/financing-requests`: what owners asked for."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.web.api.queries import bad_cursor, choice, page_size, text
from bot.web.keys import DATABASE
from bot.web.problems import not_found
from domain import requests
from domain.base import storable
from domain.requests import RequestRow, RequestStatus

routes = web.RouteTableDef()


@routes.get("/financing-requests")
async def list_requests(request: web.Request) -> web.Response:
    """Newest first; `next_cursor` is null on the last page."""
    size = page_size(request)
    async with request.app[DATABASE].reading() as session:
        rows = await requests.page(
            session,
            openid=text(request, "openid"),
            status=choice(request, "status", RequestStatus),
            institution=text(request, "institution"),
            after=_place(request.query.get("cursor")),
            size=size + 1,
        )
    items, more = rows[:size], len(rows) > size
    cursor = _cursor(items[-1]) if more else None
    return web.json_response({"items": [as_json(row) for row in items], "next_cursor": cursor})


@routes.get("/financing-requests/{id}")
async def get_request(request: web.Request) -> web.Response:
    request_id = request.match_info["id"]
    async with request.app[DATABASE].reading() as session:
        row = await session.get(RequestRow, request_id) if storable(request_id) else None
    if row is None:
        raise not_found("没有这笔融资需求")
    return web.json_response(as_json(row))


def as_json(row: RequestRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": row.status,
        "openid": row.openid,
        "company": row.company,
        "uscc": row.uscc,
        "amount_min": row.amount_min,
        "amount_max": row.amount_max,
        "term_min_months": row.term_min_months,
        "term_months": row.term_months,
        "rate_max": None if row.rate_max is None else float(row.rate_max),
        "purpose": row.purpose,
        "purpose_text": row.purpose_text,
        "guarantee": row.guarantee,
        "collateral": row.collateral or [],
        "region": row.region,
        "industry": row.industry,
        "product": row.product,
        "institutions": row.institutions,
        "declared": row.declared,
        "follows": [],
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "published_at": row.published_at.isoformat() if row.published_at else None,
    }


def _cursor(row: RequestRow) -> str:
    return base64.urlsafe_b64encode(f"{row.created_at.isoformat()} {row.id}".encode()).decode()


def _place(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    try:
        time, _, last_id = base64.urlsafe_b64decode(cursor).decode().partition(" ")
        if not storable(last_id):
            raise bad_cursor()
        return _aware(datetime.fromisoformat(time)), last_id
    except (binascii.Error, ValueError, OverflowError) as error:
        raise bad_cursor() from error


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without zone")
    return at.astimezone(UTC)
