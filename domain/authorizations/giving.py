"""Giving and taking back: at once, in one transaction with what tells of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import companies, events
from domain.authorizations import wording
from domain.authorizations.consents import Consent
from domain.authorizations.labels import Kind, State
from domain.authorizations.rules import Rules
from domain.authorizations.tables import IP_CHARS, TICKET_CHARS, USER_AGENT_CHARS, AuthorizationRow
from domain.base import new_id, storable
from domain.companies import CompanyMemberRow, CompanyRow
from domain.errors import NotAllowedNow, NotFound
from domain.exclusive import alone
from domain.identity import verifications
from domain.identity.tables import VerifiedPersonRow
from domain.identity.verifications import IMPORTED
from domain.institutions import InstitutionRow

_NOT_YOURS = "没有这项授权。"
_OPEN_AGAIN = "这个页面已经失效，请重新打开再操作。"


class NotVerified(NotAllowedNow):
    """Who agrees for a company must be known; the way to identity is open."""


class TextChanged(NotAllowedNow):
    """What was read is not what would be stored: to be read again."""


class TicketUsed(NotAllowedNow):
    """The page's key belongs to something else that was agreed to."""


@dataclass(frozen=True, slots=True)
class Act:
    """The act of agreeing: by whom, from where, to which text.

    `ticket` is made anew whenever the text is shown, and comes back with the tick: sent twice, it counts
    once. `text_version` and `text_hash` are those of the text that was shown.
    """

    openid: str
    ticket: str
    text_version: int
    text_hash: str
    ip: str | None = None
    user_agent: str | None = None


async def give(
    session: AsyncSession, consent: Consent, act: Act, *, rules: Rules, now: datetime
) -> AuthorizationRow:
    """Store the consent with its evidence; one that stands for the same recipient ends in its favour.

    A ticket that was used for the same consent gives back what it gave then, revoked or not.

    Raises:
        NotFound: not a company of the person's, or no such institution.
        NotVerified: the person is not verified.
        TextChanged: the text is another one by now.
        TicketUsed: the ticket stands for another consent.
    """
    if not 1 <= len(act.ticket) <= TICKET_CHARS or not storable(act.ticket):
        raise TicketUsed(_OPEN_AGAIN)
    await _one_at_a_time(session, consent.uscc or act.openid)
    if done := await _given_before(session, consent, act):
        return done
    company = await _company(session, consent.uscc, act.openid) if consent.uscc else ""
    if consent.kind is Kind.PASSING_ON:
        await _check_institution(session, consent.recipient)
    text = wording.shown(consent, rules, company=company)
    if (text.version, text.hash) != (act.text_version, act.text_hash):
        raise TextChanged("授权书的内容有更新，请重新打开页面，阅读后再确认。")
    row = _row(consent, act, text, rules, now)
    row.evidence = await _evidence(session, consent, act.openid)
    await _replace(session, row, now)
    session.add(row)
    await session.flush()
    events.record(session, events.AUTHORIZATION_GIVEN, {"authorization_id": row.id}, now)
    return row


async def revoke(
    session: AsyncSession, authorization_id: str, openid: str, now: datetime
) -> AuthorizationRow:
    """End it at once; nothing happens to one that ended or ran out before.

    Anybody who acts for the company may, verified or not: taking back is no harder than giving.

    Raises:
        NotFound: there is none of that id, or it is not the person's.
    """
    row = await session.get(AuthorizationRow, authorization_id) if storable(authorization_id) else None
    if row is None or not await _is_of(session, row, openid):
        raise NotFound(_NOT_YOURS)
    await _one_at_a_time(session, row.uscc or openid)
    # A query within a unit of work holds the row until its answer is committed.
    await session.refresh(row, with_for_update=True)
    if row.ended_at is None and row.state(now) is State.GIVEN:
        row.ended_at, row.ended_by, row.next_notice_at = now, openid, None
        events.record(session, events.AUTHORIZATION_REVOKED, {"authorization_id": row.id}, now)
    return row


