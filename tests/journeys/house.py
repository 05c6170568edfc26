"""A whole service for a journey: started as in production, facing the fake WeChat over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from stdnum.cn import uscc as credit_codes

from bot import app, config
from bot.config import Settings
from bot.embedded import ports
from bot.sandbox.account import SandboxAccount
from bot.sandbox.api import api_app
from bot.sandbox.people import ChatEntry
from bot.sandbox.wechat import FakeWeChat
from bot.sandbox_templates import sandbox_templates
from domain.secrets import new_key

TOKEN = "operator-token"
_PATIENCE_SECONDS = 20.0
T = TypeVar("T")


@dataclass
class House:
    """The outside world (`fake`) and the settings of a service that can be started again and again."""

    fake: FakeWeChat
    settings: Settings
    openid: str

    @asynccontextmanager
    async def open(self, *, enrolling: bool = True) -> AsyncIterator[None]:
        """`enrolling`: the person is known already, taken over from another platform with his company."""
        async with app.running(self.settings):
            if enrolling:
                await self.enrol(self.openid)
            yield

    async def enrol(self, openid: str, **facts: Any) -> str:
        """Registered, verified and with the consent to matching, by import; the company's code."""
        uscc = credit_code(openid)
        company = {"uscc": uscc, "name": f"苏州{uscc[-5:-1]}有限公司", "openid": openid, "enrolled": True}
        status, answer = await self.post("/companies", {"items": [company | facts]})
        assert (status, answer["accepted"]) == (200, 1), answer
        return uscc

    async def say(self, text: str) -> str:
        return joined(await self.fake.say(self.openid, text))

    async def get(self, path: str, **query: str) -> Any:
        async with (
            ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session,
            session.get(f"{self.settings.server.local_address}/api/v1{path}", params=query) as response,
        ):
            assert response.status == 200, await response.text()
            return await response.json()

    async def post(self, path: str, body: Any, **query: str) -> tuple[int, Any]:
        async with (
            ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session,
            session.post(
                f"{self.settings.server.local_address}/api/v1{path}", json=body, params=query
            ) as response,
        ):
            return response.status, await response.json(content_type=None)

    async def requests(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.get("/financing-requests", openid=self.openid))["items"]
        return items


def credit_code(seed: str) -> str:
    """A credit code with its check character, another one for every seed."""
    digits = int.from_bytes(sha256(seed.encode()).digest()[:4]) % 10**8
    body = f"91320583M{digits:08d}"
    return f"{body}{credit_codes.calc_check_digit(body)}"


def joined(entries: list[ChatEntry]) -> str:
    return "\n".join(entry.content.text for entry in entries)


async def until(found: Callable[[], T]) -> T:
    """What `found` answers as soon as it is true; fails after a while."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not (result := found()):  # noqa: ASYNC110 - what is waited for is in another world
            await asyncio.sleep(0.05)
    return result


@asynccontextmanager
async def house(folder: Path, *, nlu_url: str, **sections: dict[str, Any]) -> AsyncIterator[House]:
    """A house with its doors still closed; `sections` override settings by section and key."""
    account = SandboxAccount.generate()
    port = ports.any_free()
    settings = config.load()
    fake = FakeWeChat(
        account,
        f"http://127.0.0.1:{port}/wechat",
        templates=sandbox_templates(settings.wechat.templates),
        receipt_delay=0.05,
    )
    async with fake, TestServer(api_app(fake)) as api:
        overrides: dict[str, dict[str, Any]] = {
            "server": {"port": port},
            "wechat": {
                "app_id": account.app_id,
                "app_secret": account.app_secret,
                "token": account.token,
                "encoding_aes_key": account.encoding_aes_key,
                "api_base_url": str(api.make_url("/")).rstrip("/"),
            },
            "nlu": {"url": nlu_url},
            "api": {"bootstrap_token": TOKEN},
            "secrets": {"encryption_key": new_key()},
            "log": {"level": "WARNING"},
        }
        for section, values in sections.items():
            overrides[section] = overrides.get(section, {}) | values
        with _environment(overrides | {"": {"data_dir": str(folder)}}):
            loaded = config.load()
        yield House(fake, loaded, openid=fake.add_person(nickname="张总").openid)


@contextmanager
def _environment(sections: dict[str, dict[str, Any]]) -> Iterator[None]:
    """Settings as an operator gives them: by the environment."""
    values = {
        "RONGQIAO_" + "__".join(part for part in (section, key) if part).upper(): str(value)
        for section, keys in sections.items()
        for key, value in keys.items()
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        yield
