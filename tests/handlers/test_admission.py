"""Who publishes is known and has authorized; what he confirmed before that waits, and goes on by itself."""

import pytest

from domain import admission
from domain.authorizations import wording
from domain.authorizations.consents import Consent
from domain.authorizations.giving import Act
from domain.authorizations.labels import DataPurpose
from domain.companies import CompanyRow
from domain.identity.tables import State
from domain.registrations.rules import Review
from domain.requests import RequestStatus
from handlers.turn import Field
from tests.city import ADMITTED
from tests.domain.authorizations.scene import RULES
from tests.handlers.owner import ALL_IN_ONE, AMOUNT, EVERYTHING, Owner
from tests.handlers.people import OTHER_USCC, USCC, answered, apply, bind, enrol, time_goes_on, verify


@pytest.fixture
def owner(owner: Owner) -> Owner:
    owner.city = ADMITTED
    return owner


async def confirmed(owner: Owner) -> str:
    await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    return await owner.says("确认", "affirm")


async def test_who_is_enrolled_publishes_at_once_in_the_name_of_his_company(owner: Owner) -> None:
    await enrol(owner)
    assert "已为您发布" in await confirmed(owner)
    row = await owner.request()
    assert (row.status, row.uscc, row.company) == ("published", USCC, "昆山恒达五金有限公司")


async def test_who_is_unknown_is_told_what_is_missing_and_led_there(owner: Owner) -> None:
    reply = await confirmed(owner)
    assert "还差3步：企业注册、实名认证、数据授权" in reply
    assert f"/m/register?for={owner.openid}" in reply
    row = await owner.request()
    assert (row.status, row.confirmed_at) == ("draft", owner.now)


async def test_a_plain_import_binds_but_vouches_for_nothing(owner: Owner) -> None:
    await bind(owner)
    reply = await confirmed(owner)
    assert "企业注册、实名认证、数据授权" in reply


async def test_it_goes_on_by_itself(owner: Owner) -> None:
    await confirmed(owner)
    request_id = (await owner.request()).id
    assert await time_goes_on(owner) == []
    await enrol(owner)
    assert await time_goes_on(owner) == [request_id]
    assert await time_goes_on(owner) == []
    row = await owner.request()
    assert (row.status, row.uscc) == ("published", USCC)
    assert "已经发布" in await owner.says("好的", "affirm")


@pytest.mark.parametrize(("said", "intent"), [("办好了", "inform"), ("继续", "inform"), ("好的", "affirm")])
async def test_who_comes_back_too_early_hears_what_is_missing(owner: Owner, said: str, intent: str) -> None:
    await confirmed(owner)
    assert "还差：企业注册、实名认证、数据授权" in await owner.says(said, intent)
    await enrol(owner)
    assert "已为您发布" in await owner.says(said, intent)


async def test_what_is_changed_meanwhile_is_confirmed_anew(owner: Owner) -> None:
    await confirmed(owner)
    assert "核对" in await owner.says("金额改成200万", "correct", ("amount", 2_000_000, "200万"))
    await enrol(owner)
    assert await time_goes_on(owner) == [], "nobody confirmed the new sum"
    assert "已为您发布" in await owner.says("确认", "affirm")
    assert (await owner.request()).amount_max == 2_000_000


async def test_progress_tells_of_what_waits(owner: Owner) -> None:
    await confirmed(owner)
    progress = await owner.says("到哪一步了", "ask_progress")
    assert "已确认，还差企业注册、实名认证、数据授权" in progress
    assert "回复「继续」看还差哪一步" in await owner.says("你好", "greet")


async def test_another_wish_leaves_the_waiting_one_alone(owner: Owner) -> None:
    await confirmed(owner)
    first = (await owner.request()).id
    reply = await owner.says("再贷一笔50万", "apply_financing", ("amount", 500_000, "50万"))
    assert first in reply
    assert owner.state.asking is Field.PURPOSE
    await enrol(owner)
    assert await time_goes_on(owner) == [first]


async def test_it_can_be_given_up(owner: Owner) -> None:
    await confirmed(owner)
    await owner.says("不贷了", "withdraw_request")
    await enrol(owner)
    assert await time_goes_on(owner) == []
    assert len(await owner.requests(RequestStatus.CLOSED)) == 1


