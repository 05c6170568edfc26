"""The fake API: tokens, customer messages and their ledger, templates, menus, faults."""

from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import ClientError

from bot.sandbox.people import Kind, Origin
from bot.sandbox.rules import Rule
from bot.sandbox.wechat import FakeWeChat
from tests.bot.sandbox.conftest import ANN, Api, Clock
from tests.bot.sandbox.product import EchoAccount

POLICY = "SANDBOX-POLICY-NOTICE"
DATA = {
    "thing1": {"value": "稳岗补贴"},
    "thing2": {"value": "市人社局"},
    "time3": {"value": "2026年12月31日"},
}


async def test_a_stable_token_stays_the_same_until_five_minutes_before_its_end(
    api: Api, clock: Clock
) -> None:
    first = api.token
    assert len(first) >= 512
    assert (await api.stable_token())["access_token"] == first
    clock.move(7200 - 299)
    assert (await api.stable_token())["access_token"] != first
    assert await api.text(ANN, "你好") == 45015
    clock.move(300)
    assert await api.text(ANN, "你好") == 42001


async def test_force_kills_the_last_token_and_is_rationed(api: Api, clock: Clock) -> None:
    await api.stable_token(force=True)
    assert await api.text(ANN, "你好") == 40001
    assert (await api.stable_token(force=True))["errcode"] == 45011
    for _ in range(19):
        clock.move(31)
        assert "access_token" in await api.stable_token(force=True)
    clock.move(31)
    assert (await api.stable_token(force=True))["errcode"] == 45009
    clock.move(86_400)
    assert "access_token" in await api.stable_token(force=True)


async def test_plain_tokens_overlap_for_five_minutes_and_leave_stable_ones_alone(
    api: Api, clock: Clock
) -> None:
    stable, plain = api.token, (await api.plain_token())["access_token"]
    assert (await api.plain_token())["access_token"] != plain
    api.token = plain
    assert await api.text(ANN, "你好") == 45015
    clock.move(301)
    assert await api.text(ANN, "你好") == 42001
    api.token = stable
    assert await api.text(ANN, "你好") == 45015


async def test_wrong_credentials(api: Api, fake: FakeWeChat) -> None:
    assert (await api.stable_token(secret="wrong"))["errcode"] == 40125
    assert (await api.stable_token(appid="wx0"))["errcode"] == 40013
    assert (await api.stable_token(grant_type="password"))["errcode"] == 40002
    api.token = ""
    assert await api.text(ANN, "你好") == 41001
    assert [found.rule for found in fake.violations] == [
        Rule.CREDENTIALS, Rule.CREDENTIALS, Rule.CREDENTIALS, Rule.ANONYMOUS,
    ]  # fmt: skip


Act = Callable[[FakeWeChat], Any]
ACTS = [
    pytest.param(lambda fake: fake.say(ANN, "你好"), 5, 48 * 3600, id="message"),
    pytest.param(lambda fake: fake.voice(ANN), 5, 48 * 3600, id="voice"),
    pytest.param(lambda fake: fake.click(ANN, "help"), 3, 60, id="click"),
    pytest.param(lambda fake: fake.tap(ANN, "help", "帮助"), 3, 60, id="msgmenu tap"),
    pytest.param(lambda fake: fake.scan(ANN, "hall"), 3, 60, id="scan"),
]


@pytest.mark.parametrize(("act", "count", "window"), ACTS)
async def test_an_act_opens_a_window_for_so_many_messages(
    fake: FakeWeChat, api: Api, clock: Clock, act: Act, count: int, window: float
) -> None:
    await fake.follow(ANN)
    clock.move(3600)
    assert await api.text(ANN, "过时") == 45015
    await act(fake)
    assert [await api.text(ANN, f"第{n}条") for n in range(count + 1)] == [0] * count + [45047]
    await act(fake)
    clock.move(window - 5)
    api.token = (await api.stable_token())["access_token"]
    assert await api.text(ANN, "还来得及") == 0
    clock.move(6)
    assert await api.text(ANN, "晚了") == 45015
    assert [found.rule for found in fake.violations] == [Rule.WINDOW, Rule.QUOTA, Rule.WINDOW]
    assert all(entry.text not in {"过时", "晚了"} for entry in fake.history(ANN))


async def test_following_opens_three_messages_for_a_minute(fake: FakeWeChat, api: Api, clock: Clock) -> None:
    await fake.follow(ANN)
    assert [await api.text(ANN, "欢迎") for _ in range(4)] == [0, 0, 0, 45047]
    clock.move(61)
    assert await api.text(ANN, "欢迎") == 45015


