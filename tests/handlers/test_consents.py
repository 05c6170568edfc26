"""What is said in chat about authorizations; what is granted, and by whom, is decided on a page."""

from datetime import timedelta

import pytest

from domain.authorizations import reading, records
from domain.authorizations.labels import Category, DataPurpose, Reason, State
from domain.authorizations.readers import Query, Reader
from domain.authorizations.verdicts import Verdict
from tests.handlers.owner import ALL_IN_ONE, AMOUNT, EVERYTHING, Owner
from tests.handlers.people import USCC, bind, enrol


async def states(owner: Owner) -> list[State]:
    async with owner.database.reading() as session:
        return [row.state(owner.now) for row in await reading.of_company(session, USCC)]


async def test_who_has_given_none_hears_so(owner: Owner) -> None:
    assert "没有机构查过" in await owner.says("谁查过我", "ask_authorizations")
    assert "没有有效的授权" in await owner.says("取消授权", "revoke_authorization")


async def test_what_stands_is_told_with_recipient_purpose_and_term(owner: Owner) -> None:
    await enrol(owner)
    told = await owner.says("我授权给谁了", "ask_authorizations")
    assert "本平台：匹配融资产品和政策，7类信用信息，到2027年11月23日" in told
    assert f"/m/access_log?for={owner.openid}" in told


async def test_who_looked_lately_is_named(owner: Owner) -> None:
    await enrol(owner)
    query = Query.of(Reader.institution("苏州银行", "CL1"), {Category.BASE}, DataPurpose.PRE_LOAN)
    refused = Query.of(Reader.institution("南京银行", "CL2"), {Category.BASE}, DataPurpose.PRE_LOAN)
    async with owner.database.unit_of_work() as session:
        await records.write(session, query, {USCC: Verdict("AU1")}, owner.now - timedelta(days=3))
        await records.write(session, query, {USCC: Verdict("AU1")}, owner.now - timedelta(days=5))
        await records.write(session, refused, {USCC: Verdict(reason=Reason.NOT_GIVEN)}, owner.now)
    told = await owner.says("谁查过我", "ask_authorizations")
    assert "近90天查过的机构：苏州银行（11月20日）。" in told
    owner.now += timedelta(days=90)
    assert "没有机构查过" in await owner.says("谁查过我", "ask_authorizations")


async def test_a_grant_in_chat_is_none(owner: Owner) -> None:
    assert "要先办企业注册" in await owner.says("我同意授权", "grant_authorization")
    await bind(owner)
    assert "/m/register" in await owner.says("我同意授权", "grant_authorization")
    assert await states(owner) == []


async def test_who_may_authorize_is_led_to_the_text(owner: Owner) -> None:
    await enrol(owner)
    reply = await owner.says("我同意授权查征信", "grant_authorization")
    assert "聊天里说的话不算授权" in reply
    assert "/m/authorizations?" in reply, "the platform is authorized already: what is left is a bank"


async def test_revoking_takes_two_choices_that_name_it(owner: Owner) -> None:
    await enrol(owner)
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    await owner.says("确认", "affirm")
    assert "要撤回哪一项" in await owner.says("取消授权", "revoke_authorization")
    assert "本平台·匹配融资产品和政策" in owner.shown
    asked = await owner.says("1", "inform")
    assert "要撤回这项授权吗" in asked
    assert "在办的融资需求也会一起撤下" in asked
    assert await states(owner) == [State.GIVEN]
    done = await owner.says("1", "inform")
    assert "已撤回给本平台的授权" in done
    assert await states(owner) == [State.REVOKED]
    assert (await owner.requests())[0].status == "withdrawn"


@pytest.mark.parametrize("said", ["确认", "好的", "嗯", "是的", "同意", "撤吧", "取消授权", "我确认撤回授权"])
@pytest.mark.parametrize("intent", ["affirm", "revoke_authorization", "inform", "cancel"])
async def test_no_typed_word_revokes(owner: Owner, said: str, intent: str) -> None:
    await enrol(owner)
    await owner.says("取消授权", "revoke_authorization")
    await owner.says("1", "inform")
    await owner.says(said, intent)
    await owner.says(said, intent)
    assert await states(owner) == [State.GIVEN]


async def test_he_may_think_better_of_it(owner: Owner) -> None:
    await enrol(owner)
    await owner.says("取消授权", "revoke_authorization")
    await owner.says("1", "inform")
    await owner.says("2", "inform")
    assert await states(owner) == [State.GIVEN]


async def test_in_between_the_form_goes_on(owner: Owner) -> None:
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    reply = await owner.says("怎么实名", "verify_identity")
    assert f"/m/identity?for={owner.openid}" in reply
    assert "买设备" in reply, "the question that stands"


async def test_the_score_is_for_a_page(owner: Owner) -> None:
    assert "/m/register" in await owner.says("我的信用分", "ask_credit")
    await enrol(owner)
    assert "/m/credit" in await owner.says("我的信用分", "ask_credit")


async def test_who_is_registered_hears_as_what(owner: Owner) -> None:
    assert "点这里注册企业" in await owner.says("我要注册", "register_company")
    await enrol(owner)
    assert "您已经绑定「昆山恒达五金有限公司」" in await owner.says("我要注册", "register_company")
    assert "已经完成实名认证" in await owner.says("现在刷脸", "verify_identity")
