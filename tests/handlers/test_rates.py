"""What a loan costs: the example in the talk, and offers compared by what they cost in all."""

from tests.handlers.owner import ALL_IN_ONE, AMOUNT, EVERYTHING, TERM, Fact, Owner

ZX: Fact = ("product", "征信贷", "征信贷")


async def test_a_sum_and_a_term_are_worked_out(owner: Owner) -> None:
    reply = await owner.says(
        "农行征信贷贷80万两年利息多少",
        "ask_rate",
        ZX,
        ("institution", "中国农业银行", "农行"),
        ("amount", 800_000, "80万"),
        TERM,
    )
    assert "按年利率3.35%借80万元用2年" in reply
    assert "每月约3.45万元，利息共约2.82万元" in reply
    assert "每月约2233元，利息共约5.36万元" in reply
    assert reply.endswith("以银行审批为准。")


async def test_the_sum_of_the_request_under_way_is_worked_out(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    assert "借120万元用2年" in await owner.says("利息多少", "ask_rate")


async def test_a_sum_alone_makes_no_example(owner: Owner) -> None:
    reply = await owner.says("贷120万利息多少", "ask_rate", AMOUNT)
    assert "比如「" not in reply
    assert "不收任何费用" in reply


async def test_a_product_without_a_public_rate(owner: Owner) -> None:
    small: Fact = ("product", "小微E贷", "小微E贷")
    reply = await owner.says(
        "小微E贷贷50万一年利息多少", "ask_rate", small, ("amount", 500_000, "50万"), TERM
    )
    assert "没有公示利率" in reply
    assert "比如「" not in reply


async def test_offers_are_compared_by_what_they_cost_in_all(owner: Owner) -> None:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    reply = await owner.says("哪个最划算", "ask_rate")
    assert "借120万元用2年、每月等额还款，按各家最低利率算，利息一共：" in reply
    compared = [line for line in reply.splitlines() if "每月还约" in line]
    assert len(compared) > 1
    assert "担保费等其他费用另计。" in reply


async def test_without_a_sum_only_the_rates_are_compared(owner: Owner) -> None:
    reply = await owner.says("哪个最划算", "ask_rate")
    assert "利息最低" in reply
    assert "每月还约" not in reply
