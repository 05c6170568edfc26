"""The pieces that plots are made of; every value is escaped."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup

INK, MUTED, LINE = "#1f2933", "#52606d", "#9aa5b1"
ACCENT = "#0b5cad"
TEXT_SIZE = 12


class Point(NamedTuple):
    """A place on the plot, in its own units; y grows downwards."""

    x: float
    y: float

    def __str__(self) -> str:
        return f"{self.x:.1f},{self.y:.1f}"


def tag(name: str, content: str | Markup = "", /, **attributes: object) -> Markup:
    """One element; `_` in a name stands for `-`, a trailing one for nothing."""
    stated = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _shown(value))
        for key, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(name, stated, content)


def plot(name: str, width: int, height: int, title: str, description: str, parts: Iterable[Markup]) -> Markup:
    """The whole drawing, as wide as its container; `name` makes its ids unique within a page."""
    content = [
        tag("title", title, id=f"{name}-title"),
        tag("desc", description, id=f"{name}-desc"),
        *parts,
    ]
    return tag(
        "svg",
        Markup("").join(content),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        width="100%",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        font_size=TEXT_SIZE,
        fill=INK,
    )


def path(points: Sequence[Point], **attributes: object) -> Markup:
    return tag("polyline", points=" ".join(map(str, points)), fill="none", **attributes)


def polygon(points: Sequence[Point], **attributes: object) -> Markup:
    return tag("polygon", points=" ".join(map(str, points)), **attributes)


def segment(begin: Point, end: Point, **attributes: object) -> Markup:
    return tag("line", x1=begin.x, y1=begin.y, x2=end.x, y2=end.y, **attributes)


def dot(at: Point, *, filled: bool = True) -> Markup:
    """A filled dot stands for something known, a hollow one for what is not."""
    fill = ACCENT if filled else "#ffffff"
    return tag("circle", cx=at.x, cy=at.y, r=3.5, fill=fill, stroke=ACCENT, stroke_width=1.5)


def words(at: Point, text: str, *, anchor: str = "middle", **attributes: object) -> Markup:
    return tag("text", text, x=at.x, y=at.y, text_anchor=anchor, **attributes)


def _shown(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
