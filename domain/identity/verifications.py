"""Who a person is: verified once for all, by a passed verification or by the platform that he comes from.

begun ──▶ passed · failed · abandoned · expired
  └──▶ in_review (uploaded material, an adviser decides) ──▶ passed · failed

A verification holds name and number only while it is open: one that passed leaves them, encrypted, with the
person; one that did not leaves nothing of them.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.base import SHANGHAI, new_id, today_in_china
from domain.companies import CompanyMemberRow, CompanyRow
from domain.errors import NotAllowedNow, NotFound
from domain.exclusive import alone
from domain.identity.tables import (
    CODE_CHARS,
    OPEN,
    REASON_CHARS,
    State,
    VerificationRow,
    VerifiedPersonRow,
)
from domain.secrets import Cipher

NAME, ID_NUMBER, TOKEN = "identity_name", "id_number", "identity_token"
IMPORTED = "import"
MATERIAL = "material"

# Whoever comes back asks himself; nobody else asks before this.
_FIRST_LOOK = timedelta(minutes=1)
_SOON, _OFTEN, _SELDOM = timedelta(minutes=20), timedelta(minutes=1), timedelta(minutes=10)
_BETWEEN_QUESTIONS = timedelta(seconds=2)


class TooManyTries(NotAllowedNow):
    """The day's tries are used up."""


class AlreadyVerified(NotAllowedNow):
    """There is nothing left to do."""


@dataclass(frozen=True, slots=True)
class Person:
    """Name and ID number as they are checked; never in a log."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a verification ended, for `finish`; `state` is one of those that are not open."""

    state: State
    reason: str = ""
    code: str = ""
    evidence: str = ""
    similarity: float | None = None
    decided_by: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """`news`: it ended just now, and not before; `others`: see `VerifiedPersonRow`."""

    verification: VerificationRow
    news: bool
    others: int = 0


async def is_verified(session: AsyncSession, openid: str) -> bool:
    """Whether it is known who the person is: checked here, or vouched for by the platform he comes from."""
    passed = exists().where(VerifiedPersonRow.openid == openid)
    enrolled = exists().where(
        CompanyMemberRow.openid == openid,
        CompanyMemberRow.evidence == IMPORTED,
        CompanyMemberRow.uscc == CompanyRow.uscc,
        CompanyRow.enrolled,
    )
    return bool(await session.scalar(select(or_(passed, enrolled))))


async def tries_on(session: AsyncSession, openid: str, now: datetime) -> int:
    """How often the person tried on that day of Shanghai."""
    midnight = datetime.combine(today_in_china(now), time(), SHANGHAI)
    tries = select(func.count()).select_from(VerificationRow)
    counted = tries.where(VerificationRow.openid == openid, VerificationRow.begun_at >= midnight)
    return int(await session.scalar(counted) or 0)


async def begin(
    session: AsyncSession,
    openid: str,
    person: Person,
    *,
    provider: str,
    consent: str | None,
    expires_at: datetime,
    tries_per_day: int,
    now: datetime,
    cipher: Cipher,
) -> VerificationRow:
    """A new try; one that is still open is abandoned for it.

    Raises:
        AlreadyVerified: the person passed before, here.
        TooManyTries: a day in Shanghai has `tries_per_day`.
        NotAllowedNow: material of his is being looked at.
    """
    await _one_at_a_time(session, openid)
    if await session.get(VerifiedPersonRow, openid):
        raise AlreadyVerified("您已经通过实名认证，不用再做一次。")
    if await tries_on(session, openid, now) >= tries_per_day:
        raise TooManyTries(f"今天已经试了 {tries_per_day} 次，请明天再来。")
    before = await open_of(session, openid)
    if before and before.state == State.IN_REVIEW:
        raise NotAllowedNow("您交的材料正在审核，有结果会通知您。")
    if before:
        await _close(session, before, Ending(State.ABANDONED), now)
        # The index knows one open verification a person: the old one must be closed first.
        await session.flush()
    row = VerificationRow(
        id=new_id("ID", now),
        openid=openid,
        provider=provider,
        state=State.BEGUN,
        name=cipher.encrypt(person.name, NAME),
        id_number=cipher.encrypt(person.id_number, ID_NUMBER),
        token=None,
        consent=consent,
        attempts=0,
        begun_at=now,
        expires_at=expires_at,
        look_at=now + _FIRST_LOOK,
    )
    session.add(row)
    await session.flush()
    return row


