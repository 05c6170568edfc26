from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.companies import CompanyFacts
from domain.money import yuan
from domain.needs import Need
from matching.eligibility import judge
from matching.mending import mend, reached_on
from matching.situation import Situation, situation, whole_months
from tests.matching.items import product

TODAY = date(2026, 11, 23)

MENDS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]] = [
    # conditions or product fields, company, need, sentence
    (
        {"conditions": {"founded_months_min": 24}},
        {"founded": "2025-02-23"},
        {},
        "再满3个月即可申请（2027年2月23日起）",
    ),
    (
        {"conditions": {"founded_months_min": 12}},
        {"founded": "2026-08-31"},
        {},
        "再满10个月即可申请（2027年8月31日起）",
    ),
    ({"amount_max": 3_000_000}, {}, {"amount_min": 4_000_000}, "把金额降到300万元以内即可"),
    ({"amount_min": 500_000}, {}, {"amount_max": 200_000}, "金额在50万元以上即可申请"),
    ({"term_max_months": 12}, {}, {"term_months": 24}, "把期限缩短到12个月以内即可"),
    ({"term_min_months": 6}, {}, {"term_months": 3}, "期限在6个月以上即可申请"),
    ({"rate_min": "4.35"}, {}, {"rate_max": "4"}, "能接受年利率4.35%起即可"),
    ({"guarantees": ["mortgage", "pledge"]}, {}, {"guarantee": ["credit"]}, "能接受抵押或质押即可"),
    ({}, {}, {"institutions": ["中国银行"]}, "愿意由苏州银行办理即可"),
    ({"conditions": {"revenue_min": 5_000_000}}, {"revenue": 3_000_000}, {}, "年营业收入再增加200万元即可"),
    ({"conditions": {"employees_min": 20}}, {"employees": 15}, {}, "员工再增加5人即可"),
    (
        {"conditions": {"registered_capital_min": 3_000_000}},
        {"registered_capital": 2_000_000},
        {},
        "注册资本再增加100万元即可",
    ),
    ({"conditions": {"credit_score_min": 600}}, {"credit_score": 580}, {}, "信用分再增加20分即可"),
    (
        {"conditions": {"debt_ratio_max": "0.7"}},
        {"assets": 10_000_000, "liabilities": 8_000_000},
        {},
        "按现有资产，负债再减少100万元即可",
    ),
    (
        {"conditions": {"debt_ratio_max": "0.7"}},
        {"assets": 3, "liabilities": 3},
        {},
        "按现有资产，负债再减少1元即可",
    ),
    ({"conditions": {"tax_grades": ["A", "B"]}}, {"tax_grade": "C"}, {}, "下次纳税信用评价达到B级即可"),
    ({"conditions": {"tax_grades": ["M"]}}, {"tax_grade": "C"}, {}, ""),
    (
        {"conditions": {"qualifications_any": ["high_tech", "tech_sme"]}},
        {"qualifications": []},
        {},
        "取得高新技术企业或科技型中小企业资格即可",
    ),
    (
        {"conditions": {"qualifications_all": ["high_tech", "tech_sme"]}},
        {"qualifications": ["tech_sme"]},
        {},
        "再取得高新技术企业资格即可",
    ),
    (
        {"conditions": {"collaterals_any": ["real_estate", "land"]}},
        {"collaterals": []},
        {},
        "能提供房产厂房或土地即可",
    ),
    ({"conditions": {"no_overdue": True}}, {"overdue": True}, {}, "结清逾期后即可申请"),
    # What nobody can or should mend.
    ({"regions": ["320500"]}, {"region": "340111"}, {}, ""),
    ({"industries": ["A"]}, {"industry": "C"}, {}, ""),
    ({"purposes": ["rnd"]}, {}, {"purpose": "plant"}, ""),
    ({"conditions": {"first_loan": True}}, {"first_loan": False}, {}, ""),
    ({"conditions": {"revenue_max": 1_000_000}}, {"revenue": 3_000_000}, {}, ""),
    ({"conditions": {"employees_max": 10}}, {"employees": 15}, {}, ""),
    ({"conditions": {"assets_max": 1_000_000}}, {"assets": 3_000_000}, {}, ""),
]


@pytest.mark.parametrize(("fields", "company", "need", "said"), MENDS)
def test_mends(fields: dict[str, Any], company: dict[str, Any], need: dict[str, Any], said: str) -> None:
    item = product({"code": "P", "name": "贷", "institution": "苏州银行"}, **fields)
    at = situation(CompanyFacts.model_validate(company), Need.model_validate(need), TODAY)
    (failure,) = judge(item, at).failed
    assert mend(failure, at) == said


@given(st.dates(date(2000, 1, 1), date(2030, 12, 31)), st.integers(0, 240))
def test_the_day_named_is_the_first_on_which_the_months_are_whole(since: date, count: int) -> None:
    day = reached_on(since, count)
    assert whole_months(since, day) >= count
    assert whole_months(since, day - timedelta(days=1)) < count


@given(assets=st.integers(1, 10**7), liabilities=st.integers(0, 10**8), most=st.decimals(0, 2, places=4))
def test_so_much_less_debt_is_enough_and_no_yuan_too_much(
    assets: int, liabilities: int, most: Decimal
) -> None:
    item = product(
        {"code": "P", "name": "贷", "institution": "苏州银行"}, conditions={"debt_ratio_max": most}
    )

    def owing(debts: int) -> Situation:
        return situation(CompanyFacts(assets=assets, liabilities=debts), Need(), TODAY)

    at = owing(liabilities)
    for failure in judge(item, at).failed:
        surplus = next(
            less
            for less in range(liabilities - int(most * assets) - 1, liabilities + 1)
            if not judge(item, owing(liabilities - less)).failed
        )
        assert mend(failure, at) == f"按现有资产，负债再减少{yuan(surplus)}即可"
        assert judge(item, owing(liabilities - surplus + 1)).failed
