"""Every trouble between here and the platform: its type, what may have happened, what is counted."""

import asyncio
import io
import logging
import socket
import traceback

import pytest
from aiohttp import ClientSession, ClientTimeout, TCPConnector, web
from prometheus_client import REGISTRY

from bot.wechat import errors, refusals
from bot.wechat.transport import Call, Downloaded, Transport
from nlu.breaker import Breaker
from tests.bot.wechat.conftest import TIMEOUT
from tests.bot.wechat.platform_server import Platform

PATH = "/cgi-bin/message/custom/send"
CALL = Call("POST", PATH, body={"touser": "oOwner1", "text": {"content": "机密内容"}})


def counted(path: str, errcode: str) -> float:
    labels = {"path": path, "errcode": errcode}
    return REGISTRY.get_sample_value("rongqiao_wechat_calls_total", labels) or 0.0


def timed(path: str) -> float:
    return REGISTRY.get_sample_value("rongqiao_wechat_call_seconds_count", {"path": path}) or 0.0


@pytest.mark.parametrize(
    ("trouble", "kind", "unknown"),
    [
        ("slow", errors.TimedOut, True),
        ("drop", errors.ConnectionLost, True),
        ("truncated", errors.ConnectionLost, True),
        ("502", errors.BadAnswer, True),
        ("<html>", errors.BadAnswer, True),
        ("", errors.BadAnswer, True),
        ("[1]", errors.BadAnswer, True),
        ('{"errcode": "x"}', errors.BadAnswer, True),
        ("[" * 100_000, errors.BadAnswer, True),
        ("413", errors.GatewayRefused, False),
        ("redirect", errors.GatewayRefused, False),
    ],
    ids=lambda value: str(value)[:12],
)
async def test_unclear_outcomes_are_said_counted_and_not_repeated(
    transport: Transport, platform: Platform, trouble: str, kind: type[errors.CallFailed], *, unknown: bool
) -> None:
    platform.troubles.append(trouble)
    before, exchanges = counted(PATH, kind.__name__), timed(PATH)
    with pytest.raises(kind) as caught:
        await transport.exchange(CALL, token="stable-0")
    assert (caught.value.retryable, caught.value.outcome_unknown) == (False, unknown)
    assert len(platform.received) == 1
    assert counted(PATH, kind.__name__) == before + 1
    assert timed(PATH) == exchanges + 1


async def test_nothing_was_sent_where_nobody_listens(session: ClientSession) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: refused
        there = Transport(session, f"http://127.0.0.1:{taken.getsockname()[1]}", Breaker(), timeout=TIMEOUT)
        with pytest.raises(errors.NotSent) as caught:
            await there.exchange(CALL, token="t")
    assert (caught.value.retryable, caught.value.outcome_unknown) == (True, False)


async def test_nothing_was_sent_where_tls_is_not_spoken(session: ClientSession, base_url: str) -> None:
    there = Transport(session, base_url.replace("http://", "https://"), Breaker(), timeout=TIMEOUT)
    with pytest.raises(errors.NotSent):
        await there.exchange(CALL, token="t")


async def test_who_waits_for_a_connection_is_neither_cut_off_nor_counted_as_silence(
    platform: Platform, base_url: str
) -> None:
    """The wait is longer than the time for connecting, and the breaker would open at the first silence."""
    platform.gate = asyncio.Event()
    hurried = ClientTimeout(total=10, connect=0.1, sock_connect=0.1)
    async with ClientSession(connector=TCPConnector(limit=2)) as session:
        transport = Transport(session, base_url, Breaker(limit=1), timeout=hurried)
        calls = [asyncio.create_task(transport.exchange(CALL, token="stable-0")) for _ in range(8)]
        while platform.under_way < 2:  # noqa: ASYNC110 - the platform is another side, without events for us
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        platform.gate.set()
        await asyncio.gather(*calls)
    assert platform.most_under_way == 2
    assert len(platform.connections) == 2


async def test_a_busy_platform_is_asked_again_with_pauses(transport: Transport, platform: Platform) -> None:
    platform.troubles.extend([-1, -1])
    before = counted(PATH, "0")
    await transport.exchange(CALL, token="stable-0")
    assert len(platform.received) == 3
    assert counted(PATH, "0") == before + 1


