"""Which rows are under way, and which the law keeps."""

from datetime import timedelta

from sqlalchemy import ColumnElement, Table, and_, exists, or_, select

from domain.base import Row
from domain.equity.labels import OPEN as OPEN_EQUITY
from domain.equity.labels import EquityFollow, EquityStatus
from domain.personal_data.subject import Subject, by_openid
from domain.registrations.rules import OPEN as OPEN_REGISTRATIONS
from domain.registrations.rules import RegistrationStatus
from domain.requests import OPEN as OPEN_REQUESTS
from domain.requests import RequestStatus

# What was taken back must still be told to those who worked on it.
_TOLD_BY = timedelta(days=1)

begun_requests = by_openid(began="created_at")
begun_equity = by_openid(began="created_at")
begun_registrations = by_openid(began="submitted_at")


def requests_under_way(table: Table, subject: Subject) -> ColumnElement[bool]:
    just_now = table.c.updated_at > subject.now - _TOLD_BY
    withdrawn = and_(table.c.status == RequestStatus.WITHDRAWN, just_now)
    return or_(table.c.status.in_(OPEN_REQUESTS), withdrawn)


def granted_requests(table: Table, _: Subject) -> ColumnElement[bool]:
    """Those that led, or are about to lead, to a loan."""
    steps = Row.metadata.tables["request_steps"]
    was_granted = exists().where(steps.c.request_id == table.c.id, steps.c.after == RequestStatus.GRANTED)
    agreed = table.c.status.in_([RequestStatus.ACCEPTED, RequestStatus.GRANTED])
    return or_(agreed, and_(table.c.status == RequestStatus.CLOSED, was_granted))


def registrations_under_way(table: Table, subject: Subject) -> ColumnElement[bool]:
    just_now = table.c.updated_at > subject.now - _TOLD_BY
    withdrawn = and_(table.c.status == RegistrationStatus.WITHDRAWN, just_now)
    return or_(table.c.status.in_(OPEN_REGISTRATIONS), withdrawn)


def something_under_way(_: Table, subject: Subject) -> ColumnElement[bool]:
    """Of the person's own row: for as long as there is something to tell, it says whether he can be told."""
    requests = Row.metadata.tables["financing_requests"]
    registrations = Row.metadata.tables["registrations"]
    equity = Row.metadata.tables["equity_requests"]
    return or_(
        exists(select(equity.c.id).where(begun_equity(equity, subject), equity_under_way(equity, subject))),
        exists(
            select(requests.c.id).where(
                begun_requests(requests, subject), requests_under_way(requests, subject)
            )
        ),
        exists(
            select(registrations.c.id).where(
                begun_registrations(registrations, subject), registrations_under_way(registrations, subject)
            )
        ),
    )


def equity_under_way(table: Table, subject: Subject) -> ColumnElement[bool]:
    just_now = table.c.updated_at > subject.now - _TOLD_BY
    withdrawn = and_(table.c.status == EquityStatus.WITHDRAWN, just_now)
    return or_(table.c.status.in_(OPEN_EQUITY), withdrawn)


def invested_equity(table: Table, _: Subject) -> ColumnElement[bool]:
    """Those in which money is: both sides may need to know how it came about."""
    follows = Row.metadata.tables["equity_follows"]
    return exists().where(follows.c.request_id == table.c.id, follows.c.status == EquityFollow.INVESTED)


def unsent(table: Table, _: Subject) -> ColumnElement[bool]:
    return table.c.state == "queued"


def unanswered(table: Table, _: Subject) -> ColumnElement[bool]:
    return table.c.closed_at.is_(None)


def nobody_else_acts(table: Table, subject: Subject) -> ColumnElement[bool]:
    return table.c.uscc.in_(subject.alone)
