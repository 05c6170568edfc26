"""A registration's way from step to step, each written down and told."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.exclusive import alone
from domain.registrations.enrolling import enrol
from domain.registrations.reading import company_is_registered, company_region
from domain.registrations.rules import REVIEWS, RegistrationKind, RegistrationStatus
from domain.registrations.tables import RegistrationRow, RegistrationStepRow


async def one_at_a_time(session: AsyncSession, uscc: str) -> None:
    """What decides about a company's people is done by one after the other."""
    await alone(session, f"registration {uscc}")


async def held(session: AsyncSession, registration_id: str) -> RegistrationRow | None:
    """The registration as it is when everybody before is done; nobody else moves it until the unit ends."""
    row = await session.get(RegistrationRow, registration_id)
    if row is None:
        return None
    await one_at_a_time(session, row.uscc)
    return await session.get(RegistrationRow, registration_id, with_for_update=True, populate_existing=True)


def move(
    session: AsyncSession,
    row: RegistrationRow,
    after: RegistrationStatus,
    actor: str,
    now: datetime,
    note: str = "",
) -> None:
    """Change the status, with its step and its event."""
    before: str | None = row.status
    row.status, row.updated_at = after, now
    row.version += 1
    step = RegistrationStepRow(
        registration_id=row.id, number=row.version, at=now, actor=actor, before=before, after=after, note=note
    )
    session.add(step)
    payload = {"registration_id": row.id, "step": row.version, "before": before, "after": after}
    events.record(session, events.REGISTRATION_MOVED, payload, now)


async def advance(
    session: AsyncSession, row: RegistrationRow, actor: str, now: datetime, note: str = ""
) -> None:
    """Go on to the next step of the route that is not done yet; behind the last one is the account."""
    after = _next(row)
    if after is RegistrationStatus.REGISTERED and await _must_be_let_in(session, row):
        row.kind, row.route = RegistrationKind.JOIN, [RegistrationStatus.MEMBER_REVIEW]
        after = RegistrationStatus.MEMBER_REVIEW
    if after is RegistrationStatus.MEMBER_REVIEW:
        # Where the company is, not where a stranger says: he would choose the office that lets him in.
        row.region = await company_region(session, row.uscc) or row.region
    move(session, row, after, actor, now, note)
    if after is RegistrationStatus.REGISTERED:
        await enrol(session, row, now)


def _next(row: RegistrationRow) -> RegistrationStatus:
    route = [RegistrationStatus(step) for step in row.route]
    ahead = route[route.index(row.state) + 1 :] if row.status in row.route else route
    done = {RegistrationStatus.ACTIVATION} if row.activated_at else set()
    return next((step for step in ahead if step not in done), RegistrationStatus.REGISTERED)


async def _must_be_let_in(session: AsyncSession, row: RegistrationRow) -> bool:
    """Whether somebody registered the company meanwhile, and nobody has looked at this person yet."""
    return REVIEWS.isdisjoint(row.route) and await company_is_registered(session, row.uscc)
