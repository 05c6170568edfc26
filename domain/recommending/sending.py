"""Out of the queue: institutions are told, each once; a list that waited too long goes unreviewed."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import events, institutions, requests
from domain.errors import NotFound
from domain.recommending.rules import Act, ReviewState
from domain.recommending.stepping import SYSTEM, held, note_step
from domain.recommending.tables import InvitationRow, RecommendationRow, ReviewRow
from domain.requests import OPEN, RequestRow, RequestStatus

# With these an institution can still take a place, or a turn.
TO_BE_HAD = frozenset({RequestStatus.PUBLISHED, RequestStatus.FOLLOWED, RequestStatus.APPROVED})


async def send_out(session: AsyncSession, request: RequestRow, review: ReviewRow, now: datetime) -> None:
    """Tell the institutions of the list, and those that the owner named, unless they were told before."""
    review.due_at = None
    if request.state not in TO_BE_HAD:
        return
    told = select(InvitationRow.institution).where(InvitationRow.request_id == request.id)
    before = set(await session.scalars(told))
    wanted = await _institutions(session, request)
    fresh = {name: product for name, product in wanted.items() if name not in before}
    for name, product in fresh.items():
        session.add(InvitationRow(request_id=request.id, institution=name, product=product, at=now))
        payload = {"request_id": request.id, "institution": name, "product": product}
        events.record(session, events.REQUEST_RECOMMENDED, payload, now)
    review.sent_at = review.sent_at or now
    if fresh:
        note_step(session, review, Act.SENT, SYSTEM, now, institutions=sorted(fresh))


async def _institutions(session: AsyncSession, request: RequestRow) -> dict[str, str | None]:
    """Whom to tell, with the best of its products; none for one that was named and has none that fits."""
    rows = await session.execute(
        select(RecommendationRow.institution, RecommendationRow.product)
        .where(RecommendationRow.request_id == request.id, RecommendationRow.rank.is_not(None))
        .order_by(RecommendationRow.rank)
    )
    wanted: dict[str, str | None] = {}
    for institution, product in rows:
        wanted.setdefault(institution, product)
    for name in request.institutions:
        wanted.setdefault(name, None)
    off = await institutions.exited(session)
    return {name: product for name, product in wanted.items() if name not in off}


async def overdue(session: AsyncSession, now: datetime) -> list[str]:
    """The requests whose time for a review is over, the longest first."""
    due = select(ReviewRow.request_id).where(ReviewRow.due_at <= now).order_by(ReviewRow.due_at)
    return list(await session.scalars(due))


async def pass_by(session: AsyncSession, request_id: str, now: datetime) -> bool:
    """Send an overdue list out as it is.

    False where it is not due any more: an adviser was faster, another worker, or the owner, who took the
    request back.
    """
    try:
        request, review = await held(session, request_id)
    except NotFound:
        return False
    if review.due_at is None or review.due_at > now or review.standing is not ReviewState.WAITING:
        return False
    if request.state is not RequestStatus.REVIEWING:
        _stop_waiting(session, request, review, now)
        return False
    requests.finish_review(session, request, SYSTEM, now, note="超过复核时限，先行发布")
    await send_out(session, request, review, now)
    events.record(session, events.REVIEW_PASSED_BY, {"request_id": request_id}, now)
    return True


def _stop_waiting(session: AsyncSession, request: RequestRow, review: ReviewRow, now: datetime) -> None:
    """The request has moved on, be it that the word of it is still on its way here."""
    review.due_at = None
    if request.state not in OPEN:
        review.state = ReviewState.ENDED
        note_step(session, review, Act.ENDED, SYSTEM, now)
