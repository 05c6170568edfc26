"""A place with a request is kept for an institution that waits, to its officers, with the time it has."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.market.tables import FollowRow
from notify.notice import Letter, Notice
from notify.notices import timed


async def _write(session: AsyncSession, event: str, payload: Mapping[str, Any]) -> list[Letter]:
    del event
    return await timed.letters(session, payload, "名额为您保留", _is_kept)


def _is_kept(follow: FollowRow) -> bool:
    return follow.has_offer


NOTICE = Notice(
    name="institution_place_free",
    values=timed.VALUES,
    events=(events.PLACE_OFFERED,),
    immediate=False,
    write=_write,
)
