"""Calls with the account's token: one that is refused is renewed, and the call made exactly once more."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, BinaryIO, Protocol, TypeVar

from bot.wechat.refusals import TokenInvalid
from bot.wechat.transport import Call, Downloaded, Transport

_T = TypeVar("_T")


class TokenSource(Protocol):
    async def get(self) -> str: ...

    async def renew(self, bad: str) -> str: ...


class Caller:
    """What the modules of ``api`` call with; every method raises `CallFailed`."""

    def __init__(self, transport: Transport, tokens: TokenSource) -> None:
        self._transport = transport
        self._tokens = tokens

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        return await self.send(Call("GET", path, query))

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self.send(Call("POST", path, body=body))

    async def send(self, call: Call) -> dict[str, Any]:
        """A call that needs more than the two above: a file, more time."""
        return await self._with_token(lambda token: self._transport.exchange(call, token=token))

    async def download(self, call: Call, into: BinaryIO, *, max_bytes: int) -> Downloaded | dict[str, Any]:
        return await self._with_token(
            lambda token: self._transport.download(call, into, max_bytes=max_bytes, token=token)
        )

    async def _with_token(self, attempt: Callable[[str], Awaitable[_T]]) -> _T:
        """A refused call was turned away, so that it cannot happen twice."""
        token = await self._tokens.get()
        try:
            return await attempt(token)
        except TokenInvalid:
            fresh = await self._tokens.renew(token)
            if fresh == token:
                raise
        return await attempt(fresh)
