"""Figures to scores, for many companies at once: every array has a row an indicator, a column a company.

Sums run in the order of the scorecard, element by element: one company alone gets the same figures as among
a hundred thousand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log

import numpy as np
import numpy.typing as npt

from domain.scores.scorecard import Indicator, Scorecard

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Steps = npt.NDArray[np.intp]

UNKNOWN_STEP = -1
_PD_DECIMALS = 4
_SHARE_DECIMALS = 4
_POINT_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Figures:
    """What the bins look at, both of the shape (indicators, companies).

    `values` holds the figure itself, or the place of the bin of a flag or choice; NaN where nothing is known.
    `disputed`: the value is under objection.
    """

    values: Floats
    disputed: Flags


@dataclass(frozen=True, slots=True)
class Scored:
    """The result; `score` holds NaN where the coverage is below the minimum.

    Shapes: `points`, `steps`, `moved` (indicators, companies); `dimension_points`, `coverage`
    (dimensions, companies); the others (companies,). `moved` is what each indicator moved the score by, in
    points of the scale, against its neutral points. `steps` is the bin it is in, -1 where unknown.
    """

    points: Floats
    steps: Steps
    moved: Floats
    dimension_points: Floats
    coverage: Floats
    raw: Floats
    score: Floats
    pd: Floats
    confidence: Floats


class Table:
    """A scorecard made ready for arrays."""

    def __init__(self, scorecard: Scorecard) -> None:
        self.scorecard = scorecard
        self._bounds = [np.array(_bounds(item)) for item in scorecard.indicators]
        self._points = [np.array([step.points for step in item.bins]) for item in scorecard.indicators]

    @cached_property
    def share(self) -> Floats:
        """The weight of each indicator in the whole score, as a share of 1."""
        return np.array(
            [
                dimension.weight * item.weight / sum(each.weight for each in dimension.indicators)
                for dimension in self.scorecard.dimensions
                for item in dimension.indicators
            ]
        )

    @cached_property
    def neutral(self) -> Floats:
        return np.array([self.scorecard.neutral_of(item) for item in self.scorecard.indicators])

    def score(self, figures: Figures) -> Scored:
        points = np.empty(figures.values.shape)
        steps = np.empty(figures.values.shape, dtype=np.intp)
        for row in range(len(self.scorecard.indicators)):
            points[row], steps[row] = self._judge(row, figures.values[row], figures.disputed[row])
        return self._sum(points, steps)

    def _judge(self, row: int, values: Floats, disputed: Flags) -> tuple[Floats, Steps]:
        """Points and bin. A value under objection that would lower the score counts as not known."""
        known = ~np.isnan(values)
        safe = np.where(known, values, 0.0)
        numeric = self.scorecard.indicators[row].numeric
        # A bound belongs to the bin above it: «below 1» does not hold for 1.
        steps = np.searchsorted(self._bounds[row], safe, side="right") if numeric else safe.astype(np.intp)
        points = self._points[row][steps]
        counts = known & ~(disputed & (points < self.neutral[row]))
        return np.where(counts, points, self.neutral[row]), np.where(counts, steps, UNKNOWN_STEP)

    def _sum(self, points: Floats, steps: Steps) -> Scored:
        dimensions, count = self.scorecard.dimensions, points.shape[1]
        known = steps != UNKNOWN_STEP
        dimension_points = np.zeros((len(dimensions), count))
        coverage = np.zeros((len(dimensions), count))
        raw, confidence = np.zeros(count), np.zeros(count)
        row = 0
        for place, dimension in enumerate(dimensions):
            whole = sum(item.weight for item in dimension.indicators)
            for item in dimension.indicators:
                dimension_points[place] += item.weight / whole * points[row]
                coverage[place] += item.weight / whole * known[row]
                row += 1
            raw += dimension.weight * dimension_points[place]
            confidence += dimension.weight * coverage[place]
        score, pd = self._on_scale(raw)
        # Thirds and sevenths must not add up to 0.9999… or 1.0000…1.
        confidence = np.round(confidence, _SHARE_DECIMALS)
        score[confidence < self.scorecard.minimum_coverage] = np.nan
        return Scored(
            points=points,
            steps=steps,
            moved=(self.share * self.scorecard.points_per_raw)[:, None] * (points - self.neutral[:, None]),
            # What weighs heavily has points below 0: they lower the score, not the end of the axis.
            dimension_points=np.maximum(dimension_points, 0.0).round(_POINT_DECIMALS),
            coverage=np.round(coverage, _SHARE_DECIMALS),
            raw=raw,
            score=score,
            pd=pd,
            confidence=confidence,
        )

    def _on_scale(self, raw: Floats) -> tuple[Floats, Floats]:
        """Score and probability of default by the calibrated logistic curve."""
        scale, curve = self.scorecard.scale, self.scorecard.calibration
        log_odds = curve.intercept + curve.slope * raw
        points = scale.line + scale.points_to_double / log(2) * (log_odds - log(scale.odds_at_line))
        pd = np.round(1 / (1 + np.exp(log_odds)), _PD_DECIMALS)
        return np.clip(np.rint(points), scale.lowest, scale.highest), pd


def _bounds(item: Indicator) -> Sequence[float]:
    return [step.below for step in item.bins if step.below is not None]
