"""Every call of the API × every role: who may make it stands here, and in no call's own test."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.web.api.access import UndeclaredRoute, allowed, require_declarations
from bot.web.api.app import api_app
from domain import clients
from domain.base import utcnow
from domain.clients import ClientRow, NewClient, Role
from tests.bot.web.conftest import TOKEN, Api

OPERATOR, GOVERNMENT, ADVISER = Role.OPERATOR, Role.GOVERNMENT, Role.ADVISER
INSTITUTION, CREDIT_SERVICE, DATA_SOURCE = Role.INSTITUTION, Role.CREDIT_SERVICE, Role.DATA_SOURCE
EVERYBODY = None

# A new call needs a line here, or the first test fails.
MATRIX: dict[tuple[str, str], set[Role] | None] = {
    ("GET", "/openapi.json"): EVERYBODY,
    ("GET", "/financing-requests"): {OPERATOR, ADVISER, GOVERNMENT, INSTITUTION},
    ("GET", "/financing-requests/{id}"): {OPERATOR, ADVISER, GOVERNMENT, INSTITUTION},
    ("POST", "/products"): {OPERATOR},
    ("POST", "/policies"): {OPERATOR},
    ("POST", "/institutions"): {OPERATOR},
    ("POST", "/companies"): {OPERATOR, DATA_SOURCE},
    ("POST", "/loans"): {OPERATOR, DATA_SOURCE},
    ("POST", "/financing-requests/{id}/follow"): {OPERATOR, INSTITUTION},
    ("POST", "/financing-requests/{id}/leave"): {OPERATOR, INSTITUTION},
    ("POST", "/financing-requests/{id}/approve"): {OPERATOR, INSTITUTION},
    ("POST", "/financing-requests/{id}/reject"): {OPERATOR, INSTITUTION},
    ("POST", "/financing-requests/{id}/grant"): {OPERATOR, INSTITUTION},
    ("GET", "/webhooks"): {OPERATOR, INSTITUTION},
    ("POST", "/webhooks"): {OPERATOR, INSTITUTION},
    ("DELETE", "/webhooks/{id}"): {OPERATOR, INSTITUTION},
    ("GET", "/webhooks/{id}/deliveries"): {OPERATOR, INSTITUTION},
    ("POST", "/webhooks/{id}/deliveries/{number}/replay"): {OPERATOR, INSTITUTION},
    ("POST", "/webhooks/{id}/replay"): {OPERATOR, INSTITUTION},
    ("GET", "/saved-filters"): {INSTITUTION},
    ("POST", "/saved-filters"): {INSTITUTION},
    ("PUT", "/saved-filters/{id}"): {INSTITUTION},
    ("DELETE", "/saved-filters/{id}"): {INSTITUTION},
    ("GET", "/saved-filters/{id}/requests"): {INSTITUTION},
    ("GET", "/institutions"): {OPERATOR},
    ("GET", "/institutions/{name}"): {OPERATOR},
    ("POST", "/institutions/{name}/exit"): {OPERATOR},
    ("POST", "/institutions/{name}/entry"): {OPERATOR},
    ("POST", "/policies/{code}/audience"): {OPERATOR},
    ("POST", "/products/{code}/audience"): {OPERATOR},
    ("POST", "/match"): {OPERATOR, ADVISER, INSTITUTION},
    ("POST", "/quotes"): {OPERATOR, ADVISER, INSTITUTION},
    ("GET", "/deliveries"): {OPERATOR},
    ("GET", "/statistics"): {OPERATOR, GOVERNMENT, INSTITUTION},
    ("GET", "/incentives"): {OPERATOR, GOVERNMENT, INSTITUTION},
    ("POST", "/incentives/{year}/close"): {OPERATOR},
    ("GET", "/guarantee-funds"): {OPERATOR, GOVERNMENT},
    ("GET", "/guarantee-funds/{code}/terms"): {OPERATOR, GOVERNMENT, ADVISER, INSTITUTION},
    ("GET", "/clients"): {OPERATOR},
    ("POST", "/clients"): {OPERATOR},
    ("DELETE", "/clients/{id}"): {OPERATOR},
    ("GET", "/authorizations"): {OPERATOR, INSTITUTION, CREDIT_SERVICE},
    ("GET", "/companies/{uscc}/credit-report"): {INSTITUTION},
    ("GET", "/companies/{uscc}/score"): {INSTITUTION},
    ("GET", "/identity-materials"): {OPERATOR, ADVISER},
    ("GET", "/identity-materials/{id}"): {OPERATOR, ADVISER},
    ("GET", "/identity-materials/{id}/files/{number}"): {OPERATOR, ADVISER},
    ("POST", "/identity-materials/{id}/approve"): {OPERATOR, ADVISER},
    ("POST", "/identity-materials/{id}/reject"): {OPERATOR, ADVISER},
    ("POST", "/credit-data"): {OPERATOR, DATA_SOURCE},
    ("GET", "/credit-statistics"): {OPERATOR, GOVERNMENT},
    ("GET", "/objections"): {OPERATOR, DATA_SOURCE},
    ("POST", "/objections/{id}/ask"): {OPERATOR},
    ("POST", "/objections/{id}/correct"): {OPERATOR, DATA_SOURCE},
    ("POST", "/objections/{id}/uphold"): {OPERATOR, DATA_SOURCE},
    ("POST", "/screening"): {INSTITUTION},
    ("POST", "/credit-service/reports"): {CREDIT_SERVICE},
    ("GET", "/credit-service/{name}/ratings"): {OPERATOR, INSTITUTION, CREDIT_SERVICE},
    ("POST", "/credit-service/{name}/ratings"): {INSTITUTION},
    ("GET", "/equity-requests"): {OPERATOR, ADVISER, INSTITUTION},
    ("GET", "/equity-requests/{id}"): {OPERATOR, ADVISER, INSTITUTION},
    ("POST", "/equity-requests/{id}/follow"): {OPERATOR, INSTITUTION},
    ("POST", "/equity-requests/{id}/events"): {OPERATOR, INSTITUTION},
    ("GET", "/equity-requests/{id}/debt-side"): {OPERATOR, INSTITUTION},
    ("GET", "/financing-requests/{id}/equity-side"): {OPERATOR, INSTITUTION},
    ("GET", "/claims"): {OPERATOR},
    ("POST", "/claims/{id}/accept"): {OPERATOR},
    ("POST", "/claims/{id}/grant"): {OPERATOR},
    ("POST", "/claims/{id}/refuse"): {OPERATOR},
    ("GET", "/cases"): {OPERATOR, ADVISER},
    ("GET", "/cases/{id}"): {OPERATOR, ADVISER},
    ("POST", "/cases/{id}/take"): {OPERATOR, ADVISER},
    ("POST", "/cases/{id}/note"): {OPERATOR, ADVISER},
    ("POST", "/cases/{id}/close"): {OPERATOR, ADVISER},
    ("GET", "/reviews"): {OPERATOR, ADVISER},
    ("GET", "/reviews/{id}"): {OPERATOR, ADVISER},
    ("PUT", "/reviews/{id}"): {OPERATOR, ADVISER},
    ("POST", "/reviews/next"): {OPERATOR, ADVISER},
    ("POST", "/reviews/{id}/take"): {OPERATOR, ADVISER},
    ("POST", "/reviews/{id}/finish"): {OPERATOR, ADVISER},
    ("GET", "/registrations"): {OPERATOR, GOVERNMENT},
    ("GET", "/registrations/{id}"): {OPERATOR, GOVERNMENT},
    ("POST", "/registrations/{id}/approve"): {OPERATOR, GOVERNMENT},
    ("POST", "/registrations/{id}/return"): {OPERATOR, GOVERNMENT},
}
USCC = "91320583MA1MABCD5X"
CLIENTS = {
    OPERATOR: NewClient(name="运营", role=OPERATOR),
    GOVERNMENT: NewClient(name="昆山金融办", role=GOVERNMENT, regions=("320583",)),
    ADVISER: NewClient(name="顾问", role=ADVISER),
    INSTITUTION: NewClient(name="苏州银行", role=INSTITUTION, institution="苏州银行"),
    CREDIT_SERVICE: NewClient(name="苏州征信", role=CREDIT_SERVICE, institution="苏州征信"),
    DATA_SOURCE: NewClient(name="税务局", role=DATA_SOURCE),
}


def calls() -> Iterator[tuple[str, str]]:
    for route in api_app().router.routes():
        assert route.resource is not None
        if route.method != "HEAD":
            yield route.method, route.resource.canonical


def test_every_call_has_its_line_and_every_line_its_call() -> None:
    assert sorted(calls()) == sorted(MATRIX)


def test_every_role_is_tried() -> None:
    assert CLIENTS.keys() == set(Role)


async def status_of(api: Api, method: str, path: str, token: str | None) -> int:
    place = re.sub(r"\{\w+\}", "0", path.replace("{uscc}", USCC))
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with api.client.request(method, f"/api/v1{place}", headers=headers, data=b"{}") as response:
        return response.status


@pytest.mark.parametrize("role", Role)
async def test_each_role_may_make_its_calls_and_no_other(api: Api, role: Role) -> None:
    async with api.database.unit_of_work() as session:
        token = clients.create(session, CLIENTS[role], by="test", now=utcnow()).token
    for (method, path), roles in MATRIX.items():
        status = await status_of(api, method, path, token)
        if roles is EVERYBODY or role in roles:
            assert status in {200, 201, 400, 404}, (method, path, status)
        else:
            assert status == 403, (method, path, status)


async def test_without_a_token_only_the_description_is_told(api: Api) -> None:
    for (method, path), roles in MATRIX.items():
        assert await status_of(api, method, path, None) == (200 if roles is EVERYBODY else 401), path


async def test_the_token_of_the_configuration_is_an_operator_s(api: Api) -> None:
    for (method, path), roles in MATRIX.items():
        expected = roles is EVERYBODY or OPERATOR in roles
        assert (await status_of(api, method, path, TOKEN) not in {401, 403}) == expected, path


async def test_a_wrong_role_hears_which_one_is_right(api: Api) -> None:
    async with api.database.unit_of_work() as session:
        token = clients.create(session, CLIENTS[DATA_SOURCE], by="test", now=utcnow()).token
    headers = {"Authorization": f"Bearer {token}"}
    status, problem = await api.call("GET", "/deliveries", headers=headers)
    assert (status, problem["title"]) == (403, "Forbidden")
    assert problem["detail"] == "数据来源不能使用这个接口，只对运营人员开放"
    # Of what does not exist a client hears so, and a stranger nothing.
    assert await status_of(api, "GET", "/stars", token) == 404
    assert await status_of(api, "DELETE", "/deliveries", token) == 405
    assert await status_of(api, "GET", "/stars", None) == 401


async def test_a_revoked_and_an_expired_token_are_nobody_s(api: Api) -> None:
    now = utcnow()
    async with api.database.unit_of_work() as session:
        issued = clients.create(session, CLIENTS[OPERATOR], by="test", now=now)
        short = CLIENTS[OPERATOR].model_copy(update={"expires_at": now - timedelta(minutes=1)})
        expired = clients.create(session, short, by="test", now=now - timedelta(hours=1))
    assert await status_of(api, "GET", "/clients", issued.token) == 200
    assert await status_of(api, "GET", "/clients", expired.token) == 401
    assert await status_of(api, "GET", "/clients", issued.token[:-1]) == 401
    assert await status_of(api, "GET", "/clients", issued.token.removeprefix("rq_")) == 401
    async with api.database.unit_of_work() as session:
        await clients.revoke(session, issued.row.id, now)
    assert await status_of(api, "GET", "/clients", issued.token) == 401


async def test_a_use_is_written_down_and_the_token_nowhere(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    with capture_logs() as logs:
        status, made = await api.post("/clients", {"name": "运营", "role": "operator"})
        assert status == 201
        assert await status_of(api, "GET", "/clients", made["token"]) == 200
        assert await status_of(api, "GET", "/clients", made["token"] + "x") == 401
    async with api.database.reading() as session:
        row = await session.get_one(ClientRow, made["id"])
    assert row.last_used_at is not None
    assert made["token"] not in f"{logs} {vars(row)} {capsys.readouterr()}"


def test_a_call_that_says_nothing_about_roles_is_not_served() -> None:
    async def forgotten(request: web.Request) -> web.Response:
        return web.json_response({"path": request.path})

    @allowed(OPERATOR)
    async def remembered(request: web.Request) -> web.Response:
        return web.json_response({"path": request.path})

    app = web.Application()
    app.router.add_get("/a", remembered)
    require_declarations(app)
    app.router.add_get("/b", forgotten)
    with pytest.raises(UndeclaredRoute, match="forgotten"):
        require_declarations(app)


@pytest.mark.parametrize("field", ["openid", "role", "members", "enrolled", "notices"])
async def test_a_data_source_vouches_for_nobody(api: Api, field: str) -> None:
    async with api.database.unit_of_work() as session:
        token = clients.create(session, CLIENTS[DATA_SOURCE], by="test", now=utcnow()).token
    headers, company = {"Authorization": f"Bearer {token}"}, {"uscc": USCC, "name": "恒达"}
    stated = {
        "openid": "oZhang",
        "role": "agent",
        "members": [{"openid": "oZhang"}],
        "enrolled": True,
        "notices": [],
    }
    items = [company, company | {field: stated[field]}]
    status, problem = await api.call("POST", "/companies", headers=headers, json={"items": items})
    assert (status, problem["detail"]) == (403, f"数据来源不能填写 {field}")
    status, report = await api.call("POST", "/companies", headers=headers, json={"items": [company, 5]})
    assert (status, report["accepted"], len(report["rejected"])) == (200, 1, 1)
