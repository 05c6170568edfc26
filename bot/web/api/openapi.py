"""`GET /api/v1/openapi.json`: the API described for machines, its formats taken from the models."""

from functools import cache
from typing import Any

from aiohttp import web
from pydantic.json_schema import models_json_schema

from bot.web.api import market_described
from bot.web.api.access import public
from bot.web.api.describing import (
    ID,
    REFERENCE,
    content,
    filters,
    operation,
    paging,
    query,
    reference,
)
from bot.web.api.objections import Correction, Upholding
from bot.web.api.quotes import AskedQuotes
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
from domain.market.rules import FollowState
from domain.needs import Need
from domain.registrations.rules import RegistrationStatus
from domain.requests import RequestStatus
from notify.deliveries import DeliveryState

routes = web.RouteTableDef()

_BODIES = (
    NewClient,
    Approval,
    GivenBack,
    Batch,
    Correction,
    Upholding,
    Screening,
    Delivery,
    Rating,
    AskedQuotes,
)


@routes.get("/openapi.json")
@public
async def describe(_: web.Request) -> web.Response:
    """Open to everybody: it holds no data."""
    return web.json_response(description())


@cache
def description() -> dict[str, Any]:
    models = [
        (model, "validation") for model in (*FORMATS.values(), Need, *_BODIES, *market_described.BODIES)
    ]
    _, schemas = models_json_schema(models, ref_template=REFERENCE)  # type: ignore[arg-type]  # a literal mode
    return {
        "openapi": "3.1.0",
        "info": {"title": "融桥", "version": "1"},
        "servers": [{"url": "/api/v1"}],
        "security": [{"bearer": []}],
        "paths": _paths(),
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "responses": {"Problem": content("RFC 9457 problem details", kind="application/problem+json")},
        },
    }


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = {
        "/openapi.json": {"get": operation("This description")},
        "/financing-requests": {
            "get": operation(
                "Financing requests, newest first",
                query("openid"),
                query("status", enum=list(RequestStatus)),
                query("institution"),
                query("follow", enum=list(FollowState)),
                *filters(),
                *paging(),
            )
        },
        "/financing-requests/{id}": {
            "get": operation(
                "One financing request",
                ID,
            )
        },
        "/registrations": {
            "get": operation(
                "Registrations of companies, who has waited longest first",
                query("status", enum=list(RegistrationStatus)),
                query("region"),
                *paging(),
            )
        },
        "/registrations/{id}": {"get": operation("One registration with its steps", ID)},
        "/registrations/{id}/approve": {"post": operation("On to its next step", ID, body=Approval)},
        "/registrations/{id}/return": {
            "post": operation("Back to the applicant, with a reason", ID, body=GivenBack)
        },
        "/authorizations": {
            "get": operation(
                "Companies' authorizations that hold: those given to the caller, or all of them",
                query("uscc"),
                *paging(),
            )
        },
        "/match": {
            "post": operation(
                "Which products and policies fit, and why",
                query("limit", type="integer", minimum=0),
                body={"company": {"type": "object"}, "request": {"$ref": reference(Need)}},
            )
        },
        "/quotes": {
            "post": operation("What offers cost in all, the cheapest first", body=AskedQuotes),
        },
        "/policies/{code}/audience": {
            "post": operation("Which companies a policy admits today", ID | {"name": "code"}, *paging())
        },
        "/products/{code}/audience": {
            "post": operation(
                "Which companies a product admits today, whatever they ask for",
                ID | {"name": "code"},
                *paging(),
            )
        },
        "/clients": {
            "get": operation("Clients of the API, newest first", *paging()),
            "post": operation(
                "Make a client; the answer holds its token, this once", body=NewClient, status=201
            ),
        },
        "/clients/{id}": {"delete": operation("Make a client's token void", ID)},
        "/deliveries": {
            "get": operation(
                "What was sent to whom, newest first",
                query("openid"),
                query("notice"),
                query("state", enum=list(DeliveryState)),
                *paging(),
            )
        },
    }
    paths |= market_described.paths()
    paths |= _of_identity_materials() | _of_credit_reports() | _of_credit_data() | _of_credit_services()
    for kind in RECORD_KINDS:
        items = {"type": "array", "items": {"$ref": reference(FORMATS[kind])}}
        posted = {"post": operation(f"Insert or update {kind}", body={"items": items})}
        paths[f"/{kind}"] = paths.get(f"/{kind}", {}) | posted
    return paths


def _of_credit_reports() -> dict[str, Any]:
    company = ID | {"name": "uscc"}
    purpose = query("purpose", enum=sorted(PURPOSES[Kind.PASSING_ON])) | {"required": True}
    one = "/companies/{uscc}"
    return {
        f"{one}/credit-report": {
            "get": operation("The credit report of a company that lets the caller see it", company, purpose)
        },
        f"{one}/score": {"get": operation("Its latest score", company, purpose)},
    }


def _of_credit_data() -> dict[str, Any]:
    one = "/objections/{id}"
    return {
        "/credit-data": {"post": operation("A batch of credit data, once", body=Batch)},
        "/screening": {"post": operation("Authorizing companies found by their indicators", body=Screening)},
        "/credit-statistics": {
            "get": operation(
                "Figures of groups of at least five companies",
                query("by", enum=list(By)) | {"required": True},
                query("indicators"),
            )
        },
        "/objections": {
            "get": operation(
                "Objections to credit data, oldest first",
                query("state", enum=list(ObjectionState)),
                query("source"),
                *paging(),
            )
        },
        f"{one}/ask": {"post": operation("The source has been asked", ID)},
        f"{one}/correct": {"post": operation("The owner was right", ID, body=Correction)},
        f"{one}/uphold": {"post": operation("The value stays", ID, body=Upholding)},
    }


def _of_credit_services() -> dict[str, Any]:
    service = ID | {"name": "name"}
    return {
        "/credit-service/reports": {
            "post": operation("A report, score or warning of a credit service", body=Delivery, status=201)
        },
        "/credit-service/{name}/ratings": {
            "get": operation(
                "What institutions think of a service",
                service,
                query("page_size", type="integer", minimum=1),
            ),
            "post": operation("Rate one of its reports", service, body=Rating),
        },
    }


def _of_identity_materials() -> dict[str, Any]:
    one, number = "/identity-materials/{id}", ID | {"name": "number"}
    reason = {"reason": {"type": "string", "maxLength": REASON_CHARS}}
    return {
        "/identity-materials": {"get": operation("Papers that wait for an adviser", *paging())},
        one: {"get": operation("One person's papers", ID)},
        f"{one}/files/{{number}}": {"get": operation("One file", ID, number)},
        f"{one}/approve": {"post": operation("The person is verified", ID)},
        f"{one}/reject": {"post": operation("The person is told why not", ID, body=reason)},
    }
