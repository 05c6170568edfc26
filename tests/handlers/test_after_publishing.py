"""A published request: more about the firm, changes, progress, taking it back."""

import pytest

from domain import requests
from domain.requests import RequestRow, RequestStatus
from tests.handlers.owner import ALL_IN_ONE, AMOUNT, EVERYTHING, Fact, Owner

TWO_MILLION: Fact = ("amount", 2_000_000, "200万")
SINCE_2016: Fact = ("founded", "2016", "2016年")


async def test_more_about_the_firm_settles_what_was_open(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    published = await owner.says("确认", "affirm")
    assert "公司是哪年成立的" in published
    assert "一年大概多少销售额" in published
    reply = await owner.says(
        "2016年成立，一年销售3000万", "inform", SINCE_2016, ("revenue", 30_000_000, "3000万")
    )
    assert "重新匹配" in reply
    assert "成立年限" not in reply
    row = await owner.request()
    assert (row.status, row.facts.revenue) == ("published", 30_000_000)


async def test_a_change_replaces_only_when_confirmed(owner: Owner) -> None:
    old = await owner.publishes()
    reply = await owner.says("不对，金额改成200万", "correct", TWO_MILLION)
    assert old in reply
    assert "确认后替换" in reply
    assert {(row.status, row.amount_max) for row in await owner.requests()} == {
        ("published", 1_200_000),
        ("draft", 2_000_000),
    }
    await owner.says("确认", "affirm")
    assert {(row.status, row.amount_max) for row in await owner.requests()} == {
        ("withdrawn", 1_200_000),
        ("published", 2_000_000),
    }


async def test_what_went_on_meanwhile_is_kept_and_said(owner: Owner) -> None:
    old = await owner.publishes()
    await owner.says("不对，金额改成200万", "correct", TWO_MILLION)
    async with owner.database.unit_of_work() as session:
        (await session.get_one(RequestRow, old)).status = RequestStatus.FOLLOWED
    assert "进度已经有变化" in await owner.says("确认", "affirm")
    assert {row.status for row in await owner.requests()} == {"followed", "draft"}


async def test_a_change_out_of_range_changes_nothing(owner: Owner) -> None:
    await owner.publishes()
    assert "超出" in await owner.says("改成500亿", "correct", ("amount", 50_000_000_000, "500亿"))
    assert [row.amount_max for row in await owner.requests()] == [1_200_000]


async def test_a_second_wish_is_a_second_request(owner: Owner) -> None:
    await owner.publishes()
    await owner.says("再贷50万", "apply_financing", ("amount", 500_000, "50万"))
    assert {row.status for row in await owner.requests()} == {"published", "draft"}


async def test_facts_without_any_request_begin_one(owner: Owner) -> None:
    await owner.says("120万", "inform", AMOUNT)
    assert (await owner.request()).amount_max == 1_200_000


async def test_facts_about_the_firm_alone_begin_none(owner: Owner) -> None:
    assert "融资" in await owner.says("公司2016年成立的", "inform", SINCE_2016)
    assert await owner.requests() == []


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (RequestStatus.PUBLISHED, "等机构跟进"),
        (RequestStatus.FOLLOWED, "已有机构跟进"),
        (RequestStatus.APPROVED, "审批通过"),
        (RequestStatus.ACCEPTED, "等机构放款"),
        (RequestStatus.REVIEWING, "审核"),
    ],
)
async def test_progress_says_where_it_stands(owner: Owner, status: RequestStatus, words: str) -> None:
    request_id = await owner.publishes()
    async with owner.database.unit_of_work() as session:
        (await session.get_one(RequestRow, request_id)).status = status
    reply = await owner.says("到哪一步了", "ask_progress")
    assert request_id in reply
    assert "120万元" in reply
    assert words in reply


async def test_nobody_sees_the_requests_of_others(owner: Owner) -> None:
    request_id = await owner.publishes()
    stranger = Owner(owner.database, owner.matcher, openid="oLi", kept=owner.kept)
    assert request_id not in await stranger.says("到哪一步了", "ask_progress")
    assert "没有在办" in await stranger.says("撤回", "withdraw_request")
    stranger.kept = f'{{"topic": "withdrawing", "request_id": "{request_id}"}}'
    await stranger.says("确认", "affirm")
    assert (await owner.request()).status == "published"


async def test_withdrawing_is_asked_and_confirmed(owner: Owner) -> None:
    request_id = await owner.publishes()
    asked = await owner.says("不贷了，撤回吧", "withdraw_request")
    assert request_id in asked
    assert "要撤回" in asked
    assert (await owner.request()).status == "published"
    assert "已撤回" in await owner.says("确认", "affirm")
    assert [row.status for row in await owner.requests()] == ["withdrawn"]
    assert owner.state.topic is None


