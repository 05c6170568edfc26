"""Whom the market admits: registered, verified, with the company's consent; and requests that wait for it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import companies, requests
from domain.authorizations import giving, verdicts
from domain.authorizations.consents import Consent
from domain.authorizations.giving import Act
from domain.authorizations.labels import PLATFORM, DataPurpose, Kind, State
from domain.authorizations.rules import Rules
from domain.authorizations.tables import AuthorizationRow
from domain.base import utcnow
from domain.companies import CompanyMemberRow, CompanyRow
from domain.credit import marks
from domain.database import Database
from domain.errors import NotAllowedNow
from domain.identity import verifications
from domain.labels import Label
from domain.requests import RequestRow
from domain.scores import keeping as scores


class Lack(Label):
    """What is to be done before a request may be published, in the order in which it is done."""

    REGISTRATION = "registration", "企业注册"
    IDENTITY = "identity", "实名认证"
    AUTHORIZATION = "authorization", "数据授权"


@dataclass(frozen=True, slots=True)
class Standing:
    """`company` is the one that the person asks for; `others` more of his that have authorized too."""

    company: CompanyRow | None
    others: tuple[CompanyRow, ...]
    lacks: tuple[Lack, ...]


async def standing(session: AsyncSession, openid: str, now: datetime, *, uscc: str | None = None) -> Standing:
    """How far a person has come; `uscc` is the company that he chose, where he has several."""
    bound = await companies.registered_by(session, openid)
    mine = [company for company in bound if uscc in {None, company.uscc}] or list(bound)
    consenting = await _authorizing(session, [company.uscc for company in mine], now)
    admitted = [company for company in mine if company.uscc in consenting]
    done = {
        Lack.REGISTRATION: bool(mine),
        Lack.IDENTITY: await verifications.is_verified(session, openid),
        Lack.AUTHORIZATION: bool(admitted),
    }
    company = next(iter(admitted or mine), None)
    return Standing(company, tuple(admitted[1:]), tuple(lack for lack in Lack if not done[lack]))


async def publish(
    session: AsyncSession,
    row: RequestRow,
    company: CompanyRow | None,
    now: datetime,
    *,
    review_first: bool,
) -> None:
    """The request goes to the market in the name of the company, where one is known.

    `review_first`: what the city's review rules said when its owner confirmed. It has no default, here and in
    `requests.confirm`, so that no way of publishing goes round the adviser.

    Raises:
        NotAllowedNow: see `requests.publish`.
    """
    row.review_first = review_first
    await requests.publish(session, row, now)
    if company is not None:
        row.uscc, row.company = company.uscc, company.name


async def go_on(session: AsyncSession, now: datetime, *, openid: str | None = None) -> list[RequestRow]:
    """Publish the confirmed drafts whose owners are admitted by now, of one person or of all; which ones.

    A draft that replaces a request which went on meanwhile cannot be published: it waits no longer, and is
    shown to its owner as a draft again.
    """
    published = []
    for row in await requests.waiting(session, openid=openid, admitted=_admitted(now)):
        found = await standing(session, row.openid, now, uscc=row.uscc)
        if found.lacks:
            continue
        try:
            await publish(session, row, found.company, now, review_first=row.review_first)
        except NotAllowedNow:
            row.confirmed_at = None
        else:
            published.append(row)
    return published


async def publish_admitted(database: Database) -> int:
    """Look for requests that can go on, whatever it was that opened the way; how many went."""
    now = utcnow()
    async with database.reading() as session:
        if not await requests.any_waiting(session, admitted=_admitted(now)):
            return 0
    async with database.unit_of_work() as session:
        return len(await go_on(session, now))


async def authorize(
    session: AsyncSession, consent: Consent, act: Act, *, rules: Rules, now: datetime
) -> AuthorizationRow:
    """Give an authorization, and have the company scored where it agreed to that.

    What rests on a purpose that the newest word leaves out goes.

    Raises:
        NotFound, NotVerified, TextChanged, TicketUsed: see `giving.give`.
    """
    row = await giving.give(session, consent, act, rules=rules, now=now)
    if row.kind != Kind.CREDIT_DATA or row.uscc is None or row.state(now) is not State.GIVEN:
        return row
    await scores.narrow(session, row.uscc, row.purposes)
    if DataPurpose.MATCHING not in row.purposes:
        await _stop(session, row.uscc, now, note="新的信用信息使用授权不含融资匹配")
    if DataPurpose.SCORING in row.purposes:
        await marks.changed(session, [row.uscc], now)
    return row


async def revoke(
    session: AsyncSession, authorization_id: str, openid: str, now: datetime
) -> tuple[AuthorizationRow, list[RequestRow]]:
    """Take an authorization back; scores and requests that rest on it go. Which requests these were.

    Raises:
        NotFound: there is none of that id, or it is not the person's.
    """
    row = await giving.revoke(session, authorization_id, openid, now)
    if row.kind != Kind.CREDIT_DATA or row.uscc is None or row.state(now) is not State.REVOKED:
        return row, []
    await scores.forget(session, row.uscc)
    return row, await _stop(session, row.uscc, now, note="信用信息使用授权已撤回")


async def ended(session: AsyncSession, row: AuthorizationRow) -> None:
    """The term of an authorization is over: the scores that rest on it go.

    Requests stay on the market: their owner took nothing back, and without a consent nobody reads his data.
    """
    if row.kind == Kind.CREDIT_DATA and row.uscc is not None:
        await scores.narrow(session, row.uscc, ())


async def _stop(session: AsyncSession, uscc: str, now: datetime, *, note: str) -> list[RequestRow]:
    stopped = await requests.withdrawable(session, uscc)
    for request in stopped:
        await requests.withdraw(session, request, now, note=note)
    return stopped


async def _authorizing(session: AsyncSession, usccs: Collection[str], now: datetime) -> set[str | None]:
    """Those of the companies whose consent to matching holds."""
    query = select(AuthorizationRow.uscc, AuthorizationRow.purposes).where(
        AuthorizationRow.uscc.in_(usccs), _consents(now)
    )
    return {uscc for uscc, purposes in await session.execute(query) if DataPurpose.MATCHING in purposes}


def _consents(now: datetime) -> ColumnElement[bool]:
    to_platform = AuthorizationRow.kind == Kind.CREDIT_DATA.value, AuthorizationRow.recipient == PLATFORM
    return and_(*to_platform, *verdicts.stands(now))


def _admitted(now: datetime) -> ColumnElement[bool]:
    """Of a request: whether its owner is bound to a company whose consent holds; who he is is asked then."""
    return exists().where(
        CompanyMemberRow.openid == RequestRow.openid,
        AuthorizationRow.uscc == CompanyMemberRow.uscc,
        _consents(now),
    )
