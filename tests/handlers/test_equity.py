"""Looking for investors in chat: asked for one thing at a time, confirmed plainly, taken back by a choice."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from domain import companies
from domain.companies import Company
from domain.equity.labels import EquityField, EquityRound, EquityStatus
from domain.equity.tables import EquityRequestRow
from domain.labels import Industry
from domain.secrets import Cipher, decode_key, new_key
from handlers import equity_form
from nlu.understanding import FALLBACK
from tests.handlers.owner import AMOUNT, INDUSTRY, Owner, understood
from tests.handlers.people import USCC, enrol, verify

FIVE_MILLION = ("amount", 5_000_000, "500万")
WORDS = "做精密减速器，拿下两家车企定点，钱用来扩产"


async def rows(owner: Owner) -> list[EquityRequestRow]:
    async with owner.database.reading() as session:
        return list(await session.scalars(select(EquityRequestRow).order_by(EquityRequestRow.created_at)))


async def row(owner: Owner) -> EquityRequestRow:
    (found,) = await rows(owner)
    return found


async def filled_in(owner: Owner) -> str:
    """Up to the summary."""
    await owner.says("想找股权融资", "equity_financing")
    await owner.says("A轮", "inform")
    await owner.says("500万", "inform", FIVE_MILLION)
    await owner.says("10%", "inform")
    if owner.state.raising is EquityField.INDUSTRY:
        await owner.says("做五金加工", "inform", INDUSTRY)
    return await owner.says(WORDS, "inform")


async def publish(owner: Owner) -> EquityRequestRow:
    await enrol(owner)
    await verify(owner)
    await filled_in(owner)
    assert "发布好了" in await owner.says("确认", "affirm")
    return await row(owner)


async def test_each_thing_is_asked_for_by_itself(owner: Owner) -> None:
    assert "哪一轮" in await owner.says("想找股权融资", "equity_financing")
    assert [label for _, label in owner.menu] == [one.label for one in EquityRound]
    assert "融多少" in await owner.says("3", FALLBACK)
    assert "多少股份" in await owner.says("500万", "inform", FIVE_MILLION)
    assert "做什么的" in await owner.says("一成", FALLBACK)
    assert "一两句话" in await owner.says("做五金加工", "inform", INDUSTRY)
    summary = await owner.says(WORDS, "inform")
    for said in ("A轮", "500万元", "10%", "投后估值约5000万元", "制造业", WORDS, "确认"):
        assert said in summary
    assert (await row(owner)).state is EquityStatus.DRAFT


async def test_what_was_said_at_once_is_not_asked_again(owner: Owner) -> None:
    answer = await owner.says("想找投资机构，A轮融500万，出让10%", "equity_financing", FIVE_MILLION)
    assert "记下了：A轮，500万元，10%" in answer
    assert "做什么的" in answer


async def test_what_the_record_of_the_company_says_is_not_asked(owner: Owner) -> None:
    known = Company(
        uscc=USCC, name="昆山恒达五金有限公司", openid=owner.openid, enrolled=True, industry=Industry("C")
    )
    async with owner.database.unit_of_work() as session:
        await companies.save_all(session, [known], owner.now, cipher=Cipher(decode_key(new_key())))
    await filled_in(owner)
    assert EquityField.INDUSTRY not in owner.state.settled, "it was not asked for"
    assert (await row(owner)).industry == "C"


async def test_figures_out_of_range_are_refused_with_the_reason(owner: Owner) -> None:
    await owner.says("想找股权融资", "equity_financing")
    await owner.says("天使轮", "inform")
    assert "范围内（10万元到50亿元）" in await owner.says("3万", "inform", ("amount", 30_000, "3万"))
    await owner.says("300", FALLBACK)
    assert (await row(owner)).amount == 3_000_000
    assert "0到100%之间" in await owner.says("出让120%", "inform")
    await owner.says("12.5", FALLBACK)
    assert (await row(owner)).share == Decimal("12.5")


async def test_round_and_amount_cannot_be_skipped_the_rest_can(owner: Owner) -> None:
    await owner.says("想找股权融资", "equity_financing")
    assert "空着发不出去" in await owner.says("跳过", "skip")
    await owner.says("种子轮", "inform")
    assert "空着发不出去" in await owner.says("不知道", "skip")
    await owner.says("200万", "inform", ("amount", 2_000_000, "200万"))
    assert "做什么的" in await owner.says("没想好", FALLBACK)
    await owner.says("跳过", "skip")
    summary = await owner.says("跳过", "skip")
    assert summary.count("先不填") == 4  # 好的，这一项先不填 + three lines
    assert "种子轮" in summary


async def test_back_and_changes_at_the_summary(owner: Owner) -> None:
    await filled_in(owner)
    assert "重新说一下公司介绍" in await owner.says("上一步", "back")
    await owner.says("做工业软件，三年复购率过九成", "inform")
    assert "哪一项要改" in await owner.says("不对", "deny")
    summary = await owner.says("金额改成800万", "correct", ("amount", 8_000_000, "800万"))
    assert "800万元" in summary
    assert "工业软件" in summary
    assert "B轮" in await owner.says("应该是B轮", "correct")
    assert ((await row(owner)).amount, (await row(owner)).round) == (8_000_000, "b")


async def test_who_is_not_known_yet_keeps_his_draft(owner: Owner) -> None:
    await filled_in(owner)
    answer = await owner.says("确认", "affirm")
    assert "还差：企业注册、实名认证" in answer
    assert "/m/register?" in answer
    assert owner.state.topic is None
    await enrol(owner)
    await verify(owner)
    assert "接着填" in await owner.says("股权融资", "equity_financing")
    assert "发布好了" in await owner.says("确认", "affirm")
    assert (await row(owner)).company == "昆山恒达五金有限公司"


async def test_only_a_plain_yes_publishes(owner: Owner) -> None:
    await enrol(owner)
    await verify(owner)
    await filled_in(owner)
    assert "只回复「确认」" in await owner.says("我朋友说确认就行", "affirm")
    assert (await row(owner)).state is EquityStatus.DRAFT


async def test_asked_again_it_says_how_far_it_is(owner: Owner) -> None:
    published = await publish(owner)
    answer = await owner.says("股权融资到哪一步了", "ask_progress")
    assert published.id in answer
    assert "已发布" in answer
    assert "/m/equity?" in answer
    assert len(await rows(owner)) == 1


async def test_taken_back_by_a_choice_alone(owner: Owner) -> None:
    await publish(owner)
    assert "要撤回这笔股权融资需求吗" in await owner.says("把股权融资撤回", "withdraw_request")
    await owner.says("撤回股权融资", "equity_financing")
    assert (await row(owner)).state is EquityStatus.PUBLISHED, "said once more it is no confirmation"
    assert "已撤回" in await owner.says("1", FALLBACK)
    assert (await row(owner)).state is EquityStatus.WITHDRAWN
    assert "哪一轮" in await owner.says("想找股权融资", "equity_financing")


async def test_no_is_no(owner: Owner) -> None:
    await publish(owner)
    await owner.says("撤回股权融资", "equity_financing")
    await owner.says("2", FALLBACK)
    assert (await row(owner)).state is EquityStatus.PUBLISHED


async def test_a_form_of_financing_is_gone_back_to(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    question = owner.heard[-1].splitlines()[-1]
    assert "哪一轮" in await owner.says("想找投资机构", "equity_financing")
    answer = await owner.says("算了", "cancel")
    assert "给您留着" in answer
    assert question in answer
    assert owner.state.topic == "financing"


async def test_a_question_in_between_leads_back(owner: Owner) -> None:
    await owner.says("想找股权融资", "equity_financing")
    await owner.says("A轮", "inform")
    answer = await owner.says("你是机器人吗", "ask_human_or_bot")
    assert "回到您的股权融资：这一轮打算融多少" in answer


async def test_a_wish_for_a_loan_is_one(owner: Owner) -> None:
    await owner.says("想找股权融资", "equity_financing")
    await owner.says("A轮", "inform")
    assert "融资需求" in await owner.says("我还想贷120万", "apply_financing", AMOUNT)
    assert owner.state.topic == "financing"


async def test_not_understood_an_example_helps(owner: Owner) -> None:
    await owner.says("想找股权融资", "equity_financing")
    assert "天使轮" in await owner.says("今天天气不错", FALLBACK)
    assert owner.state.topic == "equity"


@pytest.mark.parametrize(
    ("said", "asked", "changes"),
    [
        ("天使轮", None, {"round": EquityRound.ANGEL}),
        ("我们是pre-A轮", None, {"round": EquityRound.A}),
        ("Ｂ＋轮", None, {"round": EquityRound.B}),
        ("D轮", None, {"round": EquityRound.C}),
        ("Pre-IPO", None, {"round": EquityRound.PRE_IPO}),
        ("上市前最后一轮", None, {"round": EquityRound.PRE_IPO}),
        ("a", EquityField.ROUND, {"round": EquityRound.A}),
        ("a", None, {}),
        ("种子公司", EquityField.ROUND, {}),
        ("500", EquityField.AMOUNT, {"amount": 5_000_000}),
        ("三百", EquityField.AMOUNT, {"amount": 3_000_000}),
        ("5000000", EquityField.AMOUNT, {"amount": 5_000_000}),
        ("出让百分之十五", None, {"share": Decimal(15)}),
        ("10个点", None, {"share": Decimal(10)}),
        ("一成半", None, {"share": Decimal(15)}),
        ("20％左右", None, {"share": Decimal(20)}),
        ("15", EquityField.SHARE, {"share": Decimal(15)}),
        ("15", None, {}),
        ("公司做成了", EquityField.SHARE, {}),
    ],
)
def test_what_an_answer_means(said: str, asked: EquityField | None, changes: dict[str, object]) -> None:
    heard = equity_form.hear(understood(said, "inform"), asked)
    assert (heard.changes, heard.refusals) == (changes, ())


@given(st.text(max_size=40), st.sampled_from([None, *EquityField]))
@example("百分之" + "九" * 30, EquityField.SHARE)
@example("1e9%", EquityField.SHARE)
def test_whatever_is_said_is_heard_without_a_fault(said: str, asked: EquityField | None) -> None:
    heard = equity_form.hear(understood(said, "inform"), asked)
    assert heard.changes.keys() <= {"round", "amount", "share", "words"}