@pytest.mark.parametrize(("text", "intent"), [("不用", "deny"), ("算了", "cancel"), ("返回", "back")])
async def test_withdrawing_can_be_thought_over(owner: Owner, text: str, intent: str) -> None:
    await owner.publishes()
    await owner.says("撤回", "withdraw_request")
    assert "保留" in await owner.says(text, intent)
    assert (await owner.request()).status == "published"
    assert owner.state.topic is None


async def test_a_question_while_withdrawing_leads_back(owner: Owner) -> None:
    await owner.publishes()
    await owner.says("撤回", "withdraw_request")
    reply = await owner.says("利息多少", "ask_rate")
    assert "年利率" in reply
    assert reply.endswith("不撤回复「不用」。")
    assert "已撤回" in await owner.says("确认", "affirm")


async def test_what_was_granted_meanwhile_is_not_withdrawn(owner: Owner) -> None:
    request_id = await owner.publishes()
    await owner.says("撤回", "withdraw_request")
    async with owner.database.unit_of_work() as session:
        (await session.get_one(RequestRow, request_id)).status = RequestStatus.ACCEPTED
    assert "不能改为" in await owner.says("确认", "affirm")
    async with owner.database.reading() as session:
        found = await requests.open_requests(session, owner.openid)
    assert [row.status for row in found] == ["accepted"]


async def test_a_refusal_leaves_nothing_half_done(owner: Owner) -> None:
    """The replacement that may not be published leaves both requests as they were."""
    old = await owner.publishes()
    await owner.says("改成200万", "correct", TWO_MILLION)
    before = owner.state
    async with owner.database.unit_of_work() as session:
        (await session.get_one(RequestRow, old)).status = RequestStatus.GRANTED
    await owner.says("确认", "affirm")
    assert owner.state.same_place(before)
    assert {row.status for row in await owner.requests()} == {"granted", "draft"}


async def test_nobody_fills_in_the_form_of_another(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    stranger = Owner(owner.database, owner.matcher, openid="oLi", kept=owner.kept)
    reply = await stranger.says("两年", "inform", ("term_months", 24, "两年"))
    assert "120万" not in reply
    assert (await owner.request()).term_months is None
    assert stranger.state.request_id != owner.state.request_id


async def test_another_rate_is_a_change_as_well(owner: Owner) -> None:
    await owner.publishes()
    assert "确认后替换" in await owner.says("利率放到3%", "inform", ("rate", 3.0, "3%", "max"))
    await owner.says("确认", "affirm")
    row = await owner.request()
    assert (row.status, row.rate_max) == ("published", 3)


async def test_another_institution_is_a_change_as_well(owner: Owner) -> None:
    await owner.publishes()
    bank: Fact = ("institution", "苏州银行", "苏州银行")
    assert "确认后替换" in await owner.says("只要苏州银行", "inform", bank)
    await owner.says("确认", "affirm")
    row = await owner.request()
    assert (row.status, row.institutions) == ("published", ["苏州银行"])


async def test_what_changes_nothing_is_not_listed_again(owner: Owner) -> None:
    await owner.publishes()
    reply = await owner.says("员工50人", "inform", ("employees", 50, "50人"))
    assert "没有变化" in reply
    assert "设备更新贷" not in reply
    assert (await owner.request()).facts.employees == 50


async def test_a_replacement_is_named(owner: Owner) -> None:
    old = await owner.publishes()
    await owner.says("金额改成200万", "correct", TWO_MILLION)
    paused = await owner.says("算了", "cancel")
    assert f"{old}）照旧有效" in paused
    await owner.says("继续", "apply_financing")
    assert f"原来那笔（{old}）已撤下" in await owner.says("确认", "affirm")


async def test_a_change_does_not_ask_again_what_was_left_open(owner: Owner) -> None:
    await owner.says("120万", "apply_financing", AMOUNT)
    for _ in range(5):
        await owner.says("跳过", "skip")
    await owner.says("确认", "affirm")
    await owner.says("金额改成200万", "correct", TWO_MILLION)
    assert owner.state.confirming


@pytest.mark.parametrize(
    ("text", "intent", "facts"),
    [
        ("好的", "affirm", ()),
        ("我叫张建国", "inform", (("person", "张建国", "张建国"),)),
        ("第一个怎么申请", "apply_product", ()),
    ],
)
async def test_after_publishing_the_request_is_what_is_talked_about(
    owner: Owner, text: str, intent: str, facts: tuple[Fact, ...]
) -> None:
    request_id = await owner.publishes()
    reply = await owner.says(text, intent, *facts)
    assert f"{request_id}）已经发布" in reply


async def test_how_long_it_takes(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    assert "1到5天" in await owner.says("多久能放款", "ask_progress")
