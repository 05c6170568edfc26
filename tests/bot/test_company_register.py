"""A business register on a socket: what it says, and everything that may be wrong with it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.city_sections import Registration
from bot.company_register import opened
from bot.embedded import ports
from domain.registrations.register import RegisterEntry

USCC = "91110000600037341L"
ANSWER = {
    "uscc": "91320583MA1MABCD5X",
    "name": "苏州恒达精密机械有限公司",
    "legal_representative": "张三",
    "founded": "2016-05-01",
    "region": "320583",
    "state": "存续",
    "shareholders": ["张三", "李四"],
}


class Register:
    """Answers as the test says; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: web.StreamResponse = web.Response()
        self.silent = asyncio.Event()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if request.match_info["uscc"] == "silent":
            await self.silent.wait()
        return self.answer


@pytest.fixture
def register() -> Register:
    return Register()


@pytest.fixture
async def url(register: Register) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/v1/company/{uscc}", register.serve)
    async with TestServer(app) as server:
        yield str(server.make_url("/v1/company"))
        register.silent.set()


async def asked(url: str, uscc: str = USCC, *, seconds: float = 3) -> RegisterEntry | None:
    settings = Registration(kinds={"other": "其他企业"}, register_url=url, register_timeout_seconds=seconds)
    async with opened(settings) as found:
        assert found is not None
        return await found.look_up(uscc)


@pytest.mark.parametrize("slash", ["", "/"])
async def test_what_the_register_says(url: str, register: Register, slash: str) -> None:
    register.answer = web.json_response(ANSWER)
    assert await asked(url + slash) == RegisterEntry.model_validate(
        {name: value for name, value in ANSWER.items() if name != "shareholders"} | {"uscc": USCC}
    )
    assert register.asked == [f"/v1/company/{USCC}"]


async def test_a_company_that_it_does_not_know(url: str, register: Register) -> None:
    register.answer = web.json_response({}, status=404)
    with capture_logs() as logs:
        assert await asked(url) is None
    assert logs == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (web.json_response(ANSWER, status=500), "status 500"),
        (web.Response(status=302, headers={"Location": "/elsewhere"}), "status 302"),
        (web.Response(text="<html>"), "JSONDecodeError"),
        (web.Response(body=b"\xff\xfe{"), "UnicodeDecodeError"),
        (web.Response(text="[" * 60_000), "RecursionError"),
        (web.json_response([ANSWER]), "ValidationError"),
        (web.json_response({"state": "存续"}), "ValidationError"),
        (web.json_response(ANSWER | {"founded": "不详"}), "ValidationError"),
        (web.json_response(ANSWER | {"state": "存" * 100_000}), "JSONDecodeError"),
    ],
)
async def test_an_answer_that_cannot_be_used(
    url: str, register: Register, answer: web.Response, reason: str
) -> None:
    register.answer = answer
    with capture_logs() as logs:
        assert await asked(url) is None
    assert [(line["event"], line["reason"]) for line in logs] == [("company_register_failed", reason)]
    assert USCC not in str(logs)


async def test_a_register_that_does_not_answer(url: str) -> None:
    with capture_logs() as logs:
        assert await asked(url, "silent", seconds=0.05) is None
        assert await asked(f"http://127.0.0.1:{ports.any_free()}") is None
    assert [line["reason"] for line in logs] == ["TimeoutError", "ClientConnectorError"]


async def test_without_an_address_nobody_is_asked() -> None:
    async with opened(Registration(kinds={"other": "其他企业"})) as found:
        assert found is None
