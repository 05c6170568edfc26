"""What is ended before a person's data go: requests, cases, registrations, consents, identity checks."""

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import requests
from domain.authorizations import giving
from domain.authorizations.tables import AuthorizationRow
from domain.cases import opening as cases
from domain.equity import raising
from domain.equity import reading as equity
from domain.equity.labels import OPEN as OPEN_EQUITY
from domain.errors import NotAllowedNow
from domain.identity import verifications
from domain.identity.tables import VerifiedPersonRow
from domain.personal_data.subject import Subject
from domain.registrations import submitting
from domain.registrations.rules import OPEN
from domain.registrations.tables import RegistrationRow

_NOTE = "用户要求删除个人信息"


async def end_all(session: AsyncSession, subject: Subject) -> dict[str, int]:
    """Each by the use case that its owner has for it, so that whoever worked on it is told.

    What can no longer be taken back, a loan that both sides agreed to, goes on. Returns how many rows went on
    the way, by table.
    """
    await _withdraw_requests(session, subject)
    await cases.withdraw_all(session, subject.openid, now=subject.now)
    await _withdraw_equity(session, subject)
    # In the order in which giving an authorization goes on to a registration: two never wait crosswise.
    for number in await _standing_authorizations(session, subject):
        await giving.revoke(session, number, subject.openid, subject.now)
    for number in await _open_registrations(session, subject):
        await submitting.withdraw(session, subject.openid, number, subject.now)
    known = 1 if await session.get(VerifiedPersonRow, subject.openid) else 0
    await verifications.forget(session, subject.openid, subject.now)
    await session.flush()
    return {VerifiedPersonRow.__tablename__: known}


async def _withdraw_requests(session: AsyncSession, subject: Subject) -> None:
    for row in await requests.open_requests(session, subject.openid):
        try:
            await requests.withdraw(session, row, subject.now, note=_NOTE)
        except NotAllowedNow:
            continue


async def _withdraw_equity(session: AsyncSession, subject: Subject) -> None:
    await raising.discard(session, subject.openid)
    for row in await equity.of_person(session, subject.openid):
        if row.state in OPEN_EQUITY:
            await raising.withdraw(session, subject.openid, row.id, subject.now, note=_NOTE)


async def _open_registrations(session: AsyncSession, subject: Subject) -> list[str]:
    query = select(RegistrationRow.id).where(
        RegistrationRow.openid == subject.openid, RegistrationRow.status.in_(OPEN)
    )
    return list(await session.scalars(query.order_by(RegistrationRow.id)))


async def _standing_authorizations(session: AsyncSession, subject: Subject) -> list[str]:
    """His own, and those of companies that nobody else acts for."""
    own = and_(AuthorizationRow.uscc.is_(None), AuthorizationRow.openid == subject.openid)
    query = select(AuthorizationRow.id).where(
        AuthorizationRow.ended_at.is_(None), or_(own, AuthorizationRow.uscc.in_(subject.alone))
    )
    return list(await session.scalars(query.order_by(AuthorizationRow.id)))
