"""The seed catalogue: formats, references, and the facts of its sources."""

from decimal import Decimal

import pytest

from domain import regions
from domain.labels import Guarantee, Industry, PolicyKind, PolicyLevel, Purpose
from domain.policies import Policy
from domain.products import Product
from tests.catalogue.seed import INSTITUTIONS, LAUNCH, POLICIES, PRODUCTS

NAMED_PRODUCTS = {
    "信保贷",
    "征信贷",
    "小微E贷",
    "信保快贷",
    "信e贴",
    "政采贷",
    "征信融",
    "征信保",
    "关助融",
    "信用快贷",
    "微捷贷",
    "高企贷",
    "人才贷",
    "平安税金贷",
    "小微网贷",
    "商惠贷",
    "创业贷",
    "担保池贷款",
    "创业担保贷款",
    "首贷续贷",
    "链金师",
    "金东方",
    "槟榔贷",
    "烟草贷",
    "渔船贷",
    "青雁贷",
}
KINDS = {"bank", "guarantor", "insurer", "investor", "lessor"}


def _named(name: str) -> list[Product]:
    return [product for product in PRODUCTS if product.name == name]


def _policy(code: str) -> Policy:
    return next(policy for policy in POLICIES if policy.code == code)


def test_codes_are_unique() -> None:
    assert len({product.code for product in PRODUCTS}) == len(PRODUCTS)
    assert len({policy.code for policy in POLICIES}) == len(POLICIES)
    assert len({(product.name, product.institution) for product in PRODUCTS}) == len(PRODUCTS)


def test_institutions_are_whole_and_every_one_offers_something() -> None:
    names = [entry["name"] for entry in INSTITUTIONS]
    assert len(set(names)) == len(names)
    assert {product.institution for product in PRODUCTS} == set(names)
    for entry in INSTITUTIONS:
        assert entry.keys() == {"name", "kind", "regions", "branches", "officers", "aliases"}
        assert entry["kind"] in KINDS
        assert all(branch.keys() == {"name", "region"} for branch in entry["branches"])


def test_an_institution_offers_where_it_works() -> None:
    areas = {entry["name"]: entry["regions"] for entry in INSTITUTIONS}
    for product in PRODUCTS:
        area = areas[product.institution]
        assert product.regions or not area, product.code
        for code in product.regions:
            assert not area or any(regions.contains(place, code) for place in area), product.code


def test_an_alias_means_one_institution() -> None:
    called = [name for entry in INSTITUTIONS for name in (entry["name"], *entry["aliases"])]
    assert len(set(called)) == len(called)


def test_every_region_exists() -> None:
    used = {code for product in PRODUCTS for code in product.regions}
    used |= {code for policy in POLICIES for code in policy.regions}
    used |= {code for entry in INSTITUTIONS for code in entry["regions"]}
    used |= {branch["region"] for entry in INSTITUTIONS for branch in entry["branches"]}
    assert not {code for code in used if not regions.exists(code)}


def test_texts_have_their_length_and_differ() -> None:
    assert all(40 <= len(product.description) <= 120 for product in PRODUCTS)
    assert len({product.description for product in PRODUCTS}) == len(PRODUCTS)
    assert all(150 <= len(policy.text) <= 600 and policy.benefit for policy in POLICIES)
    assert len({policy.text for policy in POLICIES}) == len(POLICIES)


def test_what_was_named_is_there() -> None:
    assert not NAMED_PRODUCTS - {product.name for product in PRODUCTS}


def test_all_kinds_and_levels_of_policy_occur() -> None:
    assert {policy.level for policy in POLICIES} == set(PolicyLevel)
    assert {policy.kind for policy in POLICIES} == set(PolicyKind)


def test_nearly_everything_is_on_offer() -> None:
    assert all(product.on_offer(LAUNCH) for product in PRODUCTS)
    over = {policy.code for policy in POLICIES if not policy.on_offer(LAUNCH)}
    assert over == {"CN-P-XYZC", "HF-P-QYXZ", "SHZBA-P-GYSL"}


def test_credit_bureau_loan() -> None:
    offers = _named("征信贷")
    assert len(offers) == 7
    for product in offers:
        assert product.amount_max == 5_000_000
        assert product.regions == ("320500",)
        assert product.guarantees == (Guarantee.CREDIT,)


