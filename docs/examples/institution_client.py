"""A client for an institution's system: browses requests, follows, decides, and takes webhooks.

It needs Python 3.11 and aiohttp. Copy it, and put your own code in the place of `printed`:

    export RONGQIAO_URL=https://rongqiao.example RONGQIAO_TOKEN=rq_…
    python institution_client.py list region=320500 amount_max=5000000
    python institution_client.py follow RQ261123-S3KSV9TS
    python institution_client.py subscribe https://bank.example/rongqiao
    RONGQIAO_WEBHOOK_SECRET=whsec_… python institution_client.py listen 8443
"""  # noqa: INP001 - a file to copy, no package

import asyncio
import hashlib
import hmac
import json
import os
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiohttp import ClientConnectionError, ClientSession, ClientTimeout, web

EVENTS = ("request.recommended", "request.matched", "place.offered", "follow.moved", "follow.due")
SIGNATURE = "X-Rongqiao-Signature"
# Who records what is sent cannot send it again later.
FRESH_SECONDS = 300
_FIGURES = {"amount", "term_months", "rate", "decision_days"}
_TRIES = 4
_BROKEN = 500
_REFUSED = 400


class Refused(Exception):
    """The platform said no: HTTP status, and why in a sentence."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('detail', '')}")
        self.status = status
        self.problem = problem


class BadSignature(Exception):
    """What came is not from the platform, not whole, or not fresh."""


class Platform:
    """The API as an institution sees it. The session's base is `https://HOST/api/v1/`.

    Each pause before another try is twice the one before; `pause_seconds` is half of the first.
    """

    def __init__(self, session: ClientSession, *, pause_seconds: float = 0.5) -> None:
        self._session = session
        self._pause = pause_seconds

    async def requests(self, **filters: str) -> AsyncIterator[dict[str, Any]]:
        """All requests that pass the filters, newest first, page by page."""
        cursor: dict[str, str] = {}
        while True:
            page = await self._call("GET", "financing-requests", params=filters | cursor)
            for item in page["items"]:
                yield item
            if page["next_cursor"] is None:
                return
            cursor = {"cursor": page["next_cursor"]}

    async def request(self, request_id: str) -> dict[str, Any]:
        """One request; with a place and the company's authorization it names the company."""
        return await self._call("GET", f"financing-requests/{request_id}")

    async def step(self, request_id: str, step: str, **stated: Any) -> dict[str, Any]:
        """`follow`, `leave`, `approve`, `reject` or `grant`; the request as it stands afterwards."""
        return await self._change(f"financing-requests/{request_id}/{step}", stated)

    async def subscribe(self, url: str, events: tuple[str, ...] = EVENTS) -> dict[str, Any]:
        """The subscription with its `secret`: keep it, it is told this once."""
        return await self._change("webhooks", {"url": url, "events": list(events)})

    async def replay(self, webhook_id: str, since: str) -> int:
        """Have what failed for good since then (ISO 8601) sent again; how many events that are."""
        answer = await self._change(f"webhooks/{webhook_id}/replay", {"since": since})
        return int(answer["queued"])

    async def _change(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        # One key for all tries: whichever of them arrived, the change is made once.
        return await self._call("POST", path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())})

    async def _call(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        """Tried again while nobody answers or the platform is broken; raises Refused."""
        for again in range(1, _TRIES):
            try:
                return await self._once(method, path, **more)
            except (ClientConnectionError, TimeoutError):
                pass
            except Refused as refused:
                if refused.status < _BROKEN:
                    raise
            await asyncio.sleep(self._pause * 2**again)
        return await self._once(method, path, **more)

    async def _once(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        async with self._session.request(method, path, **more) as response:
            # A proxy in front of the platform answers as it likes.
            body = await response.json(content_type=None) if "json" in response.content_type else {}
            if response.status >= _REFUSED:
                raise Refused(response.status, body)
            return dict(body)


def verified(secret: str, header: str, body: bytes, *, now: float | None = None) -> dict[str, Any]:
    """The event in `body`, bytes as they came, if `header` proves that the platform sent it just now.

    Raises:
        BadSignature: it does not.
    """
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    said, digest = parts.get("t", ""), parts.get("v1", "")
    if not (said.isascii() and said.isdecimal() and digest.isascii()):
        raise BadSignature("malformed header")
    expected = hmac.new(secret.encode(), f"{said}.".encode() + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, digest):
        raise BadSignature("wrong signature")
    if abs((time.time() if now is None else now) - int(said)) > FRESH_SECONDS:
        raise BadSignature("too old")
    return dict(json.loads(body))


Handle = Callable[[dict[str, Any]], Awaitable[None]]


class Receiver:
    """Takes webhooks. An event may come twice, with the same id, and out of order.

    Ids are kept in memory here; keep yours where the work is kept, and commit both together.
    """

    def __init__(self, secret: str, handle: Handle) -> None:
        self._secret = secret
        self._handle = handle
        self._seen: set[str] = set()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/rongqiao", self._take)
        return app

    async def _take(self, request: web.Request) -> web.Response:
        """204 once the event is safe with us; anything else, and it comes again."""
        try:
            event = verified(self._secret, request.headers.get(SIGNATURE, ""), await request.read())
        except BadSignature as error:
            return web.Response(status=401, text=str(error))
        if event["id"] not in self._seen:
            await self._handle(event)
            self._seen.add(event["id"])
        return web.Response(status=204)


async def printed(event: dict[str, Any]) -> None:
    """Here your own system takes over; let it answer quickly, and do what takes long afterwards."""
    sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def opened(url: str, token: str) -> ClientSession:
    """A session with the platform at `url`, such as https://rongqiao.example."""
    headers = {"Authorization": f"Bearer {token}"}
    return ClientSession(f"{url.rstrip('/')}/api/v1/", headers=headers, timeout=ClientTimeout(total=30))


async def run(command: str, *stated: str) -> None:
    """`list [FILTER=VALUE…]`, `subscribe URL`, or a step: `approve ID amount=600000 term_months=12 …`."""
    async with opened(os.environ["RONGQIAO_URL"], os.environ["RONGQIAO_TOKEN"]) as session:
        platform = Platform(session)
        if command == "list":
            async for item in platform.requests(**dict(part.split("=", 1) for part in stated)):
                await printed(item)
        elif command == "subscribe":
            await printed(await platform.subscribe(stated[0]))
        else:
            body = {name: _figure(name, value) for name, value in (part.split("=", 1) for part in stated[1:])}
            await printed(await platform.step(stated[0], command, **body))


def _figure(name: str, text: str) -> str | float:
    """`600000` and `4.35` as the numbers that they are; everything else as it is."""
    if name in _FIGURES:
        return float(text) if "." in text else int(text)
    return text


def main(command: str, *stated: str) -> None:
    """`listen PORT`, behind your own TLS, or a call."""
    if command == "listen":
        receiver = Receiver(os.environ["RONGQIAO_WEBHOOK_SECRET"], printed)
        web.run_app(receiver.app(), port=int(stated[0]))
    else:
        asyncio.run(run(command, *stated))


if __name__ == "__main__":
    main(*sys.argv[1:])
