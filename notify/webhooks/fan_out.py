"""From the outbox to webhooks: which institutions hear of an event, under which name, and how much of it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import events, saved_filters
from domain.base import utcnow
from domain.events import OutboxRow
from domain.market.tables import FollowRow
from domain.webhooks import queue
from domain.webhooks.queue import Occurrence
from domain.webhooks.tables import Event

# Events about one institution: what of them it is told. Whose the request is it asks for, as far as it may.
_OF_ONE: Mapping[str, tuple[Event, tuple[str, ...]]] = {
    events.REQUEST_RECOMMENDED: (Event.RECOMMENDED, ("request_id", "product")),
    events.PLACE_OFFERED: (Event.OFFERED, ("request_id", "until")),
    events.FOLLOW_MOVED: (Event.MOVED, ("request_id", "before", "after", "until", "reason")),
    events.FOLLOW_DUE: (Event.DUE, ("request_id", "until")),
}
_Told = dict[str, tuple[Event, dict[str, Any]]]


async def spread(session: AsyncSession, event: OutboxRow) -> None:
    """Queue the event for the systems of all that it concerns; handled twice, it is queued once."""
    for institution, (name, data) in (await _told(session, event)).items():
        what = Occurrence(f"EV{event.id}", name, event.created_at, data)
        await queue.queue(session, institution, what, utcnow())


async def _told(session: AsyncSession, event: OutboxRow) -> _Told:
    """What each institution is told."""
    payload = event.payload
    if event.name in _OF_ONE:
        name, shown = _OF_ONE[event.name]
        return {payload["institution"]: (name, {key: payload[key] for key in shown if key in payload})}
    if event.name == events.REQUEST_WITHDRAWN:
        return await _followers(session, payload["request_id"])
    if event.name == events.REQUEST_PUBLISHED:
        return await _searchers(session, payload["request_id"])
    return {}


async def _followers(session: AsyncSession, request_id: str) -> _Told:
    names = select(FollowRow.institution).where(FollowRow.request_id == request_id)
    withdrawn = Event.WITHDRAWN, {"request_id": request_id}
    return dict.fromkeys(await session.scalars(names), withdrawn)


async def _searchers(session: AsyncSession, request_id: str) -> _Told:
    found = await saved_filters.to_be_told(session, request_id)
    return {
        institution: (
            Event.MATCHED,
            {
                "request_id": request_id,
                "filters": [{"id": saved.id, "name": saved.name} for saved in matched],
            },
        )
        for institution, matched in found.items()
    }
