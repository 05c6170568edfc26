"""An opinion counts when it was said of whom, and how many stars, by choices that name both."""

import pytest
from sqlalchemy import select

from domain.market.tables import RatingRow
from nlu.understanding import FALLBACK
from tests.handlers import market, people
from tests.handlers.market import EAST, RURAL
from tests.handlers.owner import Owner


@pytest.fixture
async def granted(owner: Owner) -> str:
    await people.enrol(owner)
    request_id = await owner.publishes()
    await market.followed(owner, request_id, EAST)
    await market.approved(owner, request_id, EAST)
    await market.granted(owner, request_id, EAST)
    return request_id


async def ratings(owner: Owner) -> list[tuple[str, int]]:
    async with owner.database.reading() as session:
        rows = await session.scalars(select(RatingRow).order_by(RatingRow.request_id))
        return [(row.institution, row.stars) for row in rows]


async def test_without_anything_to_rate_it_says_so(owner: Owner) -> None:
    assert "现在还没有这样的机构" in await owner.says("给五星", "rate_service", ("score", 5, "五星"))


async def test_how_many_stars_is_asked(owner: Owner, granted: str) -> None:
    await owner.says("我要评价", "rate_service")
    assert [label[:2] for _, label in owner.menu] == ["5星", "4星", "3星", "2星", "1星"]
    said = await owner.says("2", FALLBACK)
    assert "城东银行，4星" in said
    assert granted in said
    assert await ratings(owner) == [(EAST, 4)]


async def test_typed_stars_are_asked_about(owner: Owner, granted: str) -> None:
    asked = await owner.says("办得慢，打2分", "rate_service", ("score", 2, "2分"))
    assert "您是给城东银行打2星吗" in asked
    assert await ratings(owner) == []
    await owner.says("2", FALLBACK)
    assert await ratings(owner) == []
    await owner.says("办得慢，打2分", "rate_service", ("score", 2, "2分"))
    await owner.says("1", FALLBACK)
    assert await ratings(owner) == [(EAST, 2)]
    del granted


async def test_of_several_it_is_asked_which(owner: Owner, granted: str) -> None:
    other = await owner.publishes()
    await market.followed(owner, other, RURAL)
    await market.approved(owner, other, RURAL)
    await market.granted(owner, other, RURAL)
    await owner.says("给五星", "rate_service", ("score", 5, "五星"))
    names = [label.partition("·")[0] for _, label in owner.menu]
    assert set(names) == {EAST, RURAL}
    await owner.says(str(names.index(RURAL) + 1), FALLBACK)
    await owner.says("1", FALLBACK)
    assert await ratings(owner) == [(RURAL, 5)]
    assert "您是给城东银行打1星吗" in await owner.says("打1分", "rate_service", ("score", 1, "1分"))
    del granted
