"""For which institution a call acts: an institution's token for its own, an operator's for whom it names."""

from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from bot.web.api.access import CALLER
from bot.web.api.bodies import json_object
from bot.web.problems import Problem, bad_request
from domain.base import Value
from domain.clients import Role

Name = Annotated[str, Field(min_length=1, max_length=60)]


class Named(Value):
    """A body that may name the institution."""

    institution: Name | None = None


def house_of(request: web.Request, named: str | None) -> str:
    """The institution's name; a Problem where it is another's, or an operator names none."""
    caller = request[CALLER]
    if caller.role is Role.INSTITUTION:
        if named not in {None, caller.institution}:
            raise Problem(403, "Forbidden", "只能以本机构的名义操作")
        return caller.institution or ""
    if named is None:
        raise bad_request("运营人员要用 institution 写明机构名称", field="institution")
    return named


def own_house(request: web.Request) -> str | None:
    """The institution whose things alone the caller may touch; None: those of all."""
    caller = request[CALLER]
    return caller.institution or "" if caller.role is Role.INSTITUTION else None


async def object_or_none(request: web.Request) -> dict[str, Any]:
    """The body as a JSON object, which may be missing where it has nothing to say."""
    return await json_object(request) if await request.read() else {}