async def started(
    session: AsyncSession, verification_id: str, token: str, expires_at: datetime, *, cipher: Cipher
) -> bool:
    """The provider knows the try as `token`; False where another one was begun meanwhile."""
    row = await locked(session, verification_id)
    if row.state != State.BEGUN:
        return False
    row.token = cipher.encrypt(token, TOKEN)
    row.expires_at = expires_at
    return True


async def drop(session: AsyncSession, verification_id: str) -> None:
    """The provider would not begin it: it never was, and does not count among the day's tries."""
    never_begun = VerificationRow.state == State.BEGUN, VerificationRow.token.is_(None)
    await session.execute(delete(VerificationRow).where(VerificationRow.id == verification_id, *never_begun))


async def finish(
    session: AsyncSession, verification_id: str, ending: Ending, now: datetime, *, cipher: Cipher
) -> Ended:
    """Exactly once: one that ended before stays as it ended, whoever asks, as often as he likes.

    Raises:
        NotFound: there is no such verification.
    """
    row = await locked(session, verification_id)
    if row.state not in OPEN:
        return Ended(row, news=False)
    others = await _verify(session, row, now, cipher) if ending.state == State.PASSED else 0
    await _close(session, row, ending, now)
    return Ended(row, news=True, others=others)


async def of(session: AsyncSession, openid: str, verification_id: str) -> VerificationRow:
    """The person's own; another's is as little there as none. Raises NotFound."""
    row = await session.get(VerificationRow, verification_id)
    if row is None or row.openid != openid:
        raise NotFound("没有找到这次认证，请从公众号里重新打开。")
    return row


async def open_of(session: AsyncSession, openid: str) -> VerificationRow | None:
    query = select(VerificationRow).where(VerificationRow.openid == openid, VerificationRow.state.in_(OPEN))
    found: VerificationRow | None = await session.scalar(query)
    return found


async def latest_of(session: AsyncSession, openid: str) -> VerificationRow | None:
    query = select(VerificationRow).where(VerificationRow.openid == openid)
    latest: VerificationRow | None = await session.scalar(
        query.order_by(VerificationRow.begun_at.desc(), VerificationRow.id.desc()).limit(1)
    )
    return latest


def person_of(row: VerificationRow, cipher: Cipher) -> Person:
    """Whom an open verification is about.

    Raises:
        NotAllowedNow: it ended, and holds nothing of the person any more.
    """
    if row.name is None or row.id_number is None:
        raise NotAllowedNow("这次认证已经结束。")
    return Person(cipher.decrypt(row.name, NAME), cipher.decrypt(row.id_number, ID_NUMBER))


def is_token_of(row: VerificationRow, token: str, *, cipher: Cipher) -> bool:
    """Whether the provider named this very try so."""
    if row.token is None:
        return False
    return hmac.compare_digest(cipher.decrypt(row.token, TOKEN).encode(), token.encode(errors="replace"))


async def verified(session: AsyncSession, openid: str, *, cipher: Cipher) -> Person | None:
    """Name and number of a person who passed here; None of one whom another platform vouches for."""
    row = await session.get(VerifiedPersonRow, openid)
    if row is None:
        return None
    return Person(cipher.decrypt(row.name, NAME), cipher.decrypt(row.id_number, ID_NUMBER))


