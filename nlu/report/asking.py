"""A set of sentences to a Rasa server, and what it read in each."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import ClientSession

from nlu.client import clean
from nlu.examples import Sentence
from nlu.server import RasaServer
from nlu.understanding import Understanding

_AT_ONCE: Final = 4
# Nobody waits for an answer here: a slow machine must not spoil the figures.
_TIMEOUT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence with what is right, and what was read in it."""

    sentence: Sentence
    read: Understanding


async def ask(url: str, sentences: Sequence[Sentence]) -> list[Reading]:
    """In the order of the sentences, cleaned as the service does it.

    Raises `RasaError`: figures that leave some sentences out would be wrong.
    """
    at_once = asyncio.Semaphore(_AT_ONCE)
    async with ClientSession() as session:
        server = RasaServer(url, session, timeout=_TIMEOUT_SECONDS, parallel=_AT_ONCE, rest=0.0)

        async def one(sentence: Sentence) -> Reading:
            async with at_once:
                return Reading(sentence, await server.parse(clean(sentence.text)))

        return list(await asyncio.gather(*map(one, sentences)))
