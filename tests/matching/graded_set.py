"""The graded requests, the order that the ranking gives them, and nDCG@5 of that order."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from domain.companies import CompanyFacts
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product
from matching.embedding import Embedder
from matching.ranking import Ranking
from matching.records import Record, Records
from matching.snapshot import Snapshot
from matching.weights import PARTS, Weights

TODAY = date(2026, 11, 23)
DEPTH = 5
_ROOT = Path(__file__).resolve().parents[2]
_FOLDER = Path(__file__).parent / "graded"


@dataclass(frozen=True)
class Graded:
    """A request with the grade, 1 to 3, of each product of the seed catalogue that deserves one."""

    id: str
    company: CompanyFacts
    need: Need
    grades: Mapping[str, int]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def graded() -> list[Graded]:
    return [
        Graded(
            line["id"],
            CompanyFacts.model_validate(line["company"]),
            Need.model_validate(line["request"]),
            line["grades"],
        )
        for line in _lines(_FOLDER / "requests.jsonl")
    ]


def halves(requests: list[Graded]) -> tuple[list[Graded], list[Graded]]:
    """The half that weights may be chosen by, and the half that says how good they are."""
    return requests[0::2], requests[1::2]


def records() -> Records:
    read = json.loads((_FOLDER / "records.json").read_text(encoding="utf-8"))
    return {name: Record(**figures) for name, figures in read.items()}


def snapshot(embedder: Embedder) -> Snapshot:
    catalogue = _ROOT / "catalogue"
    products = [Product.model_validate(line) for line in _lines(catalogue / "products.jsonl")]
    policies = [Policy.model_validate(line) for line in _lines(catalogue / "policies.jsonl")]
    return Snapshot(1, products, policies, embedder)


def ndcg(shown: Iterable[str], grades: Mapping[str, int]) -> float:
    """Gain 2^grade − 1, discounted by the logarithm of the place; 1 is the best order there is."""
    found = [grades.get(code, 0) for code in shown][:DEPTH]
    return _gain(found) / _gain(sorted(grades.values(), reverse=True)[:DEPTH])


def _gain(grades: list[int]) -> float:
    gains = 2.0 ** np.asarray(grades) - 1
    return float((gains / np.log2(np.arange(2, len(grades) + 2))).sum())


def quality(catalogue: Snapshot, requests: list[Graded], ranking: Ranking) -> list[float]:
    """nDCG@5 of each request."""
    return [
        ndcg(
            (
                match.product.code
                for match in catalogue.match(item.company, item.need, TODAY, 0, ranking).products
            ),
            item.grades,
        )
        for item in requests
    ]


def without(weights: Weights, part: str) -> Weights:
    """The other parts in their proportion, as if this one had never been."""
    if part not in PARTS:
        raise KeyError(part)
    left = 1 - getattr(weights, part)
    shares = {name: 0.0 if name == part else getattr(weights, name) / left for name in PARTS}
    return replace(weights, **shares)
