"""What an owner's way has left behind: in the database, and on his phone."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.authorizations.tables import AuthorizationRow
from domain.base import utcnow
from domain.companies import CompanyMemberRow
from domain.database import Database
from domain.events import OutboxRow
from domain.identity.tables import VerificationRow, VerifiedPersonRow
from domain.registrations.tables import RegistrationRow, RegistrationStepRow
from domain.requests import RequestRow
from notify.deliveries import DeliveryRow, DeliveryState
from tests.faults.owner import Owner

WAY = ("district_review", "city_review", "activation", "registered")
CONSENTS = {"face": 1, "credit_data": 1}
NOTICES = {
    "企业注册审核结果": len(WAY),
    "身份认证结果": 1,
    "数据授权结果": len(CONSENTS),
    "融资需求进度通知": 1,
}


@dataclass(frozen=True)
class Outcome:
    """What it is once everything went well.

    `tries` are the states of identity checks, oldest first. `consents` counts those that he ever gave, by
    kind, `authorizations` are the kinds that stand. `notices` counts the cards on his phone, by title.
    """

    steps: tuple[str, ...] = WAY
    memberships: int = 1
    verified: int = 1
    tries: tuple[str, ...] = ("passed",)
    consents: Mapping[str, int] = field(default_factory=CONSENTS.copy)
    authorizations: frozenset[str] = frozenset(CONSENTS)
    requests: tuple[str, ...] = ("published",)
    told_of_publishing: int = 1
    notices: Mapping[str, int] = field(default_factory=NOTICES.copy)


async def settled(database: Database, owner: Owner) -> bool:
    """Whether every event has become letters, and every letter to him has left."""
    queued = DeliveryRow.openid == owner.openid, DeliveryRow.state == DeliveryState.QUEUED
    async with database.reading() as session:
        waiting = await _count(session, OutboxRow, OutboxRow.handled_at.is_(None))
        return not (waiting or await _count(session, DeliveryRow, *queued))


async def outcome(database: Database, owner: Owner) -> Outcome:
    openid = owner.openid
    async with database.reading() as session:
        consents = (
            await session.scalars(select(AuthorizationRow).where(AuthorizationRow.openid == openid))
        ).all()
        tries = select(VerificationRow.state).where(VerificationRow.openid == openid)
        wishes = select(RequestRow.status).where(RequestRow.openid == openid)
        return Outcome(
            steps=await _steps(session, owner.uscc),
            memberships=await _count(session, CompanyMemberRow, CompanyMemberRow.openid == openid),
            verified=await _count(session, VerifiedPersonRow, VerifiedPersonRow.openid == openid),
            tries=tuple(await session.scalars(tries.order_by(VerificationRow.begun_at))),
            consents=Counter(row.kind for row in consents),
            authorizations=frozenset(row.kind for row in consents if row.state(utcnow()) == "given"),
            requests=tuple(await session.scalars(wishes)),
            told_of_publishing=await _published(session, openid),
            notices=Counter(card.text for card in owner.phone.cards()),
        )


async def _steps(session: AsyncSession, uscc: str) -> tuple[str, ...]:
    """Those of all registrations of the company, one after the other."""
    query = (
        select(RegistrationStepRow.after)
        .join(RegistrationRow, RegistrationRow.id == RegistrationStepRow.registration_id)
        .where(RegistrationRow.uscc == uscc)
        .order_by(RegistrationRow.id, RegistrationStepRow.number)
    )
    return tuple(await session.scalars(query))


async def _published(session: AsyncSession, openid: str) -> int:
    numbers = set(await session.scalars(select(RequestRow.id).where(RequestRow.openid == openid)))
    told = await session.scalars(select(OutboxRow.payload).where(OutboxRow.name == events.REQUEST_PUBLISHED))
    return sum(payload["request_id"] in numbers for payload in told)


async def _count(session: AsyncSession, rows: type[object], *which: ColumnElement[bool]) -> int:
    return int(await session.scalar(select(func.count()).select_from(rows).where(*which)) or 0)
