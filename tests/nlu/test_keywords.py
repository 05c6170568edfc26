"""The makeshift reader: what a running financing request needs is recognised, and nothing is made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.keywords import understand

STORY = "我在昆山做五金加工，想贷120万买一台加工中心，两年，用厂房抵押"


def facts(text: str) -> set[tuple[str, object, str | None]]:
    return {(entity.name, entity.value, entity.role) for entity in understand(text).entities}


def test_opening_of_a_request_is_read_in_one_go() -> None:
    understood = understand(STORY)
    assert understood.intent.name == "apply_financing"
    assert understood.source == "keywords"
    assert facts(STORY) == {
        ("region", "320583", None),
        ("industry", "C", None),
        ("amount", 1_200_000, None),
        ("purpose", "equipment", None),
        ("term_months", 24, None),
        ("collateral", "real_estate", None),
        ("guarantee", "mortgage", None),
    }
    amount = understood.first("amount")
    assert amount is not None
    assert STORY[amount.start : amount.end] == "120万"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("不对，是150万", "correct"),
        ("是80万不是50万", "correct"),
        ("期限改成两年", "correct"),
        ("利息大概多少", "ask_rate"),
        ("80万", "inform"),
        ("对", "affirm"),
        ("好的。", "affirm"),
        ("嗯嗯", "affirm"),
        ("不要", "deny"),
        ("算了", "cancel"),
        ("上一步", "back"),
        ("跳过", "skip"),
        ("取消授权", "revoke_authorization"),
        ("不再授权银行查征信", "revoke_authorization"),
        ("转人工", "talk_to_adviser"),
        ("我的贷款批了没", "ask_progress"),
        ("今天天气怎么样", "nlu_fallback"),
        ("", "nlu_fallback"),
    ],
)
def test_intents(text: str, intent: str) -> None:
    assert understand(text).intent.name == intent


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("80w", {("amount", 800_000, None)}),
        ("１２０万", {("amount", 1_200_000, None)}),
        ("1200000", {("amount", 1_200_000, None)}),
        ("一千二百万", {("amount", 12_000_000, None)}),
        ("三百来万", {("amount", 3_000_000, None)}),
        ("1.5亿", {("amount", 150_000_000, None)}),
        ("两三百万", {("amount", 2_000_000, "min"), ("amount", 3_000_000, "max")}),
        ("50到80万", {("amount", 500_000, "min"), ("amount", 800_000, "max")}),
        ("不超过300万", {("amount", 3_000_000, "max")}),
        ("30万以内", {("amount", 300_000, "max")}),
        ("至少50万", {("amount", 500_000, "min")}),
        ("金额不低于200万", {("amount", 2_000_000, "min")}),
        ("不能少于一年", {("term_months", 12, "min")}),
        ("不是50万，是80万", {("amount", 800_000, None)}),
        ("年销售3000万，想贷300万", {("revenue", 30_000_000, None), ("amount", 3_000_000, None)}),
        ("半年", {("term_months", 6, None)}),
        ("一年半", {("term_months", 18, None)}),
        ("90天", {("term_months", 3, None)}),
        ("一到两年", {("term_months", 12, "min"), ("term_months", 24, "max")}),
        ("公司开了三年，想贷三年", {("term_months", 36, None)}),
        ("公司2016年成立的", set()),
        ("年化4.35%", {("rate", 4.35, None)}),
        ("不超过五个点", {("rate", 5.0, "max")}),
        ("月息五厘", {("rate", 6.0, None)}),
        ("合肥包河区", {("region", "340111", None)}),
        ("苏州恒达精密机械有限公司", set()),
        ("无抵押", {("guarantee", "credit", None)}),
        ("没有房子抵押", set()),
        ("-50万", {("amount", -500_000, None)}),
        ("贷款-50万，用0年", {("amount", -500_000, None), ("term_months", 0, None)}),
        ("负二三十万", {("amount", -300_000, "min"), ("amount", -200_000, "max")}),
        ("-500000", {("amount", -500_000, None)}),
        ("50 -80万", {("amount", 500_000, "min"), ("amount", 800_000, "max")}),
        ("一年-两年", {("term_months", 12, "min"), ("term_months", 24, "max")}),
        ("我要借0元", {("amount", 0, None)}),
        ("零年", {("term_months", 0, None)}),
        ("首付0元", set()),
        ("用一百年", {("term_months", 1200, None)}),
        ("百年老店", set()),
        ("98年", set()),
        ("1e309万", set()),
    ],
)
def test_facts(text: str, expected: set[tuple[str, object, str | None]]) -> None:
    assert facts(text) == expected


@pytest.mark.parametrize("digit", ["9", "九"])
def test_an_absurd_figure_stays_one_and_stays_small(digit: str) -> None:
    for length in (25, 400, 10_000):
        (entity,) = understand(f"{digit * length}万").entities
        assert isinstance(entity.value, int)
        assert 10**20 < entity.value < 10**40


def test_a_term_does_not_count_the_age_of_the_company() -> None:
    entities = understand("公司开了三年，想贷三年").all("term_months")
    assert [entity.start for entity in entities] == [9]


@given(
    st.text(alphabet="想贷80两三百万年个月到不超过是没有抵押苏州，。%w亿半 1.", max_size=30)
    | st.text(max_size=30)
)
def test_any_text_is_read_and_spans_lie_in_it(text: str) -> None:
    understood = understand(text)
    assert 0 < understood.intent.confidence < 1
    assert all(0 <= entity.start < entity.end <= len(text) for entity in understood.entities)
