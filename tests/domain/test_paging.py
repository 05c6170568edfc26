"""Pages of requests: together they are the whole, each row once, in one order."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, text

from domain import request_pages, requests
from domain.addressees import AddresseeRow
from domain.database import Database
from domain.needs import Need
from domain.requests import RequestRow, RequestStatus

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BANKS = ("苏州银行", "中国农业银行")


@pytest.fixture
async def filled(database: Database) -> Database:
    """Thirty requests, by threes with the very same time."""
    async with database.unit_of_work() as session:
        for place in range(30):
            need = Need(institutions=(BANKS[place % 2],) if place % 5 else ())
            openid = "oZhang" if place % 3 else "oLi"
            row = await requests.draft(session, openid, need, NOW + timedelta(seconds=place // 3))
            row.status = RequestStatus.PUBLISHED if place % 4 else RequestStatus.DRAFT
    return database


async def walk(
    database: Database,
    size: int,
    *,
    openid: str | None = None,
    status: RequestStatus | None = None,
    institution: str | None = None,
) -> list[RequestRow]:
    seen: list[RequestRow] = []
    after: tuple[datetime, str] | None = None
    while True:
        async with database.reading() as session:
            page = await request_pages.page(
                session, openid=openid, status=status, institution=institution, after=after, size=size
            )
        seen += page
        assert len(page) <= size
        if len(page) < size:
            return seen
        after = page[-1].created_at, page[-1].id


@pytest.mark.parametrize("size", [1, 2, 3, 7, 29, 30, 31])
async def test_no_gap_and_no_double(filled: Database, size: int) -> None:
    rows = await walk(filled, size)
    places = [(row.created_at, row.id) for row in rows]
    assert len(set(places)) == 30
    assert places == sorted(places, reverse=True)


@pytest.mark.parametrize("openid", [None, "oZhang", "oNobody"])
@pytest.mark.parametrize("status", [None, RequestStatus.PUBLISHED])
@pytest.mark.parametrize("institution", [None, BANKS[0], "没有这家银行"])
async def test_filters_hold_on_every_page(
    filled: Database, openid: str | None, status: RequestStatus | None, institution: str | None
) -> None:
    async with filled.reading() as session:
        everything = list(await session.scalars(select(RequestRow)))
    expected = {
        row.id
        for row in everything
        if openid in {None, row.openid}
        and status in {None, row.state}
        and (institution is None or institution in row.institutions)
    }
    found = [row.id for row in await walk(filled, 4, openid=openid, status=status, institution=institution)]
    assert len(found) == len(set(found))
    assert set(found) == expected


async def test_what_comes_in_between_shifts_nothing(filled: Database) -> None:
    async with filled.reading() as session:
        first = await request_pages.page(
            session, openid=None, status=None, institution=None, after=None, size=10
        )
    async with filled.unit_of_work() as session:
        newest = await requests.draft(session, "oZhang", Need(), NOW + timedelta(days=1))
    after = first[-1].created_at, first[-1].id
    async with filled.reading() as session:
        rest = await request_pages.page(
            session, openid=None, status=None, institution=None, after=after, size=50
        )
    assert len({row.id for row in (*first, *rest)}) == 30
    assert newest.id not in {row.id for row in rest}


async def test_the_institutions_of_a_request_are_found_however_they_change(database: Database) -> None:
    """The table by institution follows the lists of the requests through every change."""
    lists: list[tuple[str, ...]] = [
        (BANKS[0],),
        (BANKS[0], BANKS[1], BANKS[0]),
        (),
        (BANKS[1],),
        ("名" * 61, BANKS[0]),
    ]
    async with database.unit_of_work() as session:
        kept = (await requests.draft(session, "oLi", Need(institutions=BANKS), NOW)).id
        changing = (await requests.draft(session, "oLi", Need(), NOW)).id
    for names in lists:
        async with database.unit_of_work() as session:
            row = await session.get_one(RequestRow, changing)
            row.set_need(Need(institutions=names), NOW)
        for bank in BANKS:
            found = {row.id for row in await walk(database, 2, institution=bank)}
            assert found == {kept} | ({changing} if bank in names else set())


async def test_a_request_that_goes_leaves_nothing_behind(filled: Database) -> None:
    async with filled.unit_of_work() as session:
        await session.execute(delete(RequestRow))
    async with filled.reading() as session:
        assert (await session.scalars(select(AddresseeRow))).all() == []


@pytest.mark.parametrize(
    ("institution", "index"), [(None, "ix_requests_created"), (BANKS[0], "request_institutions")]
)
async def test_a_page_is_read_from_the_index_in_its_order(
    filled: Database, institution: str | None, index: str
) -> None:
    """Neither database sorts, nor reads what lies before the page."""
    statements: list[str] = []
    async with filled.reading() as session:
        connection = await session.connection()
        if not filled.is_sqlite:
            # Thirty rows are read faster without any index.
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
            await connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        query = request_pages.page_query(
            openid=None, status=None, institution=institution, after=(NOW, "RQ"), size=3
        )
        explain = "EXPLAIN QUERY PLAN " if filled.is_sqlite else "EXPLAIN "
        compiled = query.compile(filled.engine, compile_kwargs={"literal_binds": True})
        statements = [str(row) for row in await connection.execute(text(explain + str(compiled)))]
    plan = "\n".join(statements)
    assert index in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan
