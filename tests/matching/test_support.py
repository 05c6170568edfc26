from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from domain.companies import CompanyFacts
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product
from matching.eligibility import EligibilityTable
from matching.rules import POLICY_RULES
from matching.situation import situation
from matching.support import Relief, Support, SupportTable, aid
from tests.matching.items import EQUIPMENT, SUBSIDY, TURNOVER, policy, product

TODAY = date(2026, 11, 23)
CITY = {"region": "320583", "industry": "C"}


def _support(
    products: list[Product],
    policies: list[Policy],
    need: dict[str, Any],
    company: dict[str, Any] | None = None,
) -> Support:
    at = situation(CompanyFacts.model_validate(company or CITY), Need.model_validate(need), TODAY)
    table = EligibilityTable(policies, POLICY_RULES)
    return SupportTable(products, policies).under(table.judge(at), table.on_offer(TODAY), at)


def _titles(support: Support, count: int) -> list[str | None]:
    helps = [support.best(row) for row in range(count)]
    return [help_.policy.title if help_ else None for help_ in helps]


@pytest.mark.parametrize(
    ("changes", "relief"),
    [
        ({}, Relief.INTEREST),
        ({"title": "技术改造补助", "benefit": "按设备投资的10%补助"}, None),
        ({"kind": "fee_relief", "title": "担保费补贴"}, Relief.FEE),
        ({"kind": "fee_relief", "title": "厂房租金补贴"}, None),
        ({"kind": "guarantee_fund", "title": "创业担保", "benefit": "免收担保费"}, Relief.FEE),
        ({"kind": "risk_compensation", "title": "科技信贷风险补偿"}, Relief.RISK),
        ({"kind": "talent", "title": "人才奖励"}, None),
        ({"industries": ["J"]}, None),
    ],
)
def test_what_a_policy_takes_off(changes: dict[str, Any], relief: Relief | None) -> None:
    found = aid(policy(SUBSIDY, **changes))
    assert (found.relief if found else None) == relief


def test_a_subsidy_for_machines_helps_loans_for_machines_alone() -> None:
    products = [product(EQUIPMENT), product(EQUIPMENT, code="L", kind="lease")]
    for_machines = _support(products, [policy(SUBSIDY)], {"purpose": "equipment"})
    assert _titles(for_machines, 2) == ["设备更新贴息", None]
    assert for_machines.worth(np.arange(2)).tolist() == [1.0, 0.0]
    assert _titles(_support(products, [policy(SUBSIDY)], {"purpose": "rnd"}), 2) == [None, None]


def test_a_subsidy_for_pledges_needs_a_pledge_that_the_owner_would_give() -> None:
    pledges = policy(SUBSIDY, title="订单质押贷款贴息")
    products = [product(TURNOVER, guarantees=["pledge", "credit"]), product(TURNOVER, guarantees=["credit"])]
    assert _titles(_support(products, [pledges], {}), 2) == ["订单质押贷款贴息", None]
    assert _titles(_support(products, [pledges], {"guarantee": ["credit"]}), 2) == [None, None]


def test_a_subsidy_for_one_sort_of_loan_helps_no_other() -> None:
    startups = policy(SUBSIDY, title="创业担保贷款贴息")
    patents = policy(SUBSIDY, code="P", title="知识产权质押融资贴息")
    products = [
        product(TURNOVER, name="创业担保贷款", guarantees=["guarantor"]),
        product(TURNOVER, guarantees=["guarantor", "pledge"]),
        product(TURNOVER, guarantees=["pledge"], conditions={"collaterals_any": ["patent"]}),
    ]
    assert _titles(_support(products, [startups], {}), 3) == ["创业担保贷款贴息", None, None]
    assert _titles(_support(products, [patents], {}), 3) == [None, None, "知识产权质押融资贴息"]


def test_a_fee_is_only_saved_where_one_is_paid() -> None:
    fees = policy(SUBSIDY, kind="fee_relief", title="担保费补贴")
    products = [
        product(TURNOVER, guarantees=["guarantor"]),
        product(TURNOVER, guarantees=["guarantor", "credit"]),
        product(TURNOVER, kind="guarantee", guarantees=["guarantor"]),
    ]
    assert _titles(_support(products, [fees], {}), 3) == ["担保费补贴", None, "担保费补贴"]
    guaranteed = _support(products, [fees], {"guarantee": ["guarantor"]})
    assert _titles(guaranteed, 3) == ["担保费补贴"] * 3


def test_only_who_may_have_the_policy_is_told_of_it() -> None:
    first_loans = policy(SUBSIDY, title="首贷贴息", conditions={"first_loan": True})
    products = [product(TURNOVER)]
    sure = _support(products, [first_loans], {}, CITY | {"first_loan": True}).best(0)
    perhaps = _support(products, [first_loans], {}).best(0)
    assert sure is not None
    assert perhaps is not None
    assert sure.text == "可叠加贴息政策「首贷贴息」"
    assert perhaps.text == "符合条件的话可叠加贴息政策「首贷贴息」"
    assert sure.worth > perhaps.worth > 0
    assert _support(products, [first_loans], {}, CITY | {"first_loan": False}).best(0) is None
    over = first_loans.model_copy(update={"deadline": date(2026, 11, 22)})
    assert _support(products, [over], {}, CITY | {"first_loan": True}).best(0) is None


def test_the_nearest_authority_is_named_and_the_greater_sum() -> None:
    loans = {"title": "贷款贴息", "text": ""}
    policies = [
        policy(SUBSIDY, **loans | {"code": "A", "title": "国家贷款贴息", "level": "national"}),
        policy(SUBSIDY, **loans | {"code": "B", "title": "小额贷款贴息", "benefit_max": 10_000}),
        policy(SUBSIDY, **loans | {"code": "C", "title": "大额贷款贴息", "benefit_max": 500_000}),
    ]
    assert _titles(_support([product(TURNOVER)], policies, {}), 1) == ["大额贷款贴息"]
    assert _titles(_support([product(TURNOVER)], policies[::-1], {}), 1) == ["大额贷款贴息"]


def test_of_several_helps_the_one_that_takes_off_most_is_named() -> None:
    policies = [
        policy(SUBSIDY, code="A", kind="risk_compensation", title="信用贷款风险补偿"),
        policy(SUBSIDY, code="B", title="贷款贴息"),
    ]
    assert _titles(_support([product(TURNOVER)], policies, {}), 1) == ["贷款贴息"]


def test_no_policies_help_nobody() -> None:
    nothing = _support([product(TURNOVER)], [], {})
    assert nothing.worth(np.arange(1)).tolist() == [0.0]
    assert nothing.best(0) is None


def test_the_seed_catalogue_has_every_kind_of_relief() -> None:
    lines = (Path(__file__).resolve().parents[2] / "catalogue" / "policies.jsonl").read_text("utf-8")
    found = [aid(Policy.model_validate_json(line)) for line in lines.splitlines()]
    assert {kind.relief for kind in found if kind} == set(Relief)
