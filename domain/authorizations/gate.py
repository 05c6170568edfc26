"""The one gate to credit data: who may read what of whom, and a record of each who did or was refused.

    look and record ──▶ the block reads ──▶ look again ──▶ what was read may go out
          └▶ refused, recorded                  └▶ refused, recorded: it was revoked meanwhile

Whatever reads a table marked in `domain.gated` takes an `Access`, and this module alone makes one.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from domain import gated
from domain.authorizations import records, verdicts
from domain.authorizations.labels import Category, DataPurpose, ReaderKind, Reason
from domain.authorizations.readers import Query, Reader
from domain.authorizations.tables import AuthorizationRow
from domain.authorizations.verdicts import Verdict
from domain.base import storable, utcnow
from domain.bulk import look_up_by_keys
from domain.database import Database
from domain.errors import Refusal

__all__ = ["Access", "NotAuthorized", "Reader", "authorized", "authorized_all", "authorized_within"]

Result = TypeVar("Result")
Clock = Callable[[], datetime]
# Some ten milliseconds of SQLite's one writer, and fewer values than a statement may have.
_PORTION = 1000
_CODE_CHARS, _NO_CODE = 18, "?"


class NotAuthorized(Refusal):
    """The gate is shut; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.label)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Access:
    """Leave to read these categories of these companies on this session, until the block ends.

    Who takes it reads rows of `usccs` and `scope` and of nothing else.
    """

    session: AsyncSession
    usccs: tuple[str, ...]
    scope: frozenset[Category]
    purpose: DataPurpose
    reader: Reader
    ids: Mapping[str, int]

    @property
    def uscc(self) -> str:
        """The company, where it is about one."""
        (uscc,) = self.usccs
        return uscc

    @property
    def id(self) -> int:
        """The number of the record, where it is about one company."""
        return self.ids[self.uscc]


@asynccontextmanager
async def authorized(
    database: Database,
    reader: Reader,
    uscc: str,
    scope: Collection[Category],
    purpose: DataPurpose,
    *,
    clock: Clock = utcnow,
) -> AsyncIterator[Access]:
    """Read one company's data inside the block; build what goes out of it after the block.

    Not within a unit of work, whose writer it would wait for: see `authorized_within`.

    Raises:
        NotAuthorized: at the beginning, or at the end if the authorization ended meanwhile.
    """
    query, uscc = Query.of(reader, scope, purpose), _possible(uscc)
    async with database.unit_of_work() as session:
        now = clock()
        verdict = await verdicts.judge(session, query, uscc, now)
        ids = await records.write(session, query, {uscc: verdict}, now)
    if verdict.reason:
        raise NotAuthorized(verdict.reason)
    async with _reading(database, query, ids) as access:
        yield access
    async with database.reading() as session:
        again = await verdicts.judge(session, query, uscc, clock())
    if again.reason:
        await _take_back(database, query, ids, {uscc: verdict}, clock())
        raise NotAuthorized(Reason.REVOKED_MEANWHILE)


@asynccontextmanager
async def authorized_within(
    session: AsyncSession,
    reader: Reader,
    uscc: str,
    scope: Collection[Category],
    purpose: DataPurpose,
    *,
    now: datetime,
) -> AsyncIterator[Access]:
    """The same inside of a unit of work, for an answer that commits with it.

    The record commits with the unit, a refusal too where its sentence becomes the answer. The authorization
    is held until then: who revokes it comes before or after, never between.
    """
    query, uscc = Query.of(reader, scope, purpose), _possible(uscc)
    verdict = await verdicts.judge(session, query, uscc, now, hold=True)
    ids = await records.write(session, query, {uscc: verdict}, now)
    if verdict.reason:
        raise NotAuthorized(verdict.reason)
    async with _opened(session):
        yield _access(session, query, ids)


async def authorized_all(
    database: Database,
    reader: Reader,
    scope: Collection[Category],
    purpose: DataPurpose,
    read: Callable[[Access], Awaitable[Mapping[str, Result]]],
    *,
    among: Collection[str] | None = None,
    portion: int = _PORTION,
    clock: Clock = utcnow,
) -> AsyncIterator[dict[str, Result]]:
    """What `read` finds, by company, in portions: of all that authorized it, or of those `among` them.

    Companies are taken in the order of their codes, each with a record of its own. Who revoked while its
    portion was read is left out of what comes back, and its record says so.
    """
    query = Query.of(reader, scope, purpose)
    if reader.kind is ReaderKind.OWNER:
        raise ValueError("an owner reads his own company")
    async for allowed, ids in _portions(database, query, among, portion, clock):
        async with _reading(database, query, ids) as access:
            found = await read(access)
        async with database.reading() as session:
            still = await verdicts.still_allowed(session, query, list(allowed), clock())
        if ended := {uscc: verdict for uscc, verdict in allowed.items() if uscc not in still}:
            await _take_back(database, query, ids, ended, clock())
        yield {uscc: result for uscc, result in found.items() if uscc in still}


async def _portions(
    database: Database, query: Query, among: Collection[str] | None, size: int, clock: Clock
) -> AsyncIterator[tuple[dict[str, Verdict], dict[str, int]]]:
    """Companies that allow the query, each recorded, with the numbers of their records."""
    wanted = None if among is None else sorted(set(among))
    last = ""
    while wanted is None or wanted:
        async with database.unit_of_work() as session:
            now = clock()
            await look_up_by_keys(session)
            companies = verdicts.allowed_companies(query, now).limit(size)
            if wanted is None:
                companies = companies.where(AuthorizationRow.uscc > last)
            else:
                companies = companies.where(AuthorizationRow.uscc.in_(wanted[:size]))
            written = await records.write_granted(session, query, companies, now)
        allowed = {uscc: Verdict(authorization) for uscc, authorization, _ in written}
        ids = {uscc: number for uscc, _, number in written}
        if allowed:
            yield allowed, ids
        if wanted is not None:
            wanted = wanted[size:]
        elif len(allowed) < size:
            return
        last = max(allowed, default=last)


async def _take_back(
    database: Database, query: Query, ids: Mapping[str, int], ended: Mapping[str, Verdict], now: datetime
) -> None:
    refusals = {
        uscc: Verdict(verdict.authorization, Reason.REVOKED_MEANWHILE) for uscc, verdict in ended.items()
    }
    async with database.unit_of_work() as session:
        await records.write(session, query, refusals, now, corrects=ids)


@asynccontextmanager
async def _reading(database: Database, query: Query, ids: Mapping[str, int]) -> AsyncIterator[Access]:
    async with database.reading() as session, _opened(session):
        yield _access(session, query, ids)


@asynccontextmanager
async def _opened(session: AsyncSession) -> AsyncIterator[None]:
    with gated.opened(await session.run_sync(lambda sync: sync.connection())):
        yield


def _possible(uscc: str) -> str:
    """The code, or one that no company has: what others send must be refused and recorded whatever it is."""
    return uscc if len(uscc) <= _CODE_CHARS and storable(uscc) else _NO_CODE


def _access(session: AsyncSession, query: Query, ids: Mapping[str, int]) -> Access:
    return Access(session, tuple(sorted(ids)), query.scope, query.purpose, query.reader, ids)
