"""The way without a face: papers that a person uploads, an adviser looks at, and nobody keeps for long."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, LargeBinary, String, delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Row, UtcDateTime
from domain.errors import NotAllowedNow, NotFound
from domain.identity import verifications
from domain.identity.tables import OPEN, State, VerificationRow
from domain.identity.verifications import Ended, Ending
from domain.secrets import Cipher

FILE = "identity_material"


class MaterialRow(Row):
    """One file, encrypted; `delete_at` is empty until the verification is decided."""

    __tablename__ = "identity_materials"

    verification_id: Mapped[str] = mapped_column(
        ForeignKey("identity_verifications.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    media_type: Mapped[str] = mapped_column(String(32))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delete_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True, slots=True)
class Paper:
    """A file whose type has been seen to be what `media_type` says."""

    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """A verification that waits for an adviser; its files are numbered from 1."""

    verification: VerificationRow
    media_types: tuple[str, ...]


async def hand_in(
    session: AsyncSession,
    openid: str,
    verification_id: str,
    papers: Sequence[Paper],
    *,
    cipher: Cipher,
    now: datetime,
) -> VerificationRow:
    """From here on an adviser has it; handed in again before he decided, the new papers replace the old.

    Raises:
        NotFound: not this person's.
        NotAllowedNow: it ended, or is none that is decided by papers.
    """
    row = await verifications.of(session, openid, verification_id)
    row = await verifications.locked(session, row.id)
    if row.state not in OPEN or row.provider != verifications.MATERIAL:
        raise NotAllowedNow("这次认证已经结束，请重新开始。")
    await session.execute(delete(MaterialRow).where(MaterialRow.verification_id == row.id))
    row.state = State.IN_REVIEW
    session.add_all(
        MaterialRow(
            verification_id=row.id,
            number=number,
            media_type=paper.media_type,
            content=cipher.encrypt_bytes(paper.content, FILE),
            received_at=now,
        )
        for number, paper in enumerate(papers, start=1)
    )
    return row


async def waiting(
    session: AsyncSession, after: tuple[datetime, str] | None, limit: int
) -> list[VerificationRow]:
    """Verifications in review, the one that waits longest first, from behind `after`."""
    query = select(VerificationRow).where(VerificationRow.state == State.IN_REVIEW)
    place = VerificationRow.begun_at, VerificationRow.id
    if after:
        query = query.where(tuple_(*place) > after)
    return list(await session.scalars(query.order_by(*place).limit(limit)))


async def case(session: AsyncSession, verification_id: str) -> Case:
    """Raises NotFound, also for what is not, or no longer, in review."""
    row = await session.get(VerificationRow, verification_id)
    if row is None or row.state != State.IN_REVIEW:
        raise NotFound("没有这份待审核的材料。")
    kinds = select(MaterialRow.media_type).where(MaterialRow.verification_id == row.id)
    return Case(row, tuple(await session.scalars(kinds.order_by(MaterialRow.number))))


async def paper(session: AsyncSession, verification_id: str, number: int, *, cipher: Cipher) -> Paper:
    """One file of a case. Raises NotFound."""
    await case(session, verification_id)
    row = await session.get(MaterialRow, (verification_id, number))
    if row is None:
        raise NotFound("没有这个文件。")
    return Paper(row.media_type, cipher.decrypt_bytes(row.content, FILE))


async def decide(
    session: AsyncSession,
    verification_id: str,
    *,
    refusal: str | None,
    decided_by: str,
    kept: timedelta,
    cipher: Cipher,
    now: datetime,
) -> Ended:
    """Approve, or refuse with a reason that the person will read; the papers go when `kept` is over.

    Raises:
        NotFound: it is not in review.
    """
    await case(session, verification_id)
    state = State.PASSED if refusal is None else State.FAILED
    ending = Ending(state, refusal or "", decided_by=decided_by)
    ended = await verifications.finish(session, verification_id, ending, now, cipher=cipher)
    papers = update(MaterialRow).where(MaterialRow.verification_id == verification_id)
    await session.execute(papers.values(delete_at=now + kept))
    return ended


async def drop_due(session: AsyncSession, now: datetime, limit: int) -> int:
    """Delete papers whose time is up; how many."""
    due = select(MaterialRow.verification_id, MaterialRow.number).where(MaterialRow.delete_at <= now)
    found = await session.execute(due.limit(limit).with_for_update(skip_locked=True))
    keys = [(verification_id, number) for verification_id, number in found]
    place = tuple_(MaterialRow.verification_id, MaterialRow.number)
    if keys:
        await session.execute(delete(MaterialRow).where(place.in_(keys)))
    return len(keys)
