"""Settings that are wrong in one place, and one check at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot import cli
from bot.config import Settings
from bot.doctor.finding import Finding, Level
from bot.doctor.patient import Patient, admitted
from tests.bot.pipes import given_back
from tests.journeys.house import House


def changed(settings: Settings, section: str, values: dict[str, Any]) -> Settings:
    """The settings with other values in a section, checked as those of a file are."""
    whole = settings.model_dump()
    whole[section] = whole[section] | values
    return Settings.model_validate(whole)


async def found(settings: Settings, examine: Callable[[Patient], Awaitable[list[Finding]]]) -> list[Finding]:
    async with admitted(settings) as patient:
        return await examine(patient)


def worst(findings: list[Finding]) -> Finding:
    return max(findings, key=lambda finding: list(Level).index(finding.level))


def environment(patch: pytest.MonkeyPatch, home: House) -> None:
    """The house's settings as a command of its own finds them."""
    settings = home.settings
    values = {
        "DATA_DIR": settings.data_dir,
        "SERVER__PORT": settings.server.port,
        "WECHAT__APP_ID": settings.wechat.app_id,
        "WECHAT__APP_SECRET": settings.wechat.app_secret.get_secret_value(),
        "WECHAT__TOKEN": settings.wechat.token.get_secret_value(),
        "WECHAT__ENCODING_AES_KEY": settings.wechat.encoding_aes_key.get_secret_value(),
        "WECHAT__API_BASE_URL": settings.wechat.api_base_url,
        "NLU__URL": settings.nlu.url,
        "SECRETS__ENCRYPTION_KEY": settings.secrets.encryption_key.get_secret_value(),
        "API__BOOTSTRAP_TOKEN": settings.api.bootstrap_token.get_secret_value(),
        "SANDBOX__ENABLED": settings.sandbox.enabled,
        "LOG__LEVEL": "ERROR",
    }
    for name, value in values.items():
        patch.setenv(f"RONGQIAO_{name}", str(value))


async def run(*arguments: str) -> int:
    """In a thread of its own: a command brings its own event loop."""
    with given_back():
        return await asyncio.to_thread(cli.main, list(arguments))
