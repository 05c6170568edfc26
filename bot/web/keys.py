"""What the routes find in the application."""

import asyncio

from aiohttp import web

from bot.catalogue import CatalogueFeed
from bot.pipeline import Pipeline
from bot.wechat.callback import CallbackCodec
from domain.credit.registry import Registry
from domain.database import Database
from domain.scores.scorer import Scorer
from domain.secrets import Cipher
from matching.matcher import Matcher

DATABASE = web.AppKey("database", Database)
PIPELINE = web.AppKey("pipeline", Pipeline)
CODEC = web.AppKey("codec", CallbackCodec)
MATCHER = web.AppKey("matcher", Matcher)
# Other systems may use one of the matcher's threads at a time: the other one is the owners'.
MATCH_SLOTS = web.AppKey("match_slots", asyncio.Semaphore)
FEED = web.AppKey("feed", CatalogueFeed)
CIPHER = web.AppKey("cipher", Cipher)
INDICATORS = web.AppKey("indicators", Registry)
API_TOKEN = web.AppKey("api_token", str)
SCORER = web.AppKey("scorer", Scorer)
