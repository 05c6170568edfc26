"""The catalogue is wide: kinds, levels, places and conditions differ, and no text is nearly another."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import pytest

from domain import regions
from domain.conditions import Conditions
from domain.labels import Guarantee, Industry, PolicyKind, PolicyLevel, ProductKind, Purpose
from tests.catalogue.seed import INSTITUTIONS, LAUNCH, OFFERS, POLICIES, PRODUCTS

# The provinces of the cities that the two seed documents name, and those cities themselves.
PLACES = {
    "110000": "北京",
    "220000": "长春",
    "320400": "常州",
    "320500": "苏州",
    "320000": "江苏",
    "330000": "杭州",
    "340000": "合肥、芜湖",
    "350000": "福建",
    "370000": "烟台",
    "410800": "焦作",
    "420000": "武汉",
    "440300": "深圳",
    "450000": "南宁",
    "460000": "海南",
    "500000": "重庆",
    "510100": "成都",
    "620100": "兰州",
}
NEAR = 0.3  # shared runs of five characters, from where two texts read like one template
SUZHOU = ("320505", "320506", "320507", "320508", "320509", "320581", "320582", "320583", "320585")
HEFEI = ("340102", "340103", "340104", "340111", "340121", "340122", "340123", "340124", "340181")


def grams(text: str) -> frozenset[str]:
    """The runs of five characters, punctuation and blanks aside."""
    bare = "".join(filter(str.isalnum, text))
    return frozenset(bare[at : at + 5] for at in range(len(bare) - 4))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


def nearest(texts: Sequence[str]) -> float:
    return max(likeness(one, other) for one, other in combinations(map(grams, texts), 2))


def test_near_copies_are_recognised() -> None:
    text = POLICIES[0].text
    swapped = text.replace("银行", "机构").replace("1000万元", "800万元")
    assert likeness(grams(text), grams(swapped)) >= NEAR


@pytest.mark.parametrize(
    "texts",
    [
        [policy.text for policy in POLICIES],
        [policy.benefit for policy in POLICIES],
        [product.description for product in PRODUCTS],
    ],
    ids=["texts", "benefits", "descriptions"],
)
def test_nothing_is_a_near_copy(texts: Sequence[str]) -> None:
    assert nearest(texts) < NEAR


def test_there_is_enough_of_everything() -> None:
    assert len(PRODUCTS) >= 90
    assert len({product.institution for product in PRODUCTS}) >= 15
    assert len(POLICIES) >= 90
    levels = Counter(policy.level for policy in POLICIES)
    assert min(levels[level] for level in PolicyLevel) >= 15
    kinds = Counter(policy.kind for policy in POLICIES)
    assert min(kinds[kind] for kind in PolicyKind) >= 6
    products = Counter(product.kind for product in PRODUCTS)
    assert min(products[kind] for kind in ProductKind) >= 3


def test_policies_have_a_title_of_their_own() -> None:
    assert len({policy.title for policy in POLICIES}) == len(POLICIES)


def test_places_are_those_of_the_seed_documents() -> None:
    used = {code for product in PRODUCTS for code in product.regions}
    used |= {code for policy in POLICIES for code in policy.regions}
    used |= {code for entry in INSTITUTIONS for code in entry["regions"]}
    assert not {code for code in used if not any(regions.contains(place, code) for place in PLACES)}


def test_a_level_fits_its_region() -> None:
    for policy in POLICIES:
        assert (policy.level is PolicyLevel.NATIONAL) == (not policy.regions)
        for code in policy.regions:
            width = {PolicyLevel.PROVINCE: 2, PolicyLevel.CITY: 4, PolicyLevel.DISTRICT: 6}[policy.level]
            assert len(regions.prefix(code)) == width, policy.code


def test_every_part_of_both_cities_has_policies_of_its_own() -> None:
    own = {code for policy in POLICIES for code in policy.regions}
    assert set(SUZHOU) | set(HEFEI) <= own


def test_a_local_notice_names_its_place() -> None:
    for policy in POLICIES:
        for code in policy.regions:
            name = regions.region_name(code)[-3:]
            assert any(name[:2] in said for said in (policy.title, policy.issuer, policy.text)), policy.code


def test_what_products_ask_and_serve_varies() -> None:
    assert {purpose for product in PRODUCTS for purpose in product.purposes} == set(Purpose)
    assert {way for product in PRODUCTS for way in product.guarantees} == set(Guarantee)
    assert len({trade for product in PRODUCTS for trade in product.industries}) >= 12
    assert len({product.industries for product in PRODUCTS}) >= 25
    assert len({product.guarantees for product in PRODUCTS}) >= 15
    assert len({product.conditions for product in PRODUCTS}) >= 60
    assert len({policy.conditions for policy in POLICIES}) >= 75


def test_every_condition_is_asked_somewhere() -> None:
    asked = [item.conditions for item in OFFERS]
    for key, field in Conditions.model_fields.items():
        assert any(getattr(conditions, key) != field.default for conditions in asked), key


def test_what_pays_institutions_is_for_them_alone() -> None:
    for policy in POLICIES:
        assert not policy.industries or Industry.J not in policy.industries or len(policy.industries) == 1


def test_some_last_days_are_near_and_some_far() -> None:
    days_left = [(policy.deadline - LAUNCH).days for policy in POLICIES if policy.deadline]
    assert sum(0 <= left <= 60 for left in days_left) >= 8
    assert sum(left > 365 for left in days_left) >= 8
    assert sum(left < 0 for left in days_left) <= 3
    assert max(days_left) <= 3 * 366
