"""The score over time, beside the line that incentives look at."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from markupsafe import Markup

from bot.web.plots.svg import ACCENT, INK, LINE, MUTED, Point, dot, path, plot, segment, words
from domain.scores.values import HistoryPoint

_WIDTH, _HEIGHT = 320, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 36.0, 296.0, 20.0, 168.0
_NOTHING = "还没有评分记录"
# A figure this near to the upper rim or to the line is written below its dot.
_ROOM = 14.0
# A line behind a figure does not strike it through.
_HALO = {"stroke": "#ffffff", "stroke_width": 4, "stroke_linejoin": "round", "paint_order": "stroke"}
_ASIDE = {"start": 3.0, "end": 3.0}


def history(points: Sequence[HistoryPoint], *, lowest: int, highest: int, line: int) -> Markup:
    """An `<svg>` of 320 × 200 units that scales to its container; points in the order of time.

    Where no score could be given, the line is broken.
    """
    known = [(point.as_of, point.score) for point in points if point.score is not None]
    if not known:
        return plot("history", _WIDTH, _HEIGHT, "评分变化", f"{_NOTHING}。", [_nothing()])
    frame = _Frame(known[0][0], known[-1][0], lowest, highest)
    parts = [
        *frame.axes(line),
        *(path(run, stroke=ACCENT, stroke_width=2, stroke_linejoin="round") for run in _runs(points, frame)),
        *(dot(frame.at(day, score)) for day, score in known),
        *frame.figures(known, line),
    ]
    return plot("history", _WIDTH, _HEIGHT, "评分变化", _description(known, line), parts)


class _Frame:
    """Days and scores to places."""

    def __init__(self, first: date, last: date, lowest: int, highest: int) -> None:
        self._first, self._last = first, last
        self._lowest, self._highest = lowest, highest

    def at(self, day: date, score: int) -> Point:
        days = (self._last - self._first).days
        share = (day - self._first).days / days if days else 0.5
        rise = (score - self._lowest) / (self._highest - self._lowest)
        return Point(_LEFT + share * (_RIGHT - _LEFT), _BOTTOM - rise * (_BOTTOM - _TOP))

    def axes(self, mark: int) -> list[Markup]:
        """The ends of the scale, the days at both ends, and the dashed line of `mark`."""
        level = self.at(self._first, mark).y
        begin, end = Point(_LEFT, level), Point(_RIGHT, level)
        parts = [
            segment(Point(_LEFT, _BOTTOM), Point(_RIGHT, _BOTTOM), stroke=LINE, stroke_width=1),
            segment(Point(_LEFT, _TOP), Point(_LEFT, _BOTTOM), stroke=LINE, stroke_width=1),
            segment(begin, end, stroke=INK, stroke_width=1, stroke_dasharray="6 4"),
        ]
        for score in (self._lowest, mark, self._highest):
            beside = Point(_LEFT - 5, self.at(self._first, score).y + 4)
            parts.append(words(beside, str(score), anchor="end", fill=MUTED))
        if self._first == self._last:
            return [*parts, words(Point((_LEFT + _RIGHT) / 2, _BOTTOM + 18), _day(self._first), fill=MUTED)]
        return [
            *parts,
            words(Point(_LEFT, _BOTTOM + 18), _day(self._first), anchor="start", fill=MUTED),
            words(Point(_RIGHT, _BOTTOM + 18), _day(self._last), anchor="end", fill=MUTED),
        ]

    def figures(self, known: Sequence[tuple[date, int]], mark: int) -> list[Markup]:
        """The first and the last score in figures, within the frame."""
        ends = {known[0]: "start", known[-1]: "end"} if len(known) > 1 else {known[0]: "middle"}
        return [self._figure(day, score, anchor, mark) for (day, score), anchor in ends.items()]

    def _figure(self, day: date, score: int, anchor: str, mark: int) -> Markup:
        at = self.at(day, score)
        below = at.y - _TOP < _ROOM or 0 <= at.y - self.at(day, mark).y < _ROOM
        place = Point(at.x + _ASIDE.get(anchor, 0), at.y + (16 if below else -8))
        return words(place, str(score), anchor=anchor, font_weight="bold", **_HALO)


def _runs(points: Sequence[HistoryPoint], frame: _Frame) -> list[list[Point]]:
    """Stretches without a gap, of two and more."""
    runs = []
    for known, run in groupby(points, key=lambda point: point.score is not None):
        places = [frame.at(point.as_of, point.score) for point in run if point.score is not None]
        if known and len(places) > 1:
            runs.append(places)
    return runs


def _nothing() -> Markup:
    return words(Point(_WIDTH / 2, _HEIGHT / 2), _NOTHING, fill=MUTED)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _description(known: Sequence[tuple[date, int]], mark: int) -> str:
    (first, begin), (last, end) = known[0], known[-1]
    scores = [score for _, score in known]
    place = "达到" if end >= mark else "低于"
    if len(known) == 1:
        return f"{_day(first)}评分{begin}分，{place}{mark}分线。"
    return (
        f"折线图，{_day(first)}{begin}分，{_day(last)}{end}分，其间最高{max(scores)}分、最低{min(scores)}分；"
        f"虚线为{mark}分线，目前{place}这条线。"
    )
