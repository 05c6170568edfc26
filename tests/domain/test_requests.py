"""The life of a request: each step that exists, and none that does not."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from inspect import isawaitable

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import requests
from domain.companies import CompanyFacts
from domain.database import Database
from domain.errors import NotAllowedNow
from domain.events import REQUEST_PUBLISHED, REQUEST_WITHDRAWN, OutboxRow
from domain.labels import Guarantee, Purpose
from domain.needs import Need
from domain.requests import OPEN, RequestRow, RequestStatus, RequestStepRow

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
NEED = Need(amount_min=800_000, amount_max=800_000, purpose=Purpose.EQUIPMENT, guarantee=(Guarantee.CREDIT,))

Step = Callable[[AsyncSession, RequestRow, datetime], Awaitable[None] | None]
STEPS: dict[str, tuple[Step, RequestStatus, frozenset[RequestStatus]]] = {
    "publish": (
        requests.publish,
        RequestStatus.PUBLISHED,
        frozenset({RequestStatus.DRAFT, RequestStatus.REVIEWING}),
    ),
    "withdraw": (
        requests.withdraw,
        RequestStatus.WITHDRAWN,
        frozenset(
            {
                RequestStatus.REVIEWING,
                RequestStatus.PUBLISHED,
                RequestStatus.FOLLOWED,
                RequestStatus.APPROVED,
            }
        ),
    ),
    "discard": (
        requests.discard,
        RequestStatus.CLOSED,
        frozenset(
            {
                RequestStatus.DRAFT,
                RequestStatus.PUBLISHED,
                RequestStatus.FOLLOWED,
                RequestStatus.APPROVED,
                RequestStatus.ACCEPTED,
                RequestStatus.GRANTED,
            }
        ),
    ),
}


async def take(step: Step, session: AsyncSession, row: RequestRow) -> None:
    result = step(session, row, LATER)
    if isawaitable(result):
        await result


async def put(database: Database, status: RequestStatus, **more: str) -> str:
    """A request in that state, as earlier steps would have left it."""
    async with database.unit_of_work() as session:
        row = await requests.draft(session, "oZhang", NEED, NOW, **more)
        row.status = status
        return row.id


async def events(database: Database) -> list[tuple[str, str]]:
    async with database.reading() as session:
        rows = await session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        return [(row.name, row.payload["request_id"]) for row in rows]


async def steps(database: Database, request_id: str) -> list[tuple[str | None, str, str, str]]:
    query = select(RequestStepRow).where(RequestStepRow.request_id == request_id).order_by(RequestStepRow.id)
    async with database.reading() as session:
        return [(row.before, row.after, row.actor, row.note) for row in await session.scalars(query)]


@pytest.mark.parametrize("before", list(RequestStatus))
@pytest.mark.parametrize("name", list(STEPS))
async def test_every_step_from_every_state(database: Database, name: str, before: RequestStatus) -> None:
    step, after, allowed = STEPS[name]
    request_id = await put(database, before)

    async def act() -> None:
        async with database.unit_of_work() as session:
            await take(step, session, await session.get_one(RequestRow, request_id))

    if before in allowed:
        await act()
        assert (await steps(database, request_id))[-1] == (before, after, "oZhang", "")
    else:
        with pytest.raises(NotAllowedNow) as refusal:
            await act()
        assert before.label in refusal.value.sentence
        assert len(await steps(database, request_id)) == 1
        assert await events(database) == []
    async with database.reading() as session:
        row = await session.get_one(RequestRow, request_id)
    assert row.state is (after if before in allowed else before)
    assert row.updated_at == (LATER if before in allowed else NOW)


async def test_from_draft_to_withdrawn_all_is_written_down(database: Database) -> None:
    async with database.unit_of_work() as session:
        row = await requests.draft(session, "oZhang", NEED, NOW, facts=CompanyFacts(employees=40))
        await requests.publish(session, row, NOW)
    async with database.unit_of_work() as session:
        stored = await session.get_one(RequestRow, row.id)
        assert (stored.need, stored.facts.employees, stored.published_at) == (NEED, 40, NOW)
        await requests.withdraw(session, stored, LATER)
    assert await steps(database, row.id) == [
        (None, "draft", "oZhang", ""),
        ("draft", "published", "oZhang", ""),
        ("published", "withdrawn", "oZhang", ""),
    ]
    assert await events(database) == [(REQUEST_PUBLISHED, row.id), (REQUEST_WITHDRAWN, row.id)]


async def test_a_replacement_takes_the_old_ones_place(database: Database) -> None:
    old_id = await put(database, RequestStatus.PUBLISHED)
    new_id = await put(database, RequestStatus.DRAFT, replaces=old_id)
    async with database.unit_of_work() as session:
        await requests.publish(session, await session.get_one(RequestRow, new_id), LATER)
    async with database.reading() as session:
        old, new = await session.get_one(RequestRow, old_id), await session.get_one(RequestRow, new_id)
    assert (old.state, new.state) == (RequestStatus.WITHDRAWN, RequestStatus.PUBLISHED)
    assert (await steps(database, old_id))[-1] == ("published", "withdrawn", "oZhang", f"由 {new_id} 替换")
    assert await events(database) == [(REQUEST_PUBLISHED, new_id)]


@pytest.mark.parametrize(
    "went_on_to", [RequestStatus.FOLLOWED, RequestStatus.GRANTED, RequestStatus.WITHDRAWN]
)
async def test_what_went_on_meanwhile_is_not_replaced(database: Database, went_on_to: RequestStatus) -> None:
    old_id = await put(database, went_on_to)
    new_id = await put(database, RequestStatus.DRAFT, replaces=old_id)

    async def publish() -> None:
        async with database.unit_of_work() as session:
            await requests.publish(session, await session.get_one(RequestRow, new_id), LATER)

    with pytest.raises(NotAllowedNow, match="进度已经有变化"):
        await publish()
    async with database.reading() as session:
        old, new = await session.get_one(RequestRow, old_id), await session.get_one(RequestRow, new_id)
    assert (old.state, new.state) == (went_on_to, RequestStatus.DRAFT)


async def test_only_the_owner_gets_at_a_request(database: Database) -> None:
    request_id = await put(database, RequestStatus.PUBLISHED)
    async with database.reading() as session:
        assert await requests.own(session, "oZhang", request_id) is not None
        assert await requests.own(session, "oLi", request_id) is None
        assert await requests.own(session, "oZhang", "RQ000000-NONE") is None


async def test_open_requests_are_those_under_way_newest_first(database: Database) -> None:
    async with database.unit_of_work() as session:
        for place, status in enumerate(RequestStatus):
            row = await requests.draft(session, "oZhang", NEED, NOW + timedelta(minutes=place))
            row.status = status
    async with database.reading() as session:
        found = await requests.open_requests(session, "oZhang")
        assert await requests.open_requests(session, "oLi") == []
    assert {row.state for row in found} == OPEN
    assert [row.created_at for row in found] == sorted((row.created_at for row in found), reverse=True)
