"""Taking over records of other systems: each checked, each refused one named, only what changed written."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, Protocol

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from domain import catalogue
from domain.base import Value, utcnow
from domain.bulk import Fields, look_up_by_keys
from domain.credit import registry
from domain.credit.registry import Registry
from domain.database import Database
from domain.intake.entries import Entry, Rejected, Source
from domain.intake.kinds import FORMATS, KEYS, KINDS, Keeper, Kind, keeper
from domain.intake.problems import rejections, shown
from domain.secrets import Cipher

__all__ = [
    "KINDS",
    "Change",
    "Import",
    "Kind",
    "Listener",
    "Rejected",
    "Report",
    "SourceChanged",
    "Tally",
    "import_rows",
    "rejections",
    "take_over",
]

# About ten milliseconds of the one writer that SQLite has.
_PORTION = 200


class SourceChanged(Exception):
    """What was good when it was checked is not any more: the source changed while it was read."""


@dataclass(frozen=True, slots=True)
class Change:
    """A record that differs from the one stored; `fields` holds old and new by name, None for not stated."""

    place: int
    key: str
    fields: dict[str, tuple[Any, Any]]


@dataclass(slots=True)
class Tally:
    """How many records are new, changed, as they were, and refused."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0

    @property
    def accepted(self) -> int:
        return self.new + self.changed + self.unchanged


class Listener(Protocol):
    """Is told what happens, in the order of the records."""

    def refused(self, item: Rejected) -> None: ...

    def remarked(self, item: Rejected) -> None:
        """The record was taken, but somebody should look."""
        ...

    def changed(self, change: Change) -> None: ...

    def advanced(self, entries: int) -> None:
        """So many more entries are done."""
        ...


