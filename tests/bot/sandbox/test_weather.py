"""Bad days of WeChat: connections, pushes and receipts that go wrong."""

from collections import Counter

import pytest
from aiohttp import ClientError, ClientTimeout

from bot.sandbox.wechat import FakeWeChat
from tests.bot.sandbox.conftest import ANN, Api
from tests.bot.sandbox.product import EchoAccount

DATA = {"thing1": {"value": "补贴"}, "thing2": {"value": "人社局"}, "time3": {"value": "2026年12月31日"}}
TEMPLATE = {"touser": ANN, "template_id": "SANDBOX-POLICY-NOTICE", "data": DATA}


async def test_a_connection_lost_before_the_call_took_effect(fake: FakeWeChat, api: Api) -> None:
    await fake.follow(ANN)
    before = len(fake.history(ANN))
    fake.faults.lose_calls = 1
    with pytest.raises(ClientError):
        await api.text(ANN, "到了吗")
    assert len(fake.history(ANN)) == before
    assert await api.text(ANN, "到了吗") == 0


async def test_a_call_that_takes_effect_and_is_never_answered(fake: FakeWeChat, api: Api) -> None:
    await fake.follow(ANN)
    fake.faults.hang_calls = 1
    body = {"touser": ANN, "msgtype": "text", "text": {"content": "到了吗"}}
    query = {"access_token": api.token}
    with pytest.raises(TimeoutError):
        await api.session.post(
            f"{api.base}/cgi-bin/message/custom/send",
            params=query,
            json=body,
            timeout=ClientTimeout(total=0.3),
        )
    assert fake.history(ANN)[-1].text == "到了吗"


@pytest.mark.parametrize("errcode", [-1, 40001, 42001, 45009, 45011, 45168])
async def test_any_errcode_on_demand_is_no_breach(fake: FakeWeChat, api: Api, errcode: int) -> None:
    await fake.follow(ANN)
    fake.faults.fail_calls, fake.faults.fail_errcode = 2, errcode
    assert [await api.text(ANN, "你好") for _ in range(3)] == [errcode, errcode, 0]
    assert fake.violations == []


async def test_every_push_comes_twice_and_one_answer_is_shown(fake: FakeWeChat, product: EchoAccount) -> None:
    await fake.follow(ANN)
    fake.faults.pushes_twice = True
    assert [entry.text for entry in await fake.say(ANN, "一次")] == ["你说：一次"]
    first, second = product.bodies[-2:]
    assert first == second
    assert [entry.text for entry in fake.history(ANN)] == ["一次", "你说：一次"]


async def test_a_day_of_mixed_receipts(fake: FakeWeChat, api: Api, product: EchoAccount) -> None:
    await fake.follow(ANN)
    fake.faults.receipts_mixed = True
    ids = [str((await api.post("message/template/send", TEMPLATE))["msgid"]) for _ in range(14)]
    await fake.settle()
    receipts = product.events("TEMPLATESENDJOBFINISH")
    counted = Counter(receipt["MsgID"] for receipt in receipts)
    assert [counted[msgid] for msgid in ids] == [1, 1, 1, 1, 2] * 2 + [1, 1, 1, 1]
    failed = [receipt["MsgID"] for receipt in receipts if receipt["Status"] == "failed: system failed"]
    assert failed == [ids[6], ids[13]]
    shown = [entry for entry in fake.history(ANN) if entry.kind == "template"]
    assert len(shown) == 12


async def test_receipts_come_later(fake: FakeWeChat, api: Api, product: EchoAccount) -> None:
    await fake.follow(ANN)
    fake.faults.receipt_extra_delay = 0.2
    await api.post("message/template/send", TEMPLATE)
    assert product.events("TEMPLATESENDJOBFINISH") == []
    await fake.settle()
    assert len(product.events("TEMPLATESENDJOBFINISH")) == 1


async def test_a_revoked_token_is_dead_and_a_new_one_works(fake: FakeWeChat, api: Api) -> None:
    await fake.follow(ANN)
    fake.tokens.revoke_all()
    assert await api.text(ANN, "你好") == 40001
    api.token = (await api.stable_token())["access_token"]
    assert await api.text(ANN, "你好") == 0
    assert fake.violations == []
