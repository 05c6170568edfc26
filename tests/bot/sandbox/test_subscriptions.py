"""Subscription messages: grants, sending within them, and their events."""

from typing import Any

import pytest
from aiohttp import ClientSession
from yarl import URL

from bot.sandbox.errors import SandboxError
from bot.sandbox.people import Kind
from bot.sandbox.wechat import FakeWeChat
from tests.bot.sandbox.conftest import ANN, Api
from tests.bot.sandbox.product import EchoAccount
from tests.bot.sandbox.templates import GRANT, LONG_TERM, ONE_TIME


async def bizsend(api: Api, template: str = GRANT, value: str = "稳岗补贴") -> int:
    body = {
        "touser": ANN,
        "template_id": template,
        "data": {"thing1": {"value": value}},
        "page": "https://x.cn",
    }
    return int((await api.post("message/subscribe/bizsend", body))["errcode"])


async def test_a_grant_is_one_message(fake: FakeWeChat, api: Api, product: EchoAccount) -> None:
    assert await bizsend(api) == 43101
    await fake.answer_subscription(ANN, {GRANT: True, LONG_TERM: False})
    items = product.events("subscribe_msg_popup_event")[0]["SubscribeMsgPopupEvent"]["List"]
    assert [(item["TemplateId"], item["SubscribeStatusString"]) for item in items] == [
        (GRANT, "accept"),
        (LONG_TERM, "reject"),
    ]
    assert await bizsend(api, value="长" * 21) == 47003
    assert fake.subscriptions.granted(ANN, GRANT) == 1, "a refused send costs nothing"
    assert [await bizsend(api), await bizsend(api)] == [0, 43101]
    await fake.settle()
    (sent,) = product.events("subscribe_msg_sent_event")
    assert sent["SubscribeMsgSentEvent"]["List"]["ErrorCode"] == "0"
    card = fake.history(ANN)[-1]
    assert (card.kind, card.text, card.content.rows[0].value) == (
        Kind.SUBSCRIPTION,
        "政策到期提醒",
        "稳岗补贴",
    )


async def test_who_does_not_follow_gets_what_they_granted(fake: FakeWeChat, api: Api) -> None:
    assert not fake.person(ANN).followed
    await fake.answer_subscription(ANN, {GRANT: True})
    assert await bizsend(api) == 0


async def test_a_long_term_grant_lasts_until_it_is_withdrawn(
    fake: FakeWeChat, api: Api, product: EchoAccount
) -> None:
    await fake.answer_subscription(ANN, {LONG_TERM: True})
    assert [await bizsend(api, LONG_TERM) for _ in range(3)] == [0, 0, 0]
    assert fake.subscriptions.granted(ANN, LONG_TERM) is None
    await fake.withdraw_subscription(ANN, LONG_TERM)
    assert await bizsend(api, LONG_TERM) == 43101
    (event,) = product.events("subscribe_msg_change_event")
    assert event["SubscribeMsgChangeEvent"]["List"]["SubscribeStatusString"] == "reject"


async def test_an_unknown_template_cannot_be_granted(fake: FakeWeChat) -> None:
    with pytest.raises(SandboxError, match="订阅模板"):
        await fake.answer_subscription(ANN, {ONE_TIME: True})


def once(**changes: Any) -> dict[str, Any]:
    own = {"touser": ANN, "template_id": ONE_TIME, "scene": "7", "title": "提醒"}
    return own | {"data": {"content": {"value": "材料已收到", "color": "#173177"}}} | changes


async def test_the_one_time_page_grants_one_message(fake: FakeWeChat, api: Api) -> None:
    query = {
        "action": "get_confirm", "appid": fake.account.app_id, "scene": "7", "template_id": ONE_TIME,
        "redirect_url": "https://x.cn/back?a=1", "reserved": "r1",
    }  # fmt: skip
    page = URL(f"{api.base}/mp/subscribemsg").with_query(query)
    async with ClientSession() as session:
        async with session.get(page) as response:
            assert "一次性通知" in await response.text()
        answers = {}
        for agrees in (False, True):
            async with session.post(page, json={"openid": ANN, "agrees": agrees}) as response:
                answers[agrees] = URL((await response.json())["location"])
            if not agrees:
                assert (await api.post("message/template/subscribe", once()))["errcode"] == 43101
    assert answers[False].query["action"] == "cancel"
    wanted = {
        "a": "1", "openid": ANN, "template_id": ONE_TIME, "action": "confirm", "scene": "7", "reserved": "r1",
    }  # fmt: skip
    assert dict(answers[True].query) == wanted
    assert (await api.post("message/template/subscribe", once(title="长" * 16)))["errcode"] == 47003
    assert (await api.post("message/template/subscribe", once(scene="10001")))["errcode"] == 40097
    found = [(await api.post("message/template/subscribe", once()))["errcode"] for _ in range(2)]
    assert found == [0, 43101]
    assert fake.history(ANN)[-1].content.rows[0].value == "材料已收到"


async def test_the_one_time_page_refuses_a_wrong_link(fake: FakeWeChat, api: Api) -> None:
    for query in (
        {"action": "get_confirm", "appid": "x"},
        {"action": "get_confirm", "appid": fake.account.app_id},
    ):
        async with (
            ClientSession() as session,
            session.get(f"{api.base}/mp/subscribemsg", params=query) as response,
        ):
            assert "链接" in await response.text()
