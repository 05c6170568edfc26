"""The seed catalogue as the tests read it."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from domain.policies import Policy
from domain.products import Product

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "catalogue"
LAUNCH = date(2026, 11, 23)


def lines(name: str) -> Iterator[dict[str, Any]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        yield from map(json.loads, file)


PRODUCTS = [Product.model_validate(line) for line in lines("products.jsonl")]
POLICIES = [Policy.model_validate(line) for line in lines("policies.jsonl")]
OFFERS: tuple[Product | Policy, ...] = (*PRODUCTS, *POLICIES)
INSTITUTIONS = list(lines("institutions.jsonl"))
