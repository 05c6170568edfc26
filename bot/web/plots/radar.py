"""The dimensions of a score as a radar."""

from collections.abc import Sequence
from math import cos, pi, sin

from markupsafe import Markup

from bot.web.plots.svg import ACCENT, LINE, MUTED, Point, dot, plot, polygon, segment, words
from domain.scores.values import DimensionScore

_WIDTH, _HEIGHT = 320, 280
_CENTRE = Point(160, 142)
_RADIUS = 84.0
_RINGS = (20, 40, 60, 80, 100)
_FULL = 100
# Where a label stands, in units beyond the rim; and how far two lines of it are apart.
_BEYOND = 19.0
_LINE_HEIGHT = 15.0
# A label whose axis leans no more than this to a side is centred.
_UPRIGHT = 0.2


def radar(dimensions: Sequence[DimensionScore]) -> Markup:
    """An `<svg>` of 320 × 280 units that scales to its container.

    Every axis carries its points in words; a dimension without data has a hollow dot and says 「数据不足」.
    """
    angles = [2 * pi * place / len(dimensions) for place in range(len(dimensions))]
    tips = [_at(angle, item.points) for angle, item in zip(angles, dimensions, strict=True)]
    parts = [
        *(_ring(angles, value) for value in _RINGS),
        *(segment(_CENTRE, _at(angle, _FULL), stroke=LINE, stroke_width=0.75) for angle in angles),
        polygon(tips, fill=ACCENT, fill_opacity=0.2, stroke=ACCENT, stroke_width=2, stroke_linejoin="round"),
        *(dot(tip, filled=item.known) for tip, item in zip(tips, dimensions, strict=True)),
        *(_label(angle, item) for angle, item in zip(angles, dimensions, strict=True)),
    ]
    return plot("radar", _WIDTH, _HEIGHT, "六个维度得分", _description(dimensions), parts)


def _at(angle: float, value: float, beyond: float = 0.0) -> Point:
    """A place on an axis; the first axis points up, the others follow clockwise."""
    distance = _RADIUS * value / _FULL + beyond
    return Point(_CENTRE.x + distance * sin(angle), _CENTRE.y - distance * cos(angle))


def _ring(angles: Sequence[float], value: int) -> Markup:
    rim = value == _FULL
    dashes = {} if rim else {"stroke_dasharray": "2 3"}
    corners = [_at(angle, value) for angle in angles]
    return polygon(corners, fill="none", stroke=LINE, stroke_width=1 if rim else 0.75, **dashes)


def _label(angle: float, item: DimensionScore) -> Markup:
    """Name and points in two lines, on the outer side of the axis."""
    x, y = _at(angle, _FULL, _BEYOND)
    side, rise = sin(angle), cos(angle)
    anchor = "middle" if abs(side) < _UPRIGHT else "start" if side > 0 else "end"
    inwards = 0.0 if anchor == "middle" else -_BEYOND / 2 * side
    first = Point(x + inwards, y - (_LINE_HEIGHT / 2 if rise > 0 else -_LINE_HEIGHT / 4))
    second = Point(first.x, first.y + _LINE_HEIGHT)
    return words(first, item.name, anchor=anchor) + words(
        second, _points(item), anchor=anchor, fill=MUTED, font_weight="bold" if item.known else "normal"
    )


def _points(item: DimensionScore) -> str:
    return f"{item.points:.0f}分" if item.known else "数据不足"


def _description(dimensions: Sequence[DimensionScore]) -> str:
    shown = "，".join(f"{item.name}{_points(item)}" for item in dimensions)
    return f"雷达图，每个维度满分100分：{shown}。"
