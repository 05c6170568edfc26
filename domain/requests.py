"""Financing requests: from the first half-filled draft to the grant.

draft ──publish──▶ published ──▶ followed ──▶ approved ──▶ accepted ──▶ granted
  │                   │  ▲           (steps of institutions)
  └──discard──▶ closed│  └── reviewing (where a city lets advisers look first)
                      └──withdraw──▶ withdrawn

A draft that its owner confirmed, but may not publish yet, waits with `confirmed_at` (see `domain.admission`).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    Numeric,
    String,
    delete,
    event,
    exists,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Mapper, make_transient_to_detached, mapped_column
from sqlalchemy.orm.attributes import get_history

from domain import addressees, events
from domain.base import Json, Row, Serial, UtcDateTime, new_id, table_of
from domain.companies import CompanyFacts
from domain.errors import NotAllowedNow
from domain.labels import Label
from domain.market import moving
from domain.market.rules import Cause
from domain.needs import Need
from domain.prepared import Prepared


class RequestStatus(Label):
    """The furthest step that a request has reached."""

    DRAFT = "draft", "填写中"
    REVIEWING = "reviewing", "审核中"
    PUBLISHED = "published", "已发布"
    FOLLOWED = "followed", "机构跟进"
    APPROVED = "approved", "审批通过"
    ACCEPTED = "accepted", "已接受"
    GRANTED = "granted", "已放款"
    WITHDRAWN = "withdrawn", "已撤回"
    EXPIRED = "expired", "已过期"
    CLOSED = "closed", "已关闭"


# What owners, advisers and time do. Among `ON_THE_MARKET` the status follows the institutions' steps.
_NEXT: dict[RequestStatus, frozenset[RequestStatus]] = {
    RequestStatus.DRAFT: frozenset({RequestStatus.REVIEWING, RequestStatus.PUBLISHED, RequestStatus.CLOSED}),
    RequestStatus.REVIEWING: frozenset({RequestStatus.PUBLISHED, RequestStatus.WITHDRAWN}),
    RequestStatus.PUBLISHED: frozenset(
        {RequestStatus.WITHDRAWN, RequestStatus.EXPIRED, RequestStatus.CLOSED}
    ),
    RequestStatus.FOLLOWED: frozenset({RequestStatus.WITHDRAWN, RequestStatus.CLOSED}),
    RequestStatus.APPROVED: frozenset({RequestStatus.WITHDRAWN, RequestStatus.CLOSED}),
    RequestStatus.ACCEPTED: frozenset({RequestStatus.CLOSED}),
    RequestStatus.GRANTED: frozenset({RequestStatus.CLOSED}),
}

ON_THE_MARKET = frozenset(
    {
        RequestStatus.PUBLISHED,
        RequestStatus.FOLLOWED,
        RequestStatus.APPROVED,
        RequestStatus.ACCEPTED,
    }
)
OPEN = ON_THE_MARKET | {RequestStatus.REVIEWING}


_WAITING = text("confirmed_at IS NOT NULL AND status = 'draft'")


class RequestRow(Row):
    """A financing request. `declared` holds what the owner said about the firm itself, unverified.

    `review_first`: when the owner confirmed, he was told that an adviser looks before institutions do.
    """

    __tablename__ = "financing_requests"
    __table_args__ = (
        Index("ix_requests_openid_created", "openid", "created_at"),
        Index("ix_requests_status_created", "status", "created_at"),
        Index("ix_requests_created", "created_at", "id"),
        Index("ix_requests_uscc", "uscc"),
        # Small however long the history: the confirmed drafts, and nothing else.
        Index("ix_requests_waiting", "openid", postgresql_where=_WAITING, sqlite_where=_WAITING),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    openid: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    company: Mapped[str | None] = mapped_column(String(120))
    uscc: Mapped[str | None] = mapped_column(String(18))
    amount_min: Mapped[int | None] = mapped_column(BigInteger)
    amount_max: Mapped[int | None] = mapped_column(BigInteger)
    term_min_months: Mapped[int | None]
    term_months: Mapped[int | None]
    rate_max: Mapped[Any | None] = mapped_column(Numeric(7, 4))
    purpose: Mapped[str | None] = mapped_column(String(32))
    purpose_text: Mapped[str] = mapped_column(String(500))
    guarantee: Mapped[list[str]] = mapped_column(Json)
    collateral: Mapped[list[str] | None] = mapped_column(Json)
    region: Mapped[str | None] = mapped_column(String(6))
    industry: Mapped[str | None] = mapped_column(String(1))
    institutions: Mapped[list[str]] = mapped_column(Json)
    declared: Mapped[dict[str, Any]] = mapped_column(Json)
    product: Mapped[str | None] = mapped_column(String(60))
    replaces: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    review_first: Mapped[bool] = mapped_column(default=False)

    @property
    def state(self) -> RequestStatus:
        return RequestStatus(self.status)

    @property
    def need(self) -> Need:
        return Need.model_validate({name: getattr(self, name) for name in Need.model_fields})

    @property
    def facts(self) -> CompanyFacts:
        """What the owner declared about the firm."""
        return CompanyFacts.model_validate(self.declared)

    def set_need(self, need: Need, now: datetime) -> None:
        """Take over every field of the need; what was confirmed before was another one."""
        for name, value in need.model_dump(mode="json").items():
            setattr(self, name, value)
        self.rate_max = need.rate_max
        self.confirmed_at = None
        self.updated_at = now

    def set_facts(self, facts: CompanyFacts, now: datetime) -> None:
        self.declared = facts.model_dump(mode="json", exclude_none=True)
        self.updated_at = now


class RequestStepRow(Row):
    """One change of a request's status: when, by whom, from what to what, and why."""

    __tablename__ = "request_steps"

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    request_id: Mapped[str] = mapped_column(String(32), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    before: Mapped[str | None] = mapped_column(String(16))
    after: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(200))


