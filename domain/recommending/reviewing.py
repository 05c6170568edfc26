"""What advisers do with a review: take it, change the list, finish it. Of two at once one wins."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain import events, regions, requests
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from domain.recommending import reading, sending
from domain.recommending.errors import Changed, NotTaken, TakenByAnother
from domain.recommending.queueing import Found
from domain.recommending.reading import Listed
from domain.recommending.rules import Act, ReviewRules, ReviewState, Source
from domain.recommending.stepping import held, held_review, note_step
from domain.recommending.tables import NOTE_CHARS, REASON_CHARS, RecommendationRow, ReviewRow
from domain.requests import RequestStatus


@dataclass(frozen=True, slots=True)
class Adviser:
    """Who reviews; `actor` is what is written down.

    `regions` are those that he works for, None: everywhere. `stands_in`: an operator, who may go on with what
    somebody else has taken.
    """

    actor: str
    regions: Collection[str] | None = None
    stands_in: bool = False

    def sees(self, review: ReviewRow) -> bool:
        """A review of which nobody knows where is everybody's."""
        if self.regions is None or review.region is None:
            return True
        return any(regions.contains(code, review.region) for code in self.regions)


@dataclass(frozen=True, slots=True)
class NewList:
    """The list as it is to be: product codes, best first, and why others were struck off it."""

    products: Sequence[str]
    struck: Mapping[str, str]
    note: str


async def take(
    session: AsyncSession, request_id: str, by: Adviser, *, rules: ReviewRules, now: datetime
) -> ReviewRow:
    """Have it for `rules.lease`; taken again by the same adviser, for as long again.

    Raises:
        NotFound: there is none that he may know of.
        TakenByAnother: another adviser has it.
        NotAllowedNow: it waits for no review.
    """
    if await _lease(session, request_id, by, rules, now):
        taken = await session.get_one(ReviewRow, request_id, populate_existing=True)
        note_step(session, taken, Act.TAKEN, by.actor, now)
        return taken
    review = await session.get(ReviewRow, request_id)
    if review is None or not by.sees(review):
        raise NotFound("没有这笔复核。")
    _refuse_ended(review)
    raise TakenByAnother


async def take_next(session: AsyncSession, by: Adviser, *, rules: ReviewRules, now: datetime) -> ReviewRow:
    """The one of the adviser's regions that has waited longest.

    Raises:
        NotFound: none waits.
    """
    query = select(ReviewRow.request_id).where(reading.free(now), reading.within(by.regions))
    query = query.order_by(ReviewRow.created_at, ReviewRow.request_id).limit(1)
    request_id = await session.scalar(query.with_for_update(skip_locked=True))
    if request_id is None:
        raise NotFound("现在没有待复核的需求。")
    return await take(session, request_id, by, rules=rules, now=now)


async def _lease(
    session: AsyncSession, request_id: str, by: Adviser, rules: ReviewRules, now: datetime
) -> bool:
    """Compare and set: whoever comes second finds it taken."""
    mine = true() if by.stands_in else ReviewRow.taken_by == by.actor
    statement = (
        update(ReviewRow)
        .where(ReviewRow.request_id == request_id, ReviewRow.state == ReviewState.WAITING)
        .where(or_(ReviewRow.taken_until.is_(None), ReviewRow.taken_until <= now, mine))
        .where(reading.within(by.regions))
        .values(taken_by=by.actor, taken_until=now + rules.lease)
        .returning(ReviewRow.request_id)
    )
    return await session.scalar(statement) is not None


async def change(
    session: AsyncSession,
    request_id: str,
    new: NewList,
    by: Adviser,
    *,
    seen: int,
    judged: Callable[[str], Found],
    rules: ReviewRules,
    now: datetime,
) -> Listed:
    """Put this list in the place of the present one; what was on it and is no more needs a reason.

    `judged` says how a product that is new to the list fits, and refuses one that does not.

    Raises:
        ValueOutOfRange: a product twice, one left out without a reason, or a text that is too long.
        NotFound, NotTaken, TakenByAnother, Changed, NotAllowedNow: see `take`; not taken, or changed since.
    """
    review = await _his(session, request_id, by, seen, now)
    before = await reading.listed(session, review)
    _check(new, before)
    rows = {row.product: row for row in (*before.on, *before.off)}
    for code in new.products:
        if code not in rows:
            rows[code] = _added(review, judged(code))
            session.add(rows[code])
    _arrange(rows, new, by, now)
    review.note = " ".join(new.note.split())
    review.version += 1
    review.taken_until = now + rules.lease
    note_step(session, review, Act.CHANGED, by.actor, now, **_difference(before, new))
    await session.flush()
    return await reading.listed(session, review)


