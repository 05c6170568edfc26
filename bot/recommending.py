"""The worker's part in recommending: published requests are matched, and lists sent whose time is over."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.catalogue import CatalogueFeed
from domain import institutions
from domain.base import today_in_china, utcnow
from domain.companies import CompanyFacts
from domain.database import Database
from domain.errors import ValueOutOfRange
from domain.needs import Need
from domain.products import Product, ProductRow
from domain.recommending import facts, queueing, sending
from domain.recommending.queueing import Found
from domain.recommending.rules import ReviewRules
from domain.recommending.tables import ReviewRow
from domain.requests import RequestRow
from matching.eligibility import judge
from matching.explanation import reasons, requirement
from matching.matcher import Matcher
from matching.results import ProductMatch
from matching.situation import Situation, situation

_log = structlog.get_logger(__name__)

# Some ten milliseconds each, most of them for the sentence vector.
_AT_ONCE = 10


class Recommending:
    """A step of the worker's loop; several may run, on several machines."""

    def __init__(self, database: Database, matcher: Matcher, feed: CatalogueFeed, rules: ReviewRules) -> None:
        self._database = database
        self._matcher = matcher
        self._feed = feed
        self._rules = rules

    async def run_once(self) -> int:
        """How many requests were matched, or sent out unreviewed."""
        return await self._send_overdue() + await self._match_waiting()

    async def _send_overdue(self) -> int:
        now = utcnow()
        async with self._database.reading() as session:
            overdue = await sending.overdue(session, now)
        return sum([await self._send_alone(request_id, now) for request_id in overdue])

    async def _send_alone(self, request_id: str, now: datetime) -> bool:
        """One that cannot be sent holds up no other, nor the matching: it is tried again."""
        try:
            async with self._database.unit_of_work() as session:
                return await sending.pass_by(session, request_id, now)
        except Exception:  # noqa: BLE001 - the edge of one list
            _log.exception("sending_failed", request=request_id)
            return False

    async def _match_waiting(self) -> int:
        async with self._database.reading() as session:
            if not await queueing.any_to_match(session, utcnow()):
                return 0
        await self._feed.follow()
        async with self._database.unit_of_work() as session:
            claimed = await queueing.claim(session, utcnow(), limit=_AT_ONCE)
        for row in claimed:
            await self._match_alone(row)
        return len(claimed)

    async def _match_alone(self, claimed: ReviewRow) -> None:
        """One that cannot be matched holds up no other: it is tried again when its claim is over."""
        try:
            await self._match(claimed)
        except Exception:  # noqa: BLE001 - the edge of one matching
            _log.exception("matching_failed", request=claimed.request_id)

    async def _match(self, claimed: ReviewRow) -> None:
        async with self._database.reading() as session:
            request = await session.get_one(RequestRow, claimed.request_id)
            known = await facts.known(session, request)
        now = utcnow()
        # The one that was asked for may stand anywhere among those that fit.
        limit = 0 if request.product else self._rules.products
        result = await self._matcher.match(known, request.need, today=today_in_china(now), limit=limit)
        found = [_found(match) for match in wished_first(result.products, request.product)]
        async with self._database.unit_of_work() as session:
            stored = await queueing.store(
                session,
                claimed,
                found[: self._rules.products],
                region=known.region or request.region,
                rules=self._rules,
                now=now,
            )
        _log.info("request_matched", request=request.id, products=len(found), stored=stored)


def wished_first(matches: Sequence[ProductMatch], name: str | None) -> list[ProductMatch]:
    """The product that the owner asked for by name stands first where it fits."""
    return sorted(matches, key=lambda match: match.product.name != name)


def _found(match: ProductMatch) -> Found:
    product = match.product
    return Found(product.code, product.institution, product.name, match.score, match.reasons, match.open)


async def judge_of(
    session: AsyncSession, request: RequestRow, codes: Sequence[str], day: date
) -> Callable[[str], Found]:
    """Who says how a product that an adviser adds would fit; it refuses one that does not."""
    rows = await session.scalars(select(ProductRow).where(ProductRow.code.in_(codes)))
    offered = {row.code: row.product for row in rows}
    off = await institutions.exited(session)
    known = await facts.known(session, request)
    return _Judge(offered, off, known, request.need, day)


class _Judge:
    def __init__(
        self,
        offered: Mapping[str, Product],
        off: frozenset[str],
        known: CompanyFacts,
        need: Need,
        day: date,
    ) -> None:
        self._offered = offered
        self._off = off
        self._at: Situation = situation(known, need, day)
        self._day = day

    def __call__(self, code: str) -> Found:
        """Raises ValueOutOfRange: no such product, not on offer, or conditions that are not met; which."""
        product = self._offered.get(code)
        if product is None:
            raise ValueOutOfRange("products", f"没有产品 {code}。")
        title = f"{product.institution}「{product.name}」"
        if product.institution in self._off or not product.on_offer(self._day):
            raise ValueOutOfRange("products", f"{title}现在不办理。")
        verdict = judge(product, self._at)
        if verdict.failed:
            lacks = "；".join(requirement(gap.condition, gap.needs) for gap in verdict.failed)
            raise ValueOutOfRange("products", f"{title}对不上这家企业：{lacks}。")
        why = reasons(product, verdict.met, self._at)
        return Found(product.code, product.institution, product.name, None, why, verdict.open)
