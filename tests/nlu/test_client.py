"""The client against servers as bad as the world: slow, refusing, talking nonsense, dead."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from nlu.client import LONGEST_TEXT, RasaClient, clean
from nlu.server import RasaRefusedError, RasaUnreachableError

GOOD = {
    "text": "80万",
    "intent": {"name": "inform", "confidence": 0.93},
    "intent_ranking": [{"name": "inform", "confidence": 0.93}, {"name": "correct", "confidence": 0.02}],
    "entities": [{"entity": "amount", "value": 800000, "start": 0, "end": 3, "extractor": "Amounts"}],
}


class FakeRasa:
    """Plays a Rasa server at the socket: `answer` is what it says next, `seen` what it was asked."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.models: list[str] = []
        self.tokens: list[str | None] = []
        self.answer: Any = GOOD
        self.status = 200
        self.delay = 0.0
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_once = 0
        self.most_at_once = 0
        self.loads_for = 0.0

    async def parse(self, request: web.Request) -> web.Response:
        self.seen.append((await request.json())["text"])
        self.tokens.append(request.query.get("token"))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self.delay)
        await self.gate.wait()
        self.at_once -= 1
        if isinstance(self.answer, str):
            return web.Response(text=self.answer, status=self.status)
        return web.json_response(self.answer, status=self.status)

    async def ready(self, request: web.Request) -> web.Response:
        del request
        return web.json_response({}, status=self.status)

    async def load(self, request: web.Request) -> web.Response:
        self.models.append((await request.json())["model_file"])
        # As Rasa, which answers nobody meanwhile.
        self.gate.clear()
        await asyncio.sleep(self.loads_for)
        self.gate.set()
        return web.Response(status=204 if self.status == 200 else self.status)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/model/parse", self.parse)
        app.router.add_get("/status", self.ready)
        app.router.add_put("/model", self.load)
        async with TestServer(app) as server:
            yield str(server.make_url("/")).rstrip("/")


@pytest.fixture
async def rasa() -> AsyncIterator[tuple[FakeRasa, str]]:
    fake = FakeRasa()
    async with fake.served() as url:
        yield fake, url


@asynccontextmanager
async def client_of(*urls: str, **settings: Any) -> AsyncIterator[RasaClient]:
    client = RasaClient(urls, **({"timeout": 0.5, "rest": 60.0} | settings))
    try:
        yield client
    finally:
        await client.aclose()


async def test_an_answer_is_read_whole(rasa: tuple[FakeRasa, str]) -> None:
    _, url = rasa
    async with client_of(url) as client:
        understood = await client.understand("80万")
    assert understood.source == "rasa"
    assert [(intent.name, intent.confidence) for intent in understood.ranking] == [
        ("inform", 0.93),
        ("correct", 0.02),
    ]
    amount = understood.first("amount")
    assert amount is not None
    assert (amount.value, understood.text[amount.start : amount.end]) == (800_000, "80万")


BAD = [
    "<html>",
    "null",
    {},
    GOOD | {"intent": None},
    GOOD | {"intent": {"name": "inform", "confidence": "sure"}},
    GOOD | {"entities": [{"entity": "amount", "value": {"from": 1}, "start": 0, "end": 3}]},
    GOOD | {"entities": [{"entity": "amount", "value": 1, "start": 0, "end": 99}]},
    GOOD | {"entities": [{"entity": "amount", "value": 1, "start": 2, "end": 1}]},
    GOOD | {"entities": [{"entity": "amount", "value": 1, "start": 0, "end": 3, "role": "middle"}]},
]


@pytest.mark.parametrize("answer", BAD, ids=str)
async def test_nonsense_is_answered_by_keywords(rasa: tuple[FakeRasa, str], answer: Any) -> None:
    fake, url = rasa
    fake.answer = answer
    async with client_of(url) as client:
        understood = await client.understand("80万")
    assert (understood.source, understood.intent.name) == ("keywords", "inform")