async def finish(session: AsyncSession, request_id: str, by: Adviser, *, seen: int, now: datetime) -> Listed:
    """The list is as it should be: the owner is told, and the institutions on it that were not yet.

    Raises:
        NotFound, NotTaken, TakenByAnother, Changed, NotAllowedNow: as for `change`.
    """
    request, _ = await held(session, request_id)
    review = await _his(session, request_id, by, seen, now)
    review.state, review.finished_by, review.finished_at = ReviewState.FINISHED, by.actor, now
    review.taken_by = review.taken_until = None
    note_step(session, review, Act.FINISHED, by.actor, now)
    if request.state is RequestStatus.REVIEWING:
        requests.finish_review(session, request, by.actor, now)
    await sending.send_out(session, request, review, now)
    events.record(session, events.REVIEW_FINISHED, {"request_id": request_id}, now)
    await session.flush()
    return await reading.listed(session, review)


async def _his(session: AsyncSession, request_id: str, by: Adviser, seen: int, now: datetime) -> ReviewRow:
    review = await held_review(session, request_id)
    if review is None or not by.sees(review):
        raise NotFound("没有这笔复核。")
    _refuse_ended(review)
    holder = review.holder(now)
    if holder != by.actor:
        raise TakenByAnother if holder else NotTaken
    if review.version != seen:
        raise Changed
    return review


def _refuse_ended(review: ReviewRow) -> None:
    if review.standing is not ReviewState.WAITING:
        raise NotAllowedNow(f"这笔复核现在是「{review.standing.label}」，不能再处理。")


def _check(new: NewList, before: Listed) -> None:
    if len(set(new.products)) < len(new.products):
        raise ValueOutOfRange("products", "同一款产品只能列一次。")
    if both := [code for code in new.products if code in new.struck]:
        raise ValueOutOfRange("struck", f"又推荐又划掉：{'、'.join(both)}。")
    known = {row.product for row in (*before.on, *before.off)}
    if strange := [code for code in new.struck if code not in known]:
        raise ValueOutOfRange("struck", f"名单里没有：{'、'.join(strange)}。")
    gone = [row for row in before.on if row.product not in new.products]
    if silent := [row.product for row in gone if not new.struck.get(row.product, "").strip()]:
        raise ValueOutOfRange("struck", f"划掉产品要写明原因：{'、'.join(silent)}。")
    if len(new.note) > NOTE_CHARS or any(len(reason) > REASON_CHARS for reason in new.struck.values()):
        raise ValueOutOfRange("note", f"留言最多 {NOTE_CHARS} 个字，原因最多 {REASON_CHARS} 个字。")


def _added(review: ReviewRow, found: Found) -> RecommendationRow:
    return RecommendationRow(
        request_id=review.request_id,
        product=found.product,
        institution=found.institution,
        name=found.name,
        rank=None,
        found_rank=None,
        score=found.score,
        reasons=list(found.reasons),
        open=list(found.open),
        source=Source.ADVISER,
        struck_reason=None,
    )


def _arrange(rows: Mapping[str, RecommendationRow], new: NewList, by: Adviser, now: datetime) -> None:
    """Each row its place, or the reason why it has none; who touched it is written at what changed."""
    places = {code: place for place, code in enumerate(new.products, start=1)}
    for code, row in rows.items():
        reason = None if code in places else new.struck.get(code, row.struck_reason or "").strip()
        if (row.rank, row.struck_reason) != (places.get(code), reason) or row.changed_at is None:
            row.rank, row.struck_reason = places.get(code), reason
            row.changed_by, row.changed_at = by.actor, now


def _difference(before: Listed, new: NewList) -> dict[str, object]:
    """What a step tells of a change; words to the owner stand in the review itself."""
    were = {row.product for row in (*before.on, *before.off)}
    return {
        "products": list(new.products),
        "struck": dict(new.struck),
        "added": [code for code in new.products if code not in were],
        "note": bool(new.note.strip()),
    }
