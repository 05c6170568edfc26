"""Claiming a policy in chat: prepared here, handed in at the official site, and nothing promised."""

from sqlalchemy import select

from domain.claims.labels import ClaimState
from domain.claims.tables import ClaimRow
from nlu.understanding import FALLBACK
from tests.handlers.owner import REGION, Fact, Owner
from tests.handlers.people import USCC, bind, enrol

RENEWAL: Fact = ("policy", "设备更新贴息", "设备更新贴息")


async def claims(owner: Owner) -> list[ClaimRow]:
    async with owner.database.reading() as session:
        return list(await session.scalars(select(ClaimRow)))


async def test_by_its_name(owner: Owner) -> None:
    await enrol(owner)
    answer = await owner.says("我要申报设备更新贴息", "apply_policy", RENEWAL)
    for said in (
        "设备更新贴息",
        "不能直接申报",
        "官方网站",
        "昆山恒达五金有限公司",
        "/m/policy/P-EQ?",
        "截止前7天和1天",
    ):
        assert said in answer
    (claim,) = await claims(owner)
    assert (claim.uscc, claim.policy, claim.standing) == (USCC, "P-EQ", ClaimState.PREPARING)


async def test_by_its_place_in_the_list(owner: Owner) -> None:
    await enrol(owner)
    await owner.says("昆山有没有贴息", "ask_policy", REGION)
    assert "/m/policy/P-EQ?" in await owner.says("申报第一个", "apply_policy")
    assert len(await claims(owner)) == 1


async def test_by_the_card(owner: Owner) -> None:
    await enrol(owner)
    await owner.says("昆山有没有贴息", "ask_policy", REGION)
    assert "具体以发文部门的解释为准" in await owner.says("第一个", "ask_policy")
    assert [label for _, label in owner.menu] == ["申报这个"]
    assert "/m/policy/P-EQ?" in await owner.says("申报这个", FALLBACK)
    assert len(await claims(owner)) == 1


async def test_said_twice_it_is_one(owner: Owner) -> None:
    await enrol(owner)
    for _ in range(2):
        await owner.says("我要申报设备更新贴息", "apply_policy", RENEWAL)
    assert len(await claims(owner)) == 1


async def test_without_a_company_the_policy_is_told_and_nothing_begun(owner: Owner) -> None:
    await bind(owner)
    answer = await owner.says("我要申报设备更新贴息", "apply_policy", RENEWAL)
    assert "注册企业以后" in answer
    assert "/m/policy/P-EQ?" in answer
    assert await claims(owner) == [], "who is merely named by an import acts for nobody"


async def test_without_a_name_what_fits_is_listed(owner: Owner) -> None:
    await enrol(owner)
    answer = await owner.says("我想申报补贴", "apply_policy", REGION)
    assert "申报第一个" in answer
    assert "1. 设备更新贴息" in answer
    assert await claims(owner) == []


async def test_a_policy_that_is_not_there_is_not_begun(owner: Owner) -> None:
    await enrol(owner)
    await owner.says("我要申报火星移民补贴", "apply_policy", ("policy", "火星移民补贴", "火星移民补贴"))
    assert await claims(owner) == []


async def test_the_own_claims(owner: Owner) -> None:
    await enrol(owner)
    assert "还没有准备中" in await owner.says("我的申报到哪一步了", "ask_progress")
    await owner.says("我要申报设备更新贴息", "apply_policy", RENEWAL)
    answer = await owner.says("我的申报到哪一步了", "ask_progress")
    assert "「设备更新贴息」：准备中，材料备好0/" in answer
    assert "还有38天截止" in answer
    assert "/m/policies?" in answer


async def test_what_came_of_it(owner: Owner) -> None:
    await enrol(owner)
    await owner.says("我要申报设备更新贴息", "apply_policy", RENEWAL)
    async with owner.database.unit_of_work() as session:
        (claim,) = list(await session.scalars(select(ClaimRow)))
        claim.state, claim.reason = ClaimState.REFUSED, "发票抬头不符"
    assert "未通过，发票抬头不符" in await owner.says("申报结果怎么样", FALLBACK)
    assert "申报过" in await owner.says("我要申报设备更新贴息", "apply_policy", RENEWAL)


async def test_progress_of_loans_stays_what_it_was(owner: Owner) -> None:
    await owner.publishes()
    assert "在办的融资需求" in await owner.says("我的贷款到哪一步了", "ask_progress")