_REQUESTS = table_of(RequestRow)
_BEGIN = Prepared(insert(_REQUESTS))
_FIRST_STEP = Prepared(
    insert(table_of(RequestStepRow)), columns=("request_id", "at", "actor", "before", "after", "note")
)


async def draft(
    session: AsyncSession,
    openid: str,
    need: Need,
    now: datetime,
    *,
    facts: CompanyFacts | None = None,
    product: str | None = None,
    replaces: str | None = None,
) -> RequestRow:
    """Begin a request.

    `product` is the name of the product that the owner picked, `replaces` the published request
    that this one takes the place of once confirmed.
    """
    row = RequestRow(
        id=new_id("RQ", now),
        openid=openid,
        status=RequestStatus.DRAFT,
        company=None,
        uscc=None,
        product=product,
        replaces=replaces,
        created_at=now,
        published_at=None,
        confirmed_at=None,
        review_first=False,
    )
    row.set_need(need, now)
    row.set_facts(facts or CompanyFacts(), now)
    # By statements: the session takes more than twice as long to write two new objects.
    await _BEGIN.write(session, {column.name: getattr(row, column.name) for column in _REQUESTS.columns})
    await _FIRST_STEP.write(
        session,
        {"request_id": row.id, "at": now, "actor": openid, "before": None, "after": row.status, "note": ""},
    )
    if need.institutions:
        connection = await session.connection()
        await connection.run_sync(addressees.write, row.id, now, need.institutions)
    make_transient_to_detached(row)
    session.add(row)
    return row


def confirm(row: RequestRow, now: datetime, *, review_first: bool) -> None:
    """The owner confirmed the draft, and may not publish it yet: it waits as it stands."""
    row.confirmed_at = row.updated_at = now
    row.review_first = review_first


async def confirmed(session: AsyncSession, openid: str) -> list[RequestRow]:
    """The person's drafts that he confirmed and that are not published yet, newest first."""
    query = select(RequestRow).where(RequestRow.openid == openid, *_waits())
    return list(await session.scalars(query.order_by(RequestRow.confirmed_at.desc())))


async def waiting(
    session: AsyncSession, *, openid: str | None, admitted: ColumnElement[bool]
) -> list[RequestRow]:
    """Confirmed drafts of a person, or of all, that `admitted` holds for; oldest first, to be published."""
    query = (
        select(RequestRow)
        .where(*_waits(), admitted)
        .order_by(RequestRow.confirmed_at, RequestRow.id)
        .with_for_update(skip_locked=True)
    )
    if openid is not None:
        query = query.where(RequestRow.openid == openid)
    return list(await session.scalars(query))


async def any_waiting(session: AsyncSession, *, admitted: ColumnElement[bool]) -> bool:
    """Whether a confirmed draft waits that `admitted` holds for."""
    return bool(await session.scalar(select(exists().where(*_waits(), admitted))))


async def publish(session: AsyncSession, row: RequestRow, now: datetime) -> None:
    """The owner confirmed: the request goes to the market, and what it replaces leaves it.

    With `review_first` an adviser has it before the market does.

    Raises:
        NotAllowedNow: it is no draft any more, or what it replaces went on meanwhile.
    """
    if row.replaces and (old := await held(session, row.replaces)):
        if old.state not in {RequestStatus.PUBLISHED, RequestStatus.REVIEWING}:
            raise NotAllowedNow("原来那笔需求的进度已经有变化，暂时不能替换，请先查一下进度。")
        _move(session, old, RequestStatus.WITHDRAWN, old.openid, now, f"由 {row.id} 替换")
        await moving.end_all(session, old.id, Cause.WITHDRAWN, by=old.openid, now=now)
    if row.review_first:
        _move(session, row, RequestStatus.REVIEWING, row.openid, now)
        events.record(session, events.REVIEW_BEGUN, {"request_id": row.id}, now)
    else:
        _go_out(session, row, row.openid, now)


