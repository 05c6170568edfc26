"""What came of an identity check, to the person; one that he gave up himself is no news to him."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.identity.tables import State, VerificationRow
from notify.fields import Value
from notify.notice import Letter, Notice

_PATH = "/m/identity"
_TITLES = {
    State.PASSED: "实名认证已完成，可以继续申请了",
    State.FAILED: "实名认证没有通过，点开看原因",
    State.EXPIRED: "实名认证超时了，点开可重新开始",
}


async def _write(session: AsyncSession, event: str, payload: Mapping[str, Any]) -> list[Letter]:
    del event
    state = State(payload["state"])
    row = await session.get(VerificationRow, payload["verification_id"])
    if row is None or row.ended_at is None or state not in _TITLES:
        return []
    values: dict[str, Value] = {"title": _TITLES[state], "result": state.label, "time": row.ended_at}
    return [Letter(row.openid, row.id, values, path=_PATH)]


NOTICE = Notice(
    name="identity_result",
    values=frozenset({"title", "result", "time"}),
    events=(events.IDENTITY_ENDED,),
    immediate=True,
    write=_write,
)
