"""The owner's steps: a draft, publishing it, taking it back, ending the round.

draft ──publish──▶ published ⇄ followed ⇄ met ⇄ term_sheet ──▶ invested ──end──▶ closed
  │                    └───────────┴──────────┴──withdraw──▶ withdrawn
  └──(deleted)
"""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.admission import Lack, Standing
from domain.base import new_id, storable
from domain.companies import CompanyRow
from domain.equity import terms
from domain.equity.labels import ENDED, OPEN, EquityFollow, EquityStatus
from domain.equity.tables import EquityFollowRow, EquityRequestRow, EquityStepRow
from domain.equity.terms import EquityTerms
from domain.errors import NotAllowedNow, NotFound
from domain.exclusive import alone

NEEDED = (Lack.REGISTRATION, Lack.IDENTITY)
"""Institutions that follow learn the company's name: it must be one, and its person must be known."""
NO_SUCH = "没有这笔股权融资需求。"
_OVER = frozenset({EquityFollow.PASSED, EquityFollow.INVESTED, EquityFollow.ENDED})


def lacks(standing: Standing) -> tuple[Lack, ...]:
    """What is still to be done before an equity request may be published."""
    return tuple(lack for lack in standing.lacks if lack in NEEDED)


async def draft_of(session: AsyncSession, openid: str) -> EquityRequestRow | None:
    """What the person has half filled in, if anything."""
    query = select(EquityRequestRow).where(
        EquityRequestRow.openid == openid, EquityRequestRow.status == EquityStatus.DRAFT
    )
    found: EquityRequestRow | None = await session.scalar(query.order_by(EquityRequestRow.created_at.desc()))
    return found


async def draft(session: AsyncSession, openid: str, given: EquityTerms, now: datetime) -> EquityRequestRow:
    """Begin a request, or go on with the one that is half filled in; a person has one such at a time."""
    await alone(session, f"equity of {openid}")
    row = await draft_of(session, openid)
    if row is None:
        row = EquityRequestRow(
            id=new_id("EQ", now),
            openid=openid,
            status=EquityStatus.DRAFT,
            words="",
            created_at=now,
            updated_at=now,
        )
        session.add(row)
        await session.flush()
        session.add(step(row, None, row.status, openid, now))
    write(row, given, now)
    return row


def write(row: EquityRequestRow, given: EquityTerms, now: datetime) -> None:
    """Take over every field."""
    for name in EquityTerms.model_fields:
        setattr(row, name, getattr(given, name))
    row.updated_at = now


async def publish(
    session: AsyncSession, row: EquityRequestRow, company: CompanyRow, now: datetime
) -> EquityRequestRow:
    """To all investment institutions of the platform, without the company's name.

    Raises:
        NotAllowedNow: something is missing, or the company raises a round already.
    """
    if row.state is not EquityStatus.DRAFT:
        raise NotAllowedNow("这笔股权融资需求已经发布过了。")
    if missing := terms.of(row).lacking:
        named = "和".join(field.label for field in missing)
        raise NotAllowedNow(f"{named}还空着，投资机构没法判断，请先补上。")
    await alone(session, f"equity of {company.uscc}")
    if other := await open_of(session, company.uscc):
        raise NotAllowedNow(
            f"「{company.name}」已经有一笔股权融资需求在办（{other.id}），先撤回它才能发新的。"
        )
    row.uscc, row.company, row.published_at = company.uscc, company.name, now
    _move(session, row, EquityStatus.PUBLISHED, row.openid, now)
    events.record(session, events.EQUITY_PUBLISHED, {"request_id": row.id}, now)
    return row


async def withdraw(
    session: AsyncSession, openid: str, request_id: str, now: datetime, *, note: str = ""
) -> EquityRequestRow:
    """Take it back; who works on it is done with it.

    Raises:
        NotFound: it is not the person's.
        NotAllowedNow: it is not on the market, or money is in it.
    """
    row = await own(session, openid, request_id)
    if row.state not in OPEN:
        raise NotAllowedNow(f"这笔股权融资需求现在是「{row.state.label}」，不能撤回。")
    await _end(session, row, EquityStatus.WITHDRAWN, now, note)
    events.record(session, events.EQUITY_WITHDRAWN, {"request_id": row.id}, now)
    return row


async def close(session: AsyncSession, openid: str, request_id: str, now: datetime) -> EquityRequestRow:
    """The round is over: enough has come in.

    Raises:
        NotFound: it is not the person's.
        NotAllowedNow: nobody has invested.
    """
    row = await own(session, openid, request_id)
    if row.state is not EquityStatus.INVESTED:
        raise NotAllowedNow("有机构投资以后才能结束本轮；不想融了，可以撤回需求。")
    await _end(session, row, EquityStatus.CLOSED, now, "")
    return row


async def own(session: AsyncSession, openid: str, request_id: str) -> EquityRequestRow:
    """The person's request, held until the transaction ends. Raises NotFound for any other."""
    row = await held(session, request_id)
    if row is None or row.openid != openid:
        raise NotFound(NO_SUCH)
    return row


async def held(session: AsyncSession, request_id: str) -> EquityRequestRow | None:
    """The request as it is now; nobody else changes it, or a follow of it, before the transaction ends."""
    if not storable(request_id):
        return None
    return await session.get(EquityRequestRow, request_id, with_for_update=True, populate_existing=True)


async def open_of(session: AsyncSession, uscc: str) -> EquityRequestRow | None:
    """The company's round under way."""
    query = select(EquityRequestRow).where(EquityRequestRow.uscc == uscc, EquityRequestRow.status.in_(OPEN))
    found: EquityRequestRow | None = await session.scalar(query)
    return found


async def discard(session: AsyncSession, openid: str) -> None:
    """Delete what was filled in but never published, with its history."""
    drafts = delete(EquityRequestRow).where(
        EquityRequestRow.openid == openid, EquityRequestRow.status == EquityStatus.DRAFT
    )
    await session.execute(drafts)


async def _end(
    session: AsyncSession, row: EquityRequestRow, after: EquityStatus, now: datetime, note: str
) -> None:
    """The request and everybody's follow that is not over."""
    query = select(EquityFollowRow).where(
        EquityFollowRow.request_id == row.id, EquityFollowRow.status.not_in(_OVER)
    )
    for follow in await session.scalars(query.with_for_update()):
        before, follow.status, follow.updated_at = follow.status, EquityFollow.ENDED, now
        session.add(step(row, before, follow.status, row.openid, now, institution=follow.institution))
    _move(session, row, after, row.openid, now, note)


def _move(
    session: AsyncSession,
    row: EquityRequestRow,
    after: EquityStatus,
    actor: str,
    now: datetime,
    note: str = "",
) -> None:
    if row.state in ENDED:
        raise NotAllowedNow(f"这笔股权融资需求现在是「{row.state.label}」，不能再改。")
    before, row.status, row.updated_at = row.status, after, now
    session.add(step(row, before, after, actor, now, note=note))


def step(
    row: EquityRequestRow,
    before: str | None,
    after: str,
    actor: str,
    now: datetime,
    *,
    institution: str | None = None,
    note: str = "",
) -> EquityStepRow:
    """The record of a change that was just made."""
    return EquityStepRow(
        request_id=row.id,
        institution=institution,
        at=now,
        actor=actor,
        before=before,
        after=after,
        note=note,
    )
