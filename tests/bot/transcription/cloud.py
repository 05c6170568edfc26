"""Tencent Cloud behind a socket: checks each signature as documented, and answers what it is told."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

SECRET_ID = "AKIDofTheHouse"
SECRET_KEY = "the-key-of-the-house"
_PROOF = re.compile(
    r"TC3-HMAC-SHA256 Credential=(?P<id>[^/]+)/(?P<day>[\d-]+)/(?P<service>\w+)/tc3_request, "
    r"SignedHeaders=(?P<signed>[a-z;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass
class Cloud:
    """`answers` are used up one a call: words, an error code, or a trouble; then `words`."""

    words: str = "我想贷五十万"
    answers: deque[Any] = field(default_factory=deque)
    asked: list[dict[str, Any]] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/", self.answer)
        return app

    @property
    def sound(self) -> bytes:
        """What the last call carried."""
        return base64.b64decode(self.asked[-1]["Data"], validate=True)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        if trouble := unsigned(request, raw):
            return said(
                Error={"Code": trouble, "Message": "The provided credentials could not be validated."}
            )
        assert request.headers["X-TC-Action"] == "SentenceRecognition"
        assert request.headers["X-TC-Version"] == "2019-06-14"
        self.asked.append(json.loads(raw))
        if not self.answers:
            return said(Result=self.words, AudioDuration=2380)
        return await self.trouble(request, self.answers.popleft())

    async def trouble(self, request: web.Request, kind: Any) -> web.StreamResponse:
        match kind:
            case {"code": code}:
                return said(Error={"Code": code, "Message": "on demand"})
            case "drop":
                assert request.transport
                request.transport.abort()
            case "slow":
                await self.open.wait()
            case "redirect":
                return web.Response(status=302, headers={"Location": "https://example.org/"})
            case "502":
                return web.Response(status=502, text="<html>from a gateway</html>")
            case text:
                return web.Response(text=text, content_type="application/json")
        return said(Result=self.words)


def said(**response: Any) -> web.Response:
    return web.json_response({"Response": {**response, "RequestId": "of-the-call"}})


def unsigned(request: web.Request, raw: bytes, service: str = "asr") -> str:
    """The code of what is wrong with the signature; empty if it is right."""
    found = _PROOF.fullmatch(request.headers["Authorization"])
    if not found or found["service"] != service:
        return "AuthFailure.InvalidAuthorization"
    if found["id"] != SECRET_ID:
        return "AuthFailure.SecretIdNotFound"
    names = found["signed"].split(";")
    assert {"content-type", "host"} <= set(names)
    headers = "".join(f"{name}:{request.headers[name].strip().lower()}\n" for name in names)
    canonical = f"POST\n/\n\n{headers}\n{found['signed']}\n{hashlib.sha256(raw).hexdigest()}"
    stamp = request.headers["X-TC-Timestamp"]
    scope = f"{found['day']}/{service}/tc3_request"
    text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = hmac.digest(f"TC3{SECRET_KEY}".encode(), found["day"].encode(), "sha256")
    key = hmac.digest(hmac.digest(key, service.encode(), "sha256"), b"tc3_request", "sha256")
    wanted = hmac.digest(key, text.encode(), "sha256").hex()
    return "" if wanted == found["signature"] else "AuthFailure.SignatureFailure"
