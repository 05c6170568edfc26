"""`/api/v1/companies/{uscc}/credit-report` and `/score`: for institutions that the company lets see them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from aiohttp import web

from bot.web.api.access import CALLER, allowed
from bot.web.api.queries import choice
from bot.web.keys import DATABASE, SCORER
from bot.web.problems import bad_request, not_found
from domain.authorizations.gate import Access, Reader, authorized
from domain.authorizations.labels import ALL_CATEGORIES, PURPOSES, DataPurpose, Kind
from domain.authorizations.reading import scope_for
from domain.base import utcnow
from domain.clients import Role
from domain.credit.third_parties import ThirdPartyReport
from domain.scores import report as reports
from domain.scores.values import CategoryFigures, Report, Score

routes = web.RouteTableDef()

_USCC = "{uscc:[0-9A-HJ-NP-RTUW-Y]{18}}"


@routes.get(f"/companies/{_USCC}/credit-report")
@allowed(Role.INSTITUTION)
async def credit_report(request: web.Request) -> web.Response:
    """The report, within what the company lets the institution see; 403 with the reason without it."""
    async with _access(request) as access:
        report = await reports.report(access, request.app[SCORER], now=utcnow())
    return web.json_response(as_json(report))


@routes.get(f"/companies/{_USCC}/score")
@allowed(Role.INSTITUTION)
async def score(request: web.Request) -> web.Response:
    """The latest score alone; 404 before the first."""
    async with _access(request) as access:
        found = await reports.score(access)
    if found is None:
        raise not_found("这家企业还没有评分")
    return web.json_response(_score(found))


@asynccontextmanager
async def _access(request: web.Request) -> AsyncIterator[Access]:
    """Through the gate, to all that stands in the authorization; without one the gate says why not."""
    caller, purpose, uscc = request[CALLER], _purpose(request), request.match_info["uscc"]
    reader = Reader.institution(caller.institution or "", caller.client)
    database = request.app[DATABASE]
    async with database.reading() as session:
        scope = await scope_for(session, reader, uscc, purpose, utcnow())
    async with authorized(database, reader, uscc, scope or ALL_CATEGORIES, purpose) as access:
        yield access


def _purpose(request: web.Request) -> DataPurpose:
    purpose = choice(request, "purpose", DataPurpose)
    if purpose not in PURPOSES[Kind.PASSING_ON]:
        raise bad_request("purpose 应为 pre_loan 或 post_loan", field="purpose")
    return purpose


def as_json(report: Report) -> dict[str, Any]:
    return {
        "uscc": report.uscc,
        "company": report.company,
        "made_at": report.made_at.isoformat(),
        "score": _score(report.score) if report.score else None,
        "scale": {"lowest": report.lowest, "highest": report.highest, "line": report.line},
        "history": [{"as_of": point.as_of.isoformat(), "score": point.score} for point in report.history],
        "categories": [_category(category) for category in report.categories],
        "third_party": [_third_party(item) for item in report.third_party],
    }


def _score(score: Score) -> dict[str, Any]:
    return asdict(score) | {"as_of": score.as_of.isoformat(), "scored_at": score.scored_at.isoformat()}


def _category(category: CategoryFigures) -> dict[str, Any]:
    figures = [asdict(figure) | {"as_of": figure.as_of.isoformat()} for figure in category.figures]
    return {"category": category.category, "name": category.name, "figures": figures}


def _third_party(item: ThirdPartyReport) -> dict[str, Any]:
    fields = asdict(item) | {"as_of": item.as_of.isoformat(), "received_at": item.received_at.isoformat()}
    del fields["uscc"]
    return fields
