"""The time for a decision is almost over, to the officers of the institution that follows."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.market.rules import FollowState
from domain.market.tables import FollowRow
from notify.notice import Letter, Notice
from notify.notices import timed


async def _write(session: AsyncSession, event: str, payload: Mapping[str, Any]) -> list[Letter]:
    del event
    return await timed.letters(session, payload, "请按时答复", _is_undecided)


def _is_undecided(follow: FollowRow) -> bool:
    return follow.standing is FollowState.FOLLOWING


NOTICE = Notice(
    name="institution_deadline",
    values=timed.VALUES,
    events=(events.FOLLOW_DUE,),
    immediate=False,
    write=_write,
)
