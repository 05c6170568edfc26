"""A text says the same as its fields: what an owner reads is what the matching asks for."""

import re
from datetime import date

import pytest

from domain.conditions import Conditions
from domain.policies import Policy
from domain.products import Product
from tests.catalogue.seed import POLICIES, PRODUCTS
from tests.catalogue.wording import day, in_words, months, unsaid, yuan

_FIGURE = r"[\d.零一二三四五六七八九十百千]+"


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.code)
def test_a_notice_states_its_conditions(policy: Policy) -> None:
    assert not unsaid(policy.conditions, policy.text)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.code)
def test_a_notice_states_its_upper_limit_and_last_day(policy: Policy) -> None:
    if policy.benefit_max:
        assert re.search(yuan(policy.benefit_max), policy.text)
    if policy.deadline:
        assert re.search(day(policy.deadline), policy.text)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.code)
def test_a_benefit_in_money_is_the_upper_limit(policy: Policy) -> None:
    """«最高», «最多» or «封顶» before a sum in the plain sentence means the limit of the fields."""
    for said in re.findall(
        rf"(?:最高|最多|封顶|不超过)(?:可?[^\d，、。；]{{0,6}})({_FIGURE}万)", policy.benefit
    ):
        assert policy.benefit_max
        assert re.fullmatch(yuan(policy.benefit_max), said)


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.code)
def test_a_description_states_the_conditions(product: Product) -> None:
    """That who is overdue gets nothing goes without saying at a bank."""
    asked = product.conditions.model_copy(update={"no_overdue": None})
    assert not unsaid(asked, product.description)


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.code)
def test_a_described_limit_is_the_limit(product: Product) -> None:
    for said in re.findall(rf"(?:单户|保额)?(?:最高|不超过)({_FIGURE}万)元", product.description):
        assert product.amount_max
        assert re.fullmatch(yuan(product.amount_max), said)
    for said in re.findall(rf"(?<!宽限期)最长({_FIGURE}(?:个月|年半?))", product.description):
        assert product.term_max_months
        assert re.fullmatch(months(product.term_max_months), said)


def test_most_descriptions_state_their_limit() -> None:
    stated = [
        product
        for product in PRODUCTS
        if product.amount_max and re.search(yuan(product.amount_max), product.description)
    ]
    assert len(stated) >= len(PRODUCTS) * 0.4


@pytest.mark.parametrize(
    ("asked", "wrong", "right"),
    [
        ({"founded_months_min": 18}, "成立满8个月", "成立一年半以上"),
        ({"founded_months_min": 24}, "成立12年", "成立满两年"),
        ({"revenue_min": 500_000}, "收入150万元", "收入50万元"),
        ({"assets_max": 200_000_000}, "资产12亿元", "资产2亿元"),
        ({"employees_max": 50}, "150人以下", "50人以下"),
        ({"debt_ratio_max": "0.75"}, "负债率70%", "负债率75%"),
        ({"tax_grades": ["A", "B"]}, "纳税A级", "纳税A级、B级"),
        ({"first_loan": True}, "贷过款的企业", "首次贷款的企业"),
    ],
)
def test_a_wrong_figure_is_noticed(asked: dict[str, object], wrong: str, right: str) -> None:
    conditions = Conditions.model_validate(asked)
    assert unsaid(conditions, wrong) == asked.keys()
    assert not unsaid(conditions, right)


def test_figures_in_words() -> None:
    assert [in_words(number) for number in (3, 10, 15, 30, 500, 1000)] == [
        "三",
        "十",
        "十五",
        "三十",
        "五百",
        "一千",
    ]
    assert re.fullmatch(day(date(2027, 3, 5)), "2027年3月5日")
