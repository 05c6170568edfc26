"""The page of a policy: conditions judged, papers ticked, and the claim noted step by step."""

from datetime import timedelta

from sqlalchemy import select

from domain import policies
from domain.base import today_in_china, utcnow
from domain.claims.labels import ClaimState
from domain.claims.tables import ClaimRow
from tests.bot.web.pages import support, town
from tests.bot.web.pages.town import JINGGONG, NAMES
from tests.bot.web.pages.world import Phone, World

PATH = f"/m/policies/{support.POLICY.code}"
HERE = f"?company={JINGGONG}"


async def claims(world: World) -> list[ClaimRow]:
    async with world.database.reading() as session:
        return list(await session.scalars(select(ClaimRow)))


async def owner(world: World) -> Phone:
    phone = world.phone()
    await town.owner(world, phone.openid)
    await support.catalogue(world)
    return phone


async def test_what_it_gives_asks_and_where_it_is_claimed(world: World) -> None:
    phone = await owner(world)
    page = await phone.open(PATH)
    for said in (
        "按利息的30%贴息",
        "还有 20 天",
        NAMES[JINGGONG],
        "仅限苏州市的企业",
        "符合",
        "待核实",
        "申报在发文部门的官方网站或窗口办理，本平台不代交",
        support.POLICY.url,
        "利息支付凭证",
        "高新技术企业证书",
        "开始准备申报",
    ):
        assert said in page.text, said
    assert await claims(world) == [], "looking begins nothing"


async def test_who_has_no_company_sees_what_it_asks_for(world: World) -> None:
    await support.catalogue(world)
    page = await world.phone().open(PATH)
    assert "注册企业后，会按您的情况逐条对照" in page.text
    assert "开始准备申报" not in page.text
    assert 'class="state good"' not in page.text


async def test_prepared_handed_in_and_paid(world: World) -> None:
    phone = await owner(world)
    page = await phone.send(f"{PATH}/prepare{HERE}", {"material": "licence"}, at=PATH)
    assert "准备中" in page.text
    (claim,) = await claims(world)
    assert (claim.ticked, claim.standing) == (["licence"], ClaimState.PREPARING)
    assert support.POLICY.title in (await phone.open("/m/policies")).text
    tomorrow = (today_in_china() + timedelta(days=1)).isoformat()
    wrong = await phone.send(f"{PATH}/submitted{HERE}", {"on": tomorrow}, at=PATH)
    assert (wrong.status, "日期不能晚于今天" in wrong.text) == (422, True)
    today = today_in_china().isoformat()
    assert "已提交" in (await phone.send(f"{PATH}/submitted{HERE}", {"on": today}, at=PATH)).text
    told = {"state": "granted", "decided_on": today}
    wrong = await phone.send(f"{PATH}/outcome{HERE}", told, at=PATH)
    assert (wrong.status, "请填写兑现的金额" in wrong.text) == (422, True)
    page = await phone.send(f"{PATH}/outcome{HERE}", told | {"amount": "8.5"}, at=PATH)
    assert "已兑现" in page.text
    assert "8.5万元" in page.text
    (claim,) = await claims(world)
    assert (claim.amount, claim.standing) == (85_000, ClaimState.GRANTED)


async def test_a_list_that_is_given_up_is_gone(world: World) -> None:
    phone = await owner(world)
    await phone.send(f"{PATH}/prepare{HERE}", {}, at=PATH)
    assert "不再准备" in (await phone.send(f"{PATH}/drop{HERE}", {}, at=PATH)).text
    assert await claims(world) == []


async def test_what_is_over_is_not_begun(world: World) -> None:
    phone = await owner(world)
    over = support.POLICY.model_copy(update={"deadline": today_in_china() - timedelta(days=1)})
    async with world.database.unit_of_work() as session:
        await policies.save_all(session, [over], utcnow())
    page = await phone.open(PATH)
    assert "现在不在申报期内" in page.text
    assert "开始准备申报" not in page.text
    refused = await phone.send(f"{PATH}/prepare{HERE}", {}, at="/m/data")
    assert refused.status == 409
    assert await claims(world) == []


async def test_a_step_without_a_claim_leads_nowhere(world: World) -> None:
    phone = await owner(world)
    for step in ("submitted", "outcome", "drop"):
        answer = await phone.send(f"{PATH}/{step}{HERE}", {"on": "2026-11-01"}, at=PATH)
        assert answer.status == 404, step
    assert (await phone.open("/m/policies/P-NONE")).status == 404
