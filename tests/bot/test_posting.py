"""What posts events goes to the internet alone: asked at the address, not at the name."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from bot.posting import WebhookPoster, webhook_poster
from domain.webhooks.addresses import Addresses
from notify.webhooks.sending import PostFailure
from tests.notify.webhooks.receiver import Receiver, listening

FORBIDDEN = "the name does not lead to a public address"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as receiver:
        yield receiver


@pytest.fixture
async def poster() -> AsyncIterator[WebhookPoster]:
    async with webhook_poster(Addresses(), timeout_seconds=5) as poster:
        yield poster


async def test_a_name_that_leads_to_this_machine_is_not_connected_to(
    poster: WebhookPoster, receiver: Receiver
) -> None:
    port = receiver.server.port
    for host in ("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]"):  # noqa: S104 - a target
        with pytest.raises(PostFailure) as failure:
            await poster.post(f"http://{host}:{port}/ok", b"{}", {})
        assert failure.value.reason == FORBIDDEN, host
    assert not receiver.got


async def test_other_writings_of_an_address_lead_nowhere(poster: WebhookPoster, receiver: Receiver) -> None:
    for host in ("2130706433", "127.1", "0x7f000001"):
        with pytest.raises(PostFailure):
            await poster.post(f"http://{host}:{receiver.server.port}/ok", b"{}", {})
    assert not receiver.got


async def test_a_name_that_leads_elsewhere_at_the_next_look_is_not_connected_to(
    poster: WebhookPoster, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who rebinds a name answers as he likes: what is asked about is the address of the socket."""
    port, seen = receiver.server.port, []

    async def rebound(_: object, host: str, *__: object, **___: object) -> list[tuple[object, ...]]:
        seen.append(host)
        address = "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))]

    monkeypatch.setattr(asyncio.get_running_loop().__class__, "getaddrinfo", rebound)
    with pytest.raises(PostFailure, match=FORBIDDEN):
        await poster.post(f"http://bank.example:{port}/ok", b"{}", {})
    assert seen == ["bank.example"], "looked up once: nothing is checked that is not connected to"
    assert not receiver.got


@pytest.mark.parametrize("url", ["http://a..b/hook", f"http://{'a' * 64}.example/"])
async def test_a_name_that_cannot_be_looked_up_is_a_failure(url: str) -> None:
    async with webhook_poster(Addresses(anywhere=True), timeout_seconds=5) as poster:
        with pytest.raises(PostFailure) as failure:
            await poster.post(url, b"{}", {})
    assert failure.value.reason == "the name cannot be looked up"


async def test_a_host_of_the_configuration_is_connected_to(receiver: Receiver) -> None:
    async with webhook_poster(Addresses(hosts=frozenset({"127.0.0.1"})), timeout_seconds=5) as poster:
        assert await poster.post(receiver.url("ok"), b'{"a":1}', {"X-A": "1"}) == 200
        with pytest.raises(PostFailure, match=FORBIDDEN):
            await poster.post(f"http://localhost:{receiver.server.port}/ok", b"{}", {})
    (got,) = receiver.got
    assert (got.body, got.headers["X-A"]) == (b'{"a":1}', "1")


async def test_the_url_goes_out_as_it_was_written(receiver: Receiver) -> None:
    async with webhook_poster(Addresses(anywhere=True), timeout_seconds=5) as poster:
        await poster.post(f"{receiver.url('a%2Fb')}?sig=%2B%3D", b"{}", {})
    assert [one.path for one in receiver.got] == ["/a/b"]


async def test_nobody_there_is_a_failure_without_the_address(receiver: Receiver) -> None:
    gone = receiver.url("ok")
    await receiver.server.close()
    async with webhook_poster(Addresses(anywhere=True), timeout_seconds=5) as poster:
        with pytest.raises(PostFailure) as failure:
            await poster.post(gone, b"{}", {})
    assert failure.value.reason == "ClientConnectorError"
