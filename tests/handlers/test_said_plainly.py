"""Plain words for yes, no and more, and what they must not do."""

import pytest

from domain.labels import Guarantee
from domain.requests import RequestStatus
from handlers import control, form, short_answers
from handlers.turn import Field
from tests.handlers.owner import ALL_IN_ONE, AMOUNT, EVERYTHING, PURPOSE, TERM, Fact, Owner, understood

HUGE: Fact = ("amount", 50_000_000_000, "五百亿")
RECEIVABLES: Fact = ("collateral", "receivables", "应收账款")


@pytest.mark.parametrize(
    "text", ["以上信息无误，确认发布", "这回对了，发布", "这下对了", "上面的都对，确认", "填的没错"]
)
def test_a_plain_yes(text: str) -> None:
    assert control.plain_yes(understood(text, "affirm"))


@pytest.mark.parametrize(
    "text", ["请确认以上信息", "这回先发布", "以上信息不对", "以上", "这下", "以上信息", "信息对吗"]
)
def test_no_plain_yes(text: str) -> None:
    assert not control.plain_yes(understood(text, "affirm"))


@pytest.mark.parametrize("text", ["👌", "👌🏻", "👍", "👌👌"])
async def test_a_thumb_is_a_yes(owner: Owner, text: str) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    assert "已为您发布" in await owner.says(text, "nlu_fallback")


@pytest.mark.parametrize(
    "text",
    [
        "俺们啥抵押也没有啊",
        "冇抵押噶",
        "莫得啥子抵押的",
        "哪有抵押啊",
        "刚毕业哪有抵押啊",
        "没有抵押物",
        "我们没得东西抵押",
        "有啥好担保的",
    ],
)
@pytest.mark.parametrize("asking", [None, Field.PURPOSE, Field.GUARANTEE])
def test_security_is_denied(text: str, asking: Field | None) -> None:
    said = understood(text, "inform", ("guarantee", "mortgage", "抵押" if "抵押" in text else "担保"))
    assert short_answers.hear(said, asking).need == {"guarantee": (Guarantee.CREDIT,), "collateral": ()}


@pytest.mark.parametrize(
    "text", ["房子没有抵押", "厂房没有抵押过", "有没有抵押", "没有其他抵押", "没有抵押能贷吗"]
)
def test_security_is_not_denied(text: str) -> None:
    heard = short_answers.hear(understood(text, "inform", ("guarantee", "mortgage", "抵押")), None)
    assert heard.need == {"guarantee": ("mortgage",)}


def test_what_is_offered_instead_counts() -> None:
    said = understood("没有房产抵押，有设备", "inform", ("collateral", "equipment", "设备"))
    heard = short_answers.hear(said, Field.GUARANTEE)
    assert heard.need == {"collateral": ("equipment",), "guarantee": (Guarantee.MORTGAGE,)}


async def test_a_refused_figure_leaves_the_old_one(owner: Owner) -> None:
    await owner.says("120万买加工中心", "apply_financing", AMOUNT, PURPOSE)
    reply = await owner.says("金额说错了，应该是五百亿", "correct", HUGE)
    assert "先按原来的120万元" in reply
    assert (await owner.request()).amount_max == 1_200_000
    assert owner.state.asking is Field.TERM


async def test_a_refused_figure_changes_nothing_that_is_published(owner: Owner) -> None:
    await owner.publishes()
    reply = await owner.says("金额说错了，改成五百亿", "correct", HUGE)
    assert "先按原来的120万元" in reply
    assert await owner.requests(RequestStatus.DRAFT) == []
    assert (await owner.request()).amount_max == 1_200_000


@pytest.mark.parametrize("text", ["再加上一条，应收账款也可以质押", "还有应收账款", "另外应收账款也能质押"])
@pytest.mark.parametrize("published", [False, True])
async def test_what_is_added_stands_beside(owner: Owner, text: str, published: bool) -> None:  # noqa: FBT001
    if published:
        await owner.publishes()
    else:
        await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    await owner.says(text, "inform", ("guarantee", "pledge", "质押"), RECEIVABLES)
    row = await owner.request()
    assert set(row.guarantee) == {"mortgage", "pledge"}
    assert set(row.collateral or ()) == {"real_estate", "receivables"}


async def test_another_security_still_replaces(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    await owner.says("改成应收账款质押", "inform", ("guarantee", "pledge", "质押"), RECEIVABLES)
    row = await owner.request()
    assert (row.guarantee, row.collateral) == (["pledge"], ["receivables"])


async def test_an_old_tap_in_a_form_leads_back(owner: Owner) -> None:
    await owner.says("120万买加工中心，两年", "apply_financing", AMOUNT, PURPOSE, TERM)
    (old, _) = owner.menu[0]
    await owner.says("担保公司", "inform", ("guarantee", "guarantor", "担保公司"))
    reply = await owner.presses(old)
    assert "过时" in reply
    assert reply.endswith(form.question(Field.REGION))


async def test_fees_are_answered_where_an_example_could_be_given(owner: Owner) -> None:
    await owner.says("120万买加工中心，两年", "apply_financing", AMOUNT, PURPOSE, TERM)
    reply = await owner.says("要不要手续费啊", "ask_rate")
    assert reply.startswith("平台本身不收任何费用")
    assert "每月" not in reply


async def test_requirements_fit_a_small_screen(owner: Owner) -> None:
    await owner.says("120万买加工中心，两年", "apply_financing", AMOUNT, PURPOSE, TERM)
    await owner.says("要什么条件", "ask_requirements")
    assert len(owner.shown.encode()) < 600


@pytest.mark.parametrize("text", ["还是150吧", "150", "就要150吧"])
async def test_a_bare_figure_at_the_summary_is_the_amount(owner: Owner, text: str) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    assert "金额改为150万元" in await owner.says(text, "correct")


async def test_a_figure_that_may_be_a_term_is_asked_about(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    await owner.says("还是36吧", "correct")
    row = await owner.request()
    assert (row.amount_max, row.term_months) == (1_200_000, 24)


async def test_the_opening_says_back_what_was_heard(owner: Owner) -> None:
    reply = await owner.says("想贷120万买加工中心", "apply_financing", AMOUNT, PURPOSE)
    assert "记下了：120万元，购买设备（买加工中心）。" in reply


async def test_a_refusal_can_be_repeated(owner: Owner) -> None:
    """What it would replace was withdrawn behind its back."""
    published = await owner.publishes()
    await owner.says("金额改成80万", "correct", ("amount", 800_000, "80万"))
    async with owner.database.unit_of_work() as session:
        row = await session.get_one(type(await owner.request()), published)
        row.status = RequestStatus.FOLLOWED
    refusal = await owner.says("确认", "affirm")
    assert "暂时不能替换" in refusal
    assert await owner.says("再说一遍", "nlu_fallback") == refusal
    assert (await owner.request()).state is RequestStatus.DRAFT
