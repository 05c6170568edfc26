"""Policies that make a product cheaper: which they are, whom they reach, and how they are said.

The format of policies tells kind and conditions in fields, but whether a subsidy goes to the interest and
for which use only in words. Those few words are read here; what names no interest, fee or risk lowers none.
"""

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.labels import (
    Collateral,
    Guarantee,
    Industry,
    Label,
    PolicyKind,
    PolicyLevel,
    ProductKind,
    Purpose,
)
from domain.policies import Policy
from domain.products import Product
from matching.eligibility import Outcomes
from matching.rules import Outcome
from matching.situation import Situation

Flags = NDArray[np.bool_]
_Rows = NDArray[np.intp]


class Relief(Label):
    """What a policy takes off the owner."""

    INTEREST = "interest", "贴息政策"
    FEE = "fee", "担保费优惠政策"
    RISK = "risk", "风险补偿政策"


# Interest is most of what money costs; shared risk makes no loan cheaper by itself, it only eases the price.
_WORTH = {Relief.INTEREST: 1.0, Relief.FEE: 0.6, Relief.RISK: 0.3}
_WHILE_OPEN = 0.5

_INTEREST = re.compile(r"贴息|利息|融资成本|年化\d|利率")
_FEE = re.compile(r"担保费|保证保险费|免收.{0,4}担保|担保.{0,4}降费")
# The uses that a subsidy is tied to, by the words of title and benefit.
_PURPOSES = (
    (re.compile(r"设备|技改|技术改造|改造贷款"), Purpose.EQUIPMENT),
    (re.compile(r"研发"), Purpose.RND),
    (re.compile(r"出口|外贸"), Purpose.EXPORT),
    (re.compile(r"装修|修缮|民宿"), Purpose.RENT_DECORATION),
    (re.compile(r"收储|收购|进货"), Purpose.INVENTORY),
    (re.compile(r"经营贷款|种养贷款|收购贷款|产业贷款"), Purpose.WORKING_CAPITAL),
)
_SECURITIES = (
    (re.compile(r"质押|保理"), (Guarantee.PLEDGE,)),
    (re.compile(r"信用贷款"), (Guarantee.CREDIT,)),
    (re.compile(r"担保贷款"), (Guarantee.GUARANTOR, Guarantee.GUARANTEE_FUND)),
)
_GUARANTEED = (Guarantee.GUARANTOR, Guarantee.GUARANTEE_FUND)
# Subsidies that go to one sort of loan alone, and how the products of that sort are known.
_TIES: tuple[tuple[str, Callable[[Product], bool]], ...] = (
    ("创业", lambda product: "创业" in product.name),
    ("知识产权|专利", lambda product: Collateral.PATENT in product.conditions.collaterals_any),
)
_LENDING = (ProductKind.LOAN, ProductKind.FACTORING)
_VOUCHING = (ProductKind.GUARANTEE, ProductKind.INSURANCE)
_NEARNESS = {level: place for place, level in enumerate(reversed(PolicyLevel))}


@dataclass(frozen=True, slots=True)
class Aid:
    """What makes policies alike for a product: empty `purposes` and `guarantees` mean any.

    `ties` are places in `_TIES`.
    """

    relief: Relief
    purposes: frozenset[Purpose]
    guarantees: frozenset[Guarantee]
    ties: frozenset[int] = frozenset()

    def serves(self, purpose: Purpose | None) -> bool:
        return not self.purposes or purpose in self.purposes


def aid(policy: Policy) -> Aid | None:
    """How a policy lowers a company's cost of money; None where it does not, or pays institutions only."""
    if policy.industries == (Industry.J,):
        return None
    words = f"{policy.title}。{policy.benefit}"
    securities = frozenset(kind for pattern, kinds in _SECURITIES if pattern.search(words) for kind in kinds)
    if policy.kind is PolicyKind.SUBSIDY and _INTEREST.search(words):
        purposes = frozenset(purpose for pattern, purpose in _PURPOSES if pattern.search(words))
        ties = frozenset(place for place, (pattern, _) in enumerate(_TIES) if re.search(pattern, words))
        return Aid(Relief.INTEREST, purposes, securities, ties)
    if policy.kind in {PolicyKind.FEE_RELIEF, PolicyKind.GUARANTEE_FUND} and _FEE.search(words):
        return Aid(Relief.FEE, frozenset(), frozenset(_GUARANTEED))
    if policy.kind is PolicyKind.RISK_COMPENSATION:
        return Aid(Relief.RISK, frozenset(), securities)
    return None


