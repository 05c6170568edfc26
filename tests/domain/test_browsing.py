"""Filters: asked of one request and of the database, with the same answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import select

from domain import browsing, requests
from domain.base import utcnow
from domain.browsing import RequestFilter
from domain.database import Database
from domain.labels import Guarantee, Industry, Purpose
from domain.needs import Need
from domain.requests import RequestRow, RequestStatus

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
REGIONS = ("320000", "320500", "320583", "320509", "330106")
AMOUNTS = (0, 100_000, 500_000, 1_000_000)
TERMS = (0, 6, 12, 36)


def _pair(values: tuple[int, ...]) -> st.SearchStrategy[tuple[int | None, int | None]]:
    one = st.none() | st.sampled_from(values)
    return st.tuples(one, one).map(_in_order)


def _in_order(pair: tuple[int | None, int | None]) -> tuple[int | None, int | None]:
    low, high = pair
    return (high, low) if low is not None and high is not None and low > high else pair


def _some(values: Any) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


@st.composite
def filters(draw: st.DrawFn) -> RequestFilter:
    (low, high), (short, long) = draw(_pair(AMOUNTS)), draw(_pair(TERMS))
    return RequestFilter(
        regions=draw(_some(REGIONS)),
        industries=draw(_some((Industry.C, Industry.F))),
        purposes=draw(_some((Purpose.EQUIPMENT, Purpose.RND))),
        guarantees=draw(_some((Guarantee.MORTGAGE, Guarantee.GUARANTEE_FUND, Guarantee.GUARANTOR))),
        statuses=draw(_some((RequestStatus.PUBLISHED, RequestStatus.FOLLOWED))),
        amount_min=low,
        amount_max=high,
        term_min=short,
        term_max=long,
        published_since=draw(st.none() | st.sampled_from((NOW - timedelta(days=1), NOW, NOW + timedelta(1)))),
    )


@st.composite
def needs(draw: st.DrawFn) -> Need:
    (low, high), (short, long) = draw(_pair(AMOUNTS)), draw(_pair(TERMS))
    return Need(
        amount_min=low,
        amount_max=high,
        term_min_months=short,
        term_months=long,
        purpose=draw(st.none() | st.sampled_from((Purpose.EQUIPMENT, Purpose.OTHER))),
        guarantee=draw(_some((Guarantee.MORTGAGE, Guarantee.GUARANTEE_FUND))),
        region=draw(st.none() | st.sampled_from(REGIONS)),
        industry=draw(st.none() | st.sampled_from((Industry.C, Industry.H))),
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(needs(), min_size=5, max_size=15), st.lists(filters(), min_size=5, max_size=10))
async def test_the_database_and_the_one_row_agree(
    database: Database, wanted_by_owners: list[Need], wanted_by_banks: list[RequestFilter]
) -> None:
    async with database.reading() as session:
        rows = []
        for number, need in enumerate(wanted_by_owners):
            row = await requests.draft(session, "oZhang", need, NOW)
            row.published_at = NOW if number % 3 else None
            row.status = RequestStatus.PUBLISHED if number % 2 else RequestStatus.FOLLOWED
            rows.append(row)
        await session.flush()
        for wanted in wanted_by_banks:
            query = select(RequestRow.id).where(*browsing.conditions(wanted))
            found = set(await session.scalars(query))
            assert found == {row.id for row in rows if browsing.holds(wanted, row)}


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"amount_min": 2, "amount_max": 1}, "amount_min 大于 amount_max"),
        ({"regions": ["320599"]}, "没有这个行政区划代码"),
        ({"regions": ["3205"]}, "regions"),
        ({"colour": "red"}, "colour"),
        ({"published_since": "2026-11-23T12:00:00"}, "published_since"),
    ],
)
def test_a_filter_that_nothing_can_pass_is_refused(stated: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        RequestFilter.model_validate(stated)


async def test_a_guarantee_is_not_found_inside_of_another_s_name(database: Database) -> None:
    async with database.reading() as session:
        row = await requests.draft(session, "oZhang", Need(guarantee=(Guarantee.GUARANTEE_FUND,)), utcnow())
        await session.flush()
        for label, passes in ((Guarantee.GUARANTOR, False), (Guarantee.GUARANTEE_FUND, True)):
            query = select(RequestRow.id).where(*browsing.conditions(RequestFilter(guarantees=(label,))))
            assert (await session.scalar(query) == row.id) is passes
