"""Human agents: transfer, sessions, and messages that go past the callback address."""

import pytest
from wechatpy.messages import BaseMessage
from wechatpy.replies import TransferCustomerServiceReply

from bot.sandbox.calls.agents import SESSION_LASTS
from bot.sandbox.errors import SandboxError
from bot.sandbox.people import Origin
from bot.sandbox.rules import Rule
from bot.sandbox.wechat import FakeWeChat
from tests.bot.sandbox.conftest import ANN, Api, Clock
from tests.bot.sandbox.product import EchoAccount, echo

LI, WANG = "li@wx", "wang@wx"


async def transfer(message: BaseMessage) -> str:
    if message.type != "text":
        return "success"
    return str(TransferCustomerServiceReply(message=message).render())


async def transfer_to_wang(message: BaseMessage) -> str:
    return (await transfer(message)).replace(
        "</xml>", f"<TransInfo><KfAccount><![CDATA[{WANG}]]></KfAccount></TransInfo></xml>"
    )


async def hire(api: Api) -> None:
    for account, nickname in ((LI, "小李"), (WANG, "小王")):
        answer = await api.call("customservice/kfaccount/add", {"kf_account": account, "nickname": nickname})
        assert answer["errcode"] == 0


async def test_during_a_session_the_product_hears_nothing(
    fake: FakeWeChat, api: Api, product: EchoAccount
) -> None:
    await hire(api)
    await fake.follow(ANN)
    product.answer = transfer
    assert await fake.say(ANN, "找人工") == []
    await fake.settle()
    assert product.events("kf_create_session")[0]["KfAccount"] == LI
    heard = len(product.bodies)
    assert await fake.say(ANN, "在吗") == []
    assert len(product.bodies) == heard
    fake.agents.say(fake.person(ANN), "您好，我是小李")
    assert fake.history(ANN)[-1].origin is Origin.AGENT
    fake.agents.switch(fake.person(ANN), WANG)
    await fake.settle()
    switched = product.events("kf_switch_session")[0]
    assert (switched["FromKfAccount"], switched["ToKfAccount"]) == (LI, WANG)
    fake.agents.end(fake.person(ANN))
    await fake.settle()
    assert product.events("kf_close_session")[0]["KfAccount"] == WANG
    product.answer = echo
    assert [entry.text for entry in await fake.say(ANN, "还在吗")] == ["你说：还在吗"]
    assert fake.violations == []


async def test_a_transfer_may_name_the_agent(fake: FakeWeChat, api: Api, product: EchoAccount) -> None:
    await hire(api)
    await fake.follow(ANN)
    product.answer = transfer_to_wang
    await fake.say(ANN, "找小王")
    answer = await api.call("customservice/kfsession/getsession", {"openid": ANN})
    assert answer["kf_account"] == WANG
    assert fake.violations == []
    taken = {"kf_account": LI, "openid": ANN}
    assert (await api.call("customservice/kfsession/create", taken))["errcode"] == 65414


async def test_with_nobody_at_the_desk_people_wait(fake: FakeWeChat, api: Api, product: EchoAccount) -> None:
    await hire(api)
    for agent in fake.agents.agents.values():
        agent.online = False
    await fake.follow(ANN)
    product.answer = transfer
    await fake.say(ANN, "找人工")
    waiting = await api.call("customservice/kfsession/getwaitcase", {})
    assert [case["openid"] for case in waiting["waitcaselist"]] == [ANN]
    assert (await api.call("customservice/kfsession/create", {"kf_account": LI, "openid": ANN}))[
        "errcode"
    ] == 65415
    fake.agents.agents[LI].online = True
    assert (await api.call("customservice/kfsession/create", {"kf_account": LI, "openid": ANN}))[
        "errcode"
    ] == 0
    assert (await api.call("customservice/kfsession/getwaitcase", {}))["count"] == 0


async def test_a_session_ends_after_half_an_hour_of_silence(
    fake: FakeWeChat, api: Api, product: EchoAccount, clock: Clock
) -> None:
    await hire(api)
    await fake.follow(ANN)
    await api.call("customservice/kfsession/create", {"kf_account": LI, "openid": ANN})
    clock.move(SESSION_LASTS + 1)
    assert [entry.text for entry in await fake.say(ANN, "你好")] == ["你说：你好"]
    await fake.settle()
    assert product.events("kf_close_session")[0]["CloseType"] == "TIMEOUT"
    for act in (lambda: fake.agents.say(fake.person(ANN), "喂"), lambda: fake.agents.end(fake.person(ANN))):
        with pytest.raises(SandboxError):
            act()


async def test_accounts_are_checked(api: Api) -> None:
    await hire(api)
    add = {"kf_account": LI, "nickname": "又一个"}
    assert (await api.call("customservice/kfaccount/add", add))["errcode"] == 65406
    for number in range(98):
        await api.call("customservice/kfaccount/add", {"kf_account": f"a{number}@wx", "nickname": "客服"})
    more = {"kf_account": "one-too-many@wx", "nickname": "客服"}
    assert (await api.call("customservice/kfaccount/add", more))["errcode"] == 65405
    invite = {"kf_account": LI, "invite_wx": "li"}
    codes = [(await api.call("customservice/kfaccount/inviteworker", invite))["errcode"] for _ in range(2)]
    assert codes == [0, 65412]


async def test_a_transfer_to_nobody_is_counted(fake: FakeWeChat, product: EchoAccount) -> None:
    await fake.follow(ANN)
    product.answer = transfer_to_wang
    await fake.say(ANN, "找小王")
    assert fake.rules.counts() == {Rule.AGENT: 1}
