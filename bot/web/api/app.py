"""The API as an application of its own: who may call, and how errors look."""

import asyncio

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.turns import Turns
from bot.web.api import (
    access,
    audience,
    authorizations,
    cases,
    catalogue,
    claims,
    clients,
    credit_data,
    credit_reports,
    credit_service,
    deliveries,
    equity,
    identity_materials,
    incentives,
    institutions,
    market,
    match,
    objections,
    openapi,
    quotes,
    registrations,
    requests,
    reviews,
    saved_filters,
    screening,
    statistics,
    webhooks,
)
from bot.web.keys import MATCH_SLOTS, REQUEST_TURNS
from bot.web.problems import Problem, bad_request, not_found
from bot.web.tracing import route_of
from domain.authorizations.gate import NotAuthorized
from domain.clients import Role
from domain.errors import NotFound, Refusal, ValueOutOfRange
from domain.registrations.errors import NotYourReview

_log = structlog.get_logger(__name__)


def api_app() -> web.Application:
    """The application.

    Raises:
        UndeclaredRoute: a route does not say who may call it.
    """
    app = web.Application(middlewares=[_as_problems, _authorized])
    app[MATCH_SLOTS] = asyncio.Semaphore(1)
    app[REQUEST_TURNS] = Turns()
    for module in (
        requests,
        market,
        saved_filters,
        webhooks,
        institutions,
        registrations,
        cases,
        reviews,
        authorizations,
        catalogue,
        match,
        quotes,
        audience,
        credit_data,
        objections,
        screening,
        credit_reports,
        credit_service,
        deliveries,
        equity,
        claims,
        identity_materials,
        statistics,
        incentives,
        clients,
        openapi,
    ):
        app.add_routes(module.routes)
    access.require_declarations(app)
    return app


@web.middleware
async def _authorized(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What does not exist has no roles: of that everybody hears who has a token."""
    missing = request.match_info.http_exception is not None
    roles = frozenset(Role) if missing else access.roles_of(request.match_info.handler)
    if roles is not None:
        request[access.CALLER] = caller = await access.identified(request)
        access.check_role(caller, roles)
        if not missing:
            access.check_scope(caller, access.scope_of(request.match_info.handler))
    return await handler(request)


@web.middleware
async def _as_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Problem as problem:
        if problem.status == web.HTTPUnauthorized.status_code:
            problem.headers["WWW-Authenticate"] = "Bearer"
        raise
    except Refusal as refusal:
        raise _refused(refusal) from refusal
    except web.HTTPException as error:
        raise Problem(error.status, error.reason) from error
    except Exception as error:
        _log.exception("api_failed", method=request.method, route=route_of(request))
        raise Problem(500, "Internal Server Error", "服务出了故障，已记录") from error


def _refused(refusal: Refusal) -> Problem:
    """What the business refuses: a value names its field, and what the state forbids is a conflict."""
    match refusal:
        case NotFound():
            return not_found(refusal.sentence)
        case ValueOutOfRange():
            return bad_request(refusal.sentence, field=refusal.field)
        case NotYourReview() | NotAuthorized():
            return Problem(403, "Forbidden", refusal.sentence)
        case _:
            return Problem(409, "Conflict", refusal.sentence)