async def asking(
    session: AsyncSession, verification_id: str, now: datetime, *, returned: bool = False
) -> VerificationRow | None:
    """The try whose result may be asked for now, and is counted; None where others just did, or it ended.

    A page that asks all the time, on any number of replicas, must not become a flood at the provider's. Of a
    person who `returned` from there is news: that is not put off.
    """
    row = await locked(session, verification_id)
    lately = row.asked_at is not None and row.asked_at > now - _BETWEEN_QUESTIONS
    if row.state != State.BEGUN or (lately and not returned):
        return None
    row.attempts += 1
    row.asked_at = now
    if returned:
        row.returned_at = row.returned_at or now
    return row


async def claim(session: AsyncSession, now: datetime, limit: int) -> list[VerificationRow]:
    """Open tries whose result is due to be asked for, each for one worker; asked less and less often."""
    query = (
        select(VerificationRow)
        .where(VerificationRow.state == State.BEGUN, VerificationRow.look_at <= now)
        .order_by(VerificationRow.look_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = list(await session.scalars(query))
    for row in rows:
        row.attempts += 1
        row.asked_at = now
        row.look_at = now + (_OFTEN if now - row.begun_at < _SOON else _SELDOM)
    return rows


async def forget(session: AsyncSession, openid: str, now: datetime) -> None:
    """What the person may have deleted: name and number; that and when he was checked stays as evidence."""
    await _one_at_a_time(session, openid)
    if pending := await open_of(session, openid):
        await _close(session, pending, Ending(State.ABANDONED), now)
    await session.execute(delete(VerifiedPersonRow).where(VerifiedPersonRow.openid == openid))


async def _one_at_a_time(session: AsyncSession, openid: str) -> None:
    await alone(session, f"identity of {openid}")


async def locked(session: AsyncSession, verification_id: str) -> VerificationRow:
    """The row as it is now, held until the transaction ends, and its person with it."""
    of_whom = select(VerificationRow.openid).where(VerificationRow.id == verification_id)
    openid = await session.scalar(of_whom)
    if openid is None:
        raise NotFound("没有找到这次认证，请从公众号里重新打开。")
    # Always the person first, then the row: whoever begins and whoever finishes cannot wait crosswise.
    await _one_at_a_time(session, openid)
    return await session.get_one(
        VerificationRow, verification_id, with_for_update=True, populate_existing=True
    )


async def _verify(session: AsyncSession, row: VerificationRow, now: datetime, cipher: Cipher) -> int:
    """Keep who the person is; how many other accounts have the same number."""
    if row.name is None or row.id_number is None:
        raise NotAllowedNow("这次认证已经结束。")
    index = cipher.blind_index(cipher.decrypt(row.id_number, ID_NUMBER), ID_NUMBER)
    # Two accounts that pass at the same moment must not both be the first.
    await alone(session, f"id number {index}")
    same = select(func.count()).where(
        VerifiedPersonRow.id_number_index == index, VerifiedPersonRow.openid != row.openid
    )
    others = int(await session.scalar(same) or 0)
    await session.merge(
        VerifiedPersonRow(
            openid=row.openid,
            name=row.name,
            id_number=row.id_number,
            id_number_index=index,
            verified_at=now,
            method=row.provider,
            evidence=row.id,
            others=others,
        )
    )
    return others


async def _close(session: AsyncSession, row: VerificationRow, ending: Ending, now: datetime) -> None:
    row.state = ending.state
    row.reason = ending.reason[:REASON_CHARS] or None
    row.code = ending.code[:CODE_CHARS] or None
    row.evidence = ending.evidence[:CODE_CHARS] or None
    row.similarity = ending.similarity
    row.decided_by = ending.decided_by
    row.ended_at = now
    row.name = row.id_number = None
    payload = {"verification_id": row.id, "openid": row.openid, "state": ending.state.value}
    events.record(session, events.IDENTITY_ENDED, payload, now)
