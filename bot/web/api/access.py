"""Who calls the API, and which call is open to whom: said at each route, enforced before it."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import hdrs, web

from bot.web.keys import API_TOKEN, DATABASE
from bot.web.problems import Problem
from domain import clients
from domain.base import utcnow
from domain.clients import ClientRow, Role, Scope

_DECLARED, _SCOPE = "allowed_roles", "scope"
_BEARER = "bearer"
# Nobody needs a row for the token of the configuration.
BOOTSTRAP = "bootstrap"

Function = TypeVar("Function", bound=Callable[..., Any])


class UndeclaredRoute(Exception):
    """A route that does not say who may call it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a client with its role; `institution` is its house's name, `regions` those of its office.

    `scopes` are what an institution's token is good for.
    """

    client: str
    role: Role
    institution: str | None = None
    branch: str | None = None
    regions: tuple[str, ...] = ()
    scopes: frozenset[Scope] = frozenset(Scope)

    @property
    def actor(self) -> str:
        """How he stands in what is written down about a step."""
        return f"client:{self.client}"


CALLER = web.RequestKey("caller", Caller)


def allowed(*roles: Role) -> Callable[[Function], Function]:
    """Declare which roles may call a route."""

    def declare(handler: Function) -> Function:
        vars(handler)[_DECLARED] = frozenset(roles)
        return handler

    return declare


def scoped(scope: Scope) -> Callable[[Function], Function]:
    """Declare what an institution's token must be good for; without it that is reading."""

    def declare(handler: Function) -> Function:
        vars(handler)[_SCOPE] = scope
        return handler

    return declare


def public(handler: Function) -> Function:
    """Declare that a route is open to everybody, without a token."""
    vars(handler)[_DECLARED] = None
    return handler


def roles_of(handler: object) -> frozenset[Role] | None:
    """Who may call; None: everybody.

    Raises:
        UndeclaredRoute: nobody said.
    """
    declared = getattr(handler, "__dict__", {})
    if _DECLARED not in declared:
        raise UndeclaredRoute(getattr(handler, "__qualname__", repr(handler)))
    roles: frozenset[Role] | None = declared[_DECLARED]
    return roles


def scope_of(handler: object) -> Scope:
    """What an institution's token must be good for to make the call."""
    scope: Scope = getattr(handler, "__dict__", {}).get(_SCOPE, Scope.READ)
    return scope


def require_declarations(app: web.Application) -> None:
    """Look at every route.

    Raises:
        UndeclaredRoute: one does not say who may call it.
    """
    for route in app.router.routes():
        roles_of(route.handler)


async def identified(request: web.Request) -> Caller:
    """Whose token the request carries.

    Raises:
        Problem: 401, nobody's.
    """
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    token = token.strip()
    caller = None
    if scheme.lower() == _BEARER and token:
        caller = _bootstrap(request, token) or await _client(request, token)
    if caller is None:
        raise Problem(401, "Unauthorized", "需要有效的访问令牌（Authorization: Bearer …）")
    return caller


def check_role(caller: Caller, roles: frozenset[Role]) -> None:
    """Let those pass who may call.

    Raises:
        Problem: 403, with the roles that may.
    """
    if caller.role not in roles:
        who = "、".join(role.label for role in Role if role in roles)
        raise Problem(403, "Forbidden", f"{caller.role.label}不能使用这个接口，只对{who}开放")


def check_scope(caller: Caller, scope: Scope) -> None:
    """Let an institution's token pass that is good for the call; others have no scopes.

    Raises:
        Problem: 403, naming the scope.
    """
    if caller.role is Role.INSTITUTION and scope not in caller.scopes:
        raise Problem(403, "Forbidden", f"这个令牌没有「{scope.label}」权限（{scope}）", scope=scope)


def _bootstrap(request: web.Request, token: str) -> Caller | None:
    """The token of the configuration, compared in constant time: it lies here in the clear."""
    expected = request.app[API_TOKEN]
    same = hmac.compare_digest(token.encode(errors="replace"), expected.encode())
    return Caller(BOOTSTRAP, Role.OPERATOR) if expected and same else None


async def _client(request: web.Request, token: str) -> Caller | None:
    database, now = request.app[DATABASE], utcnow()
    async with database.reading() as session:
        row = await clients.by_token(session, token, now)
    if row is None:
        return None
    if clients.use_is_news(row, now):
        async with database.unit_of_work() as session:
            await clients.note_use(session, row.id, now)
    return _caller(row)


def _caller(row: ClientRow) -> Caller:
    return Caller(row.id, Role(row.role), row.institution, row.branch, tuple(row.regions), _scopes(row))


def _scopes(row: ClientRow) -> frozenset[Scope]:
    return frozenset(Scope) if row.scopes is None else frozenset(map(Scope, row.scopes))
