"""An institution subscribes, looks at what became of events, and has them sent again."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.base import utcnow
from domain.webhooks import queue
from domain.webhooks.queue import Occurrence
from domain.webhooks.tables import Event, State, WebhookDeliveryRow, WebhookRow
from tests.bot.web.conftest import Api
from tests.bot.web.houses import Bank, bank

URL = "https://bank.example/hook"
NEW = {"url": URL, "events": ["follow.due", "follow.moved"]}


async def subscribed(one: Bank, **changed: Any) -> dict[str, Any]:
    status, made = await one.post("/webhooks", NEW | changed)
    assert status == 201, made
    return dict(made)


async def tell(api: Api, number: int, state: State = State.QUEUED, *, house: str = "苏州银行") -> None:
    """An event, and what became of it."""
    now = utcnow()
    async with api.database.unit_of_work() as session:
        event = (Event.MOVED, Event.DUE)[number % 2]
        await queue.queue(session, house, Occurrence(f"EV{number}", event, now, {"request_id": "RQ1"}), now)
        await session.flush()
        of_event = WebhookDeliveryRow.event_id == f"EV{number}"
        await session.execute(update(WebhookDeliveryRow).where(of_event).values(state=state))


async def listed(one: Bank, webhook_id: str, **query: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    cursor: dict[str, str] = {}
    while True:
        path = f"/webhooks/{webhook_id}/deliveries"
        status, page = await one.get(path, **{"page_size": "2"} | query | cursor)
        assert status == 200, page
        found += [(item["event_id"], item["state"]) for item in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


async def test_the_secret_is_told_once_and_kept_sealed(api: Api) -> None:
    suzhou = await bank(api)
    made = await subscribed(suzhou)
    assert made["secret"].startswith("whsec_")
    assert (made["url"], made["events"], made["failing"]) == (URL, ["follow.moved", "follow.due"], False)
    _, page = await suzhou.get("/webhooks")
    (shown,) = page["items"]
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    async with api.database.reading() as session:
        row = await session.get_one(WebhookRow, made["id"])
    assert made["secret"].encode() not in row.secret


async def test_sent_again_with_its_key_it_is_one_subscription_with_one_secret(api: Api) -> None:
    suzhou = await bank(api)
    first = await suzhou.post("/webhooks", NEW, key="w1")
    assert await suzhou.post("/webhooks", NEW, key="w1") == first
    assert len((await suzhou.get("/webhooks"))[1]["items"]) == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"url": "http://bank.example/hook"}, "url"),
        ({"url": "https://127.0.0.1/hook"}, "url"),
        ({"url": "https://[::ffff:169.254.169.254]/"}, "url"),
        ({"url": "https://db.internal/hook"}, "url"),
        ({"url": "https://a..b/hook"}, "url"),
        ({"url": f"https://bank.example/{'x' * 500}"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["follow.imagined"]}, "events.0"),
        ({"secret": "mine"}, "secret"),
    ],
)
async def test_what_is_wrong_is_named(api: Api, changed: dict[str, Any], field: str) -> None:
    suzhou = await bank(api)
    status, problem = await suzhou.post("/webhooks", NEW | changed)
    named = problem.get("field") or problem["errors"][0]["field"]
    assert status == 400
    assert named.startswith(field.partition(".")[0])
    assert (await suzhou.get("/webhooks"))[1]["items"] == []


async def test_there_are_twenty_at_most(api: Api) -> None:
    suzhou, other = await bank(api), await bank(api, "江苏银行")
    made = [await subscribed(suzhou) for _ in range(20)]
    assert (await suzhou.post("/webhooks", NEW))[0] == 409
    await subscribed(other)
    assert (await suzhou.send("DELETE", f"/webhooks/{made[0]['id']}"))[0] == 200
    await subscribed(suzhou)


async def test_another_s_subscription_does_not_exist(api: Api) -> None:
    suzhou, other = await bank(api), await bank(api, "江苏银行")
    made = await subscribed(suzhou)
    await tell(api, 1, State.DEAD)
    (number,) = [item["id"] for item in (await deliveries(suzhou, made["id"]))]
    one = f"/webhooks/{made['id']}"
    for method, path, body in (
        ("GET", f"{one}/deliveries", None),
        ("DELETE", one, None),
        ("POST", f"{one}/deliveries/{number}/replay", None),
        ("POST", f"{one}/replay", {"since": "2026-01-01T00:00:00Z"}),
    ):
        assert (await other.send(method, path, body))[0] == 404, path
        assert (await suzhou.send(method, path.replace(made["id"], "WH0"), body))[0] == 404, path
    assert (await other.get("/webhooks"))[1]["items"] == []
    assert await listed(suzhou, made["id"]) == [("EV1", "dead")], "and nothing was changed"


async def deliveries(one: Bank, webhook_id: str) -> list[dict[str, Any]]:
    return list((await one.get(f"/webhooks/{webhook_id}/deliveries"))[1]["items"])


async def test_an_operator_subscribes_for_a_house_and_sees_those_of_all(api: Api) -> None:
    made = await subscribed(await bank(api))
    status, problem = await api.post("/webhooks", NEW)
    assert (status, problem["field"]) == (400, "institution")
    status, other = await api.post("/webhooks", NEW | {"institution": "江苏银行"})
    assert (status, other["institution"]) == (201, "江苏银行")
    _, page = await api.get("/webhooks")
    assert {item["id"] for item in page["items"]} == {made["id"], other["id"]}
    assert (await api.call("DELETE", f"/webhooks/{made['id']}"))[0] == 200


async def test_deliveries_come_in_pages_and_by_state_and_event(api: Api) -> None:
    suzhou = await bank(api)
    webhook_id = (await subscribed(suzhou))["id"]
    for number, state in enumerate([State.DEAD, State.DELIVERED, State.QUEUED, State.DEAD, State.DEAD]):
        await tell(api, number, state)
    newest = [("EV4", "dead"), ("EV3", "dead"), ("EV2", "queued"), ("EV1", "delivered"), ("EV0", "dead")]
    assert await listed(suzhou, webhook_id) == newest
    assert await listed(suzhou, webhook_id, state="dead") == [newest[0], newest[1], newest[4]]
    assert await listed(suzhou, webhook_id, event="follow.due") == [newest[1], newest[3]]
    path = f"/webhooks/{webhook_id}/deliveries"
    for wrong in ({"state": "lost"}, {"event": "x"}, {"cursor": "x"}, {"cursor": "9" * 30}):
        assert (await suzhou.get(path, **wrong))[0] == 400, wrong
    waiting = (await deliveries(suzhou, webhook_id))[2]
    assert (waiting["attempts"], waiting["data"]) == (0, {"request_id": "RQ1"})
    assert waiting["next_try_at"] is not None


async def test_a_dead_letter_is_sent_again(api: Api) -> None:
    suzhou = await bank(api)
    webhook_id = (await subscribed(suzhou))["id"]
    await tell(api, 1, State.DEAD)
    (dead,) = await deliveries(suzhou, webhook_id)
    path = f"/webhooks/{webhook_id}/deliveries/{dead['id']}/replay"
    status, again = await suzhou.post(path)
    assert (status, again["state"], again["event_id"], again["attempts"]) == (200, "queued", "EV1", 0)
    for unknown in ("0", "x", "9" * 30, "²"):
        path = f"/webhooks/{webhook_id}/deliveries/{unknown}/replay"
        assert (await suzhou.post(path))[0] == 404, unknown


async def test_a_span_is_sent_again(api: Api) -> None:
    suzhou = await bank(api)
    webhook_id = (await subscribed(suzhou))["id"]
    since = utcnow()
    for number, state in enumerate([State.DEAD, State.DELIVERED, State.DEAD]):
        await tell(api, number, state)
    path = f"/webhooks/{webhook_id}/replay"
    later = (since + timedelta(hours=1)).isoformat()
    assert await suzhou.post(path, {"since": later}) == (200, {"queued": 0, "more": False})
    assert await suzhou.post(path, {"since": since.isoformat()}) == (200, {"queued": 2, "more": False})
    body = {"since": since.isoformat(), "until": later, "states": ["delivered", "dead"]}
    assert await suzhou.post(path, body, key="s1") == (200, {"queued": 1, "more": False})
    assert await suzhou.post(path, body, key="s1") == (200, {"queued": 1, "more": False}), (
        "the answer of before"
    )
    for wrong in (
        {},
        {"since": "yesterday"},
        {"since": "2026-11-23T00:00:00"},
        {"since": later, "until": since.isoformat()},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"since": since.isoformat(), "until": "9999-12-31T23:59:59-14:00"},
        {"since": later, "states": []},
        {"since": later, "states": ["queued"]},
    ):
        assert (await suzhou.post(path, wrong))[0] == 400, wrong


async def test_of_an_ended_one_nothing_more_is_sent(api: Api) -> None:
    suzhou = await bank(api)
    webhook_id = (await subscribed(suzhou))["id"]
    await tell(api, 1)
    for _ in range(2):
        status, ended = await suzhou.send("DELETE", f"/webhooks/{webhook_id}")
        assert (status, ended["ended_at"] is None) == (200, False)
    await tell(api, 2)
    assert await listed(suzhou, webhook_id) == [("EV1", "dead")], "what was told can still be looked at"
    (dead,) = await deliveries(suzhou, webhook_id)
    assert (await suzhou.post(f"/webhooks/{webhook_id}/deliveries/{dead['id']}/replay"))[0] == 409
    body = {"since": "2026-01-01T00:00:00Z"}
    assert (await suzhou.post(f"/webhooks/{webhook_id}/replay", body))[0] == 409
    async with api.database.reading() as session:
        assert set(await session.scalars(select(WebhookDeliveryRow.state))) == {"dead"}
