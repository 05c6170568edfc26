"""A new request, to the officers of an institution that it was recommended to; several become one letter."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import events, institutions
from domain.market.rules import FollowState
from domain.market.tables import FollowRow
from domain.recommending.sending import TO_BE_HAD
from domain.requests import RequestRow
from notify.fields import Value
from notify.notice import Letter, Notice
from notify.notices.requests import amount_of, subject_of


async def _write(session: AsyncSession, event: str, payload: Mapping[str, Any]) -> list[Letter]:
    """Before it follows, an institution is told how much and what for, and nothing of whose it is."""
    del event
    institution = payload["institution"]
    request = await session.get(RequestRow, payload["request_id"])
    if request is None or request.state not in TO_BE_HAD:
        return []
    follow = await session.get(FollowRow, (request.id, institution))
    if follow is not None and follow.standing is not FollowState.LAPSED:
        return []
    values: dict[str, Value] = {
        "request_id": request.id,
        "title": f"新需求：{subject_of(request)}",
        "amount": amount_of(request),
        "time": request.published_at or request.updated_at,
    }
    officers = await institutions.officers_of(session, institution, region=request.region)
    return [
        Letter(
            officer.openid, f"{request.id}:{institution}", values, about=request.id, institution=institution
        )
        for officer in officers
    ]


def _gathered(several: Sequence[Mapping[str, Value]]) -> Mapping[str, Value]:
    """One letter for all of them: how many, how much together, and the latest."""
    first = several[0]
    return {
        "request_id": f"{first['request_id']}+{len(several) - 1}",
        "title": f"有{len(several)}笔新需求，金额为合计",
        "amount": sum(int(str(values["amount"])) for values in several),
        "time": several[-1]["time"],
    }


NOTICE = Notice(
    name="institution_request",
    values=frozenset({"request_id", "title", "amount", "time"}),
    events=(events.REQUEST_RECOMMENDED,),
    immediate=False,
    write=_write,
    gathered=_gathered,
)
