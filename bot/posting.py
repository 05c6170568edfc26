"""Posts events to institutions' systems, and to nobody in our own network."""

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector
from yarl import URL

from domain.webhooks.addresses import Addresses, is_public
from notify.webhooks.sending import PostFailure

_AddrInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]
# A redirect would lead where nobody looked, and drop the body besides.
_NO_REDIRECTS = False


class ForbiddenAddress(OSError):
    """The name leads into a network that is not the internet."""


class WebhookPoster:
    """One connection an event: receivers are many, and their events few."""

    def __init__(self, addresses: Addresses, guarded: ClientSession, trusted: ClientSession) -> None:
        self._addresses = addresses
        self._guarded = guarded
        self._trusted = trusted

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer, of which nothing more is read; raises PostFailure."""
        # Kept as it was subscribed to: what it says of encoding is the receiver's.
        target = URL(url, encoded=True)
        session = self._trusted if self._addresses.trusts(target.raw_host or "") else self._guarded
        try:
            async with session.post(
                target, data=body, headers=headers, allow_redirects=_NO_REDIRECTS
            ) as answer:
                return answer.status
        except TimeoutError as error:
            raise PostFailure("no answer in time") from error
        except ClientError as error:
            raise PostFailure(_reason(error)) from error
        except UnicodeError as error:
            raise PostFailure("the name cannot be looked up") from error


@asynccontextmanager
async def webhook_poster(addresses: Addresses, *, timeout_seconds: float) -> AsyncIterator[WebhookPoster]:
    """A poster whose tries end after `timeout_seconds`."""
    timeout = ClientTimeout(total=timeout_seconds)
    async with AsyncExitStack() as stack:
        guarded, trusted = [
            await stack.enter_async_context(
                # No cookies: receivers of one host are not one receiver.
                ClientSession(connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
            )
            for connector in (
                TCPConnector(limit=0, force_close=True, socket_factory=_public_socket),
                TCPConnector(limit=0, force_close=True),
            )
        ]
        yield WebhookPoster(addresses, guarded, trusted)


def _public_socket(info: _AddrInfo) -> socket.socket:
    """Asked for each address that is about to be connected to, after the name was looked up."""
    family, kind, protocol, _, address = info
    if not is_public(address[0]):
        raise ForbiddenAddress("not an address of the internet")
    return socket.socket(family, kind, protocol)


def _reason(error: ClientError) -> str:
    """A word for it: the error's own text has addresses of our network in it."""
    if isinstance(error.__cause__, ForbiddenAddress):
        return "the name does not lead to a public address"
    return type(error).__name__
