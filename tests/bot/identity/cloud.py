"""Tencent Cloud's FaceID and OCR behind a socket: checks signatures, and plays what people and clouds do."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.bot.transcription.cloud import SECRET_ID, SECRET_KEY, said, unsigned

__all__ = ["RULE_ID", "SECRET_ID", "SECRET_KEY", "FaceCloud"]

RULE_ID = "17"
_VERSIONS = {"faceid": "2018-03-01", "ocr": "2018-11-19"}
_SERVICES = {
    "DetectAuth": "faceid",
    "GetDetectInfoEnhanced": "faceid",
    "VerifyBizLicenseEnterprise4": "ocr",
}
# What is there before the person has done anything.
_UNDONE = {"ErrCode": None, "ErrMsg": None, "IdCard": "", "Name": "", "Sim": None, "LivenessDetail": []}
_EMPTY_PICTURES = {"IdCardData": None, "BestFrame": None, "VideoData": None}


async def _nothing() -> None:
    return


@dataclass
class FaceCloud:
    """`troubles` are used up one a call, whatever is asked; then tries are as real.

    `before_result` happens while the result is on its way; `asked` are actions with what they carried.
    """

    troubles: deque[Any] = field(default_factory=deque)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tries: dict[str, dict[str, Any]] = field(default_factory=dict)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    expired: set[str] = field(default_factory=set)
    enterprise: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    content_type: str = "application/json"
    open: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    before_result: Callable[[], Awaitable[None]] = _nothing

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/", self.answer)
        return app

    @property
    def token(self) -> str:
        """Of the try opened last."""
        return list(self.tries)[-1]

    def count(self, action: str) -> int:
        return sum(name == action for name, _ in self.asked)

    def passes(self, token: str = "", **changes: Any) -> None:
        """The person does all that he is asked to; `changes` are what the cloud says otherwise."""
        token = token or self.token
        asked = self.tries[token]
        well = {"ErrCode": 0, "ErrMsg": "成功", "LiveStatus": 0, "Comparestatus": 0, "Sim": "93.55"}
        person = {"IdCard": asked["IdCard"], "Name": asked["Name"], "Extra": asked["Extra"]}
        self.results[token] = _UNDONE | well | person | changes

    def fails(self, token: str = "", **changes: Any) -> None:
        problem = {"ErrCode": 66660004, "ErrMsg": "无法确认为本人", "Comparestatus": 66660004, "Sim": "21.3"}
        self.passes(token, **problem | changes)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        action = request.headers["X-TC-Action"]
        service = _SERVICES[action]
        assert request.headers["X-TC-Version"] == _VERSIONS[service]
        if trouble := unsigned(request, raw, service):
            return self._error(trouble)
        question = json.loads(raw)
        self.asked.append((action, question))
        self.arrived.set()
        if self.troubles:
            answer = await self._trouble(request, self.troubles.popleft())
            if answer is not None:
                return answer
        return await getattr(self, f"_{action}")(question)

    async def _DetectAuth(self, question: dict[str, Any]) -> web.Response:  # noqa: N802 - named as the action
        if question["RuleId"] != RULE_ID:
            return self._error("InvalidParameterValue.RuleIdNotExist")
        token = f"TOKEN-{len(self.tries):04}"
        self.tries[token] = question
        return self._said(Url=f"https://open.weixin.qq.com/face?token={token}", BizToken=token)

    async def _GetDetectInfoEnhanced(self, question: dict[str, Any]) -> web.Response:  # noqa: N802 - likewise
        token = question["BizToken"]
        if token in self.expired:
            return self._error("InvalidParameterValue.BizTokenExpired")
        if token not in self.tries:
            return self._error("InvalidParameterValue.BizTokenIllegal")
        await self.before_result()
        return self._said(Text=self.results.get(token, _UNDONE), **_EMPTY_PICTURES | self.more)

    async def _VerifyBizLicenseEnterprise4(  # noqa: N802 - likewise
        self, _: dict[str, Any]
    ) -> web.Response:
        return self._said(**self.enterprise)

    async def _trouble(self, request: web.Request, kind: Any) -> web.StreamResponse | None:
        match kind:
            case {"code": code}:
                return self._error(code)
            case "drop":
                assert request.transport
                request.transport.abort()
            case "slow":
                await self.open.wait()
            case "500":
                return web.Response(status=500, text="<html>from a gateway</html>")
            case "redirect":
                return web.Response(status=302, headers={"Location": "https://example.org/"})
            case str():
                return web.Response(text=kind, content_type="application/json")
        return None

    def _error(self, code: str) -> web.Response:
        return self._said(Error={"Code": code, "Message": "张三丰 11010519491231002X"})

    def _said(self, **response: Any) -> web.Response:
        answer = said(**response)
        answer.headers["Content-Type"] = self.content_type
        return answer
