"""What an institution may know of all others together: averages and shares, never volumes."""

from typing import Any

from domain.statistics.figures import Figures
from domain.statistics.reading import Statistics

FEWEST = 5
_OF_DECISIONS = ("approval_share", "approval_hours_median", "approval_hours_p90")
_OF_LOANS = ("loan_amount_mean", "rate_mean", "default_share", "default_amount_share")
_NOTHING = Figures()


def averages(everybody: Figures, own: Figures) -> dict[str, Any]:
    """Figures of all institutions; None where fewer than five companies stand behind them beside its own.

    What the institution knows of its own companies it could take out of the average: only others protect
    each other.
    """
    shown = {**dict.fromkeys((*_OF_DECISIONS, *_OF_LOANS))}
    if everybody.deciding - own.deciding >= FEWEST:
        shown |= {name: getattr(everybody, name) for name in _OF_DECISIONS}
    if everybody.companies_financed - own.companies_financed >= FEWEST:
        shown |= {name: getattr(everybody, name) for name in _OF_LOANS}
    return shown


def averages_by_group(everybody: Statistics, own: Statistics) -> dict[str | None, dict[str, Any]]:
    """The same of each group of which anything may be told."""
    found = {
        key: averages(figures, own.groups.get(key, _NOTHING)) for key, figures in everybody.groups.items()
    }
    return {key: shown for key, shown in found.items() if any(value is not None for value in shown.values())}
