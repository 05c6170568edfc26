"""Carries pushes to the callback address: the time limit and the re-sends."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import ClientError, ClientSession, ClientTimeout
from yarl import URL

from bot.sandbox.envelope import Push
from bot.sandbox.rules import Rule


@dataclass(frozen=True)
class RawReply:
    """The product's answer to one try; `status` 0 means that none came in time."""

    status: int
    body: str
    fault: Rule | None = None
    """Why it is no answer."""

    @property
    def answered(self) -> bool:
        return self.fault is None


class Courier:
    def __init__(self, answer_within: float, retries: int) -> None:
        self._timeout = ClientTimeout(total=answer_within)
        self._retries = retries
        self._session: ClientSession | None = None

    async def deliver(self, push: Push, failed: Callable[[Rule, str], None], *, copies: int = 1) -> RawReply:
        """The first answer, or the last failure when no try was answered; `failed` is told of each failure.

        `copies` of the first try go out at once; what the others answer WeChat does not show either.
        """
        first, *_ = await asyncio.gather(*(self.once(push) for _ in range(copies)))
        for number in range(1, self._retries + 1):
            if first.fault is None:
                break
            failed(first.fault, _try(number, first))
            first = await self.once(push)
        if first.fault is not None:
            failed(first.fault, _try(self._retries + 1, first))
        return first

    async def once(self, push: Push) -> RawReply:
        return await self._request("POST", push.url, push.body)

    async def fetch(self, url: URL) -> RawReply:
        return await self._request("GET", url, None)

    async def _request(self, method: str, url: URL, body: bytes | None) -> RawReply:
        headers = {"Content-Type": "text/xml; charset=utf-8", "User-Agent": "Mozilla/4.0"}
        send = self._open().request(method, url, data=body, headers=headers, allow_redirects=False)
        try:
            async with send as response:
                text = (await response.read()).decode("utf-8", "replace")
        except TimeoutError:
            return RawReply(0, "", Rule.LATE)
        except ClientError:
            return RawReply(0, "", Rule.UNREACHABLE)
        return RawReply(response.status, text, None if response.status == HTTPStatus.OK else Rule.STATUS)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> ClientSession:
        if self._session is None or self._session.closed:
            self._session = ClientSession(timeout=self._timeout)
        return self._session


def _try(number: int, reply: RawReply) -> str:
    status = f"，HTTP {reply.status}" if reply.status else ""
    return f"第 {number} 次推送{status}"