class SupportTable:
    """The aids of a catalogue, which policies give each and which products each reaches; never changed."""

    def __init__(self, products: Sequence[Product], policies: Sequence[Policy]) -> None:
        givers: dict[Aid, list[int]] = {}
        for row, policy in enumerate(policies):
            if (kind := aid(policy)) is not None:
                givers.setdefault(kind, []).append(row)
        self._givers = {kind: _preferred(rows, policies) for kind, rows in givers.items()}
        self._policies = policies
        self._lends = np.asarray([product.kind in _LENDING for product in products], dtype=bool)
        self._tied = tuple(
            np.asarray([belongs(product) for product in products], dtype=bool) for _, belongs in _TIES
        )
        self._vouches = np.asarray([product.kind in _VOUCHING for product in products], dtype=bool)
        self._takes = {
            way: np.asarray(
                [not product.guarantees or way in product.guarantees for product in products], bool
            )
            for way in Guarantee
        }

    def under(self, outcomes: Outcomes, on_offer: Flags, at: Situation) -> "Support":
        """What helps in this situation; `outcomes` and `on_offer` are those of all policies."""
        possible = on_offer & ~(outcomes == Outcome.FAILED).any(axis=0)
        certain = possible & ~(outcomes == Outcome.OPEN).any(axis=0)
        helps = []
        for kind, rows in self._givers.items():
            given = _first(rows, certain, possible) if kind.serves(at.purpose) else None
            if given is not None:
                row, sure = given
                helps.append((Help(self._policies[row], kind.relief, sure), self._reached(kind, at)))
        return Support(tuple(helps))

    def _reached(self, kind: Aid, at: Situation) -> Flags:
        """Which products are helped, with a security that the aid is for and that the owner would give."""
        given = at.guarantees or set(Guarantee)
        helped: Flags = self._taken((kind.guarantees or set(Guarantee)) & given)
        if kind.relief is Relief.FEE:
            # Where the owner's word is enough nobody is paid for a guarantee.
            helped &= (self._lends | self._vouches) & ~self._taken({Guarantee.CREDIT} & given)
            return helped
        for tie in kind.ties:
            helped &= self._tied[tie]
        helped &= self._lends
        return helped

    def _taken(self, ways: AbstractSet[Guarantee]) -> Flags:
        """Which products take one of these."""
        taken = np.zeros(len(self._lends), dtype=bool)
        for way in ways:
            taken |= self._takes[way]
        return taken


def _preferred(rows: Sequence[int], policies: Sequence[Policy]) -> _Rows:
    """The nearest authority first, of equals the greater sum, then by code."""
    order = sorted(
        rows,
        key=lambda row: (
            _NEARNESS[policies[row].level],
            -(policies[row].benefit_max or 0),
            policies[row].code,
        ),
    )
    return np.asarray(order, dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Help:
    """A policy for a product; not `certain` while some condition of it is open."""

    policy: Policy
    relief: Relief
    certain: bool

    @property
    def worth(self) -> float:
        return _WORTH[self.relief] * (1.0 if self.certain else _WHILE_OPEN)

    @property
    def text(self) -> str:
        offered = f"{self.relief.label}「{self.policy.title}」"
        if self.relief is Relief.RISK:
            return f"有{offered}支持" if self.certain else f"符合条件的话有{offered}支持"
        return f"可叠加{offered}" if self.certain else f"符合条件的话可叠加{offered}"


def _first(rows: _Rows, certain: Flags, possible: Flags) -> tuple[int, bool] | None:
    for flags, sure in ((certain, True), (possible, False)):
        if (held := flags[rows]).any():
            return int(rows[held.argmax()]), sure
    return None


@dataclass(frozen=True, slots=True)
class Support:
    """The policies that help in one situation, the best of each aid, and which products it reaches."""

    helps: tuple[tuple[Help, Flags], ...]

    def worth(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """0 to 1 for each of the rows: the worth of the best help that reaches it."""
        best = np.zeros(len(rows))
        for help_, reached in self.helps:
            np.maximum(best, help_.worth * reached[rows], out=best)
        return best

    def best(self, row: int) -> Help | None:
        reaching = [help_ for help_, reached in self.helps if reached[row]]
        return max(reaching, key=lambda help_: help_.worth, default=None)