async def test_a_click_after_a_message_narrows_the_window(fake: FakeWeChat, api: Api, clock: Clock) -> None:
    await fake.follow(ANN)
    await fake.say(ANN, "你好")
    await fake.click(ANN, "help")
    clock.move(61)
    assert await api.text(ANN, "还在吗") == 45015


async def test_refusals_of_customer_messages(fake: FakeWeChat, api: Api) -> None:
    await fake.follow(ANN)
    await fake.say(ANN, "你好")
    assert await api.text("oNobody", "你好") == 40003
    assert await api.text(ANN, "") == 44004
    assert await api.text(ANN, "长" * 683) == 45002
    assert (await api.post("message/custom/send", {"touser": ANN, "msgtype": "hologram"}))["errcode"] == 40008
    two = {"touser": ANN, "msgtype": "news", "news": {"articles": [{"title": "一"}, {"title": "二"}]}}
    assert (await api.post("message/custom/send", two))["errcode"] == 45008
    assert await api.text(ANN, "长" * 682) == 0
    fake.refuse(ANN)
    assert await api.text(ANN, "你好") == 48002
    await fake.unfollow(ANN)
    assert await api.text(ANN, "你好") == 45015


async def test_menus_and_news_reach_the_phone(fake: FakeWeChat, api: Api) -> None:
    await fake.follow(ANN)
    await fake.say(ANN, "你好")
    menu = {
        "head_content": "请选择",
        "list": [{"id": "yes", "content": "是"}, {"id": "no", "content": "否"}],
        "tail_content": "点一下即可",
    }
    assert (await api.post("message/custom/send", {"touser": ANN, "msgtype": "msgmenu", "msgmenu": menu}))[
        "errcode"
    ] == 0
    article = {"title": "稳岗补贴", "description": "最高10万元", "url": "https://x.cn/p"}
    news = {"touser": ANN, "msgtype": "news", "news": {"articles": [article]}}
    assert (await api.post("message/custom/send", news))["errcode"] == 0
    *_, shown, card = fake.history(ANN)
    assert (shown.kind, shown.origin, shown.content.tail) == (Kind.MENU, Origin.CUSTOMER, "点一下即可")
    assert [(option.id, option.content) for option in shown.content.options] == [("yes", "是"), ("no", "否")]
    assert (card.kind, card.content.articles[0].url) == (Kind.NEWS, "https://x.cn/p")


async def test_typing(fake: FakeWeChat, api: Api, clock: Clock) -> None:
    async def typing(command: str) -> int:
        answer = await api.post("message/custom/typing", {"touser": ANN, "command": command})
        return int(answer["errcode"])

    await fake.follow(ANN)
    await fake.say(ANN, "你好")
    assert [await typing(command) for command in ("Typing", "Typing", "CancelTyping", "Typing", "Sing")] == [
        0, 45081, 0, 0, 45072,
    ]  # fmt: skip
    clock.move(16)
    assert await typing("Typing") == 0
    clock.move(16)
    assert await typing("Typing") == 45080


async def send_template(api: Api, **changes: Any) -> dict[str, Any]:
    return await api.post(
        "message/template/send", {"touser": ANN, "template_id": POLICY, "data": DATA} | changes
    )


async def test_a_template_becomes_a_card_and_its_receipt_follows(
    fake: FakeWeChat, api: Api, product: EchoAccount
) -> None:
    await fake.follow(ANN)
    answer = await send_template(api, url="https://x.cn/p")
    card = fake.history(ANN)[-1]
    assert (card.kind, card.text, card.content.url) == (Kind.TEMPLATE, "惠企政策通知", "https://x.cn/p")
    assert [row.value for row in card.content.rows] == ["稳岗补贴", "市人社局", "2026年12月31日"]
    await fake.settle()
    (receipt,) = product.events("TEMPLATESENDJOBFINISH")
    assert (receipt["MsgID"], receipt["Status"]) == (str(answer["msgid"]), "success")


async def test_who_refuses_notices_fails_in_the_receipt_alone(
    fake: FakeWeChat, api: Api, product: EchoAccount
) -> None:
    await fake.follow(ANN)
    fake.refuse(ANN)
    assert (await send_template(api))["errcode"] == 0
    await fake.settle()
    assert product.events("TEMPLATESENDJOBFINISH")[0]["Status"] == "failed:user block"
    assert all(entry.kind is not Kind.TEMPLATE for entry in fake.history(ANN))


