"""What an adviser did about a case, to its owner: took it on, wrote to him, or closed it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.cases.rules import CaseState
from domain.cases.tables import CaseRow, CaseStepRow
from notify.fields import Value
from notify.notice import Letter, Notice

_PATH = "/m/cases/"
_TAKEN = "顾问已接手您的{kind}，请留意答复"
_CLOSED = "顾问办结了您的{kind}，点开看结果"


async def _write(session: AsyncSession, event: str, payload: Mapping[str, Any]) -> list[Letter]:
    del event
    row = await session.get(CaseRow, payload["case_id"])
    step = await session.get(CaseStepRow, (payload["case_id"], payload["step"]))
    # What the owner did himself is no news to him.
    if row is None or step is None or step.actor == row.openid:
        return []
    values: dict[str, Value] = {
        "title": _title(row, step),
        "adviser": row.adviser or "融资顾问",
        "time": step.at,
    }
    return [Letter(row.openid, f"{row.id}:{step.number}", values, path=f"{_PATH}{row.id}")]


def _title(row: CaseRow, step: CaseStepRow) -> str:
    """What was written to him begins on the card itself, and stands in full on the page."""
    if step.after == CaseState.CLOSED:
        return _CLOSED.format(kind=row.what.label)
    return step.note or _TAKEN.format(kind=row.what.label)


# Immediate: advisers answer by day, and who is in difficulty waits for just that.
NOTICE = Notice(
    name="follow_up",
    values=frozenset({"title", "adviser", "time"}),
    events=(events.CASE_MOVED,),
    immediate=True,
    write=_write,
)
