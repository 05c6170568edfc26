"""`POST /api/v1/products|policies|companies|institutions|loans`: records of other systems."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.web.api.access import CALLER, allowed
from bot.web.api.bodies import json_object
from bot.web.keys import CIPHER, DATABASE, FEED
from bot.web.problems import Problem, bad_request
from domain import importing
from domain.clients import Role
from domain.importing import Kind
from domain.intake.kinds import RECORD_KINDS

routes = web.RouteTableDef()
# What other systems know better than the platform; the rest is the operators' own.
_FROM_DATA_SOURCES: frozenset[Kind] = frozenset({"companies", "loans"})
_VOUCHING = frozenset({"enrolled", "members", "notices", "openid", "role"})


def _taking_over(kind: Kind) -> Handler:
    async def take_over(request: web.Request) -> web.Response:
        """Insert or update by key; good rows are kept, bad ones named."""
        items = (await json_object(request)).get("items")
        if not isinstance(items, list):
            raise bad_request("缺少 items 列表", field="items")
        if request[CALLER].role is Role.DATA_SOURCE:
            _check_vouches_for_nobody(items)
        report = await importing.import_rows(request.app[DATABASE], kind, items, cipher=request.app[CIPHER])
        # The next match of this process must see what was just accepted.
        await request.app[FEED].follow()
        rejected = [{"index": bad.index, "field": bad.field, "reason": bad.reason} for bad in report.rejected]
        return web.json_response({"accepted": report.accepted, "rejected": rejected})

    return take_over


def _check_vouches_for_nobody(items: Sequence[Any]) -> None:
    """A data source knows companies; who acts for them and what they agreed to is not for it to say."""
    stated = {name for item in items if isinstance(item, dict) for name in item.keys() & _VOUCHING}
    if stated:
        raise Problem(403, "Forbidden", f"数据来源不能填写 {'、'.join(sorted(stated))}")


for _kind in RECORD_KINDS:
    _roles = (Role.OPERATOR, Role.DATA_SOURCE) if _kind in _FROM_DATA_SOURCES else (Role.OPERATOR,)
    routes.post(f"/{_kind}")(allowed(*_roles)(_taking_over(_kind)))
