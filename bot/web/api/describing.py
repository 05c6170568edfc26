"""How the parts of an API's description are written: operations, parameters, bodies."""

from typing import Any

from pydantic import BaseModel

from bot.web.api.idempotency import HEADER as IDEMPOTENCY_KEY
from bot.web.api.requests import BOUNDS, LISTS
from domain.idempotency import KEY_CHARS

REFERENCE = "#/components/schemas/{model}"
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def operation(
    summary: str,
    *parameters: dict[str, Any],
    body: dict[str, Any] | type[BaseModel] | None = None,
    status: int = 200,
) -> dict[str, Any]:
    """A call; its `body` is a format, or the properties of an object."""
    described: dict[str, Any] = {
        "summary": summary,
        "parameters": list(parameters),
        "responses": {str(status): content(summary), "default": {"$ref": "#/components/responses/Problem"}},
    }
    if body is not None:
        schema = (
            {"$ref": reference(body)} if isinstance(body, type) else {"type": "object", "properties": body}
        )
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return described


def changing(summary: str, *parameters: dict[str, Any], needed: bool = True, **more: Any) -> dict[str, Any]:
    """A call that takes an `Idempotency-Key`; not `needed`: its body may be missing."""
    key = {"name": IDEMPOTENCY_KEY, "in": "header", "schema": {"type": "string", "maxLength": KEY_CHARS}}
    described = operation(summary, *parameters, key, **more)
    if "requestBody" in described:
        described["requestBody"]["required"] = needed
    return described


def filters() -> tuple[dict[str, Any], ...]:
    """The fields of a filter as query parameters; lists stand between commas."""
    lists = (query(name, description="comma-separated") for name in LISTS)
    since = {"type": "string", "format": "date-time"}
    bounds = (query(name, **since) if name == "published_since" else integer(name) for name in BOUNDS)
    return *lists, *bounds


def integer(name: str) -> dict[str, Any]:
    return query(name, type="integer", minimum=0)


def query(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": "string"} | schema}


def paging() -> tuple[dict[str, Any], ...]:
    return query("page_size", type="integer", minimum=1), query("cursor")


def content(description: str, kind: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {kind: {"schema": {"type": "object"}}}}


def reference(model: type) -> str:
    return REFERENCE.format(model=model.__name__)
