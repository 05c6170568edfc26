"""What the checks look at: the settings, and how the parts of the deployment are reached."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from bot.account import Account, account_of
from bot.config import Settings
from bot.doctor.platform import Platform

# WeChat itself waits five seconds for a callback.
_TIMEOUT = ClientTimeout(total=5)


class NeverStarted(Exception):
    """The sandbox makes its account on the first start, and there has been none."""


@dataclass(frozen=True, slots=True)
class Patient:
    settings: Settings
    account: Account
    http: ClientSession
    platform: Platform


@asynccontextmanager
async def admitted(settings: Settings) -> AsyncIterator[Patient]:
    """Raises NeverStarted. Nothing is made: neither the data folder nor what the first start keeps there."""
    if settings.sandbox_on and not (settings.data_dir / "sandbox-account.json").is_file():
        raise NeverStarted
    account = account_of(settings)
    connector = TCPConnector(ssl=ssl.create_default_context())
    async with ClientSession(connector=connector, timeout=_TIMEOUT, cookie_jar=DummyCookieJar()) as http:
        yield Patient(settings, account, http, Platform(http, settings.wechat_api, account))
