"""The sandbox's provider: asks the stand-in at /sandbox/identity, over HTTP like a real one."""

from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.identity.base import Begun, Expired, Outcome, Unreachable, Verdict
from domain.identity.papers import masked_name
from domain.identity.verifications import Person

_LASTS: Final = timedelta(hours=2)
_TIMEOUT: Final = ClientTimeout(total=5)
_GONE: Final = 404
_OUTCOMES: Final = {
    "": Outcome(Verdict.PENDING),
    "pass": Outcome(Verdict.PASSED, evidence="sandbox", similarity=99.0),
    "fail": Outcome(
        Verdict.FAILED, "没能确认是您本人（沙箱里选了“不通过”）。", "sandbox.fail", "sandbox", 12.0
    ),
    "away": Outcome(Verdict.ABANDONED, "您中途离开了认证。", "sandbox.away", "sandbox"),
}


class SandboxProvider:
    """As `IdentityProvider` says. Works nowhere but in the sandbox; the number never leaves the house."""

    name = "sandbox"
    needs_face = True

    def __init__(self, http: ClientSession, base_url: str, secret: str) -> None:
        self._http = http
        self._base = base_url
        self._headers = {"Authorization": f"Bearer {secret}"}

    async def begin(self, person: Person, redirect_url: str, *, reference: str, now: datetime) -> Begun:
        question = {"name": masked_name(person.name), "redirect_url": redirect_url, "reference": reference}
        answer = await self._call("POST", "/checks", question)
        return Begun(str(answer["url"]), str(answer["token"]), now + _LASTS)

    async def finish(self, token: str, person: Person) -> Outcome:
        del person
        answer = await self._call("GET", f"/checks/{token}", None)
        return _OUTCOMES[str(answer["result"])]

    async def _call(self, method: str, path: str, question: dict[str, str] | None) -> dict[str, Any]:
        try:
            async with self._http.request(
                method, self._base + path, json=question, headers=self._headers, timeout=_TIMEOUT
            ) as response:
                if response.status == _GONE:
                    raise Expired("the sandbox was started anew, and knows the try no more")
                response.raise_for_status()
                answer: dict[str, Any] = await response.json()
        except (ClientError, OSError, TimeoutError, ValueError) as error:
            raise Unreachable(f"sandbox: {type(error).__name__}") from error
        return answer
