"""The seed catalogue and the table of regions: formats, references, and the facts of their sources."""

import csv
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain import regions
from domain.labels import Guarantee, Industry, PolicyKind, PolicyLevel, Purpose
from domain.policies import Policy
from domain.products import Product

ROOT = Path(__file__).resolve().parents[2]
LAUNCH = date(2026, 11, 23)
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


def _lines(name: str) -> Iterator[dict[str, Any]]:
    with (ROOT / "catalogue" / name).open(encoding="utf-8") as file:
        yield from map(json.loads, file)


PRODUCTS = [Product.model_validate(line) for line in _lines("products.jsonl")]
POLICIES = [Policy.model_validate(line) for line in _lines("policies.jsonl")]
INSTITUTIONS = list(_lines("institutions.jsonl"))


def _region_rows() -> list[dict[str, str]]:
    with (ROOT / "reference" / "regions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = _region_rows()
BY_CODE = {row["code"]: row for row in ROWS}


def _named(name: str) -> list[Product]:
    return [product for product in PRODUCTS if product.name == name]


def _policy(code: str) -> Policy:
    return next(policy for policy in POLICIES if policy.code == code)


def _codes_of(alias: str) -> set[str]:
    return {row["code"] for row in ROWS if alias in row["aliases"].split("|")}


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
    assert all(80 <= len(policy.text) <= 250 and policy.benefit for policy in POLICIES)
    assert len({policy.text for policy in POLICIES}) == len(POLICIES)


def test_what_was_named_is_there() -> None:
    assert not NAMED_PRODUCTS - {product.name for product in PRODUCTS}


def test_all_kinds_and_levels_of_policy_occur() -> None:
    assert {policy.level for policy in POLICIES} == set(PolicyLevel)
    assert {policy.kind for policy in POLICIES} == set(PolicyKind)


def test_nearly_everything_is_on_offer() -> None:
    assert all(product.on_offer(LAUNCH) for product in PRODUCTS)
    assert [policy.code for policy in POLICIES if not policy.on_offer(LAUNCH)] == ["CN-P-XYZC"]


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


def test_regions_are_sorted_unique_and_well_formed() -> None:
    raw = (ROOT / "reference" / "regions.csv").read_bytes()
    codes = [row["code"] for row in ROWS]
    assert raw.startswith(b"code,name,aliases\n")
    assert b"\r" not in raw
    assert codes == sorted(set(codes))
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert all(row["name"] and None not in row for row in ROWS)


def test_the_table_is_complete_by_level() -> None:
    provinces = {code for code in BY_CODE if code.endswith("0000")}
    cities = {code for code in BY_CODE if code.endswith("00")} - provinces
    assert (len(provinces), len(cities), len(BY_CODE)) == (34, 333, 3214)
    assert {code[:2] + "0000" for code in BY_CODE} == provinces


def test_no_pseudo_divisions() -> None:
    assert not {row["name"] for row in ROWS} & {"市辖区", "县"}
    assert not [row for row in ROWS if "直辖县级" in row["name"] or "开发区" in row["name"]]
    assert not [code for code in BY_CODE if 71 <= int(code[4:]) <= 79]


def test_aliases_are_usable() -> None:
    for row in ROWS:
        aliases = row["aliases"].split("|") if row["aliases"] else []
        assert len(set(aliases)) == len(aliases)
        assert row["name"] not in aliases
        assert all(len(alias) > 1 and alias == alias.strip() for alias in aliases)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("320614", "海门区"),
        ("330113", "临平区"),
        ("330114", "钱塘区"),
        ("370116", "莱芜区"),
        ("429004", "仙桃市"),
        ("440606", "顺德区"),
        ("500157", "两江新区"),
        ("540481", "米林市"),
        ("659013", "草湖市"),
        ("820000", "澳门特别行政区"),
    ],
)
def test_current_divisions(code: str, name: str) -> None:
    assert BY_CODE[code]["name"] == name


@pytest.mark.parametrize("code", ["330103", "330104", "320684", "371200", "500112", "410381", "620201"])
def test_abolished_divisions_are_gone(code: str) -> None:
    assert code not in BY_CODE


@pytest.mark.parametrize(
    ("alias", "code"),
    [
        ("昆山", "320583"),
        ("吴中", "320506"),
        ("浦东", "310115"),
        ("内蒙", "150000"),
        ("恩施", "422800"),
        ("恩施州", "422800"),
        ("苏州工业园区", "320500"),
        ("光谷", "420111"),
        ("中关村", "110108"),
        ("雄安", "130600"),
        ("吉林", "220000"),
        ("河北", "130000"),
        ("海南", "460000"),
    ],
)
def test_aliases_mean_one_place(alias: str, code: str) -> None:
    assert _codes_of(alias) == {code}


def test_shared_short_names_are_carried_by_all() -> None:
    assert {"320106", "320302", "350102", "410204"} <= _codes_of("鼓楼")
    assert {"110105", "211300", "220104"} <= _codes_of("朝阳")
    assert {"130105", "130902", "410402"} <= _codes_of("新华")


@pytest.mark.parametrize("word", ["平安", "合作", "公安", "三元", "万全", "个旧", "江南", "光明"])
def test_everyday_words_are_no_alias(word: str) -> None:
    assert not _codes_of(word)
