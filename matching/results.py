"""What a match answers."""

from dataclasses import dataclass
from typing import Any

from domain.policies import Policy
from domain.products import Product


@dataclass(frozen=True, slots=True)
class ProductMatch:
    """A product with nothing failed; `open` names the conditions still to be checked."""

    product: Product
    score: float
    reasons: tuple[str, ...]
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A failed condition: JSON values of what is needed and what there is, and a sentence for the owner.

    `mend` says what would close it; empty where the owner cannot.
    """

    condition: str
    needs: Any
    has: Any
    text: str
    mend: str


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A product that fails exactly one condition."""

    product: Product
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class PolicyMatch:
    """A policy with nothing failed."""

    policy: Policy
    score: float
    reasons: tuple[str, ...]
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatchResult:
    """Each list with the best first."""

    products: tuple[ProductMatch, ...]
    near_misses: tuple[NearMiss, ...]
    policies: tuple[PolicyMatch, ...]
