"""「第一个」「这个」「更多」: what a message refers to; and questions that narrow a list."""

import pytest

from domain.requests import RequestStatus
from handlers.turn import Field
from nlu.understanding import FALLBACK
from tests.handlers.owner import ALL_IN_ONE, AMOUNT, EVERYTHING, PURPOSE, REGION, TERM, Fact, Owner

ZX: Fact = ("product", "征信贷", "征信贷")
SMALL: Fact = ("product", "小微E贷", "小微E贷")


async def listed(owner: Owner) -> list[str]:
    """The products of the list as the owner sees it, institution and name."""
    reply = await owner.says("有什么产品", "ask_products")
    return [line.split(". ", 1)[1] for line in reply.splitlines() if line[:2] in {"1.", "2.", "3."}]


@pytest.mark.parametrize(("word", "place"), [("第一个", 1), ("第2个", 2), ("第三款", 3)])
async def test_the_conditions_of_one_of_the_list(owner: Owner, word: str, place: int) -> None:
    institution, name = (await listed(owner))[place - 1].rstrip("」").split("「")
    reply = await owner.says(f"{word}要什么条件", "ask_requirements")
    assert reply.startswith(f"「{name}」由{institution}办理")


async def test_the_rate_of_one_of_the_list(owner: Owner) -> None:
    shown = await listed(owner)
    place = next(at for at, line in enumerate(shown, start=1) if line == "中国农业银行「征信贷」")
    assert "「征信贷」的年利率在3.35%" in await owner.says(f"第{place}个利息多少", "ask_rate")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("就第一个吧", FALLBACK),
        ("申请第1个", "apply_product"),
        ("我要第一个", "inform"),
        ("选第一个", "affirm"),
    ],
)
async def test_one_of_the_list_is_applied_for(owner: Owner, text: str, intent: str) -> None:
    institution, name = (await listed(owner))[0].rstrip("」").split("「")
    await owner.says(text, intent)
    row = await owner.request()
    assert (row.product, row.institutions) == (name, [institution])


@pytest.mark.parametrize("text", ["第二个", "第二个呢", "2"])
async def test_one_of_the_list_named_alone_is_told_about(owner: Owner, text: str) -> None:
    name = (await listed(owner))[1].rstrip("」").split("「")[1]
    assert f"「{name}」由" in await owner.says(text, FALLBACK)
    assert await owner.requests() == []


async def test_a_place_that_is_not_in_the_list(owner: Owner) -> None:
    await listed(owner)
    assert "没有第9款" in await owner.says("申请第9个", "apply_product")


async def test_this_one_is_the_one_talked_about(owner: Owner) -> None:
    name = (await listed(owner))[1].rstrip("」").split("「")[1]
    await owner.says("第二个要什么条件", "ask_requirements")
    assert f"「{name}」" in await owner.says("这个利息多少", "ask_rate")
    await owner.says("就办这个，申请这款", "apply_product")
    assert (await owner.request()).product == name


@pytest.mark.parametrize("text", ["就它了", "就这个吧", "要这款"])
async def test_the_one_talked_about_is_chosen(owner: Owner, text: str) -> None:
    await listed(owner)
    name = (await listed(owner))[2].rstrip("」").split("「")[1]
    await owner.says("第三个", FALLBACK)
    await owner.says(text, "goodbye")
    assert (await owner.request()).product == name


async def test_which_has_the_lowest_rate(owner: Owner) -> None:
    shown = await listed(owner)
    reply = await owner.says("哪个利息最低", "ask_rate")
    assert "中国农业银行「征信贷」利息最低，年利率3.35%起" in reply
    if "中国农业银行「征信贷」" in shown:
        assert f"第{shown.index('中国农业银行「征信贷」') + 1}个" in reply


async def test_the_highest_sum_and_without_a_list_the_best_of_all(owner: Owner) -> None:
    best = await owner.says("哪个利息最低", "ask_rate")
    assert "按您目前的情况，中国农业银行「征信贷」利息最低" in best
    await listed(owner)
    assert "额度最高，最高500万元" in await owner.says("哪个额度最高", "ask_products")


