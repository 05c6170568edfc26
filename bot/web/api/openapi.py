"""`GET /api/v1/openapi.json`: the API described for machines, its formats taken from the models."""

from functools import cache
from typing import Any

from aiohttp import web
from pydantic.json_schema import models_json_schema

from domain.intake.kinds import FORMATS, KINDS
from domain.needs import Need
from domain.requests import RequestStatus
from notify.deliveries import DeliveryState

routes = web.RouteTableDef()

_REFERENCE = "#/components/schemas/{model}"


@routes.get("/openapi.json")
async def describe(_: web.Request) -> web.Response:
    """Open to everybody: it holds no data."""
    return web.json_response(description())


@cache
def description() -> dict[str, Any]:
    models = [(model, "validation") for model in (*FORMATS.values(), Need)]
    _, schemas = models_json_schema(models, ref_template=_REFERENCE)  # type: ignore[arg-type]  # a literal mode
    return {
        "openapi": "3.1.0",
        "info": {"title": "融桥", "version": "1"},
        "servers": [{"url": "/api/v1"}],
        "security": [{"bearer": []}],
        "paths": _paths(),
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "responses": {"Problem": _json("RFC 9457 problem details", kind="application/problem+json")},
        },
    }


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = {
        "/openapi.json": {"get": _operation("This description")},
        "/financing-requests": {
            "get": _operation(
                "Financing requests, newest first",
                _query("openid"),
                _query("status", enum=list(RequestStatus)),
                _query("institution"),
                *_paging(),
            )
        },
        "/financing-requests/{id}": {
            "get": _operation(
                "One financing request",
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
            )
        },
        "/match": {
            "post": _operation(
                "Which products and policies fit, and why",
                _query("limit", type="integer", minimum=0),
                body={"company": {"type": "object"}, "request": {"$ref": _ref(Need)}},
            )
        },
        "/deliveries": {
            "get": _operation(
                "What was sent to whom, newest first",
                _query("openid"),
                _query("notice"),
                _query("state", enum=list(DeliveryState)),
                *_paging(),
            )
        },
    }
    for kind in KINDS:
        items = {"type": "array", "items": {"$ref": _ref(FORMATS[kind])}}
        paths[f"/{kind}"] = {"post": _operation(f"Insert or update {kind}", body={"items": items})}
    return paths


def _operation(
    summary: str, *parameters: dict[str, Any], body: dict[str, Any] | None = None
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": summary,
        "parameters": list(parameters),
        "responses": {"200": _json(summary), "default": {"$ref": "#/components/responses/Problem"}},
    }
    if body is not None:
        schema = {"type": "object", "properties": body}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation


def _query(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": "string"} | schema}


def _paging() -> tuple[dict[str, Any], ...]:
    return _query("page_size", type="integer", minimum=1), _query("cursor")


def _json(description: str, kind: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {kind: {"schema": {"type": "object"}}}}


def _ref(model: type) -> str:
    return _REFERENCE.format(model=model.__name__)
