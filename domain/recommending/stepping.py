"""A review held by one at a time, and its steps written down."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import requests
from domain.errors import NotFound
from domain.recommending.rules import Act
from domain.recommending.tables import ReviewRow, ReviewStepRow
from domain.requests import RequestRow

# Who acts where nobody does.
SYSTEM = "system"


async def held(session: AsyncSession, request_id: str) -> tuple[RequestRow, ReviewRow]:
    """A request and its review as they are when everybody before is done; nobody moves them meanwhile.

    Raises:
        NotFound: there is no review of such a request.
    """
    # The request first, as everybody does who takes both.
    request = await requests.held(session, request_id)
    review = await held_review(session, request_id)
    if request is None or review is None:
        raise NotFound("没有这笔复核。")
    return request, review


async def held_review(session: AsyncSession, request_id: str) -> ReviewRow | None:
    return await session.get(ReviewRow, request_id, with_for_update=True, populate_existing=True)


def note_step(
    session: AsyncSession, review: ReviewRow, act: Act, actor: str, now: datetime, **detail: Any
) -> None:
    review.updated_at = now
    step = ReviewStepRow(request_id=review.request_id, at=now, actor=actor, act=act, detail=detail)
    session.add(step)
