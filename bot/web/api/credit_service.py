"""`/api/v1/credit-service`: deliveries of credit services, and what their readers think of them."""

from typing import Any

from aiohttp import web

from bot.web.api.access import CALLER, allowed
from bot.web.api.bodies import json_object, validated
from bot.web.api.queries import page_size
from bot.web.api.screening import reader_of
from bot.web.keys import DATABASE
from bot.web.problems import not_found
from domain.base import storable, utcnow
from domain.clients import Role
from domain.credit import third_parties
from domain.credit.tables import CreditServiceRatingRow
from domain.credit.third_parties import Delivery, Rating

routes = web.RouteTableDef()


@routes.post("/credit-service/reports")
@allowed(Role.CREDIT_SERVICE)
async def deliver(request: web.Request) -> web.Response:
    """201 for a new one, 200 for one that is there already."""
    delivery = validated(Delivery, await json_object(request), "")
    service = reader_of(request[CALLER])
    new = await third_parties.deliver(
        request.app[DATABASE], service.name, service.actor, delivery, now=utcnow()
    )
    return web.json_response({"report_id": delivery.report_id, "new": new}, status=201 if new else 200)


@routes.post("/credit-service/{name}/ratings")
@allowed(Role.INSTITUTION)
async def rate(request: web.Request) -> web.Response:
    """One rating for each institution and report; sent again, it changes."""
    rating = validated(Rating, await json_object(request), "")
    service, rater, database = _name(request), reader_of(request[CALLER]), request.app[DATABASE]
    await third_parties.rate(database, service, rater.name, rater.actor, rating, now=utcnow())
    return await _standing(request, service, [])


@routes.get("/credit-service/{name}/ratings")
@allowed(Role.INSTITUTION, Role.CREDIT_SERVICE, Role.OPERATOR)
async def list_ratings(request: web.Request) -> web.Response:
    """The average with the number, and the newest words; not who wrote them."""
    service, size = _name(request), page_size(request)
    async with request.app[DATABASE].reading() as session:
        rows = await third_parties.ratings_of(session, service, size)
    return await _standing(request, service, [_as_json(row) for row in rows])


def _name(request: web.Request) -> str:
    name = request.match_info["name"]
    if not storable(name):
        raise not_found("没有这家信用服务机构")
    return name


async def _standing(request: web.Request, service: str, items: list[dict[str, Any]]) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        standing = await third_parties.standing_of(session, service)
    body = {"service": service, "stars": standing.stars, "ratings": standing.ratings}
    return web.json_response(body | {"items": items})


def _as_json(row: CreditServiceRatingRow) -> dict[str, Any]:
    return {"stars": row.stars, "words": row.words, "rated_at": row.rated_at.isoformat()}
