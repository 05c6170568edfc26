"""Who is in front of a page: sessions, logins under way, sentences for the next page; all in Redis.

Ids are random and kept there as hashes only: who reads Redis can open nobody's pages.
"""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from bot.web.links import Page, Target

LOGIN_SECONDS = 600
_NOTE_SECONDS = 300
_SECRET_BYTES = 32
# A cookie or a parameter of ours is never longer; what is, need not be hashed.
_LONGEST = 128


@dataclass(frozen=True, slots=True)
class Visit:
    """A person in a browser. `csrf` is in each of his forms; `key` names what is kept for the session."""

    openid: str = field(repr=False)
    csrf: str = field(repr=False)
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """A login that was begun: where it leads, and whom the link was made for, if there was one."""

    target: Target
    openid: str | None = field(default=None, repr=False)


class Sessions:
    """``idle_minutes`` without a page end a session, and ``hours`` end it in any case."""

    def __init__(
        self, redis: Redis, *, idle_minutes: int, hours: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._redis = redis
        self._idle = idle_minutes * 60
        self._longest = hours * 3600
        self._clock = clock

    async def begin(self, openid: str) -> str:
        """A new session's id, for the cookie."""
        session_id = fresh()
        until = self._clock() + self._longest
        kept = {"openid": openid, "csrf": fresh(), "until": until}
        await self._redis.set(_key("session", session_id), json.dumps(kept), ex=self._idle)
        return session_id

    async def find(self, session_id: str) -> Visit | None:
        """The session of that id, kept alive by being asked for; None when it is over or never was."""
        if not 0 < len(session_id) <= _LONGEST:
            return None
        key = _key("session", session_id)
        raw = await self._redis.get(key)
        if raw is None:
            return None
        kept: dict[str, Any] = json.loads(raw)
        left = int(kept["until"] - self._clock())
        if left <= 0:
            await self._redis.delete(key)
            return None
        await self._redis.expire(key, min(self._idle, left))
        return Visit(kept["openid"], kept["csrf"], key)

    async def end(self, session_id: str) -> None:
        if session_id:
            await self._redis.delete(_key("session", session_id))

    async def keep(self, visit: Visit, what: str, text: str, seconds: int) -> None:
        """Something that belongs to this session alone, and may be lost with it."""
        await self._redis.set(f"{visit.key}:{what}", text, ex=seconds)

    async def kept(self, visit: Visit, what: str) -> str:
        raw = await self._redis.get(f"{visit.key}:{what}")
        return raw.decode() if isinstance(raw, bytes) else ""

    async def note(self, visit: Visit, sentence: str) -> None:
        """A sentence that the person's next page shows once."""
        await self._redis.set(f"{visit.key}:note", sentence, ex=_NOTE_SECONDS)

    async def noted(self, visit: Visit) -> str:
        raw = await self._redis.getdel(f"{visit.key}:note")
        return raw.decode() if isinstance(raw, bytes) else ""


class Logins:
    """Logins that are at WeChat: each `state` counts once, for ten minutes, in the browser that began it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def begin(self, login: Login, browser: str) -> str:
        """The state that WeChat hands back; ``browser`` is the value of the cookie that it is bound to."""
        state = secrets.token_hex(_SECRET_BYTES // 2)
        kept = [login.target.page, dict(login.target.args), login.openid, hashed(browser)]
        await self._redis.set(_key("login", state), json.dumps(kept), ex=LOGIN_SECONDS)
        return state

    async def redeem(self, state: str, browser: str) -> Login | None:
        """What was begun with that state; None if it is unknown, over, used, or of another browser."""
        if not 0 < len(state) <= _LONGEST:
            return None
        raw = await self._redis.getdel(_key("login", state))
        if raw is None:
            return None
        page, args, openid, bound_to = json.loads(raw)
        if not hmac.compare_digest(bound_to, hashed(browser)):
            return None
        return Login(Target(Page(page), args), openid)


def fresh() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _key(kind: str, secret: str) -> str:
    return f"pages:{kind}:{hashed(secret)}"
