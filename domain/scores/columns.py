"""From what is known of companies to what the bins look at: one row an indicator of the scorecard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from domain.credit.registry import Kind, Registry
from domain.scores.scorecard import Indicator, Read, Scorecard, ScorecardError, Transform
from domain.scores.scoring import Figures, Flags, Floats

_COMPARABLE = frozenset({Kind.AMOUNT, Kind.NUMBER, Kind.RATIO, Kind.COUNT})


@dataclass(frozen=True, slots=True)
class Column:
    """The latest values of one indicator of the register, both arrays of shape (companies,).

    `values` as `domain.credit.reading.figures` has them, NaN where nothing is known or it is too old.
    """

    values: Floats
    disputed: Flags


def check(scorecard: Scorecard, registry: Registry) -> None:
    """Whether every indicator of the scorecard is in the register, with a type that its bins can read.

    Raises:
        ScorecardError: one line a fault.
    """
    if faults := [fault for item in scorecard.indicators for fault in _faults(item, registry)]:
        raise ScorecardError("\n".join(faults))


def figures(scorecard: Scorecard, registry: Registry, columns: Mapping[Read, Column], as_of: date) -> Figures:
    """The columns made ready for the scorecard, as things are on that day."""
    rows = [_row(item, registry, columns, as_of) for item in scorecard.indicators]
    return Figures(np.stack([values for values, _ in rows]), np.stack([disputed for _, disputed in rows]))


def _row(
    item: Indicator, registry: Registry, columns: Mapping[Read, Column], as_of: date
) -> tuple[Floats, Flags]:
    column, *others = (columns[read] for read in item.reads)
    values, disputed = column.values, column.disputed
    if item.transform is Transform.MONTHS_SINCE:
        return _months_since(values, as_of), disputed
    for other in others:
        return _ratio(values, other.values), disputed | other.disputed
    if item.numeric:
        return values, disputed
    return _places(values, _bin_places(item, registry)), disputed


def _months_since(days: Floats, as_of: date) -> Floats:
    """Whole calendar months from each day (since 1970) to `as_of`."""
    known = ~np.isnan(days)
    dates = np.where(known, days, 0).astype(np.int64).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    day_of_month = (dates - months).astype(np.int64) + 1
    begun = (np.datetime64(as_of, "M") - months).astype(np.int64)
    return np.where(known, begun - (as_of.day < day_of_month), np.nan)


def _ratio(values: Floats, others: Floats) -> Floats:
    """Not known where what it is measured by is nothing, or less."""
    usable = others > 0
    return np.where(usable, values / np.where(usable, others, 1.0), np.nan)


def _places(values: Floats, places: Floats) -> Floats:
    known = ~np.isnan(values)
    return np.where(known, places[np.where(known, values, 0).astype(np.intp)], np.nan)


def _bin_places(item: Indicator, registry: Registry) -> Floats:
    """For every value of a flag or choice, by its place, the place of its bin; NaN where there is none."""
    values: Sequence[bool | str]
    values = (False, True) if item.bins[0].equals is not None else registry[item.indicator].choices
    return np.array([_bin_place(item, value) for value in values])


def _bin_place(item: Indicator, value: bool | str) -> float:  # noqa: FBT001 - a value of the register
    for place, step in enumerate(item.bins):
        rest = step.equals is None and step.among is None
        if rest or step.equals is value or (step.among is not None and value in step.among):
            return place
    return np.nan


def _faults(item: Indicator, registry: Registry) -> list[str]:
    if missing := [code for code, _ in item.reads if code not in registry]:
        return [f"{code}: is not in the register of indicators" for code in missing]
    faults = []
    kind = registry[item.indicator].type
    if kind not in _fitting_kinds(item):
        faults.append(f"{item.indicator}: its type {kind} does not fit its bins or its transform")
    if item.per is not None and registry[item.per].type not in _COMPARABLE:
        faults.append(f"{item.indicator}: per {item.per} is no figure")
    if item.per is not None and registry[item.per].category is not registry[item.indicator].category:
        faults.append(f"{item.indicator}: per {item.per} belongs to another category")
    if kind is Kind.CHOICE and not faults:
        words = {word for step in item.bins for word in step.among or ()}
        faults += [
            f"{item.indicator}: there is no choice {word}"
            for word in sorted(words - set(registry[item.indicator].choices))
        ]
    if not item.numeric and not faults and np.isnan(_bin_places(item, registry)).any():
        faults.append(f"{item.indicator}: a value has no bin")
    return faults


def _fitting_kinds(item: Indicator) -> frozenset[Kind]:
    if item.transform is Transform.MONTHS_SINCE:
        return frozenset({Kind.DATE}) if item.numeric else frozenset()
    if item.numeric:
        return _COMPARABLE
    return frozenset({Kind.FLAG if item.bins[0].equals is not None else Kind.CHOICE})