async def test_who_has_two_companies_says_for_which(owner: Owner) -> None:
    await enrol(owner)
    await enrol(owner, OTHER_USCC, "苏州恒远贸易有限公司")
    reply = await confirmed(owner)
    assert "以哪一家的名义" in reply
    assert "苏州恒远贸易有限公司" in owner.shown
    line = next(
        place for place, (_, label) in enumerate(owner.menu, start=1) if label == "苏州恒远贸易有限公司"
    )
    assert "已为您发布" in await owner.says(str(line), "inform")
    assert (await owner.request()).uscc == OTHER_USCC


async def test_a_city_that_admits_later_publishes_at_once(owner: Owner) -> None:
    owner.city = ADMITTED.__class__(admission_first=False, link=ADMITTED.link)
    assert "已为您发布" in await confirmed(owner)
    assert (await owner.request()).uscc is None


async def test_a_revoked_consent_takes_requests_off_the_market(owner: Owner) -> None:
    await enrol(owner)
    await confirmed(owner)
    async with owner.database.unit_of_work() as session:
        _, stopped = await admission.revoke(session, f"AUIMPORT-{USCC}", owner.openid, owner.now)
    assert [row.id for row in stopped] == [(await owner.request()).id]
    assert (await owner.request()).status == "withdrawn"
    await owner.says("想贷120万", "apply_financing", AMOUNT)
    await owner.says("就这些，提交", "affirm")
    assert "还差1步：数据授权" in await owner.says("确认", "affirm")


async def test_a_consent_without_matching_takes_requests_off_the_market(owner: Owner) -> None:
    await enrol(owner)
    await confirmed(owner)
    consent = Consent.credit_data(USCC, RULES, purposes=[DataPurpose.SCORING])
    async with owner.database.unit_of_work() as session:
        company = await session.get_one(CompanyRow, USCC)
        text = wording.shown(consent, RULES, company=company.name)
        act = Act(owner.openid, "ticket", text.version, text.hash)
        await admission.authorize(session, consent, act, rules=RULES, now=owner.now)
    assert (await owner.request()).status == "withdrawn"


async def test_who_sent_the_form_is_not_asked_for_it_again(owner: Owner) -> None:
    await apply(owner, Review.DISTRICT)
    reply = await confirmed(owner)
    assert "现在是「区县初审」，有结果会通知您" in reply
    assert f'等的时候可以先<a href="https://city.example/m/identity?for={owner.openid}"' in reply
    assert "点这里办企业注册" not in reply
    assert "区县初审" in await owner.says("我要注册", "register_company")


async def test_who_gets_it_back_hears_why(owner: Owner) -> None:
    await confirmed(owner)
    await answered(owner, await apply(owner, Review.CITY), reason="名称和营业执照不一致")
    for said, intent in (("然后呢", "nlu_fallback"), ("我要注册", "register_company")):
        reply = await owner.says(said, intent)
        assert "被退回了：名称和营业执照不一致" in reply
        assert "修改后再交" in reply
        assert "/m/identity" not in reply


async def test_what_the_authorization_completes_is_no_step_of_its_own(owner: Owner) -> None:
    await answered(owner, await apply(owner, Review.DISTRICT))
    reply = await confirmed(owner)
    assert "还差2步：实名认证、数据授权" in reply
    assert f"/m/identity?for={owner.openid}" in reply
    assert "点这里办实名认证" in await owner.says("我要注册", "register_company")
    await verify(owner)
    for said, intent in (
        ("下一步呢", "nlu_fallback"),
        ("我要注册", "register_company"),
        ("我的信用分", "ask_credit"),
    ):
        assert f"/m/authorization_new?for={owner.openid}" in await owner.says(said, intent)
    assert await time_goes_on(owner) == [], "nobody authorized yet"


async def test_who_sent_papers_is_told_to_wait_and_not_sent_to_the_page_again(owner: Owner) -> None:
    await answered(owner, await apply(owner, Review.DISTRICT))
    await verify(owner, State.IN_REVIEW)
    assert "正在核对" in await confirmed(owner)
    for said, intent in (("怎么实名", "verify_identity"), ("下一步呢", "nlu_fallback")):
        reply = await owner.says(said, intent)
        assert "工作人员正在核对" in reply
        assert "/m/identity" not in reply