def test_relending_loan() -> None:
    offers = _named("小微E贷")
    assert len(offers) == 6
    for product in offers:
        assert product.term_max_months == 12
        assert product.amount_max == 5_000_000
        assert product.rate_max == Decimal("5.75")
        assert "4.95%" in product.description
        assert Purpose.WORKING_CAPITAL in product.purposes
        assert Purpose.EQUIPMENT not in product.purposes


def test_guarantee_fund_loan() -> None:
    offers = _named("信保贷")
    assert offers
    for product in offers:
        assert product.amount_max == 10_000_000
        assert Guarantee.GUARANTEE_FUND in product.guarantees
        assert Guarantee.MORTGAGE not in product.guarantees
    assert "65∶20∶15" in _policy("SZ-P-XBJJ").text


def test_fast_loan_of_hefei() -> None:
    offers = _named("信保快贷")
    assert offers
    for product in offers:
        assert product.amount_max == 5_000_000
        assert product.regions == ("340100",)
        assert Guarantee.CREDIT in product.guarantees
    assert "30%" in _policy("HF-P-XBKD").benefit
    assert "0.2%" in _policy("HF-P-XBKD").benefit


def test_the_fund_behind_the_fast_loan_of_hefei() -> None:
    fund = _policy("HF-P-XBJJ")
    assert fund.kind is PolicyKind.GUARANTEE_FUND
    assert (fund.regions, fund.industries, fund.benefit_max) == (("340100",), (), 5_000_000)
    assert all(figure in fund.text for figure in ("1.53亿元", "2000万元", "500万元", "1%", "纯信用"))
    assert all(Guarantee.GUARANTEE_FUND in product.guarantees for product in _named("信保快贷"))


@pytest.mark.parametrize(
    ("code", "most", "figures"),
    [
        ("SZ-P-FXDC", 10_000_000, ("3%", "5%", "600分")),
        ("SZ-P-SDSB", 500_000, ("1%", "1000万元")),
        ("SZ-P-SDCK", None, ("20家", "3亿元", "2亿元", "1亿元", "30万元")),
        ("SZ-P-CZCK", None, ("1∶0.3", "1∶0.5", "5000万元")),
        ("SZ-P-TDJL", 300_000, ("2亿元", "40家", "20家")),
        ("SZ-P-TZJL", 2_000_000, ("3‰",)),
        ("SZ-P-TDLD", 5_000_000, ("5‰",)),
        ("SZ-P-ZZDB", 5_000_000, ("1%", "30%")),
        ("SZ-P-ZZDK", 2_000_000, ("200万元", "150万元", "50万元")),
        ("CN-P-XYZC", None, ("40%",)),
    ],
)
def test_incentives_for_institutions(code: str, most: int | None, figures: tuple[str, ...]) -> None:
    policy = _policy(code)
    assert policy.benefit_max == most
    assert policy.industries == (Industry.J,)
    assert all(figure in policy.text for figure in figures)


def _gaps(product: Product) -> set[str]:
    """What a metal shop in 昆山 fails that asks for 1.5 million, 24 months, equipment, by mortgage."""
    rules = {
        "region": not product.regions or any(regions.contains(code, "320583") for code in product.regions),
        "industry": not product.industries or Industry.C in product.industries,
        "amount": (product.amount_min or 0) <= 1_500_000 <= (product.amount_max or 1_500_000),
        "term": (product.term_min_months or 0) <= 24 <= (product.term_max_months or 24),
        "purpose": not product.purposes or Purpose.EQUIPMENT in product.purposes,
        "guarantee": not product.guarantees or Guarantee.MORTGAGE in product.guarantees,
    }
    return {name for name, held in rules.items() if not held}


def test_a_metal_shop_in_kunshan_has_a_choice() -> None:
    fitting = [product for product in PRODUCTS if not _gaps(product)]
    near = [product for product in PRODUCTS if len(_gaps(product)) == 1]
    assert len({product.institution for product in fitting}) >= 4
    assert len({product.institution for product in near}) >= 3
    assert len({gap for product in near for gap in _gaps(product)}) >= 3


@pytest.mark.parametrize(
    "city",
    [
        "320500",
        "320583",
        "340100",
        "110000",
        "440300",
        "330100",
        "370600",
        "220100",
        "450100",
        "350100",
        "460100",
    ],
)
def test_every_city_has_several_offers(city: str) -> None:
    here = [
        product
        for product in PRODUCTS
        if not product.regions or any(regions.contains(code, city) for code in product.regions)
    ]
    assert len(here) >= 3
