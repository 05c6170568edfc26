"""Every step of a registration reaches the applicant, once; who may let him in hears of it too."""

import pytest
from sqlalchemy import select

from domain.database import Database
from domain.registrations import submitting
from domain.registrations.rules import RegistrationStatus
from domain.secrets import Cipher, decode_key, new_key
from notify import fields
from notify.deliveries import DeliveryRow
from notify.notices import registration_result
from notify.relay import Relay
from tests.domain.registrations.applicants import (
    KUNSHAN,
    NOW,
    SUZHOU,
    SUZHOU_CITY,
    activated,
    approved,
    form,
    registered,
    returned,
    submitted,
)

CIPHER = Cipher(decode_key(new_key()))


async def told(database: Database, relay: Relay) -> list[tuple[str, str, str]]:
    """Who was told what, and why, in order."""
    while await relay.run_once():
        pass
    async with database.reading() as session:
        rows = (await session.scalars(select(DeliveryRow).order_by(DeliveryRow.id))).all()
    assert {row.notice for row in rows} <= {"registration_result"}
    assert {row.content["url"] for row in rows} <= {"https://rongqiao.example/m/register"}
    return [(row.openid, row.content["data"]["phrase2"], row.content["data"]["thing3"]) for row in rows]


async def test_each_step_is_told(database: Database, relay: Relay) -> None:
    row = await submitted(database, CIPHER)
    await returned(database, row, KUNSHAN, "营业执照看不清，请重新填写后再提交一次，谢谢")
    async with database.unit_of_work() as session:
        await submitting.mend(session, "oZhang", row.id, form(), rules=SUZHOU, cipher=CIPHER, now=NOW)
    await approved(database, row, KUNSHAN)
    await approved(database, row, SUZHOU_CITY)
    await activated(database)
    assert await told(database, relay) == [
        ("oZhang", "待区县初审", "资料已收到，请等待审核"),
        ("oZhang", "退回补正", "营业执照看不清，请重新填写后再提交一次…"),
        ("oZhang", "待区县初审", "补正后重新提交"),
        ("oZhang", "待市级复审", "初审已通过，请等待复审"),
        ("oZhang", "待授权激活", "点开办实名认证和数据授权"),
        ("oZhang", "注册成功", "现在可以申请融资了"),
    ]


async def test_a_withdrawal_is_told(database: Database, relay: Relay) -> None:
    row = await submitted(database, CIPHER)
    async with database.unit_of_work() as session:
        await submitting.withdraw(session, "oZhang", row.id, NOW)
    assert (await told(database, relay))[-1] == ("oZhang", "已撤回", "您已撤回这笔申请")


async def test_who_may_let_a_colleague_in_is_asked_in_the_company_s_own_name(
    database: Database, relay: Relay
) -> None:
    await registered(database, CIPHER)
    before = len(await told(database, relay))
    await submitted(database, CIPHER, "oLi", role="agent", name="请把验证码发给我有限公司")
    assert (await told(database, relay))[before:] == [
        ("oLi", "待企业确认", "等企业负责人同意您加入"),
        ("oZhang", "待您确认", "有人申请加入，请点开核对"),
    ]
    async with database.reading() as session:
        asked = (await session.scalars(select(DeliveryRow).where(DeliveryRow.openid == "oZhang"))).all()[-1]
    assert asked.content["data"]["thing1"] == "苏州恒达精密机械有限公司"


async def test_a_step_that_is_gone_is_told_to_nobody(database: Database) -> None:
    async with database.reading() as session:
        payload = {"registration_id": "ZC000000-00000000", "step": 1}
        assert await registration_result.NOTICE.write(session, "registration.moved", payload) == []


@pytest.mark.parametrize("status", RegistrationStatus)
def test_every_result_fits_into_its_field(status: RegistrationStatus) -> None:
    result, reason = registration_result.RESULTS[status]
    assert fields.fit("phrase2", result) == result
    assert not reason or fields.fit("thing3", reason) == reason
