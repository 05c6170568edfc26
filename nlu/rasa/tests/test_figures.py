# ruff: noqa: E501 - tables read best with one case a line
"""Amounts, terms and rates in every writing."""

from __future__ import annotations

import pytest
from components.amounts import find_amounts
from components.extraction import find_all
from components.identifiers import id_holds, uscc_holds
from components.rates import find_rates
from components.spans import Span
from components.terms import find_terms
from hypothesis import given
from hypothesis import strategies as st

HAN = "零一二三四五六七八九"


def values(spans: list[Span], entity: str) -> str:
    return " ".join(f"{span.value}{span.role or ''}" for span in spans if span.entity == entity)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("80万", "800000"), ("两百五十万", "2500000"), ("50到80万", "500000min 800000max"), ("50-80万", "500000min 800000max"),
        ("五十到八十万", "500000min 800000max"), ("30万至50万", "300000min 500000max"), ("二三十万", "200000min 300000max"),
        ("两三百万", "2000000min 3000000max"), ("不超过300万", "3000000max"), ("30万以内", "300000max"), ("至少50万", "500000min"),
        ("80万以上", "800000min"), ("一千二百万", "12000000"), ("三百来万", "3000000"), ("80多万", "800000"), ("百把万", "1000000"),
        ("1.5亿", "150000000"), ("半个亿", "50000000"), ("80w", "800000"), ("八十个，一年", "800000"), ("1千万", "10000000"),
        ("壹佰贰拾万元整", "1200000"), ("一万五", "15000"), ("1,200,000元", "1200000"), ("五百万三十六个月", "5000000"),
        ("几十万", ""), ("80个人", ""), ("房子值300万", ""), ("自己有50万，还差80万", "800000"), ("欠了银行100万", ""),
        ("有个500万的订单", ""), ("每个月工资20万", ""), ("注册资本500万想贷100万", "1000000"), ("客户欠我80万", ""),
        ("贷款100万下个月到期想续", "1000000"), ("150", ""),
        ("-50万", "-500000"), ("负五十万", "-500000"), ("贷款-50万，用0年", "-500000"), ("负二三十万", "-300000min -200000max"), ("-50到80万", "-500000min 800000max"),
        ("50 -80万", "500000min 800000max"), ("50万左右-80万", "500000min 800000max"), ("0万", "0"), ("贷0万", "0"), ("金额0万", "0"), ("订单金额0万", ""), ("我要借0元", "0"), ("首付0元", ""), ("手续费0元", ""),
        ("900亿", "90000000000"), ("1e309万", ""), ("负债50万", ""),
    ],
)  # fmt: skip
def test_amounts(text: str, expected: str) -> None:
    assert values(list(find_amounts(text)), "amount") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一年", "12"), ("半年", "6"), ("三年期", "36"), ("18个月", "18"), ("90天", "3"), ("一到两年", "12min 24max"), ("一两年", "12min 24max"),
        ("一年半", "18"), ("十二个月", "12"), ("24期", "24"), ("50万两年", "24"), ("不超过三年", "36max"), ("至少两年", "24min"),
        ("两个季度", "6"), ("公司开了三年", ""), ("2016年成立", ""), ("账期三个月", ""), ("两年前", ""), ("一年能卖500万", ""), ("24", ""),
        ("-3年", "-36"), ("期限负12个月", "-12"), ("一年-两年", "12min 24max"), ("0个月", "0"), ("零年", "0"), ("用0年", "0"), ("100年", "1200"), ("用一百年", "1200"), ("1200个月", "1200"),
        ("百年老店", ""), ("我们是百年企业", ""), ("98年", ""),
    ],
)  # fmt: skip
def test_terms(text: str, expected: str) -> None:
    assert values(list(find_terms(text)), "term_months") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("年化4.35%", "4.35"), ("不超过五个点", "5.0max"), ("月息五厘", "6.0"), ("月息三厘五", "4.2"), ("年息5厘", "5.0"),
        ("日息万分之二", "7.3"), ("百分之四点三五", "4.35"), ("四到五个点", "4.0min 5.0max"), ("一分利", "12.0"), ("四个点半", "4.5"),
        ("首付30%", ""), ("增长20%", ""), ("信用分650", ""), ("打3分", ""),
    ],
)  # fmt: skip
def test_rates(text: str, expected: str) -> None:
    assert values(list(find_rates(text)), "rate") == expected


def in_han(number: int) -> str:
    """1 to 9999 as people write it out."""
    text, gap = "", False
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if gap and text else "") + HAN[digit] + sign
        gap = not digit
    return text


@given(st.integers(1, 9999), st.sampled_from(["{}万", "想贷{}万", "{} 万元", "大概{}w", "申请{}万左右"]))
def test_any_amount_in_figures_comes_back(number: int, form: str) -> None:
    assert values(list(find_amounts(form.format(number))), "amount") == str(number * 10_000)


@given(st.integers(1, 9999))
def test_any_amount_written_out_comes_back(number: int) -> None:
    assert values(list(find_amounts(f"想贷{in_han(number)}万")), "amount") == str(number * 10_000)


@given(st.integers(1, 4999), st.integers(1, 4999))
def test_any_range_comes_back_as_its_ends(low: int, more: int) -> None:
    text = f"{low}到{low + more}万"
    assert values(list(find_amounts(text)), "amount") == f"{low * 10_000}min {(low + more) * 10_000}max"


@pytest.mark.parametrize("digit", ["9", "九", "0"])
@pytest.mark.parametrize("unit", ["万", "年"])
def test_an_absurdly_long_figure_stays_beyond_everything_and_small(digit: str, unit: str) -> None:
    (span,) = find_all(digit * 400 + unit)
    assert isinstance(span.value, int)
    assert 10**20 < span.value < 10**40


def test_check_characters() -> None:
    assert uscc_holds("914403001922038216")
    assert not uscc_holds("914403001922038217")
    assert id_holds("11010519491231002X")
    assert not id_holds("110105194912310021")
