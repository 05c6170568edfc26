"""Two wishes in one sentence, and two requests of one owner."""

from datetime import timedelta

import pytest

from domain.requests import RequestRow, RequestStatus
from handlers import form
from handlers.turn import Field
from nlu.understanding import FALLBACK, Understanding
from tests.handlers.owner import (
    ALL_IN_ONE,
    AMOUNT,
    EVERYTHING,
    INDUSTRY,
    MORTGAGE,
    PURPOSE,
    REGION,
    TERM,
    Fact,
    Owner,
)

HALF_A_MILLION: Fact = ("amount", 500_000, "50万")
STOCK: Fact = ("purpose", "inventory", "进货")


# Two wishes in one sentence


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("先告诉我利息多少，再帮我申请120万", "您问的利息：目前能对上的产品年利率在3.35%到5.2%"),
        ("想贷120万，要准备什么材料", "您问的材料：一般先备好营业执照"),
        ("想贷120万，有没有贴息", "您问的政策：可以留意「设备更新贴息」"),
        ("想贷120万，多久能放款", "1到5天"),
    ],
)
async def test_the_wish_goes_on_and_the_question_gets_its_line(owner: Owner, text: str, line: str) -> None:
    reply = await owner.says(text, "apply_financing", AMOUNT)
    assert line in reply.splitlines()[0]
    assert reply.endswith(form.question(Field.PURPOSE))
    assert (await owner.request()).amount_max == 1_200_000