def finish_review(
    session: AsyncSession, row: RequestRow, actor: str, now: datetime, *, note: str = ""
) -> None:
    """What an adviser looked at first, or had no time for, goes to the market. The caller holds the request.

    Raises:
        NotAllowedNow: it is not under review.
    """
    if row.state is not RequestStatus.REVIEWING:
        raise NotAllowedNow(f"这笔需求现在是「{row.state.label}」，不在审核中。")
    _go_out(session, row, actor, now, note)


def _go_out(session: AsyncSession, row: RequestRow, actor: str, now: datetime, note: str = "") -> None:
    _move(session, row, RequestStatus.PUBLISHED, actor, now, note)
    row.published_at = now
    events.record(session, events.REQUEST_PUBLISHED, {"request_id": row.id}, now)


async def withdraw(session: AsyncSession, row: RequestRow, now: datetime, *, note: str = "") -> None:
    """The owner takes a request back, or with `note` what it rests on; its follows end.

    Raises:
        NotAllowedNow: it is no longer open.
    """
    # An institution may be taking a step at this moment: one of both comes second.
    await session.refresh(row, with_for_update={"key_share": True})
    _move(session, row, RequestStatus.WITHDRAWN, row.openid, now, note)
    await moving.end_all(session, row.id, Cause.WITHDRAWN, by=row.openid, now=now)
    events.record(session, events.REQUEST_WITHDRAWN, {"request_id": row.id}, now)


async def held(session: AsyncSession, request_id: str) -> RequestRow | None:
    """The request as it is when everybody before is done; nobody else moves it until the unit of work ends.

    Rows that refer to it may be added meanwhile.
    """
    lock = {"key_share": True}
    return await session.get(RequestRow, request_id, with_for_update=lock, populate_existing=True)


def reach(session: AsyncSession, row: RequestRow, furthest: RequestStatus, by: str, now: datetime) -> None:
    """The furthest step that any institution has reached with a request on the market; back again too."""
    if row.state in ON_THE_MARKET and row.state is not furthest:
        _step(session, row, furthest, by, now)


def discard(session: AsyncSession, row: RequestRow, now: datetime) -> None:
    """Close a draft that is not gone on with."""
    _move(session, row, RequestStatus.CLOSED, row.openid, now)


async def delete_drafts(session: AsyncSession, openid: str) -> None:
    """Remove what the person filled in but never published, with its history."""
    drafts = select(RequestRow.id).where(
        RequestRow.openid == openid, RequestRow.status == RequestStatus.DRAFT
    )
    ids = list(await session.scalars(drafts))
    await session.execute(delete(RequestStepRow).where(RequestStepRow.request_id.in_(ids)))
    await session.execute(delete(RequestRow).where(RequestRow.id.in_(ids)))


async def own(session: AsyncSession, openid: str, request_id: str) -> RequestRow | None:
    """A request by its id, if it is that person's."""
    row = await session.get(RequestRow, request_id)
    return row if row and row.openid == openid else None


async def open_requests(session: AsyncSession, openid: str) -> list[RequestRow]:
    """The person's requests that are under way, newest first."""
    query = (
        select(RequestRow)
        .where(RequestRow.openid == openid, RequestRow.status.in_(OPEN))
        .order_by(RequestRow.created_at.desc(), RequestRow.id.desc())
    )
    return list(await session.scalars(query))


async def withdrawable(session: AsyncSession, uscc: str) -> list[RequestRow]:
    """The company's requests that can still be taken back."""
    may = [before for before, after in _NEXT.items() if RequestStatus.WITHDRAWN in after]
    query = select(RequestRow).where(RequestRow.uscc == uscc, RequestRow.status.in_(may))
    # Newest first, like `open_requests`: who takes several back waits for nobody crosswise.
    order = RequestRow.created_at.desc(), RequestRow.id.desc()
    return list(await session.scalars(query.order_by(*order).with_for_update(key_share=True)))


def _waits() -> tuple[ColumnElement[bool], ...]:
    """The status stands in the statement: of a parameter the databases cannot tell that the index fits."""
    draft = literal(RequestStatus.DRAFT.value, literal_execute=True)
    return RequestRow.status == draft, RequestRow.confirmed_at.is_not(None)


# The institutions of a request stand in a table of their own too, changed in the same flush.
@event.listens_for(RequestRow, "after_update")
def _rewrite_addressees(_: Mapper[RequestRow], connection: Connection, row: RequestRow) -> None:
    if get_history(row, "institutions").has_changes():
        addressees.rewrite(connection, row.id, row.created_at, row.institutions)


def _move(
    session: AsyncSession, row: RequestRow, after: RequestStatus, actor: str, now: datetime, note: str = ""
) -> None:
    before = row.state
    if after not in _NEXT.get(before, frozenset()):
        raise NotAllowedNow(f"这笔需求现在是「{before.label}」，不能改为「{after.label}」。")
    _step(session, row, after, actor, now, note)


def _step(
    session: AsyncSession, row: RequestRow, after: RequestStatus, actor: str, now: datetime, note: str = ""
) -> None:
    before = row.state
    row.status = after
    row.updated_at = now
    step = RequestStepRow(request_id=row.id, at=now, actor=actor, before=before, after=after, note=note)
    session.add(step)
