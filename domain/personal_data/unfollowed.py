"""Who unsubscribed: what is his alone goes at once, the rest in time, unless something runs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import requests
from domain.equity import raising
from domain.equity.labels import OPEN as OPEN_EQUITY
from domain.equity.tables import EquityRequestRow
from domain.exclusive import alone
from domain.identity import verifications
from domain.identity.materials import MaterialRow
from domain.identity.tables import State, VerificationRow
from domain.people import PersonRow
from domain.personal_data import deleting
from domain.personal_data.tables import DeletionReason, DeletionRow
from domain.requests import OPEN, RequestRow
from domain.secrets import Cipher


async def forget_unfollowed(session: AsyncSession, openid: str, now: datetime, *, cipher: Cipher) -> None:
    """What was shown to nobody: drafts, a check of who he is that is not over, and the papers for it.

    What he published is with institutions, and what was decided may be needed: that waits for its time, in
    which he may come back.
    """
    await requests.delete_drafts(session, openid)
    await raising.discard(session, openid)
    if pending := await verifications.open_of(session, openid):
        ending = verifications.Ending(State.ABANDONED)
        await verifications.finish(session, pending.id, ending, now, cipher=cipher)
    his = select(VerificationRow.id).where(VerificationRow.openid == openid)
    await session.execute(delete(MaterialRow).where(MaterialRow.verification_id.in_(his)))


@dataclass(frozen=True, slots=True)
class Forgetting:
    """A chore: delete the data of who unsubscribed `after` ago.

    One person a portion: he is a hundred statements, for which SQLite's other writers wait.
    """

    after: timedelta
    name: str = "unfollowed_people"

    async def portion(self, session: AsyncSession, now: datetime, limit: int) -> int:
        """The rows that went, and no less than `limit` as long as there may be another person."""
        await alone(session, "retention")
        openid = await session.scalar(self._due(now))
        if openid is None:
            return 0
        row = await deleting.delete(session, openid, now, reason=DeletionReason.UNFOLLOWED)
        return max(limit, sum(row.removed.values()))

    def _due(self, now: datetime) -> Select[str]:
        """Nobody with a request under way; nobody whose deletion waits for something already."""
        runs = exists().where(RequestRow.openid == PersonRow.openid, RequestRow.status.in_(OPEN))
        raises = exists().where(
            EquityRequestRow.openid == PersonRow.openid, EquityRequestRow.status.in_(OPEN_EQUITY)
        )
        begun = exists().where(DeletionRow.openid == PersonRow.openid, DeletionRow.completed_at.is_(None))
        gone = PersonRow.follows.is_(False), PersonRow.unfollowed_at < now - self.after
        query = select(PersonRow.openid).where(*gone, ~runs, ~raises, ~begun)
        return query.order_by(PersonRow.unfollowed_at).limit(1)


@dataclass(frozen=True, slots=True)
class Finishing:
    """A chore: go on with deletions that had to wait for something that was under way."""

    name: str = "deletions_under_way"

    async def portion(self, session: AsyncSession, now: datetime, limit: int) -> int:
        """The rows that went, and no less than `limit` as long as there may be another deletion."""
        await alone(session, "retention")
        due = select(DeletionRow).where(DeletionRow.completed_at.is_(None), DeletionRow.look_at <= now)
        row = await session.scalar(due.order_by(DeletionRow.look_at).limit(1))
        if row is None:
            return 0
        before = sum(row.removed.values())
        await deleting.finish(session, row, now)
        return max(limit, sum(row.removed.values()) - before)
