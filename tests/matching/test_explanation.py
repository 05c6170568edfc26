from datetime import date
from typing import Any

import pytest

from domain.companies import CompanyFacts
from domain.conditions import Conditions
from domain.needs import Need
from matching.eligibility import as_json, judge
from matching.explanation import gap_text, open_text, reasons
from matching.rules import PRODUCT_RULES
from matching.situation import situation
from tests.matching.items import EQUIPMENT, TURNOVER, product

TODAY = date(2026, 11, 23)


def test_reasons_in_the_owners_words() -> None:
    at = situation(
        CompanyFacts(region="320583"),
        Need.model_validate(
            {
                "amount_min": 1_500_000,
                "amount_max": 1_500_000,
                "term_months": 24,
                "purpose": "equipment",
                "guarantee": ["mortgage"],
            }
        ),
        TODAY,
    )
    item = product(EQUIPMENT)
    assert reasons(item, judge(item, at).met, at) == (
        "额度最高500万元，够您要的150万元",
        "可用于购买设备",
        "年利率3.85%起",
        "接受抵押",
        "苏州市昆山市企业可办",
        "期限最长3年，够您用2年",
    )


def test_what_touches_the_cost_stands_beside_the_price() -> None:
    at = situation(CompanyFacts(region="320583"), Need(amount_max=1_000_000), TODAY)
    item = product(TURNOVER)
    extras = ("可叠加贴息政策「首贷贴息」", "", "这家机构一般2天内答复")
    assert reasons(item, judge(item, at).met, at, extras) == (
        "额度最高500万元，够您要的100万元",
        "年利率4.1%起",
        "可叠加贴息政策「首贷贴息」",
        "这家机构一般2天内答复",
    )


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ({"rate_min": "4.10"}, "年利率4.1%起"),
        ({"rate_min": "5", "rate_max": "5"}, "年利率5%"),
        ({"rate_min": "10"}, "年利率10%起"),
    ],
)
def test_rates_without_idle_noughts(rates: dict[str, str], said: str) -> None:
    item = product(TURNOVER, rate_min=None, rate_max=None) if not rates else product(TURNOVER, **rates)
    at = situation(CompanyFacts(), Need(), TODAY)
    assert reasons(item, (), at) == (said,)


GAPS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]] = [
    # conditions or product fields, company, need, sentence
    ({"term_max_months": 12}, {}, {"term_months": 24}, "期限最长12个月，您要24个月"),
    (
        {"term_min_months": 6, "term_max_months": 12},
        {},
        {"term_months": 24},
        "期限需在6个月到12个月之间，您要24个月",
    ),
    ({"amount_max": 5_000_000}, {}, {"amount_min": 8_000_000}, "额度最高500万元，您至少要800万元"),
    (
        {"amount_min": 500_000},
        {},
        {"amount_min": 100_000, "amount_max": 200_000},
        "额度最低50万元，您要10万元到20万元",
    ),
    ({"regions": ["320500"]}, {"region": "340111"}, {}, "仅限苏州市的企业，您的企业在合肥市包河区"),
    ({"industries": ["A"]}, {"industry": "C"}, {}, "仅限农林牧渔企业，您的企业属于制造业"),
    ({"rate_min": "4.35"}, {}, {"rate_max": "4"}, "年利率4.35%起，您希望不超过4%"),
    ({"guarantees": ["mortgage"]}, {}, {"guarantee": ["credit"]}, "担保方式限抵押，您希望纯信用"),
    (
        {"conditions": {"founded_months_min": 24}},
        {"founded": "2025-02-23"},
        {},
        "成立年限需满24个月，您已满21个月",
    ),
    (
        {"conditions": {"tax_grades": ["A", "B"]}},
        {"tax_grade": "M"},
        {},
        "纳税信用需为A级或B级，您是M级",
    ),
    (
        {"conditions": {"qualifications_all": ["high_tech", "tech_sme"]}},
        {"qualifications": ["tech_sme"]},
        {},
        "需同时是高新技术企业、科技型中小企业，您还缺高新技术企业",
    ),
    (
        {"conditions": {"debt_ratio_max": "0.7"}},
        {"assets": 4, "liabilities": 3},
        {},
        "资产负债率不能超过70%，您是75%",
    ),
    ({"conditions": {"no_overdue": True}}, {"overdue": True}, {}, "当前不能有逾期，您目前有逾期"),
    (
        {"conditions": {"collaterals_any": ["patent"]}},
        {"collaterals": []},
        {"collateral": []},
        "需提供专利等知识产权，您目前没有可抵押质押的",
    ),
]


@pytest.mark.parametrize(("fields", "company", "need", "said"), GAPS)
def test_gaps(fields: dict[str, Any], company: dict[str, Any], need: dict[str, Any], said: str) -> None:
    item = product({"code": "P", "name": "贷", "institution": "苏州银行"}, **fields)
    at = situation(CompanyFacts.model_validate(company), Need.model_validate(need), TODAY)
    (failure,) = judge(item, at).failed
    assert gap_text(failure) == said


def test_every_condition_can_be_shown_as_open() -> None:
    item = product(
        EQUIPMENT,
        industries=["C"],
        conditions={
            "founded_months_min": 24,
            "revenue_min": 1_000_000,
            "revenue_max": 20_000_000,
            "employees_min": 5,
            "employees_max": 300,
            "registered_capital_min": 100_000,
            "assets_max": 100_000_000,
            "debt_ratio_max": "0.655",
            "credit_score_min": 600,
            "tax_grades": ["A", "B"],
            "qualifications_any": ["high_tech", "agri"],
            "qualifications_all": ["talent"],
            "collaterals_any": ["patent"],
            "first_loan": True,
            "no_overdue": True,
        },
    )
    said = {rule.name: open_text(rule.name, as_json(rule.requirement(item))) for rule in PRODUCT_RULES}
    assert set(Conditions.model_fields) < set(said)
    assert all(text.endswith("，待核实") for text in said.values())
    assert said["founded_months_min"] == "成立年限需满24个月，待核实"
    assert said["debt_ratio_max"] == "资产负债率不能超过65.5%，待核实"
    assert said["revenue_min"] == "年营业收入需达到100万元，待核实"
    assert said["region"] == "仅限苏州市的企业，待核实"
