"""How many calls are left, and what became of one (openApi 管理)."""

from dataclasses import dataclass, field

from bot.wechat.answers import number_of, record_of, text_of
from bot.wechat.caller import Caller
from bot.wechat.errors import InvalidArgument
from bot.wechat.transport import Call, Transport

CLEAR = "/cgi-bin/clear_quota"
CLEAR_BY_SECRET = "/cgi-bin/clear_quota/v2"  # noqa: S105 - a path
GET = "/cgi-bin/openapi/quota/get"
CLEAR_ONE = "/cgi-bin/openapi/quota/clear"
REQUEST_INFO = "/cgi-bin/openapi/rid/get"


@dataclass(frozen=True, slots=True)
class CallQuota:
    """Of one path, today."""

    daily_limit: int
    used: int
    left: int


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """A call as the platform saw it; address and bodies hold tokens and people."""

    invoked_at: int
    cost_ms: int
    url: str = field(repr=False)
    body: str = field(repr=False)
    answer: str = field(repr=False)
    client_ip: str


class Quota:
    def __init__(self, caller: Caller, transport: Transport, *, app_id: str, app_secret: str) -> None:
        self._caller = caller
        self._transport = transport
        self._app_id = app_id
        self._app_secret = app_secret

    async def clear(self) -> None:
        """Sets all counts of the day to zero; ten times a month, then `ClearsUsedUp`."""
        await self._caller.post(CLEAR, {"appid": self._app_id})

    async def clear_by_secret(self) -> None:
        """The same when not even a token is to be had; counts against the same ten."""
        body = {"appid": self._app_id, "appsecret": self._app_secret}
        await self._transport.exchange(Call("POST", CLEAR_BY_SECRET, body=body))

    async def clear_one(self, path: str) -> None:
        """Of one path; fifty times a month."""
        _check_path(path)
        await self._caller.post(CLEAR_ONE, {"cgi_path": path})

    async def get(self, path: str) -> CallQuota:
        """``path`` like ``/cgi-bin/message/custom/send``."""
        _check_path(path)
        quota = record_of(await self._caller.post(GET, {"cgi_path": path}), "quota", GET)
        return CallQuota(*(number_of(quota, name, GET) for name in ("daily_limit", "used", "remain")))

    async def request_info(self, rid: str) -> RequestInfo:
        """What the platform knows of the call that `ApiError.rid` names, for seven days."""
        request = record_of(await self._caller.post(REQUEST_INFO, {"rid": rid}), "request", REQUEST_INFO)
        return RequestInfo(
            number_of(request, "invoke_time", REQUEST_INFO),
            number_of(request, "cost_in_ms", REQUEST_INFO),
            str(request.get("request_url", "")),
            str(request.get("request_body", "")),
            str(request.get("response_body", "")),
            text_of(request, "client_ip", REQUEST_INFO),
        )


def _check_path(path: str) -> None:
    if not path.startswith("/") or "?" in path:
        raise InvalidArgument("path", "must begin with / and have no parameters")