async def test_more_shows_the_rest_and_its_places_count_on(owner: Owner) -> None:
    await listed(owner)
    assert "回复「更多」看另外1款" in owner.heard[-1]
    rest = await owner.says("更多", "help")
    assert rest.startswith("4. ")
    name = rest.splitlines()[0].split("「")[1].rstrip("」")
    assert f"「{name}」由" in await owner.says("第四个要什么条件", "ask_requirements")
    assert "都给您列完了" in await owner.says("还有吗", FALLBACK)


async def test_more_of_nothing(owner: Owner) -> None:
    assert "没有可以接着看的" in await owner.says("更多", FALLBACK)


async def test_a_policy_of_the_list(owner: Owner) -> None:
    await owner.says("昆山有没有贴息", "ask_policy", REGION)
    told = await owner.says("第一个怎么申请", "apply_policy")
    assert "不能直接申报" in told
    assert "苏州市工信局" in told


async def test_requirements_of_the_product_under_way(owner: Owner) -> None:
    await owner.says("我要申请征信贷", "apply_product", ZX)
    assert "「征信贷」由苏州银行、中国农业银行办理" in await owner.says("要什么条件", "ask_requirements")


async def test_requirements_in_general_without_any_product(owner: Owner) -> None:
    assert "各家银行的条件不完全一样" in await owner.says("要什么条件", "ask_requirements")


# Named product, named bank


async def test_what_is_missing_for_a_product_is_said_plainly(owner: Owner) -> None:
    reply = await owner.says("我要申请小微E贷，120万", "apply_product", SMALL, AMOUNT)
    assert "额度最高100万元，您要120万元" in reply
    assert owner.state.asking is Field.PURPOSE


async def test_it_is_said_again_before_it_is_confirmed(owner: Owner) -> None:
    await owner.says("我要申请小微E贷", "apply_product", SMALL)
    assert "额度最高" not in owner.heard[-1]
    reply = await owner.says(ALL_IN_ONE, "inform", *EVERYTHING)
    assert "「小微E贷」有对不上的：额度最高100万元，您要120万元" in reply
    assert owner.state.confirming


async def test_what_was_said_before_counts_for_the_product(owner: Owner) -> None:
    await owner.says("想贷120万买加工中心", "apply_financing", AMOUNT, PURPOSE)
    await owner.says("就办征信贷", "apply_product", ZX)
    row = await owner.request()
    assert (row.product, row.amount_max, row.purpose) == ("征信贷", 1_200_000, "equipment")
    assert owner.state.asking is Field.TERM


async def test_a_product_for_the_published_request_needs_no_second(owner: Owner) -> None:
    request_id = await owner.publishes()
    assert "和您的需求对得上" in await owner.says("申请征信贷", "apply_product", ZX)
    reply = await owner.says("申请小微E贷", "apply_product", SMALL)
    assert "额度最高100万元，您要120万元" in reply
    assert f"{request_id}）已经发布" in reply
    assert len(await owner.requests()) == 1


@pytest.mark.parametrize("text", ["想在苏州银行贷120万", "最好是苏州银行，120万", "找苏州银行借120万"])
async def test_a_wished_bank_is_noted_and_its_products_shown(owner: Owner, text: str) -> None:
    bank: Fact = ("institution", "苏州银行", "苏州银行")
    assert "优先帮您找苏州银行" in await owner.says(text, "apply_financing", bank, AMOUNT)
    assert (await owner.request()).institutions == ["苏州银行"]
    await owner.says(ALL_IN_ONE, "inform", *EVERYTHING)
    published = await owner.says("确认", "affirm")
    assert published.split("1. ")[1].startswith("苏州银行")


@pytest.mark.parametrize("text", ["我在苏州银行开的户，想贷120万", "想贷120万还苏州银行的贷款"])
async def test_a_bank_that_is_only_mentioned(owner: Owner, text: str) -> None:
    bank: Fact = ("institution", "苏州银行", "苏州银行")
    await owner.says(text, "apply_financing", bank, AMOUNT)
    assert (await owner.request()).institutions == []


async def test_another_bank_takes_its_place(owner: Owner) -> None:
    bank: Fact = ("institution", "中国农业银行", "农行")
    await owner.says("想在农行贷120万", "apply_financing", bank, AMOUNT)
    await owner.says("不是农行 换苏州银行", "correct", ("institution", "苏州银行", "苏州银行"))
    assert (await owner.request()).institutions == ["苏州银行"]


