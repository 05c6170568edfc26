"""The platform's bare words: one try a call, every `errcode` as it came, nothing kept.

The service's own client is built to get a call through; a doctor wants to hear why it does not.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from aiohttp import ClientError, ClientResponse, ClientSession

from bot.account import Account
from bot.wechat import token


class PlatformRefusal(Exception):
    """WeChat's own errcode."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg


class PlatformSilent(Exception):
    """No answer, or none of WeChat's; the text says which, without address and token."""


class NoToken(Exception):
    """There is no access token to ask with; why, is the business of another check."""


class Platform:
    """Calls for one account. The access token is fetched once and shared by all checks."""

    def __init__(self, http: ClientSession, base_url: str, account: Account) -> None:
        self._http = http
        self._base_url = base_url
        self._account = account
        self._token: asyncio.Task[str] | None = None

    async def token(self) -> str:
        """Raises PlatformRefusal, PlatformSilent. Unforced: whoever uses a token goes on using it."""
        if self._token is None:
            self._token = asyncio.create_task(self._fetch())
        return await asyncio.shield(self._token)

    async def ask(
        self, path: str, body: Mapping[str, Any] | None = None, *, token: str = ""
    ) -> dict[str, Any]:
        """POST of `body`, GET without one. Raises PlatformRefusal, PlatformSilent."""
        async with self._call(path, body, token) as response:
            answer = await _read(response)
        errcode = answer.get("errcode", 0)
        if errcode:
            raise PlatformRefusal(int(errcode), str(answer.get("errmsg", "")))
        return answer

    async def ask_as_account(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The same with the access token. Raises NoToken too."""
        try:
            token = await self.token()
        except (PlatformRefusal, PlatformSilent) as trouble:
            raise NoToken from trouble
        return await self.ask(path, body, token=token)

    async def clock_ahead(self) -> float:
        """By how many seconds the platform's clock is ahead of ours, to about one second."""
        began = time.time()
        async with self._call("/", None, "") as response:
            said = response.headers.get("Date", "")
        try:
            there = parsedate_to_datetime(said).astimezone(UTC)
        except ValueError:
            raise PlatformSilent("回答里没有时间") from None
        # The header has whole seconds, cut off.
        here = datetime.fromtimestamp((began + time.time()) / 2, UTC)
        return (there - here).total_seconds() + 0.5

    async def _fetch(self) -> str:
        body = {
            "grant_type": "client_credential",
            "appid": self._account.app_id,
            "secret": self._account.app_secret,
            "force_refresh": False,
        }
        return str((await self.ask(token.PATH, body)).get("access_token", ""))

    @asynccontextmanager
    async def _call(
        self, path: str, body: Mapping[str, Any] | None, token: str
    ) -> AsyncIterator[ClientResponse]:
        trouble = ""
        try:
            async with self._http.request(
                "GET" if body is None else "POST",
                self._base_url + path,
                params={"access_token": token} if token else None,
                data=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
                allow_redirects=False,
            ) as response:
                yield response
        except (TimeoutError, ClientError, OSError) as error:
            trouble = type(error).__name__
        if trouble:
            # Raised outside the handler: aiohttp's errors quote the address, and that holds the token.
            raise PlatformSilent(trouble)


async def _read(response: ClientResponse) -> dict[str, Any]:
    if response.status != HTTPStatus.OK:
        raise PlatformSilent(f"HTTP {response.status}")
    try:
        answer = json.loads(await response.read())
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise PlatformSilent("回答不是 JSON")
    return answer
