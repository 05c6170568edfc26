"""The main story, word for word: from following the account to a published request and its message."""

import pytest

from bot.sandbox.people import Kind
from tests.domain.databases import on_both
from tests.journeys.house import House, joined, until

FIRST = "我在昆山做五金加工，想贷120万买一台加工中心，两年，用厂房抵押"


@on_both
async def test_the_story(closed: House) -> None:
    async with closed.open():
        greeting = joined(await closed.fake.follow(closed.openid))
        assert "融桥" in greeting
        assert "融资需求" in greeting

        summary = await closed.say(FIRST)
        for fact in ("120万元", "购买设备", "2年", "抵押", "厂房", "昆山", "制造业", "确认"):
            assert fact in summary

        corrected = await closed.say("不对，是150万")
        assert "金额改为150万元" in corrected
        assert "120万元" not in corrected

        between = await closed.say("利息大概多少")
        assert "%" in between
        assert between.rstrip().endswith("比如「金额改成100万」。"), "led back to the summary"

        published = await closed.say("确认")
        assert "已为您发布" in published
        assert "为您匹配到" in published
        assert "待核实" in published
        assert "还差一点" in published

        (request,) = await closed.requests()
        assert request["status"] == "published"
        assert request["amount_min"] == request["amount_max"] == 1_500_000
        assert request["term_months"] == 24
        assert request["purpose"] == "equipment"
        assert request["guarantee"] == ["mortgage"]
        assert request["collateral"] == ["real_estate"]
        assert request["region"] == "320583"
        assert request["industry"] == "C"
        assert request["id"] in published

        def cards() -> list[str]:
            return [
                str(entry.content)
                for entry in closed.fake.history(closed.openid)
                if entry.content.kind is Kind.TEMPLATE
            ]

        (card,) = await until(cards)
        assert request["id"] in card
        assert "1500000元" in card
        assert "已发布" in card
        await closed.fake.settle()
        assert closed.fake.violations == []
        (delivery,) = (await closed.get("/deliveries", openid=closed.openid, notice="request_progress"))[
            "items"
        ]
        assert delivery["state"] == "delivered"


async def test_only_what_is_missing_is_asked(opened: House) -> None:
    assert "多少资金" in await opened.say("我想贷款")
    assert "用来做什么" in await opened.say("80万")
    assert "用多久" in await opened.say("进一批原材料")
    assert "担保" in await opened.say("一年")
    assert "哪个城市" in await opened.say("纯信用")
    assert "做什么的" in await opened.say("合肥包河区")
    summary = await opened.say("开饭店的")
    assert "80万元" in summary
    assert "纯信用" in summary
    assert "已为您发布" in await opened.say("确认")
    (request,) = await opened.requests()
    assert (request["region"], request["industry"]) == ("340111", "H")
    assert (request["term_months"], request["guarantee"]) == (12, ["credit"])


async def test_a_question_in_between_leads_back(opened: House) -> None:
    await opened.say("想贷80万进原材料")
    answer = await opened.say("要准备什么材料")
    assert answer.rstrip().endswith("比如「一年」「18个月」。")
    assert "担保" in await opened.say("一年")


@pytest.mark.parametrize(
    ("said", "refused"),
    [("贷50块钱", "太少"), ("我要借500亿", "超出"), ("想贷80万，用50年", "太长")],
)
async def test_figures_out_of_range_are_refused_with_the_reason(
    opened: House, said: str, refused: str
) -> None:
    await opened.say("我想贷款")
    assert refused in await opened.say(said)


async def test_back_skip_and_cancel(opened: House) -> None:
    await opened.say("我想贷款买设备")
    await opened.say("80万")
    assert "担保" in await opened.say("一年")
    assert "用多久" in await opened.say("上一步")
    assert "担保" in await opened.say("跳过")
    assert "留着" in await opened.say("算了")
    assert "担保" in await opened.say("继续")
    (request,) = await opened.requests()
    assert (request["status"], request["amount_max"], request["term_months"]) == ("draft", 800_000, None)


@on_both
async def test_a_published_request_is_replaced_only_when_confirmed(opened: House) -> None:
    await opened.say(FIRST)
    await opened.say("确认")
    assert "确认后替换" in await opened.say("不对，金额改成200万")
    published = [request for request in await opened.requests() if request["status"] == "published"]
    assert [request["amount_max"] for request in published] == [1_200_000]
    await opened.say("确认")
    by_status = {request["status"]: request["amount_max"] for request in await opened.requests()}
    assert by_status == {"published": 2_000_000, "withdrawn": 1_200_000}


async def test_more_about_the_firm_settles_open_points(opened: House) -> None:
    await opened.say(FIRST)
    published = await opened.say("确认")
    assert "哪年成立" in published
    assert "重新匹配" in await opened.say("公司2016年成立的，一年销售3000万")
    (request,) = await opened.requests()
    assert request["declared"]["revenue"] == 30_000_000


@on_both
async def test_withdrawing_asks_first(opened: House) -> None:
    await opened.say(FIRST)
    await opened.say("确认")
    assert "要撤回" in await opened.say("不贷了，撤回吧")
    assert "已撤回" in await opened.say("确认")
    (request,) = await opened.requests()
    assert request["status"] == "withdrawn"