async def test_where_the_wished_bank_has_nothing_others_are_shown(owner: Owner) -> None:
    bank: Fact = ("institution", "宁波银行", "宁波银行")
    await owner.says(f"最好是宁波银行，{ALL_IN_ONE}", "apply_financing", bank, *EVERYTHING)
    published = await owner.says("确认", "affirm")
    assert "宁波银行目前没有完全对得上的产品，别家有：" in published
    assert "「征信贷」" in published


# Questions with conditions


async def test_a_rate_narrows_the_list(owner: Owner) -> None:
    rate: Fact = ("rate", 3.5, "3.5%", "max")
    for intent in ("ask_products", "ask_rate"):
        reply = await owner.says("有没有利息低于3.5%的", intent, rate)
        assert "按年利率不超过3.5%帮您看了一下" in reply
        assert "中国农业银行「征信贷」" in reply
        assert "1. 苏州银行" not in reply
        assert "小微E贷" not in reply, "it names no rate"


async def test_no_security_narrows_the_list(owner: Owner) -> None:
    reply = await owner.says("不要抵押的有哪些", "ask_products", ("guarantee", "credit", "不要抵押"))
    assert "按纯信用帮您看了一下" in reply
    assert "「设备更新贷」" not in reply.split("还差一点")[0]


async def test_a_condition_of_a_question_is_not_written_down(owner: Owner) -> None:
    await owner.says("想贷120万买加工中心，两年", "apply_financing", AMOUNT, PURPOSE, TERM)
    reply = await owner.says("不要抵押的有哪些", "ask_products", ("guarantee", "credit", "不要抵押"))
    assert "按纯信用帮您看了一下" in reply
    assert (await owner.request()).guarantee == []


async def test_a_bank_narrows_the_list(owner: Owner) -> None:
    reply = await owner.says("农行有什么产品", "ask_products", ("institution", "中国农业银行", "农行"))
    assert "中国农业银行「征信贷」" in reply
    assert "江苏银行" not in reply


async def test_a_sum_beyond_all_narrows_to_nothing(owner: Owner) -> None:
    reply = await owner.says("至少五千万的有哪些", "ask_products", ("amount", 50_000_000, "五千万", "min"))
    assert "没有完全符合" in reply


@pytest.mark.parametrize("intent", ["inform", FALLBACK, "ask_products"])
async def test_the_form_of_the_question_counts_where_the_model_is_unsure(owner: Owner, intent: str) -> None:
    rate: Fact = ("rate", 3.5, "3.5%", "max")
    for filling_in in (False, True):
        if filling_in:
            await owner.says("想贷120万", "apply_financing", AMOUNT)
        reply = await owner.says("有没有利息低于3.5%的", intent, rate, confidence=0.5)
        assert "按年利率不超过3.5%帮您看了一下" in reply
    assert (await owner.request()).rate_max is None


async def test_a_question_can_be_narrowed_further(owner: Owner) -> None:
    await listed(owner)
    reply = await owner.says("不要抵押的呢", "inform", ("guarantee", "credit", "不要抵押"))
    assert "按纯信用帮您看了一下" in reply
    await owner.says("利息多少", "ask_rate")
    assert "借80万元用2年" in await owner.says("80万两年呢", "inform", ("amount", 800_000, "80万"), TERM)
    assert await owner.requests() == []


async def test_facts_after_another_message_are_no_question(owner: Owner) -> None:
    await listed(owner)
    await owner.says("谢谢", "thank")
    await owner.says("120万的", "inform", AMOUNT)
    assert (await owner.request()).amount_max == 1_200_000


async def test_an_impossible_condition_is_refused_and_nothing_breaks(owner: Owner) -> None:
    assert "24%" in await owner.says("利息三十个点以内的", "ask_products", ("rate", 30.0, "三十个点", "max"))


async def test_a_list_after_publishing_can_be_referred_to(owner: Owner) -> None:
    await owner.publishes()
    first = owner.heard[-1].split("1. ")[1].splitlines()[0].split("「")[1].rstrip("」")
    assert f"「{first}」由" in await owner.says("第一个要什么条件", "ask_requirements")
    assert [row.status for row in await owner.requests()] == [RequestStatus.PUBLISHED]
