"""The figures of one group; each is defined in docs/statistics.md."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of a group, or of all together; None: there is nothing to make the figure of.

    Money in yuan, rates in per cent a year, times in hours, shares between 0 and 1. `asking`, `deciding` and
    `companies_financed` are of how many companies the figures are that follow them.
    """

    asking: int = 0
    requests: int = 0
    requests_followed: int = 0
    requests_approved: int = 0
    requests_granted: int = 0
    amount_requested: int = 0
    deciding: int = 0
    approved: int = 0
    rejected: int = 0
    lapsed: int = 0
    approval_share: float | None = None
    approval_hours_median: float | None = None
    approval_hours_p90: float | None = None
    companies_financed: int = 0
    loans: int = 0
    loan_amount: int = 0
    loan_amount_mean: int | None = None
    rate_mean: float | None = None
    balance: int = 0
    overdue: int = 0
    written_off: int = 0
    default_share: float | None = None
    default_amount: int = 0
    default_amount_share: float | None = None
    companies_registered: int | None = None

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """From counts and sums as the databases give them, shares made of them."""
        known = {field.name: found[field.name] for field in fields(cls) if found.get(field.name) is not None}
        decided = known.get("approved", 0) + known.get("rejected", 0)
        loans, amount = known.get("loans", 0), known.get("loan_amount", 0)
        bad = known.get("overdue", 0) + known.get("written_off", 0)
        return cls(
            **known
            | {
                "approval_share": _share(known.get("approved", 0), decided),
                "loan_amount_mean": round(amount / loans) if loans else None,
                "rate_mean": _share(float(found.get("interest") or 0), found.get("priced_amount") or 0),
                "default_share": _share(bad, loans),
                "default_amount_share": _share(known.get("default_amount", 0), amount),
            }
        )

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def _share(part: float, whole: float) -> float | None:
    return round(float(part) / float(whole), 4) if whole else None