async def _one_at_a_time(session: AsyncSession, subject: str) -> None:
    await alone(session, f"authorizations of {subject}")


async def _given_before(session: AsyncSession, consent: Consent, act: Act) -> AuthorizationRow | None:
    row = await session.scalar(select(AuthorizationRow).where(AuthorizationRow.ticket == act.ticket))
    if row is None:
        return None
    before = (row.kind, row.uscc, row.openid, row.recipient, row.scope, row.purposes)
    asked = (consent.kind, consent.uscc, act.openid, consent.recipient, consent.scope, consent.purposes)
    if before != asked:
        raise TicketUsed(_OPEN_AGAIN)
    return row


async def _company(session: AsyncSession, uscc: str, openid: str) -> str:
    """The company's name, where the person acts for it."""
    query = (
        select(CompanyRow.name)
        .join(CompanyMemberRow, CompanyMemberRow.uscc == CompanyRow.uscc)
        .where(CompanyRow.uscc == uscc, CompanyMemberRow.openid == openid, companies.certain())
    )
    name = await session.scalar(query)
    if name is None:
        raise NotFound("您不是这家企业的登记人员，不能代它授权。")
    return name


async def _check_institution(session: AsyncSession, name: str) -> None:
    if not await session.scalar(select(exists().where(InstitutionRow.name == name))):
        raise NotFound("平台上没有这家机构。")


async def _evidence(session: AsyncSession, consent: Consent, openid: str) -> str:
    """How it is known who agrees. A face is agreed to before anybody knows."""
    if consent.kind is Kind.FACE:
        return ""
    if not await verifications.is_verified(session, openid):
        raise NotVerified("代企业授权需要先完成实名认证。")
    passed = select(VerifiedPersonRow.evidence).where(VerifiedPersonRow.openid == openid)
    return await session.scalar(passed) or IMPORTED


def _row(
    consent: Consent, act: Act, text: wording.ConsentText, rules: Rules, now: datetime
) -> AuthorizationRow:
    until = now + timedelta(days=consent.days)
    # Whoever agreed to the use of his face is there, and done within the day.
    told = consent.kind is not Kind.FACE
    return AuthorizationRow(
        id=new_id("AU", now),
        kind=consent.kind,
        uscc=consent.uscc,
        openid=act.openid,
        recipient=consent.recipient,
        scope=consent.scope,
        purposes=consent.purposes,
        given_at=now,
        until=until,
        next_notice_at=rules.next_notice(now, until, now) if told else None,
        ticket=act.ticket,
        text_version=text.version,
        text_hash=text.hash,
        text_values=dict(text.values),
        ip=_kept(act.ip, IP_CHARS),
        user_agent=_kept(act.user_agent, USER_AGENT_CHARS),
    )


def _kept(said: str | None, chars: int) -> str | None:
    """What a browser said of itself, as far as it can be stored."""
    return said[:chars] if said and storable(said) else None


async def _replace(session: AsyncSession, row: AuthorizationRow, now: datetime) -> None:
    """End the one that stands for the same recipient, be it that it ran out: the newest word counts."""
    subject = (
        AuthorizationRow.uscc == row.uscc
        if row.uscc
        else (AuthorizationRow.openid == row.openid) & AuthorizationRow.uscc.is_(None)
    )
    query = select(AuthorizationRow).where(
        subject,
        AuthorizationRow.kind == row.kind,
        AuthorizationRow.recipient == row.recipient,
        AuthorizationRow.ended_at.is_(None),
    )
    for before in await session.scalars(query.with_for_update()):
        before.ended_at, before.ended_by, before.next_notice_at = now, row.openid, None
        before.replaced_by = row.id
    # The index lets one stand at a time: the old one goes first.
    await session.flush()


async def _is_of(session: AsyncSession, row: AuthorizationRow, openid: str) -> bool:
    if row.uscc is None:
        return row.openid == openid
    return await companies.acts_for(session, openid, row.uscc)