async def test_receipts_twice_failed_or_lost(fake: FakeWeChat, api: Api, product: EchoAccount) -> None:
    await fake.follow(ANN)
    fake.faults.receipts_twice, fake.faults.receipt_status = True, "failed: system failed"
    await send_template(api)
    await fake.settle()
    first, second = product.events("TEMPLATESENDJOBFINISH")
    assert first["MsgID"] == second["MsgID"]
    assert first["Status"] == "failed: system failed"
    fake.faults.receipts_lost = True
    await send_template(api)
    await fake.settle()
    assert len(product.events("TEMPLATESENDJOBFINISH")) == 2


async def test_one_client_msg_id_sends_once_within_ten_minutes(
    fake: FakeWeChat, api: Api, clock: Clock
) -> None:
    await fake.follow(ANN)
    first = await send_template(api, client_msg_id="n-1")
    assert (await send_template(api, client_msg_id="n-1"))["msgid"] == first["msgid"]
    assert (await send_template(api, client_msg_id="n-2"))["msgid"] != first["msgid"]
    clock.move(601)
    assert (await send_template(api, client_msg_id="n-1"))["msgid"] != first["msgid"]
    assert sum(entry.kind is Kind.TEMPLATE for entry in fake.history(ANN)) == 3


async def test_refusals_of_templates(fake: FakeWeChat, api: Api) -> None:
    assert (await send_template(api))["errcode"] == 43004
    await fake.follow(ANN)
    assert (await send_template(api, touser="oNobody"))["errcode"] == 40003
    assert (await send_template(api, template_id="T0"))["errcode"] == 40037
    bad = await send_template(api, data=DATA | {"thing2": {"value": "长" * 21}})
    assert bad["errcode"] == 47003
    assert "thing2" in bad["errmsg"]
    missing = await send_template(api, data={"thing1": {"value": "有"}})
    assert "thing2" in missing["errmsg"]
    surplus = await send_template(api, data=DATA | {"first": {"value": "您好"}})
    assert "first" in surplus["errmsg"]


async def test_the_list_of_templates_names_every_field(api: Api) -> None:
    listed = (await api.post("template/get_all_private_template", {}))["template_list"]
    policy = next(item for item in listed if item["template_id"] == POLICY)
    assert policy["content"] == "政策名称:{{thing1.DATA}}\n发布单位:{{thing2.DATA}}\n申报截止:{{time3.DATA}}"


async def test_the_menu_is_kept_and_checked(fake: FakeWeChat, api: Api) -> None:
    assert (await api.post("menu/get", {}))["errcode"] == 46003
    assert fake.violations == [], "to look whether there is a menu breaks no rule"
    click = {"type": "click", "name": "帮助", "key": "help"}
    menu = {
        "button": [
            {"name": "融资", "sub_button": [click]},
            {"type": "view", "name": "网站", "url": "https://x.cn"},
        ]
    }
    assert (await api.post("menu/create", menu))["errcode"] == 0
    assert (await api.post("menu/get", {}))["menu"] == menu
    for buttons, errcode in (
        ([click] * 4, 40016),
        ([click | {"name": "六个字的名字"}], 40018),
        ([click | {"type": "dance"}], 40017),
        ([click | {"key": ""}], 40019),
        ([{"name": "多", "sub_button": [click] * 6}], 40023),
    ):
        assert (await api.post("menu/create", {"button": buttons}))["errcode"] == errcode
    assert fake.menu == menu
    assert (await api.post("menu/delete", {}))["errcode"] == 0
    assert fake.menu is None


async def test_injected_failures_wear_off_and_are_no_breach(fake: FakeWeChat, api: Api) -> None:
    await fake.follow(ANN)
    fake.faults.fail_calls, fake.faults.fail_errcode, fake.faults.only_path = 2, -1, "custom/send"
    assert (await send_template(api))["errcode"] == 0
    assert [await api.text(ANN, "你好") for _ in range(3)] == [-1, -1, 0]
    assert fake.violations == []


async def test_a_connection_lost_after_the_message_was_taken(fake: FakeWeChat, api: Api) -> None:
    await fake.follow(ANN)
    fake.faults.drop_calls = 1
    with pytest.raises(ClientError):
        await api.text(ANN, "到了吗")
    assert fake.history(ANN)[-1].text == "到了吗"


async def test_a_delayed_call_still_answers(fake: FakeWeChat, api: Api) -> None:
    await fake.follow(ANN)
    fake.faults.delay_calls, fake.faults.delay_seconds = 1, 0.05
    assert await api.text(ANN, "慢") == 0
    assert fake.faults.delay_calls == 0


async def test_a_body_that_is_no_json(api: Api) -> None:
    url = f"{api.base}/cgi-bin/message/custom/send"
    async with api.session.post(url, params={"access_token": api.token}, data=b"{") as response:
        assert (await response.json())["errcode"] == 47001
