"""Equity, word for word: from the wish in chat to a fund that invests, and the owner's message about it."""

from typing import Any

from bot.sandbox.people import Kind
from domain.equity.labels import EquityStatus
from tests.domain.databases import on_both
from tests.journeys.house import House, until

FUND = "元禾创投"


async def known(house: House) -> None:
    """A fund on the platform; the owner is enrolled already."""
    fund = {"name": FUND, "kind": "investor"}
    status, answer = await house.post("/institutions", {"items": [fund]})
    assert (status, answer["accepted"]) == (200, 1)


async def raising(house: House) -> str:
    """Up to the summary, as an owner types it."""
    assert "哪一轮" in await house.say("想找股权融资，有没有投资机构对接")
    assert "融多少" in await house.say("A轮")
    assert "多少股份" in await house.say("500万")
    assert "做什么的" in await house.say("10%")
    assert "一两句话" in await house.say("做五金加工的")
    return await house.say("给两家车企做减速器零件，去年订单翻了一倍，钱用来扩产")


async def published(house: House) -> dict[str, Any]:
    await raising(house)
    assert "发布好了" in await house.say("确认")
    (item,) = (await house.get("/equity-requests"))["items"]
    return dict(item)


def cards(house: House) -> list[str]:
    return [
        str(entry.content)
        for entry in house.fake.history(house.openid)
        if entry.content.kind is Kind.TEMPLATE
    ]


@on_both
async def test_from_the_wish_to_the_money(opened: House) -> None:
    await known(opened)
    summary = await raising(opened)
    for said in ("A轮", "500万元", "10%", "投后估值约5000万元", "制造业", "扩产"):
        assert said in summary
    between = await opened.say("你是机器人吗")
    assert "回到您的股权融资" in between
    assert "发布好了" in await opened.say("确认")
    (item,) = (await opened.get("/equity-requests"))["items"]
    assert (item["status"], item["round"], item["amount"], item["share"]) == (
        "published",
        "a",
        5_000_000,
        10.0,
    )
    assert item["openid"] == opened.openid
    path = f"/equity-requests/{item['id']}"
    status, followed = await opened.post(f"{path}/follow", {"institution": FUND})
    assert (status, followed["status"]) == (200, "followed")
    for told in ({"kind": "term_sheet"}, {"kind": "invested", "amount": 3_000_000}):
        assert (await opened.post(f"{path}/events", {"institution": FUND, **told}))[0] == 200

    def last() -> str:
        return next((card for card in cards(opened) if "已投资" in card), "")

    card = await until(last)
    assert FUND in card
    assert "5000000元" in card
    assert (await opened.get(path))["status"] == EquityStatus.INVESTED
    await opened.fake.settle()
    assert opened.fake.violations == []


async def test_taken_back_in_chat_by_a_number_alone(opened: House) -> None:
    item = await published(opened)
    answer = await opened.say("股权融资到哪一步了")
    assert item["id"] in answer
    assert "已发布" in answer
    assert "要撤回" in await opened.say("1")
    assert (await opened.get(f"/equity-requests/{item['id']}"))["status"] == "published"
    assert "已撤回" in await opened.say("1")
    assert (await opened.get(f"/equity-requests/{item['id']}"))["status"] == "withdrawn"


async def test_given_up_half_way_it_is_kept(opened: House) -> None:
    await opened.say("想找股权融资，有没有投资机构对接")
    await opened.say("天使轮")
    assert "给您留着" in await opened.say("算了")
    assert "接着填" in await opened.say("想找股权融资")
    assert "多少股份" in await opened.say("300万")


async def test_a_loan_beside_it(opened: House) -> None:
    """The form of a loan is gone back to, and both are under way."""
    await opened.say("想贷80万进原材料")
    assert "哪一轮" in await opened.say("想找股权融资，有没有投资机构对接")
    await opened.say("种子轮")
    back = await opened.say("算了")
    assert "回到您的融资需求" in back
    assert "担保" in await opened.say("一年")
