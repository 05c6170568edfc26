"""Papers over HTTP: advisers see and decide, nobody else does, and what is decided is shut."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from bot.identity.checking import Checking, Rules
from bot.identity.material import Material, Upload
from bot.identity.providers import Providers
from bot.web import keys
from bot.web.api.app import api_app
from bot.web.api.identity_materials import CHECKING
from domain import clients
from domain.base import utcnow
from domain.clients import NewClient, Role
from domain.database import Database
from domain.identity import verifications
from domain.secrets import Cipher, decode_key, new_key

OPERATOR = "operator-token"
NAME, NUMBER = "张三丰", "11010519491231002X"
FRONT, BACK = b"\xff\xd8\xff\xe0 front", b"%PDF-1.7 back"
HOUSES = {Role.INSTITUTION: "苏州银行", Role.CREDIT_SERVICE: "苏州征信"}


@dataclass
class Desk:
    client: TestClient[web.Request, web.Application]
    database: Database
    checking: Checking

    async def call(self, method: str, path: str, token: str = OPERATOR, **more: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        path = f"/api/v1/identity-materials{path}"
        async with self.client.request(method, path, headers=headers, **more) as response:
            if response.content_type.endswith("json"):
                return response.status, await response.json(content_type=None)
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Content-Disposition"] == "attachment"
            return response.status, (response.content_type, await response.read())

    async def handed_in(self, openid: str = "o-1") -> str:
        await self.checking.begin(openid, NAME, NUMBER, None)
        shown = await self.checking.latest(openid)
        assert shown is not None
        await self.checking.hand_in(openid, shown.id, [Upload(FRONT), Upload(BACK)])
        return shown.id

    async def token_of(self, role: Role) -> str:
        async with self.database.unit_of_work() as session:
            new = NewClient(
                name=role.value,
                role=role,
                institution=HOUSES.get(role),
                regions=("320500",) if role is Role.GOVERNMENT else (),
            )
            return clients.create(session, new, by="test", now=utcnow()).token


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    cipher = Cipher(decode_key(new_key()))
    material = Material("/m/identity/material/{id}")
    checking = Checking(database, cipher, Providers(material, material), Rules("/{id}"), lambda: None)
    api = api_app()
    api[keys.DATABASE] = database
    api[keys.CIPHER] = cipher
    api[keys.API_TOKEN] = OPERATOR
    api[CHECKING] = checking
    app = web.Application()
    app.add_subapp("/api/v1", api)
    async with TestClient(TestServer(app)) as client:
        yield Desk(client, database, checking)


async def test_from_the_list_to_the_decision(desk: Desk) -> None:
    verification = await desk.handed_in()
    adviser = await desk.token_of(Role.ADVISER)
    status, page = await desk.call("GET", "", adviser)
    (item,) = page["items"]
    assert (status, item["id"], item["state"], page["next_cursor"]) == (200, verification, "in_review", None)
    assert (item["name"], item["id_number"]) == ("张**", "1***************2X")
    with capture_logs() as lines:
        status, case = await desk.call("GET", f"/{verification}", adviser)
        assert (status, case["name"], case["id_number"]) == (200, NAME, NUMBER)
        kinds = [(file["number"], file["media_type"]) for file in case["files"]]
        assert kinds == [(1, "image/jpeg"), (2, "application/pdf")]
        assert await desk.call("GET", f"/{verification}/files/1", adviser) == (200, ("image/jpeg", FRONT))
        assert await desk.call("GET", f"/{verification}/files/2", adviser) == (200, ("application/pdf", BACK))
    opened = [line for line in lines if line["event"] == "identity_material_opened"]
    assert [line["what"] for line in opened] == ["case", "file 1", "file 2"]
    assert all(line["by"].startswith("client:CL") for line in opened)
    assert NAME not in str(lines)
    status, decided = await desk.call("POST", f"/{verification}/approve", adviser)
    assert (status, decided["id"], decided["state"]) == (200, verification, "passed")
    async with desk.database.reading() as session:
        assert await verifications.is_verified(session, "o-1")
        row = await verifications.latest_of(session, "o-1")
    assert row is not None
    assert (row.decided_by or "").startswith("client:CL")


async def test_a_rejection_needs_a_reason_that_the_person_reads(desk: Desk) -> None:
    verification = await desk.handed_in()
    for body in ({}, {"reason": ""}, {"reason": " "}, {"reason": "长" * 201}, {"reason": "好", "x": 1}):
        status, problem = await desk.call("POST", f"/{verification}/reject", json=body)
        assert (status, problem["status"]) == (400, 400)
    status, decided = await desk.call("POST", f"/{verification}/reject", json={"reason": "照片看不清楚"})
    assert (status, decided["state"]) == (200, "failed")
    shown = await desk.checking.result("o-1", verification)
    assert shown.sentence == "照片看不清楚"


async def test_what_is_decided_is_shut(desk: Desk) -> None:
    verification = await desk.handed_in()
    await desk.call("POST", f"/{verification}/approve")
    for method, path in (("GET", ""), ("GET", "/files/1"), ("POST", "/approve")):
        assert (await desk.call(method, f"/{verification}{path}"))[0] == 404
    assert (await desk.call("POST", f"/{verification}/reject", json={"reason": "改主意了"}))[0] == 404
    assert (await desk.call("GET", ""))[1]["items"] == []


@pytest.mark.parametrize(
    "path", ["/ID261123-00000000", "/%00", "/ID261123-00000000/files/1", "/%00/files/1", "/x/files/%E4%B8%80"]
)
async def test_what_is_not_there(desk: Desk, path: str) -> None:
    assert (await desk.call("GET", path))[0] == 404


@pytest.mark.parametrize("number", ["0", "3", "-1", "1e1", "9999", "²", "01x"])
async def test_files_have_numbers(desk: Desk, number: str) -> None:
    verification = await desk.handed_in()
    assert (await desk.call("GET", f"/{verification}/files/{number}"))[0] == 404


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.OPERATOR, Role.ADVISER}])
async def test_nobody_else_comes_near(desk: Desk, role: Role) -> None:
    verification, token = await desk.handed_in(), await desk.token_of(role)
    calls = [("GET", ""), ("GET", f"/{verification}"), ("GET", f"/{verification}/files/1")]
    calls += [("POST", f"/{verification}/approve"), ("POST", f"/{verification}/reject")]
    for method, path in calls:
        status, body = await desk.call(method, path, token)
        assert (status, NUMBER in str(body)) == (403, False)
        assert (await desk.call(method, path, "nobody's"))[0] == 401
    assert (await desk.checking.result("o-1", verification)).state == "in_review"


async def test_a_page_follows_the_other(desk: Desk) -> None:
    ids = {await desk.handed_in(f"o-{number}") for number in range(5)}
    found: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(3):
        _, page = await desk.call("GET", "", params={"page_size": "2"} | cursor)
        found += [item["id"] for item in page["items"]]
        cursor = {"cursor": page["next_cursor"] or ""}
    assert page["next_cursor"] is None
    assert (len(found), set(found)) == (5, ids)
    assert (await desk.call("GET", "", params={"cursor": "x"}))[0] == 400
