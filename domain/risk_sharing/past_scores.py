"""Scores as they were on a day, read through the gate: of companies that let the platform use them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from domain.authorizations.gate import Access, Reader, authorized_all
from domain.authorizations.labels import Category, DataPurpose
from domain.database import Database
from domain.scores.tables import ScoreRow

_SCOPE = frozenset({Category.BASE})


@dataclass(frozen=True, slots=True)
class Held:
    """A score, or that there was none, and the days on which it held."""

    since: date
    as_of: date
    score: int | None


async def scores_held(database: Database, reader: Reader, usccs: Collection[str]) -> dict[str, list[Held]]:
    """All scores that are stored of these companies, as far as they allow it."""
    found: dict[str, list[Held]] = {}
    if usccs:
        among = sorted(usccs)
        async for portion in authorized_all(
            database, reader, _SCOPE, DataPurpose.SCORING, _read, among=among
        ):
            found |= portion
    return found


def score_on(held: Sequence[Held], day: date, days: int) -> int | None:
    """The score that held on the day, or was last confirmed not longer than so many `days` before it."""
    begun = [score for score in held if score.since <= day]
    if not begun:
        return None
    last = max(begun, key=lambda score: score.since)
    return last.score if day <= last.as_of + timedelta(days=days) else None


async def _read(access: Access) -> dict[str, list[Held]]:
    query = select(ScoreRow.uscc, ScoreRow.since, ScoreRow.as_of, ScoreRow.score)
    rows = await access.session.execute(query.where(ScoreRow.uscc.in_(access.usccs)))
    found: dict[str, list[Held]] = {}
    for uscc, since, as_of, score in rows:
        found.setdefault(uscc, []).append(Held(since, as_of, score))
    return found
