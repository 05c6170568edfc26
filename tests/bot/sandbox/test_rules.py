"""Each rule of WeChat broken once by the product, and counted once: the table below must name them all."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.sandbox.errors import SandboxError
from bot.sandbox.rules import GRACE, Rule, rule_of
from bot.sandbox.wechat import FakeWeChat
from tests.bot.sandbox.conftest import ANN, Api, Clock
from tests.bot.sandbox.product import EchoAccount, xml_text
from tests.bot.sandbox.templates import GRANT

POLICY = "SANDBOX-POLICY-NOTICE"
DATA = {"thing1": {"value": "补贴"}, "thing2": {"value": "人社局"}, "time3": {"value": "2026年12月31日"}}


class Scene:
    """The fake, a caller of its API and the product behind it, with three followers."""

    def __init__(self, fake: FakeWeChat, api: Api, product: EchoAccount, clock: Clock) -> None:
        self.fake, self.api, self.product, self.clock = fake, api, product, clock

    async def refused(self, path: str, errcode: int, body: dict[str, Any]) -> None:
        assert (await self.api.call(path, body))["errcode"] == errcode

    async def template(self, errcode: int, **changes: Any) -> None:
        own = {"touser": ANN, "template_id": POLICY, "data": DATA}
        await self.refused("cgi-bin/message/template/send", errcode, own | changes)


Act = Callable[[Scene], Awaitable[None]]


async def late(scene: Scene) -> None:
    scene.product.delays = [1.0]
    await scene.fake.say(ANN, "在吗")


async def unreachable(scene: Scene) -> None:
    scene.fake.callback_url = "http://127.0.0.1:1/wechat"
    await scene.fake.say(ANN, "在吗")


async def status(scene: Scene) -> None:
    scene.product.statuses = [500]
    await scene.fake.say(ANN, "在吗")


async def envelope(scene: Scene) -> None:
    scene.product.seals = False
    await scene.fake.say(ANN, "在吗")


async def reply(scene: Scene) -> None:
    async def too_long(message: Any) -> str:
        return xml_text(message, "长" * 683)

    scene.product.answer = too_long
    await scene.fake.say(ANN, "在吗")


async def credentials(scene: Scene) -> None:
    assert (await scene.api.stable_token(secret="x"))["errcode"] == 40125


async def address(scene: Scene) -> None:
    scene.fake.tokens.whitelist = {"10.0.0.1"}
    assert (await scene.api.stable_token())["errcode"] == 40164


async def anonymous(scene: Scene) -> None:
    scene.api.token = ""
    assert await scene.api.text(ANN, "你好") == 41001


async def stale(scene: Scene) -> None:
    scene.fake.tokens.revoke_all()
    assert await scene.api.text(ANN, "你好") == 40001
    assert await scene.api.text(ANN, "另一条已经在路上") == 40001
    assert scene.fake.violations == []
    scene.clock.move(GRACE + 1)
    assert await scene.api.text(ANN, "还在用") == 40001


async def limit(scene: Scene) -> None:
    await scene.api.stable_token(force=True)
    assert (await scene.api.stable_token(force=True))["errcode"] == 45011


async def format_(scene: Scene) -> None:
    await scene.refused("cgi-bin/message/custom/send", 40008, {"touser": ANN, "msgtype": "hologram"})


async def person(scene: Scene) -> None:
    assert await scene.api.text("oNobody", "你好") == 40003


async def not_following(scene: Scene) -> None:
    await scene.fake.unfollow(ANN)
    await scene.template(43004)


async def window(scene: Scene) -> None:
    scene.clock.move(61)
    assert await scene.api.text(ANN, "晚了") == 45015


async def quota(scene: Scene) -> None:
    assert [await scene.api.text(ANN, "欢迎") for _ in range(4)] == [0, 0, 0, 45047]


async def size(scene: Scene) -> None:
    assert await scene.api.text(ANN, "长" * 683) == 45002


async def typing(scene: Scene) -> None:
    own = {"touser": ANN, "command": "Typing"}
    assert (await scene.api.post("message/custom/typing", own))["errcode"] == 0
    await scene.refused("cgi-bin/message/custom/typing", 45081, own)


async def template(scene: Scene) -> None:
    await scene.template(40037, template_id=GRANT)


async def field(scene: Scene) -> None:
    await scene.template(47003, data=DATA | {"thing1": {"value": "长" * 21}})


async def no_grant(scene: Scene) -> None:
    body = {"touser": ANN, "template_id": GRANT, "data": {"thing1": {"value": "补贴"}}}
    await scene.refused("cgi-bin/message/subscribe/bizsend", 43101, body)


async def mass(scene: Scene) -> None:
    body = {"touser": [ANN], "msgtype": "text", "text": {"content": "公告"}}
    await scene.refused("cgi-bin/message/mass/send", 40032, body)


async def menu(scene: Scene) -> None:
    await scene.refused("cgi-bin/menu/addconditional", 65303, {"button": []})


async def code(scene: Scene) -> None:
    await scene.refused("cgi-bin/qrcode/create", 40053, {"action_name": "QR_DANCE"})


async def tag(scene: Scene) -> None:
    await scene.refused("cgi-bin/tags/delete", 45058, {"tag": {"id": 1}})


async def media(scene: Scene) -> None:
    body = {"touser": ANN, "msgtype": "image", "image": {"media_id": "x"}}
    await scene.refused("cgi-bin/message/custom/send", 40007, body)


async def agent(scene: Scene) -> None:
    own = {"touser": ANN, "msgtype": "text", "text": {"content": "您好"}}
    body = own | {"customservice": {"kf_account": "x@wx"}}
    await scene.refused("cgi-bin/message/custom/send", 65401, body)


async def oauth(scene: Scene) -> None:
    wrong_order = (
        f"redirect_uri=https://x.cn&appid={scene.fake.account.app_id}&response_type=code&scope=snsapi_base"
    )
    with pytest.raises(SandboxError, match="顺序"):
        scene.fake.open_page(ANN, wrong_order)


BROKEN: dict[Rule, Act] = {
    Rule.LATE: late,
    Rule.UNREACHABLE: unreachable,
    Rule.STATUS: status,
    Rule.ENVELOPE: envelope,
    Rule.REPLY: reply,
    Rule.CREDENTIALS: credentials,
    Rule.ADDRESS: address,
    Rule.ANONYMOUS: anonymous,
    Rule.STALE: stale,
    Rule.LIMIT: limit,
    Rule.FORMAT: format_,
    Rule.PERSON: person,
    Rule.NOT_FOLLOWING: not_following,
    Rule.WINDOW: window,
    Rule.QUOTA: quota,
    Rule.SIZE: size,
    Rule.TYPING: typing,
    Rule.TEMPLATE: template,
    Rule.FIELD: field,
    Rule.GRANT: no_grant,
    Rule.MASS: mass,
    Rule.MENU: menu,
    Rule.CODE: code,
    Rule.TAG: tag,
    Rule.MEDIA: media,
    Rule.AGENT: agent,
    Rule.OAUTH: oauth,
}
TRIES = {Rule.UNREACHABLE: 4}
"""A callback that never answers breaks the rule at each of the four tries; everything else breaks it once."""


def test_the_table_names_every_rule() -> None:
    assert set(BROKEN) == set(Rule)


@pytest.mark.parametrize("rule", list(Rule), ids=lambda rule: rule.name)
async def test_a_broken_rule_is_counted_and_said(
    fake: FakeWeChat,
    api: Api,
    product: EchoAccount,
    clock: Clock,
    followers: list[str],
    rule: Rule,
) -> None:
    assert followers
    await BROKEN[rule](Scene(fake, api, product, clock))
    assert fake.rules.counts() == {rule: TRIES.get(rule, 1)}
    (found, *_) = fake.violations
    assert str(found) == f"{found.where}：{rule.value}（{found.detail}）"
    assert found.at == pytest.approx(clock(), abs=60)
    fake.rules.forget()
    assert fake.violations == []


def test_what_people_and_weather_cause_is_no_breach() -> None:
    assert [rule_of(errcode) for errcode in (0, -1, 40001, 42001, 45065, 48002, 43019, 40163)] == [None] * 8


async def test_a_limit_is_a_breach_only_when_it_could_be_known(
    fake: FakeWeChat, api: Api, clock: Clock, followers: list[str]
) -> None:
    fake.limits.per_minute["cgi-bin/user/info"] = 1
    for expected in (None, 45011, 45011):
        assert (await api.post("user/info", {"openid": followers[0]})).get("errcode") == expected
    assert fake.violations == []
    clock.move(GRACE + 1)
    fake.limits.daily["cgi-bin/user/info"] = 0
    assert (await api.post("user/info", {"openid": ANN}))["errcode"] in {45009, 45011}
    clock.move(60)
    assert (await api.post("user/info", {"openid": ANN}))["errcode"] == 45009
    clock.move(60)
    assert (await api.post("user/info", {"openid": ANN}))["errcode"] == 45009
    assert set(fake.rules.counts()) == {Rule.LIMIT}
