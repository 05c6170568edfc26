"""Sentences that were not understood well, for people to label: masked, and without whose they are."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, time
from enum import StrEnum

from sqlalchemy import Double, String, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import SHANGHAI, Row, Serial, UtcDateTime, table_of, today_in_china

LONGEST = 200


class Reason(StrEnum):
    """Why a sentence is worth a label."""

    FALLBACK = "fallback"
    UNSURE = "unsure"
    CORRECTED = "corrected"


class UnlabelledRow(Row):
    """A sentence as it was last read; `intent` is the guess, `label` what a person says that it is.

    It was seen on days, not at moments: those would lead to who wrote at that time.
    """

    __tablename__ = "unlabelled"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    text: Mapped[str] = mapped_column(String(LONGEST), unique=True)
    reason: Mapped[str] = mapped_column(String(16))
    intent: Mapped[str] = mapped_column(String(64))
    confidence: Mapped[float] = mapped_column(Double)
    model: Mapped[str] = mapped_column(String(64))
    count: Mapped[int]
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    label: Mapped[str | None] = mapped_column(String(64))
    labelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A sentence, masked, with how it was read; `count` times."""

    text: str
    reason: Reason
    intent: str
    confidence: float
    count: int = 1


_TABLE = table_of(UnlabelledRow)


async def keep(session: AsyncSession, sightings: Iterable[Sighting], model: str, now: datetime) -> None:
    """Add the sentences, each text once; one that is there counts on and shows its latest reading."""
    day = datetime.combine(today_in_china(now), time(), SHANGHAI)
    # In the order of the texts: two processes that write the same ones wait, and never crosswise.
    rows = [
        asdict(item) | {"model": model, "first_seen_at": day, "last_seen_at": day}
        for item in sorted(sightings, key=lambda item: item.text)
    ]
    if not rows:
        return
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(_TABLE)
    new = statement.excluded
    latest = {name: new[name] for name in ("reason", "intent", "confidence", "model", "last_seen_at")}
    again = statement.on_conflict_do_update(
        index_elements=["text"], set_=latest | {"count": _TABLE.c.count + new.count}
    )
    await session.run_sync(lambda sync: sync.connection().execute(again, rows))


async def waiting(session: AsyncSession, limit: int | None = None) -> list[UnlabelledRow]:
    """What has no label yet, the most frequent first."""
    order = UnlabelledRow.count.desc(), UnlabelledRow.last_seen_at.desc(), UnlabelledRow.id
    query = select(UnlabelledRow).where(UnlabelledRow.label.is_(None)).order_by(*order).limit(limit)
    return list(await session.scalars(query))


async def labelled(session: AsyncSession, labels: Mapping[int, str], now: datetime) -> None:
    """Note what people said; sentences that are gone by now are passed over."""
    by_label: dict[str, list[int]] = {}
    for number, label in labels.items():
        by_label.setdefault(label, []).append(number)
    for label, numbers in by_label.items():
        await _mark(session, numbers, label, now)


async def _mark(session: AsyncSession, numbers: Collection[int], label: str, now: datetime) -> None:
    chosen = update(UnlabelledRow).where(UnlabelledRow.id.in_(numbers))
    await session.execute(chosen.values(label=label, labelled_at=now))
