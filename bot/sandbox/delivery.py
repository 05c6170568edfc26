"""Carries pushes to the callback address: the time limit and the re-sends."""

from dataclasses import dataclass

from aiohttp import ClientError, ClientSession, ClientTimeout
from yarl import URL

from bot.sandbox.envelope import Push

_OK = 200


@dataclass(frozen=True)
class RawReply:
    """The product's answer to one try; `status` 0 means that none came in time."""

    status: int
    body: str

    @property
    def answered(self) -> bool:
        return self.status == _OK


class Courier:
    def __init__(self, answer_within: float, retries: int) -> None:
        self._timeout = ClientTimeout(total=answer_within)
        self._retries = retries
        self._session: ClientSession | None = None

    async def deliver(self, push: Push) -> tuple[RawReply, int]:
        """The first answer, and how many tries it took; the last failure when none of them was answered."""
        reply = await self.once(push)
        tries = 1
        while not reply.answered and tries <= self._retries:
            reply = await self.once(push)
            tries += 1
        return reply, tries

    async def once(self, push: Push) -> RawReply:
        return await self._request("POST", push.url, push.body)

    async def fetch(self, url: URL) -> RawReply:
        return await self._request("GET", url, None)

    async def _request(self, method: str, url: URL, body: bytes | None) -> RawReply:
        headers = {"Content-Type": "text/xml; charset=utf-8", "User-Agent": "Mozilla/4.0"}
        send = self._open().request(method, url, data=body, headers=headers, allow_redirects=False)
        try:
            async with send as response:
                return RawReply(response.status, (await response.read()).decode("utf-8", "replace"))
        except (ClientError, TimeoutError):
            return RawReply(0, "")

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> ClientSession:
        if self._session is None or self._session.closed:
            self._session = ClientSession(timeout=self._timeout)
        return self._session
