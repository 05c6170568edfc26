"""What follows from an event before anybody is told: reviews begin and end, letters become pointless.

It is done in the transaction that marks the event as handled: once, whatever stops in between.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.market.rules import FollowState
from domain.recommending import queueing, reading
from domain.requests import RequestRow
from notify.letters import Letters
from notify.notices import institution_deadline, institution_place_free, institution_request

Payload = Mapping[str, Any]

_NEW = institution_request.NOTICE.name
_FREE = institution_place_free.NOTICE.name
_DUE = institution_deadline.NOTICE.name
_ALL = frozenset({_NEW, _FREE, _DUE})

# What an institution need not be told any more, by where it stands now; of what it decided it hears no more.
_POINTLESS = {
    FollowState.WAITING: frozenset({_NEW}),
    FollowState.FOLLOWING: frozenset({_NEW, _FREE}),
    FollowState.LAPSED: _ALL,
}


async def draw(session: AsyncSession, letters: Letters, event: str, payload: Payload, now: datetime) -> None:
    if consequence := _CONSEQUENCES.get(event):
        await consequence(session, letters, payload, now)


async def _begun(session: AsyncSession, letters: Letters, payload: Payload, now: datetime) -> None:
    await queueing.enqueue(session, payload, now)
    request = await session.get(RequestRow, payload["request_id"])
    if request is not None and request.replaces:
        await _withdrawn(session, letters, {"request_id": request.replaces}, now)


async def _withdrawn(session: AsyncSession, letters: Letters, payload: Payload, now: datetime) -> None:
    await queueing.end(session, payload, now)
    await letters.take_back(session, payload["request_id"], notices=_ALL)


async def _moved(session: AsyncSession, letters: Letters, payload: Payload, now: datetime) -> None:
    del now
    request_id, after = payload["request_id"], FollowState(payload["after"])
    pointless = _POINTLESS.get(after, _ALL)
    await letters.take_back(session, request_id, notices=pointless, institution=payload["institution"])
    if after in {FollowState.ACCEPTED, FollowState.GRANTED}:
        await letters.take_back(session, request_id, notices=_ALL)


async def _reviewed(session: AsyncSession, letters: Letters, payload: Payload, now: datetime) -> None:
    """Whom the adviser struck off before he was told is not told."""
    del now
    request = await session.get(RequestRow, payload["request_id"])
    found = await reading.of(session, payload["request_id"])
    if request is None or found is None:
        return
    wanted = {row.institution for row in found.on} | set(request.institutions)
    for name in {row.institution for row in found.off} - wanted:
        await letters.take_back(session, request.id, notices={_NEW}, institution=name)


_CONSEQUENCES: Mapping[str, Callable[[AsyncSession, Letters, Payload, datetime], Awaitable[None]]] = {
    events.REQUEST_PUBLISHED: _begun,
    events.REVIEW_BEGUN: _begun,
    events.REQUEST_WITHDRAWN: _withdrawn,
    events.FOLLOW_MOVED: _moved,
    events.REVIEW_FINISHED: _reviewed,
}
