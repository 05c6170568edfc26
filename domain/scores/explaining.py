"""A score in words: which indicators moved it, and what would raise it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from domain.credit.registry import Registry
from domain.scores.scorecard import Indicator, Scorecard
from domain.scores.scoring import UNKNOWN_STEP, Floats, Scored, Table
from domain.scores.values import Advice, DimensionScore, Reason, Score

Order = npt.NDArray[np.intp]
TOO_LITTLE = "可用的信用信息太少，暂时不能给出评分"


@dataclass(frozen=True, slots=True)
class _Next:
    """The next better bin from each bin of an indicator: its place (-1: none) and what it is worth."""

    places: tuple[int, ...]
    gains: Floats


@dataclass(frozen=True, slots=True)
class _Ranked:
    """By company the indicators that raised, that lowered, that would raise its score most: the most first.

    `gains` is what the last would add. All have the shape (indicators, companies).
    """

    up: Order
    down: Order
    best: Order
    gains: Floats


class Explainer:
    """Makes the scores of a run: what is the same for all companies is worked out once."""

    def __init__(self, table: Table, registry: Registry) -> None:
        self._scorecard = table.scorecard
        worth = table.share * self._scorecard.points_per_raw
        self._items = [
            (item, dimension.code, registry[item.indicator].category.value)
            for dimension in self._scorecard.dimensions
            for item in dimension.indicators
        ]
        self._next = [_next(item, float(by)) for (item, _, _), by in zip(self._items, worth, strict=True)]
        self._neutral_of_dimension = _neutral_of_dimensions(self._scorecard)

    def scores(self, usccs: Sequence[str], scored: Scored, as_of: date, at: datetime) -> Iterator[Score]:
        """In the order of the companies."""
        ranked = self._ranked(scored)
        for place, uscc in enumerate(usccs):
            yield self._score(uscc, place, scored, ranked, as_of, at)

    def _ranked(self, scored: Scored) -> _Ranked:
        gains = self._gains(scored)
        up, down, best = (
            np.argsort(by, axis=0, kind="stable") for by in (-scored.moved, scored.moved, -gains)
        )
        return _Ranked(up, down, best, gains)

    def _score(
        self, uscc: str, place: int, scored: Scored, ranked: _Ranked, as_of: date, at: datetime
    ) -> Score:
        card = self._scorecard
        score = None if np.isnan(scored.score[place]) else int(scored.score[place])
        wanted = self._wanted(scored, place)
        return Score(
            uscc=uscc,
            as_of=as_of,
            scored_at=at,
            version=card.version,
            checksum=card.checksum,
            score=score,
            band=None if score is None else card.band_of(score),
            pd=None if score is None else float(scored.pd[place]),
            confidence=float(scored.confidence[place]),
            why_none=TOO_LITTLE if score is None else None,
            dimensions=self._dimensions(scored, place),
            reasons=() if score is None else tuple(self._told(scored, ranked, place)),
            advice=tuple(wanted) if score is None else (*self._advice(scored, ranked, place), *wanted),
        )

    def _dimensions(self, scored: Scored, place: int) -> tuple[DimensionScore, ...]:
        return tuple(
            DimensionScore(
                code=dimension.code,
                name=dimension.name,
                weight=dimension.weight,
                points=float(scored.dimension_points[row, place]),
                neutral=self._neutral_of_dimension[row],
                coverage=float(scored.coverage[row, place]),
            )
            for row, dimension in enumerate(self._scorecard.dimensions)
        )

    def _told(self, scored: Scored, ranked: _Ranked, place: int) -> Iterator[Reason]:
        yield from self._reasons(scored, ranked.up[:, place], place, 1)
        yield from self._reasons(scored, ranked.down[:, place], place, -1)

    def _reasons(self, scored: Scored, order: Order, place: int, sign: int) -> Iterator[Reason]:
        """The indicators that moved the score most in that direction, by a whole point at least."""
        for row in order[: self._scorecard.reasons_shown]:
            points = round(float(scored.moved[row, place]))
            if points * sign < 1:
                return
            item, dimension, category = self._items[row]
            text = item.bins[scored.steps[row, place]].text
            yield Reason(item.indicator, category, dimension, text, points)

    def _gains(self, scored: Scored) -> Floats:
        """What the next better bin of each indicator would add, shape (indicators, companies)."""
        gains = np.zeros(scored.steps.shape)
        for row, step in enumerate(scored.steps):
            known = step != UNKNOWN_STEP
            gains[row] = np.where(known, self._next[row].gains[np.where(known, step, 0)], 0.0)
        return gains

    def _advice(self, scored: Scored, ranked: _Ranked, place: int) -> Iterator[Advice]:
        """What is worth a whole point at least; no more than the scale has left."""
        room = self._scorecard.scale.highest - int(scored.score[place])
        for row in ranked.best[: self._scorecard.advice_shown, place]:
            points = min(round(float(ranked.gains[row, place])), room)
            if points < 1:
                return
            item, dimension, category = self._items[row]
            goal = item.bins[self._next[row].places[scored.steps[row, place]]].text
            text = f"{item.advice}；做到“{goal}”，评分约可提高{points}分"
            yield Advice(item.indicator, category, dimension, text, points)

    def _wanted(self, scored: Scored, place: int) -> Iterator[Advice]:
        """Dimensions of which nothing is known: data would make the score surer, whatever they say."""
        for row, dimension in enumerate(self._scorecard.dimensions):
            if not scored.coverage[row, place]:
                text = f"补充{dimension.name}方面的资料，评分会更有把握"
                yield Advice("", "", dimension.code, text, 0)


def _next(item: Indicator, worth: float) -> _Next:
    """Without advice there is nothing that the owner can do, and no next bin."""
    places = tuple(_better(item, place) if item.advice else -1 for place in range(len(item.bins)))
    gains = [
        worth * (item.bins[better].points - item.bins[place].points) if better >= 0 else 0.0
        for place, better in enumerate(places)
    ]
    return _Next(places, np.array(gains))


def _better(item: Indicator, place: int) -> int:
    """The bin within reach: of figures the better neighbour, else the nearest in points; -1 at the best."""
    here = item.bins[place].points
    near = (place - 1, place + 1) if item.numeric else range(len(item.bins))
    better = [other for other in near if 0 <= other < len(item.bins) and item.bins[other].points > here]
    return min(better, key=lambda other: item.bins[other].points, default=-1)


def _neutral_of_dimensions(scorecard: Scorecard) -> list[float]:
    return [
        round(
            sum(item.weight * scorecard.neutral_of(item) for item in dimension.indicators)
            / sum(item.weight for item in dimension.indicators),
            2,
        )
        for dimension in scorecard.dimensions
    ]