async def test_a_platform_that_stays_busy_ends_the_call(transport: Transport, platform: Platform) -> None:
    platform.troubles.extend([-1] * 9)
    before = counted(PATH, "-1")
    with pytest.raises(refusals.Busy) as caught:
        await transport.exchange(CALL, token="stable-0")
    assert len(platform.received) == 3
    assert counted(PATH, "-1") == before + 3
    assert caught.value.retryable


async def test_each_call_may_have_its_own_patience(transport: Transport, platform: Platform) -> None:
    platform.troubles.append("slow")
    hurried = Call("GET", "/cgi-bin/menu/get", timeout=ClientTimeout(total=0.05))
    with pytest.raises(errors.TimedOut):
        await transport.exchange(hurried, token="stable-0")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_the_breaker_opens_after_silence_and_closes_after_one_good_trial(
    session: ClientSession, platform: Platform, base_url: str
) -> None:
    clock = Clock()
    transport = Transport(session, base_url, Breaker(3, 5.0, clock), timeout=TIMEOUT)
    platform.troubles.extend(["drop", "502", "truncated"])
    for _ in range(3):
        with pytest.raises(errors.NetworkTrouble):
            await transport.exchange(CALL, token="stable-0")
    with pytest.raises(errors.CircuitOpen) as caught:
        await transport.exchange(CALL, token="stable-0")
    assert (caught.value.retryable, caught.value.outcome_unknown) == (True, False)
    assert isinstance(caught.value, errors.NotSent)
    assert len(platform.received) == 3
    assert REGISTRY.get_sample_value("rongqiao_wechat_breaker_open") == 1
    clock.now += 5
    await transport.exchange(CALL, token="stable-0")
    await transport.exchange(CALL, token="stable-0")
    assert REGISTRY.get_sample_value("rongqiao_wechat_breaker_open") == 0


@pytest.mark.parametrize("trouble", [40003, 47003, 45009, 45011, 40001, -1, "413"])
async def test_what_the_platform_answers_does_not_open_the_breaker(
    session: ClientSession, platform: Platform, base_url: str, trouble: int | str
) -> None:
    transport = Transport(session, base_url, Breaker(1), timeout=TIMEOUT, busy_pause_s=0.01)
    platform.troubles.extend([trouble] * 9)
    for _ in range(3):
        with pytest.raises(errors.CallFailed) as caught:
            await transport.exchange(CALL, token="stable-0")
        assert not isinstance(caught.value, errors.CircuitOpen)


@pytest.mark.parametrize("trouble", ["slow", "drop", "truncated", "502", 45015])
async def test_no_token_openid_or_text_in_errors_and_logs(
    transport: Transport, platform: Platform, trouble: str | int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    platform.troubles.append(trouble)
    with pytest.raises(errors.CallFailed) as caught:
        await transport.exchange(CALL, token="stable-0")
    assert caught.value.__context__ is None
    ours = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]
    written = "".join(ours) + "".join(traceback.format_exception_only(caught.value)) + repr(CALL)
    for private in ("stable-0", "oOwner1", "机密内容"):
        assert private not in written


def file_call(platform: Platform, body: bytes, content_type: str = "image/jpeg") -> Call:
    headers = {"Content-Type": content_type, "Content-Disposition": 'attachment; filename="a.jpg"'}
    platform.answers["/cgi-bin/media/get"] = web.Response(body=body, headers=headers)
    return Call("GET", "/cgi-bin/media/get", {"media_id": "M1"})


async def test_a_file_is_streamed_and_bounded(transport: Transport, platform: Platform) -> None:
    content = bytes(range(256)) * 1024
    call = file_call(platform, content)
    into = io.BytesIO()
    saved = await transport.download(call, into, max_bytes=len(content), token="stable-0")
    assert saved == Downloaded("image/jpeg", "a.jpg", len(content))
    assert into.getvalue() == content
    into = io.BytesIO()
    with pytest.raises(errors.TooMuchData):
        await transport.download(call, into, max_bytes=len(content) - 1, token="stable-0")
    assert len(into.getvalue()) < len(content)


@pytest.mark.parametrize("trouble", [40007, "drop", "502", "truncated"])
async def test_a_refused_file_leaves_nothing(
    transport: Transport, platform: Platform, trouble: int | str
) -> None:
    platform.troubles.extend([trouble] * 2)  # aiohttp itself repeats a GET whose connection was closed
    into = io.BytesIO()
    with pytest.raises(errors.CallFailed):
        await transport.download(file_call(platform, b"x"), into, max_bytes=9, token="stable-0")
    assert into.getvalue() in {b"", b'{"errcode":'}
