"""The credit report of a company, read through the gate: what its reader may see, and nothing beyond."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from domain.authorizations.gate import Access
from domain.authorizations.labels import Category
from domain.companies import CompanyRow
from domain.credit import reading as credit
from domain.credit import third_parties
from domain.credit.reading import Known
from domain.credit.registry import Indicator, Kind
from domain.credit.values import Stored
from domain.money import yuan
from domain.scores import keeping, reading
from domain.scores.scorer import Scorer
from domain.scores.tables import ScoreRow
from domain.scores.values import CategoryFigures, Figure, HistoryPoint, Report, Score


async def report(access: Access, scorer: Scorer, *, now: datetime) -> Report:
    """The report of the company that the access was granted for.

    Figures, reasons and advice from categories beyond its scope stay out; the score itself is shown whole.
    """
    rows, scale = await reading.all_of(access), scorer.scorecard.scale
    name = await access.session.scalar(select(CompanyRow.name).where(CompanyRow.uscc == access.uscc))
    return Report(
        uscc=access.uscc,
        company=name or "",
        made_at=now,
        score=_within(keeping.restored(rows[-1]), access.scope) if rows else None,
        lowest=scale.lowest,
        highest=scale.highest,
        line=scale.line,
        history=_history(rows),
        categories=_categories(await credit.latest(access, scorer.registry), access.scope),
        third_party=tuple(await third_parties.third_party_of(access)),
    )


async def score(access: Access) -> Score | None:
    """The latest score of the company of the access; None before its first."""
    rows = await reading.all_of(access)
    return _within(keeping.restored(rows[-1]), access.scope) if rows else None


def _within(whole: Score, scope: Iterable[Category]) -> Score:
    """What is said of a category says something about its data; advice on a whole dimension has none."""
    seen = {"", *scope}
    return replace(
        whole,
        reasons=tuple(item for item in whole.reasons if item.category in seen),
        advice=tuple(item for item in whole.advice if item.category in seen),
    )


def _history(rows: Sequence[ScoreRow]) -> tuple[HistoryPoint, ...]:
    """Where each score began, and the last day for which the latest is known to hold."""
    points = [HistoryPoint(row.since, row.score) for row in rows]
    if rows and rows[-1].as_of > rows[-1].since:
        points.append(HistoryPoint(rows[-1].as_of, rows[-1].score))
    return tuple(points)


def _categories(known: Iterable[Known], scope: Iterable[Category]) -> tuple[CategoryFigures, ...]:
    """All categories of the scope in their order, also those of which nothing is known."""
    found: defaultdict[Category, list[Figure]] = defaultdict(list)
    for item in known:
        found[item.indicator.category].append(figure(item))
    return tuple(
        CategoryFigures(category.value, category.label, tuple(found[category]))
        for category in Category
        if category in scope
    )


def figure(item: Known) -> Figure:
    """A value in words."""
    indicator = item.indicator
    return Figure(
        indicator=indicator.code,
        name=indicator.name,
        text=_said(indicator, item.value),
        as_of=item.as_of,
        source=item.source,
        disputed=item.disputed,
    )


def _said(indicator: Indicator, value: Stored) -> str:
    """The value as people say it: 120万元, 35%, 12次, 2016年5月3日."""
    match indicator.type:
        case Kind.AMOUNT:
            return f"{'-' if int(value) < 0 else ''}{yuan(abs(int(value)))}"
        case Kind.RATIO:
            return f"{_number(float(value) * 100)}%"
        case Kind.NUMBER | Kind.COUNT:
            # 12月 alone would be December.
            return f"{_number(float(value))}{'个' if indicator.unit == '月' else ''}{indicator.unit}"
        case Kind.FLAG:
            return "是" if value else "否"
        case Kind.DATE:
            day = date.fromisoformat(str(value))
            return f"{day.year}年{day.month}月{day.day}日"
        case Kind.CHOICE | Kind.TEXT:
            return str(value)


def _number(value: float) -> str:
    """At most two decimals, thousands apart: 12,345.6."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")
