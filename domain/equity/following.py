"""The institutions' steps: following a request, and what happens between them and the company.

following ──▶ met ──▶ term_sheet ──▶ invested       each may be skipped; any of the first three ──▶ passed
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, model_validator
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.base import Value, today_in_china
from domain.conditions import Yuan
from domain.equity.labels import ON_THE_MARKET, EquityFollow, EquityStatus, PassReason
from domain.equity.raising import NO_SUCH, held, step
from domain.equity.tables import MOST_NOTE, EquityFollowRow, EquityRequestRow
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from domain.labels import Label

_UNDER_WAY = frozenset({EquityFollow.FOLLOWING, EquityFollow.MET, EquityFollow.TERM_SHEET})
_NEXT = {
    EquityFollow.FOLLOWING: _UNDER_WAY,
    EquityFollow.MET: frozenset({EquityFollow.MET, EquityFollow.TERM_SHEET}),
    EquityFollow.TERM_SHEET: frozenset({EquityFollow.TERM_SHEET}),
}
INVOLVED = _UNDER_WAY | {EquityFollow.INVESTED}
"""Who stands so with a request may know whose it is."""
_ENDS = frozenset({EquityFollow.INVESTED, EquityFollow.PASSED})
# The furthest of the institutions' steps is the request's.
_FURTHEST = (
    (EquityFollow.INVESTED, EquityStatus.INVESTED),
    (EquityFollow.TERM_SHEET, EquityStatus.TERM_SHEET),
    (EquityFollow.MET, EquityStatus.MET),
    (EquityFollow.FOLLOWING, EquityStatus.FOLLOWED),
)


class EventKind(Label):
    """What an institution tells of; each is the state that it leads to."""

    MET = "met", "已约见"
    TERM_SHEET = "term_sheet", "已出意向书"
    INVESTED = "invested", "已投资"
    PASSED = "passed", "机构未投"


class EquityEvent(Value):
    """What happened on which day; `amount` in yuan where money came in, `reason` where none will."""

    kind: EventKind
    on: date | None = None
    amount: Annotated[Yuan | None, Field(gt=0)] = None
    reason: PassReason | None = None
    note: Annotated[str, Field(max_length=MOST_NOTE)] = ""

    @model_validator(mode="after")
    def _says_what_it_must(self) -> Self:
        invested, passed = self.kind is EventKind.INVESTED, self.kind is EventKind.PASSED
        if invested != (self.amount is not None):
            raise ValueError("amount 在 invested 时必填，其他情况不填")
        if passed != (self.reason is not None):
            raise ValueError("reason 在 passed 时必填，其他情况不填")
        return self


@dataclass(frozen=True, slots=True)
class Followed:
    """A request with the institution's own place in it."""

    request: EquityRequestRow
    follow: EquityFollowRow


async def follow(
    session: AsyncSession, request_id: str, institution: str, *, by: str, now: datetime
) -> Followed:
    """The institution looks into it; asked again while it does, nothing changes. Who passed may come back.

    Raises:
        NotFound: it is not on the market.
        NotAllowedNow: the institution has invested already.
    """
    row = await held(session, request_id)
    if row is None or row.state not in ON_THE_MARKET:
        raise NotFound(NO_SUCH)
    mine = await session.get(EquityFollowRow, (row.id, institution))
    if mine and mine.state in _UNDER_WAY:
        return Followed(row, mine)
    if mine and mine.state is EquityFollow.INVESTED:
        raise NotAllowedNow("贵机构已经投资了这家企业的本轮融资。")
    before = mine.status if mine else None
    if mine is None:
        mine = EquityFollowRow(request_id=row.id, institution=institution)
        session.add(mine)
    mine.status, mine.followed_by, mine.followed_at = EquityFollow.FOLLOWING, by, now
    mine.happened_on = mine.amount = mine.reason = None
    await _moved(session, row, mine, before, by, "", now)
    return Followed(row, mine)


async def record(
    session: AsyncSession, request_id: str, institution: str, event: EquityEvent, *, by: str, now: datetime
) -> Followed:
    """What happened between them.

    Raises:
        NotFound: the institution does not follow it.
        NotAllowedNow: from where the institution stands that cannot follow.
        ValueOutOfRange: it is told of a day that has not come.
    """
    row = await held(session, request_id)
    mine = await session.get(EquityFollowRow, (request_id, institution)) if row else None
    if row is None or mine is None:
        raise NotFound("贵机构没有跟进这笔股权融资需求。")
    after, today = EquityFollow(event.kind), today_in_china(now)
    if mine.state not in _UNDER_WAY or not (after in _ENDS or after in _NEXT[mine.state]):
        raise NotAllowedNow(f"现在是「{mine.state.label}」，不能记为「{after.label}」。")
    if event.on and event.on > today:
        raise ValueOutOfRange("on", "日期不能晚于今天。")
    before, mine.status, mine.happened_on = mine.status, after, event.on or today
    mine.amount, mine.reason = event.amount, event.reason
    await _moved(session, row, mine, before, by, event.note, now)
    return Followed(row, mine)


async def _moved(
    session: AsyncSession,
    row: EquityRequestRow,
    mine: EquityFollowRow,
    before: str | None,
    by: str,
    note: str,
    now: datetime,
) -> None:
    """Write the step down, and what it makes of the request; its owner is told."""
    mine.note, mine.updated_at = note, now
    done = step(row, before, mine.status, by, now, institution=mine.institution, note=note)
    session.add(done)
    await session.flush()
    reached = await _furthest(session, row.id)
    if reached is not row.state:
        session.add(step(row, row.status, reached, by, now))
        row.status, row.updated_at = reached, now
    payload = {
        "request_id": row.id,
        "institution": mine.institution,
        "before": before,
        "after": mine.status,
        "step": done.id,
    }
    events.record(session, events.EQUITY_MOVED, payload, now)


async def _furthest(session: AsyncSession, request_id: str) -> EquityStatus:
    query = select(EquityFollowRow.status).where(EquityFollowRow.request_id == request_id)
    there = set(await session.scalars(query))
    return next((status for state, status in _FURTHEST if state in there), EquityStatus.PUBLISHED)
