"""The deadline of a claim comes near, to who prepares it; who has handed it in meanwhile is not told."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import companies, events
from domain.base import SHANGHAI
from domain.claims.labels import ClaimState
from domain.claims.tables import ClaimRow
from domain.policies import PolicyRow
from notify.fields import Value
from notify.notice import Letter, Notice

_LAST_MINUTE = time(23, 59)


async def _write(session: AsyncSession, event: str, payload: Mapping[str, Any]) -> list[Letter]:
    del event
    row = await session.get(ClaimRow, payload["claim_id"])
    if row is None or row.standing is not ClaimState.PREPARING:
        return []
    policy = await session.get(PolicyRow, row.policy)
    if policy is None or not await companies.acts_for(session, row.openid, row.uscc):
        return []
    day, left = payload["deadline"], payload["days"]
    when = "今天" if left == 0 else f"还有{left}天"
    values: dict[str, Value] = {
        # The words first: a long title is cut at its end.
        "title": f"{when}截止：{row.title}",
        "issuer": policy.policy.issuer,
        "deadline": datetime.combine(date.fromisoformat(day), _LAST_MINUTE, SHANGHAI),
    }
    path = f"/m/policies/{row.policy}?company={row.uscc}"
    return [Letter(row.openid, f"{row.id}:{day}:{left}", values, path=path)]


NOTICE = Notice(
    name="policy_notice",
    values=frozenset({"title", "issuer", "deadline"}),
    events=(events.CLAIM_DUE,),
    immediate=False,
    write=_write,
)
