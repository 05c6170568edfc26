"""`GET /api/v1/openapi.json`: the API described for machines, its formats taken from the models."""

from functools import cache
from typing import Any

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.web.api.access import public
from bot.web.api.objections import Correction, Upholding
from bot.web.api.registrations import Approval, GivenBack
from domain.authorizations.labels import PURPOSES, Kind
from domain.clients import NewClient
from domain.credit.batches import Batch
from domain.credit.objections import ObjectionState
from domain.credit.screening import Screening
from domain.credit.statistics import By
from domain.credit.third_parties import Delivery, Rating
from domain.identity.tables import REASON_CHARS
from domain.intake.kinds import FORMATS, RECORD_KINDS
from domain.needs import Need
from domain.registrations.rules import RegistrationStatus
from domain.requests import RequestStatus
from notify.deliveries import DeliveryState

routes = web.RouteTableDef()

_REFERENCE = "#/components/schemas/{model}"
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
_BODIES = (NewClient, Approval, GivenBack, Batch, Correction, Upholding, Screening, Delivery, Rating)


@routes.get("/openapi.json")
@public
async def describe(_: web.Request) -> web.Response:
    """Open to everybody: it holds no data."""
    return web.json_response(description())


@cache
def description() -> dict[str, Any]:
    models = [(model, "validation") for model in (*FORMATS.values(), Need, *_BODIES)]
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
                _ID,
            )
        },
        "/registrations": {
            "get": _operation(
                "Registrations of companies, who has waited longest first",
                _query("status", enum=list(RegistrationStatus)),
                _query("region"),
                *_paging(),
            )
        },
        "/registrations/{id}": {"get": _operation("One registration with its steps", _ID)},
        "/registrations/{id}/approve": {"post": _operation("On to its next step", _ID, body=Approval)},
        "/registrations/{id}/return": {
            "post": _operation("Back to the applicant, with a reason", _ID, body=GivenBack)
        },
        "/authorizations": {
            "get": _operation(
                "Companies' authorizations that hold: those given to the caller, or all of them",
                _query("uscc"),
                *_paging(),
            )
        },
        "/match": {
            "post": _operation(
                "Which products and policies fit, and why",
                _query("limit", type="integer", minimum=0),
                body={"company": {"type": "object"}, "request": {"$ref": _ref(Need)}},
            )
        },
        "/clients": {
            "get": _operation("Clients of the API, newest first", *_paging()),
            "post": _operation(
                "Make a client; the answer holds its token, this once", body=NewClient, status=201
            ),
        },
        "/clients/{id}": {"delete": _operation("Make a client's token void", _ID)},
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
    paths |= _of_identity_materials() | _of_credit_reports() | _of_credit_data() | _of_credit_services()
    for kind in RECORD_KINDS:
        items = {"type": "array", "items": {"$ref": _ref(FORMATS[kind])}}
        paths[f"/{kind}"] = {"post": _operation(f"Insert or update {kind}", body={"items": items})}
    return paths


def _of_credit_reports() -> dict[str, Any]:
    company = _ID | {"name": "uscc"}
    purpose = _query("purpose", enum=sorted(PURPOSES[Kind.PASSING_ON])) | {"required": True}
    one = "/companies/{uscc}"
    return {
        f"{one}/credit-report": {
            "get": _operation("The credit report of a company that lets the caller see it", company, purpose)
        },
        f"{one}/score": {"get": _operation("Its latest score", company, purpose)},
    }


def _of_credit_data() -> dict[str, Any]:
    one = "/objections/{id}"
    return {
        "/credit-data": {"post": _operation("A batch of credit data, once", body=Batch)},
        "/screening": {"post": _operation("Authorizing companies found by their indicators", body=Screening)},
        "/credit-statistics": {
            "get": _operation(
                "Figures of groups of at least five companies",
                _query("by", enum=list(By)) | {"required": True},
                _query("indicators"),
            )
        },
        "/objections": {
            "get": _operation(
                "Objections to credit data, oldest first",
                _query("state", enum=list(ObjectionState)),
                _query("source"),
                *_paging(),
            )
        },
        f"{one}/ask": {"post": _operation("The source has been asked", _ID)},
        f"{one}/correct": {"post": _operation("The owner was right", _ID, body=Correction)},
        f"{one}/uphold": {"post": _operation("The value stays", _ID, body=Upholding)},
    }


def _of_credit_services() -> dict[str, Any]:
    service = _ID | {"name": "name"}
    return {
        "/credit-service/reports": {
            "post": _operation("A report, score or warning of a credit service", body=Delivery, status=201)
        },
        "/credit-service/{name}/ratings": {
            "get": _operation(
                "What institutions think of a service",
                service,
                _query("page_size", type="integer", minimum=1),
            ),
            "post": _operation("Rate one of its reports", service, body=Rating),
        },
    }


def _of_identity_materials() -> dict[str, Any]:
    one, number = "/identity-materials/{id}", _ID | {"name": "number"}
    reason = {"reason": {"type": "string", "maxLength": REASON_CHARS}}
    return {
        "/identity-materials": {"get": _operation("Papers that wait for an adviser", *_paging())},
        one: {"get": _operation("One person's papers", _ID)},
        f"{one}/files/{{number}}": {"get": _operation("One file", _ID, number)},
        f"{one}/approve": {"post": _operation("The person is verified", _ID)},
        f"{one}/reject": {"post": _operation("The person is told why not", _ID, body=reason)},
    }


def _operation(
    summary: str,
    *parameters: dict[str, Any],
    body: dict[str, Any] | type[BaseModel] | None = None,
    status: int = 200,
) -> dict[str, Any]:
    """A call; its `body` is a format, or the properties of an object."""
    operation: dict[str, Any] = {
        "summary": summary,
        "parameters": list(parameters),
        "responses": {str(status): _json(summary), "default": {"$ref": "#/components/responses/Problem"}},
    }
    if body is not None:
        schema = {"$ref": _ref(body)} if isinstance(body, type) else {"type": "object", "properties": body}
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
