"""`GET /api/v1/statistics`: what became of requests, follows, loans and registrations."""

from datetime import date
from typing import Any

from aiohttp import web

from bot.web.api.access import CALLER, Caller, allowed
from bot.web.api.queries import choice, text
from bot.web.keys import DATABASE
from bot.web.problems import Problem, bad_request
from domain import regions
from domain.clients import Role
from domain.labels import Industry
from domain.statistics.averages import averages, averages_by_group
from domain.statistics.figures import Figures
from domain.statistics.reading import Statistics, statistics, with_city
from domain.statistics.scope import By, Level, Scope

routes = web.RouteTableDef()
_UNKNOWN = "未知"
_YEARS = range(1900, 2200)


@routes.get("/statistics")
@allowed(Role.OPERATOR, Role.GOVERNMENT, Role.INSTITUTION)
async def summarise(request: web.Request) -> web.Response:
    """Everything for operators, its regions for an office, for an institution its own with the averages."""
    caller, scope = request[CALLER], _scope(request)
    if caller.role is not Role.INSTITUTION:
        found = await statistics(request.app[DATABASE], scope)
        return web.json_response(_as_json(scope, found))
    own, everybody = await with_city(request.app[DATABASE], scope)
    return web.json_response(_as_json(scope, own) | {"city": _city_as_json(scope, everybody, own)})


def _scope(request: web.Request) -> Scope:
    caller = request[CALLER]
    by = choice(request, "by", By)
    if by is None:
        raise bad_request(f"by 应为 {'、'.join(By)} 之一", field="by")
    region = text(request, "region")
    if region is not None and not regions.exists(region):
        raise bad_request("没有这个行政区划代码", field="region")
    return Scope(
        by=by,
        level=choice(request, "level", Level) or Level.DISTRICT,
        first=_day(request, "from"),
        last=_day(request, "to"),
        region=region,
        institution=_institution(caller, text(request, "institution")),
        industry=choice(request, "industry", Industry),
        within=caller.regions if caller.role is Role.GOVERNMENT else None,
    )


def _institution(caller: Caller, asked: str | None) -> str | None:
    if caller.role is not Role.INSTITUTION:
        return asked
    if asked not in {None, caller.institution} or caller.institution is None:
        raise Problem(403, "Forbidden", "机构只能查询本机构的统计", field="institution")
    return caller.institution


def _day(request: web.Request, name: str) -> date | None:
    value = text(request, name)
    if value is None:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise bad_request(f"{name} 应为日期，例如 2026-11-01", field=name) from error
    # Its midnights are moments, and the last one lies on the day after.
    if day.year not in _YEARS:
        raise bad_request(f"{name} 应在 {_YEARS[0]} 年到 {_YEARS[-1]} 年之间", field=name)
    return day


def _as_json(scope: Scope, found: Statistics) -> dict[str, Any]:
    items = [_group(scope.by, key, figures) for key, figures in found.groups.items()]
    asked = {
        "by": scope.by,
        "from": scope.first.isoformat() if scope.first else None,
        "to": scope.last.isoformat() if scope.last else None,
    }
    return asked | {"items": items, "total": found.total.as_dict()}


def _group(by: By, key: str | None, figures: Figures) -> dict[str, Any]:
    return _named(by, key) | figures.as_dict()


def _city_as_json(scope: Scope, everybody: Statistics, own: Statistics) -> dict[str, Any]:
    """Of institutions one by one nothing is told, so by institution there is the total alone."""
    total = averages(everybody.total, own.total)
    if scope.by is By.INSTITUTION:
        return {"items": [], "total": total}
    groups = averages_by_group(everybody, own)
    return {"items": [_named(scope.by, key) | shown for key, shown in groups.items()], "total": total}


def _named(by: By, key: str | None) -> dict[str, Any]:
    match by:
        case _ if key is None:
            name = _UNKNOWN
        case By.REGION:
            name = regions.region_name(key)
        case By.INDUSTRY:
            name = Industry(key).label
        case _:
            name = key
    return {"key": key, "name": name}