async def test_a_silent_server_is_answered_by_keywords_then_left_alone(rasa: tuple[FakeRasa, str]) -> None:
    fake, url = rasa
    fake.delay = 5
    async with client_of(url, timeout=0.1) as client:
        sources = {(await client.understand(f"{n}万")).source for n in range(10, 20)}
    assert sources == {"keywords"}
    assert len(fake.seen) == 3


async def test_a_text_that_rasa_refuses_costs_the_next_one_nothing(rasa: tuple[FakeRasa, str]) -> None:
    fake, url = rasa
    fake.status = 500
    async with client_of(url) as client:
        for n in range(10, 20):
            assert (await client.understand(f"{n}万")).source == "keywords"
        fake.status = 200
        assert (await client.understand("80万")).source == "rasa"


async def test_a_server_that_recovers_is_found_by_a_trial(rasa: tuple[FakeRasa, str]) -> None:
    fake, url = rasa
    fake.status = 500
    async with client_of(url, rest=0.05) as client:
        for n in range(10, 14):
            await client.understand(f"{n}万")
        fake.status = 200
        await asyncio.sleep(0.1)
        assert (await client.understand("80万")).source == "rasa"


async def test_a_slow_server_does_not_hold_the_answer_up(rasa: tuple[FakeRasa, str]) -> None:
    fake, url = rasa
    fake.delay = 5
    async with client_of(url, timeout=0.1) as client, asyncio.timeout(3):
        assert (await client.understand("80万")).source == "keywords"


async def test_a_dead_server_is_passed_over_for_a_living_one(rasa: tuple[FakeRasa, str]) -> None:
    fake, url = rasa
    async with client_of(f"http://127.0.0.1:{unused_port()}", url) as client:
        sources = {(await client.understand(f"{n}万")).source for n in range(10, 16)}
    assert sources == {"rasa"}
    assert len(fake.seen) == 6


async def test_servers_take_turns() -> None:
    one, two = FakeRasa(), FakeRasa()
    async with one.served() as first, two.served() as second, client_of(first, second) as client:
        for n in range(10, 16):
            await client.understand(f"{n}万")
    assert len(one.seen) == len(two.seen) == 3


async def test_a_hanging_server_is_passed_over_for_a_living_one() -> None:
    hanging, well = FakeRasa(), FakeRasa()
    hanging.gate.clear()
    async with (
        hanging.served() as first,
        well.served() as second,
        client_of(first, second, timeout=0.1) as client,
    ):
        sources = {(await client.understand(f"{n}万")).source for n in range(10, 20)}
        hanging.gate.set()
    assert sources == {"rasa"}
    assert (len(hanging.seen), len(well.seen)) == (3, 10)


async def test_a_busy_server_gathers_no_crowd() -> None:
    busy, idle = FakeRasa(), FakeRasa()
    busy.gate.clear()
    async with (
        busy.served() as first,
        idle.served() as second,
        client_of(first, second, timeout=10.0) as client,
        asyncio.TaskGroup() as group,
    ):
        held = group.create_task(client.understand("10万"))
        while not busy.seen:  # noqa: ASYNC110 - the fake tells nobody
            await asyncio.sleep(0.001)
        for n in range(11, 20):
            await client.understand(f"{n}万")
        busy.gate.set()
        assert (await held).source == "rasa"
    assert (len(busy.seen), len(idle.seen)) == (1, 9)


async def test_no_more_than_the_limit_are_under_way(rasa: tuple[FakeRasa, str]) -> None:
    fake, url = rasa
    fake.delay = 0.02
    async with client_of(url, parallel=2, timeout=5.0) as client:
        await asyncio.gather(*(client.understand(f"{n}万") for n in range(10, 20)))
    assert fake.most_at_once == 2


