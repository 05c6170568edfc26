"""Each request has its id, its line and its place in the figures."""

import json
from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import REGISTRY

from bot import logs
from bot.sections import Log
from bot.web import tracing
from domain import trace
from tests.bot.pipes import given_back, written

Client = TestClient[web.Request, web.Application]


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    with given_back():
        yield


async def answer(request: web.Request) -> web.Response:
    said = await request.text()
    if said == "fail":
        raise RuntimeError(said)
    if said == "unavailable":
        raise web.HTTPServiceUnavailable
    if said == "bad":
        return web.Response(status=403)
    if said == "reply":
        return web.Response(text="<xml/>", content_type="text/xml")
    return web.Response(text=trace.current())


@pytest.fixture
async def http(capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Client]:
    del capsys  # before the log takes hold of standard error
    logs.configure(Log(format="json", level="INFO"))
    app = web.Application(middlewares=[tracing.traced])
    app.router.add_route("*", "/wechat", answer)
    app.router.add_route("*", "/healthz", answer)
    api = web.Application()
    api.router.add_get("/companies/{uscc}", answer)
    app.add_subapp("/api/v1", api)
    async with TestClient(TestServer(app)) as client:
        yield client


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("rongqiao_callbacks_total", {"kind": "none", "outcome": outcome}) or 0.0


async def test_an_id_for_each_request(http: Client, capsys: pytest.CaptureFixture[str]) -> None:
    ids = [await (await http.post("/wechat")).text() for _ in range(2)]
    assert [line["trace"] for line in written(capsys)] == ids
    assert len(set(ids)) == 2
    assert trace.current() is None


@pytest.mark.parametrize(
    ("method", "said", "outcome", "status"),
    [
        ("GET", "", "verified", 200),
        ("POST", "", "silent", 200),
        ("POST", "reply", "replied", 200),
        ("POST", "bad", "refused", 403),
        ("POST", "unavailable", "failed", 503),
        ("POST", "fail", "failed", 500),
    ],
)
async def test_callbacks_by_their_outcome(
    http: Client, capsys: pytest.CaptureFixture[str], method: str, said: str, outcome: str, status: int
) -> None:
    before = counted(outcome)
    assert (await http.request(method, "/wechat", data=said)).status == status
    (line,) = [line for line in written(capsys) if line["event"] == "callback"]
    assert (line["outcome"], line["status"], line["kind"]) == (outcome, status, "none")
    assert counted(outcome) == before + 1


async def test_a_failure_inside_bears_the_id_too(http: Client, capsys: pytest.CaptureFixture[str]) -> None:
    await http.post("/wechat", data="fail")
    callback, trouble = written(capsys)
    assert (callback["event"], trouble["logger"]) == ("callback", "aiohttp.server")
    assert "RuntimeError" in trouble["exception"]


async def test_the_line_names_the_route_and_not_who_is_in_the_path(
    http: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    await http.get("/api/v1/companies/91320583MA1MXXXX0X?phone=13812345678")
    (line,) = written(capsys)
    assert line["route"] == "/api/v1/companies/{uscc}"
    assert "MA1MXXXX" not in json.dumps(line)


async def test_probes_leave_no_line(http: Client, capsys: pytest.CaptureFixture[str]) -> None:
    await http.get("/healthz")
    assert written(capsys) == []