@dataclass(slots=True)
class _Portion:
    """Some entries: how many were read, the good ones with their place, and what is wrong with others."""

    read: int = 0
    good: list[tuple[int, Any]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    refused: int = 0


class _Seen:
    """On which place each key stood first."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._places: dict[str, int] = {}

    def again(self, place: int, field: str, key: str) -> Sequence[Rejected]:
        """The refusal of a key that was there before; nothing if it is new."""
        first = self._places.setdefault(key, place)
        if first == place:
            return ()
        reason = f"与第 {first} {self._unit}重复，以先出现的为准"
        return (Rejected(place, field, reason, shown(key, personal=False)),)


class Import:
    """One run over a source."""

    def __init__(
        self,
        database: Database,
        kind: Kind,
        cipher: Cipher,
        listener: Listener,
        indicators: Registry | None = None,
    ) -> None:
        self._database = database
        self._model: type[Value] = FORMATS[kind]
        self._key = KEYS[kind]
        self._keeper: Keeper = keeper(kind, cipher, indicators or registry.standard())
        self._listener = listener

    async def check(self, source: Source) -> Tally:
        """What would happen; nothing is written."""
        tally = Tally()
        async for portion in self._portions(source, tally):
            async with self._database.reading() as session:
                await self._compare(session, portion, tally)
        return tally

    async def keep_good(self, source: Source) -> Tally:
        """Write the good ones, in portions, so that owners who write meanwhile do not wait.

        Reading and comparing take no lock; what is written is what differed a moment before.
        """
        tally = Tally()
        async for portion in self._portions(source, tally):
            async with self._database.reading() as session:
                values = await self._compare(session, portion, tally)
            if values:
                async with self._database.unit_of_work() as session:
                    await self._save(session, values)
        return tally

    async def keep_all(self, source: Source) -> Tally:
        """Write all in one transaction, or none: the source is gone through twice, first to check.

        Raises:
            SourceChanged: the second look found what the first had not; nothing was written.
        """
        checked = Tally()
        async for portion in self._portions(source, checked):
            checked.unchanged += len(portion.good)
        if checked.refused:
            return Tally(refused=checked.refused)
        tally = Tally()
        async with self._database.unit_of_work() as session:
            async for portion in self._portions(source, tally):
                await self._save(session, await self._compare(session, portion, tally))
            if tally.refused:
                raise SourceChanged
        return tally

    async def _portions(self, source: Source, tally: Tally) -> AsyncIterator[_Portion]:
        """The entries read and checked, off the event loop."""
        stream = iter(source)
        seen = _Seen(source.unit)
        while (portion := await asyncio.to_thread(self._next, stream, seen)).read:
            tally.refused += portion.refused
            for item in portion.rejected:
                self._listener.refused(item)
            yield portion
            self._listener.advanced(portion.read)

    def _next(self, stream: Iterator[Entry], seen: "_Seen") -> _Portion:
        portion = _Portion()
        for entry in islice(stream, _PORTION):
            portion.read += 1
            value, problems = self._checked(entry)
            if value is not None:
                field = self._key if self._key in self._model.model_fields else ""
                problems = seen.again(entry.place, field, getattr(value, self._key))
            if value is not None and not problems:
                portion.good.append((entry.place, value))
                continue
            portion.rejected.extend(problems)
            portion.refused += 1
        return portion

    def _checked(self, entry: Entry) -> tuple[Value | None, Sequence[Rejected]]:
        if entry.data is None and entry.problems:
            return None, entry.problems
        problems = list(entry.problems)
        unread = {item.field for item in problems}
        value = None
        try:
            value = self._model.model_validate(entry.data)
        except ValidationError as error:
            problems += [item for item in rejections(entry.place, error) if item.field not in unread]
        else:
            problems += self._keeper.problems(entry.place, value)
        return (None, problems) if problems else (value, ())

    async def _compare(self, session: AsyncSession, portion: _Portion, tally: Tally) -> list[Value]:
        """Those that are new or differ from what is stored, in the order of their keys."""
        keys = [getattr(value, self._key) for _, value in portion.good]
        await look_up_by_keys(session)
        stored = await self._keeper.known(session, keys)
        strangers = await self._keeper.strangers(session, [value for _, value in portion.good])
        written: list[tuple[str, Value]] = []
        for (place, value), key in zip(portion.good, keys, strict=True):
            if strangers and (uscc := getattr(value, "uscc", "")) in strangers:
                self._listener.remarked(Rejected(place, "uscc", "平台还没有这家企业，已先收下", uscc))
            before = stored.get(key)
            different = _different(before, self._keeper.fields(value, before)) if before is not None else {}
            if before is None:
                tally.new += 1
            elif different:
                tally.changed += 1
                self._listener.changed(Change(place, key, different))
            else:
                tally.unchanged += 1
                continue
            written.append((key, value))
        # In one order everywhere: two imports at once must not wait for each other in a circle.
        return [value for _, value in sorted(written, key=lambda item: item[0])]

    async def _save(self, session: AsyncSession, values: Sequence[Value]) -> None:
        """Write them; whoever holds a copy of the catalogue learns of it in the same transaction."""
        if values:
            await self._keeper.save_all(session, values, utcnow())
            if self._keeper.in_catalogue:
                await catalogue.changed(session)


def _different(before: Fields, after: Fields) -> dict[str, tuple[Any, Any]]:
    names = sorted(before.keys() | after.keys())
    pairs = {name: (before.get(name), after.get(name)) for name in names}
    return {name: (old, new) for name, (old, new) in pairs.items() if old != new}


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the rows; with `rejected` and nothing `accepted` the data are as before."""

    accepted: int
    rejected: tuple[Rejected, ...]


class _Collector:
    """Remembers what was refused."""

    def __init__(self) -> None:
        self.rejected: list[Rejected] = []

    def refused(self, item: Rejected) -> None:
        self.rejected.append(item)

    def remarked(self, item: Rejected) -> None:
        """A list's sender hears of refusals alone."""

    def changed(self, change: Change) -> None:
        """Nor of what changed."""

    def advanced(self, entries: int) -> None:
        """Nor of how far it is."""


async def take_over(
    database: Database, kind: Kind, source: Source, *, cipher: Cipher, all_or_nothing: bool = False
) -> Report:
    """Insert or update the records of a source by their key; what is refused is kept in memory."""
    collector = _Collector()
    run = Import(database, kind, cipher, collector)
    tally = await (run.keep_all(source) if all_or_nothing else run.keep_good(source))
    return Report(tally.accepted, tuple(collector.rejected))


async def import_rows(
    database: Database, kind: Kind, rows: Sequence[Any], *, cipher: Cipher, all_or_nothing: bool = False
) -> Report:
    """The same for a list; places count from 0."""
    source = Source(partial(_listed, rows), total=len(rows), unit="项")
    return await take_over(database, kind, source, cipher=cipher, all_or_nothing=all_or_nothing)


def _listed(rows: Sequence[Any]) -> Iterator[Entry]:
    return (Entry(index, row) for index, row in enumerate(rows))