async def test_an_answer_is_remembered_for_a_while_but_a_makeshift_one_is_not(
    rasa: tuple[FakeRasa, str],
) -> None:
    fake, url = rasa
    fake.status = 500
    async with client_of(url) as client:
        await client.understand("80万")
        fake.status = 200
        await client.understand("80万")
        assert (await client.understand("80万")).source == "rasa"
    assert len(fake.seen) == 2


async def test_empty_text_needs_no_call(rasa: tuple[FakeRasa, str]) -> None:
    fake, url = rasa
    async with client_of(url) as client:
        assert (await client.understand(" /\u200b\n")).intent.name == "nlu_fallback"
    assert fake.seen == []


async def test_a_new_model_is_loaded_and_old_answers_are_forgotten(rasa: tuple[FakeRasa, str]) -> None:
    fake, url = rasa
    async with client_of(url) as client:
        await client.understand("80万")
        await client.swap_model(Path("/models/new.tar.gz"))
        await client.understand("80万")
    assert fake.models == ["/models/new.tar.gz"]
    assert len(fake.seen) == 2


async def test_the_next_server_loads_when_all_have_found_the_one_before_again() -> None:
    one, two = FakeRasa(), FakeRasa()
    one.loads_for = two.loads_for = 0.9
    sources: set[str] = set()

    async def write(web: RasaClient) -> None:
        for n in itertools.count(10):
            sources.add((await web.understand(f"{n}万")).source)
            await asyncio.sleep(0.005)

    patience = {"timeout": 0.3, "rest": 1.5}
    async with (
        one.served() as first,
        two.served() as second,
        client_of(first, second, **patience) as web,
        client_of(first, second, **patience) as operator,
        asyncio.TaskGroup() as group,
    ):
        people = [group.create_task(write(web)) for _ in range(8)]
        await operator.swap_model(Path("/models/new.tar.gz"))
        for person in people:
            person.cancel()
    assert one.models == two.models == ["/models/new.tar.gz"]
    assert sources == {"rasa"}


async def test_a_refused_model_is_an_error(rasa: tuple[FakeRasa, str]) -> None:
    fake, url = rasa
    fake.status = 400
    async with client_of(url) as client:
        with pytest.raises(RasaRefusedError, match="status 400"):
            await client.swap_model(Path("/models/new.tar.gz"))
    async with client_of(f"http://127.0.0.1:{unused_port()}") as client:
        with pytest.raises(RasaUnreachableError):
            await client.swap_model(Path("/models/new.tar.gz"))


async def test_ready_wants_one_server_with_a_model(rasa: tuple[FakeRasa, str]) -> None:
    fake, url = rasa
    dead = f"http://127.0.0.1:{unused_port()}"
    async with client_of(dead, url) as client, client_of(dead) as lonely:
        assert await client.ready()
        assert not await lonely.ready()
        fake.status = 409
        assert not await client.ready()


async def test_a_token_in_the_address_goes_along(rasa: tuple[FakeRasa, str]) -> None:
    fake, url = rasa
    async with client_of(f"{url}?token=t0ken") as client:
        assert (await client.understand("80万")).source == "rasa"
    assert fake.tokens == ["t0ken"]


@pytest.mark.parametrize("text", ["/restart", " /restart", '/grant_authorization{"amount": 1}'])
async def test_a_command_is_no_language(rasa: tuple[FakeRasa, str], text: str) -> None:
    fake, url = rasa
    async with client_of(url) as client:
        understood = await client.understand(text)
    assert understood.text in {"/restart", "/grant_authorization"}
    assert (understood.intent.name, understood.entities) == ("nlu_fallback", ())
    assert fake.seen == []


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("/inform", "inform"),
        (" / /80万", "80万"),
        ("一\n二\u200b\x00三\ud800", "一 二三"),
        ("贷" * 5000, "贷" * LONGEST_TEXT),
    ],
)
def test_text_is_made_harmless(written: str, sent: str) -> None:
    assert clean(written) == sent
