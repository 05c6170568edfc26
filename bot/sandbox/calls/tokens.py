"""The two unrelated families of access tokens, with expiry, overlap and limits."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.account import SandboxAccount
from bot.sandbox.calls.base import Answer, Payload, Work
from bot.sandbox.errors import ApiError
from bot.sandbox.rules import Rule, RuleBook

LIFETIME = 7200.0
OVERLAP = 300.0
"""Seconds that a plain token lives on beside the next, and before its expiry that a stable one is renewed."""
FORCED_A_DAY = 20
FORCED_APART = 30.0
_DAY = 86_400.0
_SHORTEST = 512


@dataclass
class _Token:
    value: str
    expires: float


@dataclass
class TokenDesk:
    account: SandboxAccount
    clock: Callable[[], float]
    rules: RuleBook
    whitelist: set[str] = field(default_factory=set)
    """Addresses that may fetch tokens and call; empty: all."""
    frozen: bool = False
    """The operator has frozen the secret in the console."""
    _plain: _Token | None = None
    _stable: _Token | None = None
    _valid: dict[str, float] = field(default_factory=dict)
    """Every token ever given out that was not killed, with its expiry."""
    _forced: list[float] = field(default_factory=list)

    def calls(self) -> dict[str, Work]:
        return {"cgi-bin/token": self._token_call, "cgi-bin/stable_token": self._stable_call}

    def _token_call(self, payload: Payload) -> Answer:
        _check_grant(payload)
        return self.fetch_plain(str(payload.get("appid", "")), str(payload.get("secret", "")))

    def _stable_call(self, payload: Payload) -> Answer:
        _check_grant(payload)
        force = payload.get("force_refresh") is True
        return self.fetch_stable(str(payload.get("appid", "")), str(payload.get("secret", "")), force=force)

    def fetch_plain(self, app_id: str, secret: str) -> dict[str, Any]:
        """`GET /cgi-bin/token`: always a new one; the one before ends after the overlap."""
        self._check_account(app_id, secret)
        if self._plain is not None:
            self._valid[self._plain.value] = min(self._plain.expires, self.clock() + OVERLAP)
        self._plain = self._issue()
        return self._answer(self._plain)

    def fetch_stable(self, app_id: str, secret: str, *, force: bool) -> dict[str, Any]:
        """`POST /cgi-bin/stable_token`: the same one while it is good; `force` kills it and is rationed."""
        self._check_account(app_id, secret)
        now = self.clock()
        if force:
            self._ration_force(now)
            if self._stable is not None:
                self._valid.pop(self._stable.value, None)
        if force or self._stable is None or self._stable.expires - now < OVERLAP:
            self._stable = self._issue()
        return self._answer(self._stable)

    def check(self, token: str, path: str) -> None:
        """Raise what WeChat would answer to a call with `token`."""
        if not token:
            raise ApiError(41001, "access_token missing")
        expires = self._valid.get(token)
        if expires is not None and expires > self.clock():
            return
        if self.rules.told_before("token", token):
            self.rules.broken(Rule.STALE, path, "收到 40001 或 42001 以后应换令牌，并只重试一次")
        if expires is None:
            raise ApiError(40001, "invalid credential, access_token is invalid or not latest")
        raise ApiError(42001, "access_token expired")

    def check_address(self, address: str) -> None:
        if self.whitelist and address not in self.whitelist:
            raise ApiError(40164, f"invalid ip {address}, not in whitelist")

    def revoke_all(self) -> None:
        """Every token given out so far is dead at once (40001), as after a change of the secret."""
        self._valid.clear()
        self._plain = self._stable = None

    def expire_all(self) -> None:
        """Every token given out so far has run out (42001)."""
        self._valid = dict.fromkeys(self._valid, 0.0)
        self._plain = self._stable = None

    def _issue(self) -> _Token:
        token = _Token(secrets.token_urlsafe(_SHORTEST)[:_SHORTEST], self.clock() + LIFETIME)
        self._valid[token.value] = token.expires
        return token

    def _answer(self, token: _Token) -> dict[str, Any]:
        return {"access_token": token.value, "expires_in": round(token.expires - self.clock())}

    def _check_account(self, app_id: str, secret: str) -> None:
        if app_id != self.account.app_id:
            raise ApiError(40013, "invalid appid")
        if self.frozen:
            raise ApiError(40243, "appsecret is frozen")
        if not secrets.compare_digest(secret.encode(), self.account.app_secret.encode()):
            raise ApiError(40125, "invalid appsecret")

    def _ration_force(self, now: float) -> None:
        self._forced = [at for at in self._forced if now - at < _DAY]
        if len(self._forced) >= FORCED_A_DAY:
            raise ApiError(45009, "reach max api daily quota limit")
        if self._forced and now - self._forced[-1] < FORCED_APART:
            raise ApiError(45011, "api minute-quota reach limit, mustn't be called again within 30 seconds")
        self._forced.append(now)


def _check_grant(fields: Payload) -> None:
    if fields.get("grant_type") != "client_credential":
        raise ApiError(40002, "invalid grant_type")