async def test_an_answer_with_a_question_in_it(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    reply = await owner.says("买加工中心，利息多少啊", "inform", PURPOSE)
    assert "您问的利息" in reply
    assert reply.endswith(form.question(Field.TERM))


async def test_a_bound_on_the_rate_is_no_question(owner: Owner) -> None:
    rate: Fact = ("rate", 5.0, "5个点", "max")
    assert "您问的" not in await owner.says("想贷120万，利息不超过5个点", "apply_financing", AMOUNT, rate)


# Two requests of one owner


async def test_a_new_wish_begins_a_new_request_and_asks_nothing_of_the_firm_again(owner: Owner) -> None:
    old = await owner.publishes()
    reply = await owner.says("还想再贷50万进货", "apply_financing", HALF_A_MILLION, STOCK)
    assert f"已发布的那笔（{old}）照旧有效" in reply
    await owner.says("一年", "inform", ("term_months", 12, "一年"))
    await owner.says("纯信用", "inform", ("guarantee", "credit", "纯信用"))
    assert owner.state.confirming, "place and trade were said with the first"
    row = await owner.request()
    assert (row.region, row.industry, row.replaces) == ("320583", "C", None)
    await owner.says("确认", "affirm")
    assert len(await owner.requests(RequestStatus.PUBLISHED)) == 2


async def two_published(owner: Owner) -> tuple[RequestRow, RequestRow]:
    """The older one of 1.2 million for a machine, the newer of half a million for stock."""
    old = await owner.publishes()
    owner.now += timedelta(minutes=5)
    facts = (HALF_A_MILLION, STOCK, TERM, MORTGAGE, REGION, INDUSTRY)
    await owner.says("还想再贷50万进货", "apply_financing", *facts)
    await owner.says("确认", "affirm")
    older, newer = await owner.requests()
    assert older.id == old
    return older, newer


async def test_progress_tells_of_both(owner: Owner) -> None:
    older, newer = await two_published(owner)
    reply = await owner.says("到哪一步了", "ask_progress")
    assert older.id in reply
    assert newer.id in reply


@pytest.mark.parametrize(("answer", "place"), [("1", 0), ("第二个", 1), ("购买设备", 1), ("备货", 0)])
async def test_withdrawing_asks_which(owner: Owner, answer: str, place: int) -> None:
    older, newer = await two_published(owner)
    assert "要撤回哪一笔" in await owner.says("撤回吧", "withdraw_request")
    assert "1. 50万元·备货囤货\n2. 120万元·购买设备" in owner.shown
    asked = await owner.says(answer, FALLBACK)
    meant, other = ((newer, older), (older, newer))[place]
    assert meant.id in asked
    assert len(await owner.requests(RequestStatus.PUBLISHED)) == 2
    assert "另外1笔照旧有效" in await owner.says("确认", "affirm")
    assert [row.id for row in await owner.requests(RequestStatus.WITHDRAWN)] == [meant.id]
    assert owner.state.request_id == other.id


async def test_withdrawing_by_tap(owner: Owner) -> None:
    older, _ = await two_published(owner)
    await owner.says("撤回吧", "withdraw_request")
    assert older.id in await owner.hears(Understanding.of_button(owner.menu[1][0]))
    assert len(await owner.requests(RequestStatus.PUBLISHED)) == 2


async def test_withdrawing_the_one_that_is_named(owner: Owner) -> None:
    older, newer = await two_published(owner)
    assert newer.id in await owner.says("把50万那笔撤了", "withdraw_request", HALF_A_MILLION)
    assert older.id not in owner.heard[-1]
    await owner.says("不用", "deny")
    assert older.id in await owner.says(f"撤回{older.id}", "withdraw_request")


async def test_withdrawing_another_interrupts_the_form_and_leads_back(owner: Owner) -> None:
    old = await owner.publishes()
    await owner.says("再贷50万进货", "apply_financing", HALF_A_MILLION, STOCK)
    draft = owner.state.request_id
    assert old in await owner.says("先把发布的那笔撤回", "withdraw_request")
    reply = await owner.says("确认", "affirm")
    assert "已撤回" in reply
    assert reply.endswith(form.question(Field.TERM))
    assert owner.state.request_id == draft
    await owner.says("两年", "inform", TERM)
    row = await owner.request()
    assert (row.amount_max, row.purpose, row.term_months) == (500_000, "inventory", 24)


async def test_thinking_it_over_leads_back_as_well(owner: Owner) -> None:
    await owner.publishes()
    await owner.says("再贷50万进货", "apply_financing", HALF_A_MILLION, STOCK)
    await owner.says("先把发布的那笔撤回", "withdraw_request")
    assert (await owner.says("不用", "deny")).endswith(form.question(Field.TERM))
    assert len(await owner.requests(RequestStatus.PUBLISHED)) == 1


async def test_go_on_after_publishing_begins_nothing(owner: Owner) -> None:
    request_id = await owner.publishes()
    assert f"{request_id}）已经发布" in await owner.says("继续", FALLBACK)
    assert len(await owner.requests()) == 1


async def test_who_tells_more_instead_of_picking_loses_nothing(owner: Owner) -> None:
    await owner.publishes()
    await owner.says("50万进货", "inform", HALF_A_MILLION, STOCK)
    await owner.says("一年", "inform", ("term_months", 12, "一年"))
    row = await owner.request()
    assert (row.amount_max, row.purpose_text, row.term_months) == (500_000, "进货", 12)
    assert row.replaces is None


@pytest.mark.parametrize("text", ["我还要一笔50万进货", "再来一笔50万进货", "另外要50万进货", "又要50万进货"])
async def test_another_one_read_as_a_mere_fact(owner: Owner, text: str) -> None:
    await owner.publishes()
    await owner.says(text, "inform", HALF_A_MILLION, STOCK)
    assert (await owner.request()).replaces is None
    assert len(await owner.requests(RequestStatus.PUBLISHED)) == 1


@pytest.mark.parametrize(("answer", "replaces"), [("1", False), ("改已发布的那笔", True)])
async def test_another_sum_for_another_purpose_is_asked_about(
    owner: Owner, answer: str, *, replaces: bool
) -> None:
    old = await owner.publishes()
    assert "已经发布了一笔（120万元，购买设备），现在说的是？" in await owner.says(
        "50万进货", "inform", HALF_A_MILLION, STOCK
    )
    await owner.says(answer, FALLBACK)
    row = await owner.request()
    assert (row.amount_max, row.purpose) == (500_000, "inventory")
    assert row.replaces == (old if replaces else None)


async def test_the_same_once_more_changes_nothing(owner: Owner) -> None:
    await owner.publishes()
    assert "就是这样写的" in await owner.says("120万的", "inform", AMOUNT)
    assert len(await owner.requests()) == 1


async def test_a_third_request_is_told_of_too(owner: Owner) -> None:
    await two_published(owner)
    owner.now += timedelta(minutes=5)
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    await owner.says("确认", "affirm")
    assert len(await owner.requests(RequestStatus.PUBLISHED)) == 3
    assert owner.heard[-1].count("已为您发布") == 1
    reply = await owner.says("到哪一步了", "ask_progress")
    assert all(row.id in reply for row in await owner.requests())


async def test_a_sum_that_is_wanted_begins_the_request_and_the_question_gets_its_line(owner: Owner) -> None:
    reply = await owner.says("想贷120万买加工中心，有没有贴息啊", "ask_policy", AMOUNT, PURPOSE)
    assert (await owner.request()).amount_max == 1_200_000
    assert owner.state.asking is Field.TERM
    assert "您问的政策" in reply


async def test_who_looks_first_has_not_asked_for_money_yet(owner: Owner) -> None:
    await owner.says("贷120万买加工中心，先看看有啥贴息", "ask_policy", AMOUNT, PURPOSE)
    assert await owner.requests() == []
