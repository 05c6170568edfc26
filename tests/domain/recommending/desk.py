"""A request, what the matcher found for it, and advisers: what the tests of reviews begin with."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from domain import institutions, requests
from domain.database import Database
from domain.events import OutboxRow
from domain.institutions import Institution
from domain.needs import Need
from domain.recommending import queueing, reading, reviewing, sending
from domain.recommending.queueing import Found
from domain.recommending.reading import Listed
from domain.recommending.reviewing import Adviser, NewList
from domain.recommending.rules import ReviewMode, ReviewRules
from domain.recommending.tables import ReviewRow
from domain.requests import RequestRow

# A Monday, noon in China.
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OWNER = "oZhang"
KUNSHAN, SUZHOU, HEFEI = "320583", "320500", "340100"
AT_ONCE = ReviewRules()
REQUIRED = ReviewRules(ReviewMode.REQUIRED)
WITHIN = ReviewRules(ReviewMode.WITHIN, hours=4)
LI, WANG = Adviser("client:LI"), Adviser("client:WANG", (SUZHOU,))
BANKS = ("苏州银行", "中国农业银行", "江苏银行", "宁波银行")


def found(code: str, institution: str, score: float | None = 0.5) -> Found:
    return Found(code, institution, f"{code}贷", score, ("额度最高500万元",), ("revenue_min",))


THREE = (found("A1", BANKS[0], 0.9), found("B1", BANKS[1], 0.8), found("A2", BANKS[0], 0.7))


async def published(
    database: Database,
    *named: str,
    rules: ReviewRules = AT_ONCE,
    region: str | None = KUNSHAN,
    at: datetime = NOW,
) -> str:
    """As after the relay's look: the request is out, or with an adviser, and is to be matched; its id."""
    async with database.unit_of_work() as session:
        await institutions.save_all(session, [Institution(name=name) for name in BANKS], NOW)
        need = Need(amount_max=800_000, institutions=named, region=region)
        row = await requests.draft(session, OWNER, need, at)
        row.review_first = rules.first
        await requests.publish(session, row, at)
        await session.flush()
        await queueing.enqueue(session, {"request_id": row.id}, at)
        return row.id


async def matched(
    database: Database,
    *named: str,
    rules: ReviewRules = AT_ONCE,
    region: str | None = KUNSHAN,
    at: datetime = NOW,
    products: tuple[Found, ...] = THREE,
) -> str:
    request_id = await published(database, *named, rules=rules, region=region, at=at)
    async with database.unit_of_work() as session:
        claimed = await queueing.claim(session, at, limit=10)
    for row in claimed:
        async with database.unit_of_work() as session:
            assert await queueing.store(session, row, products, region=region, rules=rules, now=at)
    return request_id


async def listed(database: Database, request_id: str) -> Listed:
    async with database.reading() as session:
        shown = await reading.of(session, request_id)
        assert shown is not None
        return shown


async def review(database: Database, request_id: str) -> ReviewRow:
    return (await listed(database, request_id)).review


async def status(database: Database, request_id: str) -> str:
    async with database.reading() as session:
        return (await session.get_one(RequestRow, request_id)).status


async def take(database: Database, request_id: str, by: Adviser = LI, at: datetime = NOW) -> ReviewRow:
    async with database.unit_of_work() as session:
        return await reviewing.take(session, request_id, by, rules=AT_ONCE, now=at)


async def take_next(database: Database, by: Adviser = LI, at: datetime = NOW) -> str:
    async with database.unit_of_work() as session:
        return (await reviewing.take_next(session, by, rules=AT_ONCE, now=at)).request_id


async def change(
    database: Database,
    request_id: str,
    *products: str,
    struck: dict[str, str] | None = None,
    note: str = "",
    by: Adviser = LI,
    seen: int = 0,
    at: datetime = NOW,
) -> Listed:
    """Every product that is new fits, with a bank of its own."""
    async with database.unit_of_work() as session:
        return await reviewing.change(
            session,
            request_id,
            NewList(products, struck or {}, note),
            by,
            seen=seen,
            judged=lambda code: found(code, BANKS[3], None),
            rules=AT_ONCE,
            now=at,
        )


async def finish(
    database: Database, request_id: str, *, by: Adviser = LI, seen: int = 0, at: datetime = NOW
) -> Listed:
    async with database.unit_of_work() as session:
        return await reviewing.finish(session, request_id, by, seen=seen, now=at)


async def clock(database: Database, at: datetime) -> int:
    """The worker looks at that moment; how many lists went out."""
    async with database.reading() as session:
        overdue = await sending.overdue(session, at)
    sent = 0
    for request_id in overdue:
        async with database.unit_of_work() as session:
            sent += await sending.pass_by(session, request_id, at)
    return sent


async def withdraw(database: Database, request_id: str, at: datetime = NOW) -> None:
    """As the owner does, and the relay after him."""
    async with database.unit_of_work() as session:
        await requests.withdraw(session, await session.get_one(RequestRow, request_id), at)
        await queueing.end(session, {"request_id": request_id}, at)


async def told(database: Database) -> list[tuple[str, str | None]]:
    """Which institutions were told of a request, and of which product; in that order."""
    payloads = await events(database, "request.recommended")
    return [(payload["institution"], payload["product"]) for payload in payloads]


async def events(database: Database, name: str) -> list[dict[str, Any]]:
    async with database.reading() as session:
        query = select(OutboxRow.payload).where(OutboxRow.name == name).order_by(OutboxRow.id)
        return list(await session.scalars(query))
