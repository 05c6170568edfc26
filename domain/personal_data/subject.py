"""Whose data: a person, with the companies that he acts for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import companies
from domain.base import Row
from domain.companies import CompanyMemberRow, CompanyRow


@dataclass(frozen=True, slots=True)
class Subject:
    """`usccs`: companies that he acts for; `alone`: those of them that nobody else does.

    What came after `asked_at` is left out.
    """

    openid: str
    usccs: tuple[str, ...]
    alone: tuple[str, ...]
    asked_at: datetime
    now: datetime


# Of a table, which rows: as a condition on its columns.
Which = Callable[[Table, Subject], ColumnElement[bool]]


async def subject_of(session: AsyncSession, openid: str, now: datetime) -> Subject:
    own = [company.uscc for company in await companies.registered_by(session, openid)]
    counted = (
        select(CompanyMemberRow.uscc, func.count())
        .join(CompanyRow, CompanyRow.uscc == CompanyMemberRow.uscc)
        .where(CompanyMemberRow.uscc.in_(own), companies.certain())
        .group_by(CompanyMemberRow.uscc)
        .order_by(CompanyMemberRow.uscc)
    )
    members = (await session.execute(counted)).all()
    usccs = tuple(uscc for uscc, _ in members)
    alone = tuple(uscc for uscc, number in members if number == 1)
    return Subject(openid, usccs, alone, asked_at=now, now=now)


def by_openid(column: str = "openid", *, began: str | None = None) -> Which:
    """Rows that name the person; with `began`, those that began before the moment that is meant."""

    def which(table: Table, subject: Subject) -> ColumnElement[bool]:
        his = table.c[column] == subject.openid
        return his if began is None else his & (table.c[began] <= subject.asked_at)

    return which


def by_company(table: Table, subject: Subject) -> ColumnElement[bool]:
    return table.c.uscc.in_(subject.usccs)


def others_act(table: Table, subject: Subject) -> ColumnElement[bool]:
    """Of a company's rows: those of companies for which others act too."""
    return table.c.uscc.not_in(subject.alone)


def through(column: str, parent: str, which: Which) -> Which:
    """Rows that belong to such rows of `parent`, by the parent's only key."""

    def condition(table: Table, subject: Subject) -> ColumnElement[bool]:
        above = Row.metadata.tables[parent]
        (key,) = above.primary_key
        return table.c[column].in_(select(key).where(which(above, subject)))

    return condition


def either(one: Which, other: Which) -> Which:
    return lambda table, subject: one(table, subject) | other(table, subject)
