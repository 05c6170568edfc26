"""Questions about products, rates and policies are answered from the catalogue."""

from tests.handlers.owner import PURPOSE, REGION, Fact, Owner

LARGE: Fact = ("amount", 50_000_000, "5000万")


async def test_products_fit_what_the_question_says(owner: Owner) -> None:
    reply = await owner.says("有什么买设备的贷款", "ask_products", PURPOSE)
    assert "设备更新贷" in reply
    assert "纾困贷" not in reply
    assert "想申请的话" in reply


async def test_nothing_fits(owner: Owner) -> None:
    reply = await owner.says("5000万有什么产品", "ask_products", LARGE)
    assert "没有完全符合的产品" in reply
    assert "还差一点" in reply
    assert "利率说不准" in await owner.says("5000万利息多少", "ask_rate", LARGE)


async def test_rates_are_those_of_what_fits(owner: Owner) -> None:
    assert "3.35%到5.2%" in await owner.says("利息多少", "ask_rate")


async def test_papers_are_those_of_what_fits(owner: Owner) -> None:
    reply = await owner.says("要什么材料", "ask_requirements")
    assert "材料一般要准备：营业执照" in reply


async def test_policies_with_benefit_and_day(owner: Owner) -> None:
    reply = await owner.says("昆山有没有贴息", "ask_policy", REGION)
    assert "设备更新贴息：按利息的30%贴息（2026年12月31日前申报）" in reply


async def test_policies_of_elsewhere_are_not_offered(owner: Owner) -> None:
    reply = await owner.says("合肥有没有贴息", "ask_policy", ("region", "340111", "合肥"))
    assert "没有查到" in reply
    assert "设备更新贴息" not in reply


async def test_claiming_a_policy_is_done_elsewhere(owner: Owner) -> None:
    reply = await owner.says(
        "我要申报设备更新贴息", "apply_policy", ("policy", "设备更新贴息", "设备更新贴息")
    )
    assert "不能直接申报" in reply
    assert "设备更新贴息" in reply
