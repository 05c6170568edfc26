"""How large a company is: the four classes that statistics in China use (统计上大中小微型企业划分办法, 2017).

A class needs every figure of its row; a company that misses one of them is of the next smaller class. What is
not known of a company does not count. The bounds hold for divisions of industries, of which only the sections
are known here: F is read as wholesale, G as transport, I as software.
"""

from typing import NamedTuple

from domain.companies import CompanyFacts
from domain.labels import Industry, Label


class Size(Label):
    """The four classes."""

    LARGE = "large", "大型企业"
    MEDIUM = "medium", "中型企业"
    SMALL = "small", "小型企业"
    MICRO = "micro", "微型企业"


class _Bounds(NamedTuple):
    """The least of a figure for a large, a medium and a small company."""

    large: int
    medium: int
    small: int


_TEN_THOUSAND = 10_000


def _yuan(large: int, medium: int, small: int) -> _Bounds:
    """From units of 10,000 yuan, in which the regulation is written."""
    return _Bounds(large * _TEN_THOUSAND, medium * _TEN_THOUSAND, small * _TEN_THOUSAND)


_INDUSTRIAL = {"employees": _Bounds(1000, 300, 20), "revenue": _yuan(40_000, 2_000, 300)}
# What the regulation calls all other industries.
_OTHER = {"employees": _Bounds(300, 100, 10)}
_BOUNDS: dict[Industry, dict[str, _Bounds]] = {
    Industry.A: {"revenue": _yuan(20_000, 500, 50)},
    Industry.B: _INDUSTRIAL,
    Industry.C: _INDUSTRIAL,
    Industry.D: _INDUSTRIAL,
    Industry.E: {"revenue": _yuan(80_000, 6_000, 300), "assets": _yuan(80_000, 5_000, 300)},
    Industry.F: {"employees": _Bounds(200, 20, 5), "revenue": _yuan(40_000, 5_000, 1_000)},
    Industry.G: {"employees": _Bounds(1000, 300, 20), "revenue": _yuan(30_000, 3_000, 200)},
    Industry.H: {"employees": _Bounds(300, 100, 10), "revenue": _yuan(10_000, 2_000, 100)},
    Industry.I: {"employees": _Bounds(300, 100, 10), "revenue": _yuan(10_000, 1_000, 50)},
    Industry.K: {"revenue": _yuan(200_000, 1_000, 100), "assets": _yuan(10_000, 5_000, 2_000)},
    Industry.L: {"employees": _Bounds(300, 100, 10), "assets": _yuan(120_000, 8_000, 100)},
}


def size_of(facts: CompanyFacts) -> Size | None:
    """The class by what is known; None without a figure that counts in its industry."""
    bounds = _BOUNDS.get(facts.industry, _OTHER) if facts.industry else _OTHER
    known = [
        _class(figure, of) for name, of in bounds.items() if (figure := getattr(facts, name)) is not None
    ]
    return list(Size)[max(known)] if known else None


def _class(figure: int, bounds: _Bounds) -> int:
    """The place among the classes, 0 for the largest."""
    return sum(figure < bound for bound in bounds)
