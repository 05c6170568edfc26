"""Writing scores down: a new row where anything changed, and the figure that matching looks at."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self, cast

from pydantic import TypeAdapter
from sqlalchemy import CursorResult, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.authorizations.labels import DataPurpose
from domain.base import table_of
from domain.bulk import upsert
from domain.companies import CompanyRow
from domain.scores.reading import Kept
from domain.scores.tables import ScoreRow
from domain.scores.values import Advice, DimensionScore, Reason, Score

_SCORES, _COMPANIES = table_of(ScoreRow), table_of(CompanyRow)
_FACT = "credit_score"
_EXPLAINED = ("dimensions", "reasons", "advice")
# What does not make a score another one.
_PASSING = {"uscc", "as_of", "scored_at"}
# Five times as fast as the library's `asdict`, which takes longer than everything else of a run.
_PLAIN = TypeAdapter(Score)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A score just made, and what was stored of the company's latest one."""

    score: Score
    kept: Kept | None
    content: str

    @classmethod
    def of(cls, score: Score, kept: Kept | None) -> Self:
        return cls(score, kept, _content(score))

    @property
    def unchanged(self) -> bool:
        return self.kept is not None and self.kept.content == self.content


async def keep(session: AsyncSession, outcomes: Collection[Outcome], for_matching: Collection[str]) -> None:
    """Store the scores; matching gets to know those of `for_matching`."""
    await upsert(session, ScoreRow, [_row(outcome) for outcome in outcomes if not outcome.unchanged])
    await _confirm(session, [outcome for outcome in outcomes if outcome.unchanged])
    await _tell_matching(
        session, {outcome.score.uscc: outcome for outcome in outcomes if outcome.score.uscc in for_matching}
    )


async def differing(session: AsyncSession, outcomes: Mapping[str, Outcome]) -> list[str]:
    """Those of whom matching knows another score than the one just made."""
    query = select(CompanyRow.uscc, CompanyRow.facts).where(CompanyRow.uscc.in_(outcomes))
    rows = await session.execute(query)
    return [uscc for uscc, facts in rows if _with_score(facts, outcomes[uscc]) != facts]


async def forget(session: AsyncSession, uscc: str) -> None:
    """The company took back its consent: its scores go, and what matching knew of them."""
    await session.execute(delete(_SCORES).where(_SCORES.c.uscc == uscc))
    await hide(session, uscc)


async def narrow(session: AsyncSession, uscc: str, purposes: Collection[DataPurpose]) -> None:
    """The company consents to these purposes alone: what was made for others goes.

    What another platform knows of a company that was never scored here stays: it rests on no consent to that.
    """
    if DataPurpose.SCORING not in purposes:
        scored = await session.execute(delete(_SCORES).where(_SCORES.c.uscc == uscc))
        if cast("CursorResult[tuple[()]]", scored).rowcount == 0:
            return
    if not {DataPurpose.SCORING, DataPurpose.MATCHING} <= set(purposes):
        await hide(session, uscc)


async def hide(session: AsyncSession, uscc: str) -> None:
    """Matching knows the company's score no more."""
    company = await session.get(CompanyRow, uscc, with_for_update=True)
    if company and _FACT in company.facts:
        company.facts = {name: value for name, value in company.facts.items() if name != _FACT}


def restored(row: ScoreRow) -> Score:
    """The score as it was made."""
    told = row.explanation
    return Score(
        uscc=row.uscc,
        as_of=row.as_of,
        scored_at=row.scored_at,
        version=row.version,
        checksum=row.checksum,
        score=row.score,
        band=row.band,
        pd=row.pd,
        confidence=row.confidence,
        why_none=row.why_none,
        dimensions=tuple(DimensionScore(**item) for item in told["dimensions"]),
        reasons=tuple(Reason(**item) for item in told["reasons"]),
        advice=tuple(Advice(**item) for item in told["advice"]),
    )


def _row(outcome: Outcome) -> dict[str, Any]:
    fields: dict[str, Any] = _PLAIN.dump_python(outcome.score)
    explanation = {name: fields.pop(name) for name in _EXPLAINED}
    return fields | {
        "since": outcome.score.as_of,
        "explanation": explanation,
        "content": outcome.content,
    }


def _content(score: Score) -> str:
    return hashlib.sha256(_PLAIN.dump_json(score, exclude=_PASSING)).hexdigest()


async def _confirm(session: AsyncSession, outcomes: Iterable[Outcome]) -> None:
    """What stayed the same holds for one more day."""
    rows = [
        {"of": outcome.score.uscc, "begun": outcome.kept.since, "day": outcome.score.as_of}
        for outcome in outcomes
        if outcome.kept is not None
    ]
    if rows:
        statement = (
            update(_SCORES)
            .where(_SCORES.c.uscc == bindparam("of"), _SCORES.c.since == bindparam("begun"))
            .values(as_of=bindparam("day"))
        )
        await session.run_sync(lambda sync: sync.connection().execute(statement, rows))


async def _tell_matching(session: AsyncSession, outcomes: Mapping[str, Outcome]) -> None:
    query = select(CompanyRow.uscc, CompanyRow.facts).where(CompanyRow.uscc.in_(outcomes))
    # In the order of the keys: whoever else writes them waits, and never crosswise.
    found = await session.execute(query.order_by(CompanyRow.uscc).with_for_update())
    rows = [{"of": uscc, "known": _with_score(facts, outcomes[uscc])} for uscc, facts in found]
    if rows:
        statement = (
            update(_COMPANIES)
            .where(_COMPANIES.c.uscc == bindparam("of"))
            .values(facts=bindparam("known", type_=_COMPANIES.c.facts.type))
        )
        await session.run_sync(lambda sync: sync.connection().execute(statement, rows))


def _with_score(facts: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
    """The facts with the score; where there is none any more, without the one that came from here."""
    if outcome.score.score is not None:
        return facts | {_FACT: outcome.score.score}
    if outcome.kept is not None and facts.get(_FACT) == outcome.kept.score:
        return {name: value for name, value in facts.items() if name != _FACT}
    return facts
