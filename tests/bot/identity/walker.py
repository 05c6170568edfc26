"""A process of its own that takes one step of the walk, as JSON on its standard input says."""

import asyncio
import json
import sys

from bot.identity.checking import Checking, Rules
from bot.identity.material import Material
from bot.identity.providers import Providers
from bot.identity.tencent_faceid import Options, TencentFaceId
from domain.secrets import Cipher, decode_key
from tests.bot.identity.cloud import RULE_ID
from tests.bot.identity.conftest import NAME, NUMBER, service_at
from tests.domain.databases import opened


async def walk(order: dict[str, str]) -> None:
    cipher = Cipher(decode_key(order["key"]))
    async with opened(order["database"]) as database, service_at(order["cloud"]) as service:
        providers = Providers(TencentFaceId(service, Options(RULE_ID)), Material("/{id}"))
        checking = Checking(database, cipher, providers, Rules("https://city.cn/{id}"), lambda: None)
        match order["step"]:
            case "begin":
                await checking.begin("o-1", NAME, NUMBER, "AU-1")
            case "finish":
                await checking.finish("o-1", order["verification"], order["token"])
            case "poll":
                await checking.run_once()


if __name__ == "__main__":
    asyncio.run(walk(json.loads(sys.stdin.read())))
