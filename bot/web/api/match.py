"""`POST /api/v1/match`: which products and policies fit a company and its need, and why."""

from typing import Any

from aiohttp import web

from bot.web.api.access import allowed
from bot.web.api.bodies import json_object, validated
from bot.web.api.queries import whole_number
from bot.web.keys import MATCH_SLOTS, MATCHER
from bot.web.problems import bad_request
from domain.base import today_in_china
from domain.clients import Role
from domain.companies import Company, CompanyFacts
from domain.needs import Need
from matching.results import MatchResult

routes = web.RouteTableDef()


@routes.post("/match")
@allowed(Role.OPERATOR, Role.ADVISER, Role.INSTITUTION)
async def match(request: web.Request) -> web.Response:
    body = await json_object(request)
    if unknown := body.keys() - {"company", "request"}:
        raise bad_request(f"没有这个字段：{'、'.join(sorted(unknown))}")
    facts = _facts(_part(body, "company"))
    need = validated(Need, _part(body, "request"), "request")
    limit = whole_number(request, "limit", 0) if "limit" in request.query else None
    async with request.app[MATCH_SLOTS]:
        result = await request.app[MATCHER].match(facts, need, today=today_in_china(), limit=limit)
    return web.json_response(as_json(result))


def as_json(result: MatchResult) -> dict[str, Any]:
    return {
        "products": [
            {
                "code": item.product.code,
                "score": round(item.score, 6),
                "reasons": list(item.reasons),
                "open": list(item.open),
            }
            for item in result.products
        ],
        "near_misses": [
            {
                "code": miss.product.code,
                "gaps": [
                    {
                        "condition": gap.condition,
                        "needs": gap.needs,
                        "has": gap.has,
                        "text": gap.text,
                        "mend": gap.mend,
                    }
                    for gap in miss.gaps
                ],
            }
            for miss in result.near_misses
        ],
        "policies": [
            {"code": item.policy.code, "reasons": list(item.reasons), "open": list(item.open)}
            for item in result.policies
        ],
    }


def _part(body: dict[str, Any], name: str) -> dict[str, Any]:
    """An object of the body; missing or null is an empty one."""
    part = body.get(name)
    if part is None:
        return {}
    if not isinstance(part, dict):
        errors = [{"field": name, "reason": "应为 JSON 对象"}]
        raise bad_request(f"{name}：应为 JSON 对象", errors=errors)
    return part


def _facts(company: dict[str, Any]) -> CompanyFacts:
    """A company of the exchange format; who it is plays no part, and may be left out."""
    identity = Company.model_fields.keys() - CompanyFacts.model_fields.keys()
    facts = {key: value for key, value in company.items() if key not in identity}
    return validated(CompanyFacts, facts, "company")
