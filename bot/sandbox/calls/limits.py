"""How often an API may be called: by the minute, by the day, and clearing that count."""

import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from bot.sandbox.account import SandboxAccount
from bot.sandbox.calls.base import FINE, Answer, Payload, Work, text
from bot.sandbox.errors import ApiError

_BEIJING = timezone(timedelta(hours=8))
_UNPUBLISHED = 1_000_000
_CLEARS_A_MONTH = 10
_SINGLE_CLEARS_A_MONTH = 50
_KEPT_TRACES = 1000
_CLEARING = {"cgi-bin/clear_quota", "cgi-bin/clear_quota/v2", "cgi-bin/openapi/quota/clear"}


def beijing(seconds: float) -> datetime:
    """WeChat's days and months begin at midnight in Beijing."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(_BEIJING)


@dataclass
class LimitDesk:
    """`daily` and `per_minute` hold the published figures by path; a test may put its own."""

    account: SandboxAccount
    clock: Callable[[], float]
    daily: dict[str, int] = field(
        default_factory=lambda: {
            "cgi-bin/token": 2000,
            "cgi-bin/stable_token": 500_000,
            "cgi-bin/message/template/send": 100_000,
        }
    )
    per_minute: dict[str, int] = field(
        default_factory=lambda: {
            "cgi-bin/stable_token": 10_000,
            "cgi-bin/message/mass/sendall": 60,
            "cgi-bin/message/mass/send": 60,
        }
    )
    _used: Counter[tuple[str, str]] = field(default_factory=Counter)
    _minute: Counter[str] = field(default_factory=Counter)
    _minute_now: int = 0
    _clears: Counter[tuple[str, str]] = field(default_factory=Counter)
    _traces: OrderedDict[str, Answer] = field(default_factory=OrderedDict)

    def calls(self) -> dict[str, Work]:
        return {
            "cgi-bin/clear_quota": self._clear,
            "cgi-bin/clear_quota/v2": self._clear_by_secret,
            "cgi-bin/openapi/quota/get": self._get,
            "cgi-bin/openapi/quota/clear": self._clear_one,
            "cgi-bin/openapi/rid/get": self._trace,
        }

    def count(self, path: str) -> None:
        """One more call; raises 45011 or 45009 when it is one too many. Calls beyond a limit do not count."""
        minute = int(self.clock() // 60)
        if minute != self._minute_now:
            self._minute_now = minute
            self._minute.clear()
        if self._minute[path] >= self.per_minute.get(path, _UNPUBLISHED):
            raise ApiError(45011, "api minute-quota reach limit, must slow down, retry next minute")
        if path not in _CLEARING and self._used[self._today(), path] >= self._limit(path):
            raise ApiError(45009, "reach max api daily quota limit")
        self._minute[path] += 1
        self._used[self._today(), path] += 1

    def trace(self, path: str, errcode: int) -> str:
        """A new `rid` under which the refused call can be looked up."""
        rid = "-".join(secrets.token_hex(4) for _ in range(3))
        self._traces[rid] = {
            "invoke_time": int(self.clock()),
            "cost_in_ms": 1,
            "request_url": f"/{path}",
            "response_body": f'{{"errcode":{errcode}}}',
        }
        if len(self._traces) > _KEPT_TRACES:
            self._traces.popitem(last=False)
        return rid

    def _today(self) -> str:
        return beijing(self.clock()).date().isoformat()

    def _limit(self, path: str) -> int:
        return self.daily.get(path, _UNPUBLISHED)

    def _spend_clear(self, name: str, most: int) -> None:
        month = beijing(self.clock()).strftime("%Y-%m")
        if self._clears[name, month] >= most:
            raise ApiError(48006, "forbid to clear quota because of reaching the limit")
        self._clears[name, month] += 1

    def _clear(self, payload: Payload) -> Answer:
        if payload.get("appid") != self.account.app_id:
            raise ApiError(40013, "invalid appid")
        self._spend_clear("all", _CLEARS_A_MONTH)
        self._used.clear()
        return FINE

    def _clear_by_secret(self, payload: Payload) -> Answer:
        if not secrets.compare_digest(
            str(payload.get("appsecret", "")).encode(), self.account.app_secret.encode()
        ):
            raise ApiError(40125, "invalid appsecret")
        return self._clear(payload)

    def _clear_one(self, payload: Payload) -> Answer:
        path = _path(payload)
        self._spend_clear("one", _SINGLE_CLEARS_A_MONTH)
        self._used.pop((self._today(), path), None)
        return FINE

    def _get(self, payload: Payload) -> Answer:
        path = _path(payload)
        limit, used = self._limit(path), self._used[self._today(), path]
        quota = {"daily_limit": limit, "used": used, "remain": max(0, limit - used)}
        rate: dict[str, Any] = {}
        if path in self.per_minute:
            rate = {"rate_limit": {"call_count": self.per_minute[path], "refresh_second": 60}}
        return FINE | {"quota": quota} | rate

    def _trace(self, payload: Payload) -> Answer:
        request = self._traces.get(text(payload, "rid", 76002))
        if request is None:
            raise ApiError(76001, "rid not found")
        return FINE | {"request": request}


def _path(payload: Payload) -> str:
    path = text(payload, "cgi_path", 76021)
    if not path.startswith("/"):
        raise ApiError(76021, "cgi_path not found, must begin with a slash")
    return path.removeprefix("/")
