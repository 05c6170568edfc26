"""What the routes find in the application."""

import asyncio

from aiohttp import web

from bot.audience import Audiences
from bot.catalogue import CatalogueFeed
from bot.pipeline import Pipeline
from bot.turns import Turns
from bot.wechat.callback import CallbackCodec
from domain.credit.registry import Registry
from domain.database import Database
from domain.incentives.rules import Rules
from domain.market.rules import MarketRules
from domain.recommending.rules import ReviewRules
from domain.risk_sharing.schemes import Schemes
from domain.scores.scorer import Scorer
from domain.secrets import Cipher
from domain.webhooks.addresses import Addresses
from matching.matcher import Matcher

DATABASE = web.AppKey("database", Database)
PIPELINE = web.AppKey("pipeline", Pipeline)
CODEC = web.AppKey("codec", CallbackCodec)
MATCHER = web.AppKey("matcher", Matcher)
# Other systems may use one of the matcher's threads at a time: the other one is the owners'.
MATCH_SLOTS = web.AppKey("match_slots", asyncio.Semaphore)
FEED = web.AppKey("feed", CatalogueFeed)
AUDIENCES = web.AppKey("audiences", Audiences)
CIPHER = web.AppKey("cipher", Cipher)
INDICATORS = web.AppKey("indicators", Registry)
API_TOKEN = web.AppKey("api_token", str)
REVIEW_RULES = web.AppKey("review_rules", ReviewRules)
INCENTIVE_RULES = web.AppKey("incentive_rules", Rules)
RISK_SCHEMES = web.AppKey("risk_schemes", Schemes)
SCORER = web.AppKey("scorer", Scorer)
MARKET_RULES = web.AppKey("market_rules", MarketRules)
# At each request one institution of this process at a time.
REQUEST_TURNS = web.AppKey("request_turns", Turns)
# Where institutions may have events sent.
WEBHOOK_ADDRESSES = web.AppKey("webhook_addresses", Addresses)
