"""`/api/v1/credit-data` and `/credit-statistics`: credit data in, and figures of groups out."""

from typing import Any

from aiohttp import web

from bot.web.api.access import CALLER, Caller, allowed
from bot.web.api.bodies import json_object, validated
from bot.web.api.queries import choice, text
from bot.web.keys import DATABASE, INDICATORS
from bot.web.problems import Problem, bad_request
from domain.base import utcnow
from domain.clients import ClientRow, Role
from domain.credit import batches, statistics
from domain.credit.batches import Batch
from domain.credit.statistics import USUAL, By, GroupFigures
from domain.database import Database
from domain.labels import Industry
from domain.regions import region_name

routes = web.RouteTableDef()
_MOST_INDICATORS = 20


@routes.post("/credit-data")
@allowed(Role.DATA_SOURCE, Role.OPERATOR)
async def take_batch(request: web.Request) -> web.Response:
    """Keep the good items, name the bad ones; a batch that was taken before gets its answer of then."""
    batch = validated(Batch, await json_object(request), "")
    database, caller = request.app[DATABASE], request[CALLER]
    own = await source_of(database, caller)
    if own is not None and batch.source != own:
        raise Problem(403, "Forbidden", f"您只能以“{own}”的名义报送数据", field="source")
    taken = await batches.take(database, request.app[INDICATORS], batch, sender=caller.client, now=utcnow())
    rejected = [{"index": bad.index, "field": bad.field, "reason": bad.reason} for bad in taken.rejected]
    answer = {"batch_id": batch.batch_id, "accepted": taken.accepted, "rejected": rejected}
    return web.json_response(answer | {"repeated": taken.again})


async def source_of(database: Database, caller: Caller) -> str | None:
    """The only source that the caller may speak for, by its client's name; None: any."""
    if caller.role is not Role.DATA_SOURCE:
        return None
    async with database.reading() as session:
        return (await session.get_one(ClientRow, caller.client)).name


@routes.get("/credit-statistics")
@allowed(Role.GOVERNMENT, Role.OPERATOR)
async def summarise(request: web.Request) -> web.Response:
    """Groups of at least five companies; an office of government sees its own regions."""
    by = choice(request, "by", By)
    if by is None:
        raise bad_request(f"by 应为 {'、'.join(By)} 之一", field="by")
    codes = (text(request, "indicators") or ",".join(USUAL)).split(",")
    if len(codes) > _MOST_INDICATORS:
        raise bad_request(f"indicators 最多 {_MOST_INDICATORS} 个", field="indicators")
    database, within = request.app[DATABASE], request[CALLER].regions
    groups = await statistics.summarise(database, request.app[INDICATORS], by, codes, within)
    return web.json_response({"by": by, "items": [_as_json(group, by) for group in groups]})


def _as_json(group: GroupFigures, by: By) -> dict[str, Any]:
    name = region_name(group.key) if by is By.REGION else Industry(group.key).label
    figures = {
        code: {"known": item.known, "mean": item.mean, "median": item.median}
        for code, item in group.figures.items()
    }
    return {"key": group.key, "name": name, "companies": group.companies, "indicators": figures}
