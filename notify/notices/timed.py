"""What an institution has to do with a request until a certain time: told to the officers near to it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import institutions
from domain.market.tables import FollowRow
from domain.requests import RequestRow
from notify.fields import Value
from notify.notice import Letter
from notify.notices.requests import subject_of

VALUES = frozenset({"request_id", "title", "deadline"})


async def letters(
    session: AsyncSession, payload: Mapping[str, Any], what: str, still: Callable[[FollowRow], bool]
) -> list[Letter]:
    """None where it is no longer so: it was done, or the time is another one by now."""
    until = datetime.fromisoformat(payload["until"])
    request = await session.get(RequestRow, payload["request_id"])
    follow = await session.get(FollowRow, (payload["request_id"], payload["institution"]))
    if request is None or follow is None or not still(follow) or follow.until != until:
        return []
    officers = await institutions.officers_of(
        session, follow.institution, branch=follow.branch, region=request.region
    )
    values: dict[str, Value] = {
        "request_id": request.id,
        "title": f"{what}：{subject_of(request)}",
        "deadline": until,
    }
    return [
        Letter(
            officer.openid,
            f"{request.id}:{follow.institution}:{until.isoformat()}",
            values,
            about=request.id,
            institution=follow.institution,
            by=until,
        )
        for officer in officers
    ]
