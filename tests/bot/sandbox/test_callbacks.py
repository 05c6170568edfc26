"""Pushes to the callback: signing, encryption, re-sends, and what becomes of bad replies."""

import pytest
from wechatpy.crypto import WeChatCrypto
from wechatpy.messages import BaseMessage
from wechatpy.replies import ArticlesReply, BaseReply, TransferCustomerServiceReply

from bot.sandbox.account import SandboxAccount
from bot.sandbox.envelope import Encryption
from bot.sandbox.errors import SandboxError
from bot.sandbox.people import ChatEntry, Kind, Origin, Sender
from bot.sandbox.rules import Rule
from bot.sandbox.wechat import FAULT_NOTICE, FakeWeChat
from tests.bot.sandbox.conftest import ANN
from tests.bot.sandbox.product import EchoAccount, silence, xml_text


def is_fault(entries: list[ChatEntry]) -> bool:
    return [(entry.kind, entry.sender, entry.text) for entry in entries] == [
        (Kind.NOTICE, Sender.SYSTEM, FAULT_NOTICE)
    ]


async def test_a_text_is_pushed_encrypted_and_its_reply_shown(fake: FakeWeChat, product: EchoAccount) -> None:
    await fake.follow(ANN)
    reply = await fake.say(ANN, "贷款 <b>50万 & 更多")
    assert [entry.text for entry in reply] == ["你说：贷款 <b>50万 & 更多"]
    assert reply[0].origin is Origin.REPLY
    assert b"Encrypt" in product.bodies[-1]
    assert b"<Content>" not in product.bodies[-1]
    assert product.queries[-1]["encrypt_type"] == "aes"
    assert product.queries[-1]["openid"] == ANN
    assert fake.violations == []
    assert [entry.sender for entry in fake.history(ANN)] == [Sender.PERSON, Sender.ACCOUNT]


@pytest.mark.parametrize("mode", list(Encryption))
async def test_each_mode_sends_its_own_envelope(
    account: SandboxAccount, callback_url: str, product: EchoAccount, mode: Encryption
) -> None:
    async with FakeWeChat(account, callback_url, mode=mode) as fake:
        await fake.follow(ANN)
        assert [entry.text for entry in await fake.say(ANN, "你好")] == ["你说：你好"]
    body = product.bodies[-1].decode()
    assert ("<Content>" in body) == (mode is not Encryption.SAFE)
    assert ("<Encrypt>" in body) == (mode is not Encryption.PLAIN)


async def test_compatible_mode_takes_a_plain_reply_and_safe_mode_does_not(
    account: SandboxAccount, callback_url: str, product: EchoAccount
) -> None:
    product.seals = False
    async with FakeWeChat(account, callback_url, mode=Encryption.COMPATIBLE) as fake:
        await fake.follow(ANN)
        assert [entry.text for entry in await fake.say(ANN, "你好")] == ["你说：你好"]
    async with FakeWeChat(account, callback_url) as fake:
        await fake.follow(ANN)
        assert is_fault(await fake.say(ANN, "你好"))
        assert "没有加密" in fake.violations[0].detail
        assert fake.violations[0].rule is Rule.ENVELOPE


async def test_silence_is_accepted(fake: FakeWeChat, product: EchoAccount) -> None:
    product.answer = silence
    await fake.follow(ANN)
    assert await fake.say(ANN, "在吗") == []
    assert fake.violations == []


async def test_a_slow_answer_is_dropped_and_the_same_push_sent_again(
    fake: FakeWeChat, product: EchoAccount
) -> None:
    await fake.follow(ANN)
    product.delays = [1.0]
    reply = await fake.say(ANN, "慢慢来")
    assert [entry.text for entry in reply] == ["你说：慢慢来"]
    first, second = product.bodies[-2:]
    assert first == second
    assert product.messages[-1].id == product.messages[-2].id
    assert [(found.rule, found.where) for found in fake.violations] == [(Rule.LATE, "text")]
    assert str(fake.violations[0]) == "text：没有在 5 秒内回答推送，微信断开并重发（第 1 次推送）"


async def test_after_three_re_sends_the_person_sees_the_fault_notice(
    fake: FakeWeChat, product: EchoAccount
) -> None:
    await fake.follow(ANN)
    product.statuses = [500] * 4
    assert is_fault(await fake.say(ANN, "在吗"))
    assert len(set(product.bodies[-4:])) == 1
    assert len(product.bodies) == 5
    assert [found.rule for found in fake.violations] == [Rule.STATUS] * 4
    assert fake.violations[-1].detail == "第 4 次推送，HTTP 500"


async def test_nobody_at_the_callback_address_is_a_fault_too(fake: FakeWeChat) -> None:
    await fake.follow(ANN)
    fake.callback_url = "http://127.0.0.1:1/wechat"
    assert is_fault(await fake.say(ANN, "在吗"))
    assert {found.rule for found in fake.violations} == {Rule.UNREACHABLE}


async def json_body(_message: BaseMessage) -> str:
    return '{"text": "你好"}'


async def too_long(message: BaseMessage) -> str:
    return xml_text(message, "长" * 683)


async def just_fits(message: BaseMessage) -> str:
    return xml_text(message, "长" * 682 + "ab")


async def empty(message: BaseMessage) -> str:
    return xml_text(message, "")


async def to_somebody_else(message: BaseMessage) -> str:
    return xml_text(message, "你好").replace(ANN, "oBob")


async def from_somebody_else(message: BaseMessage) -> str:
    return xml_text(message, "你好").replace(message.target, "gh_other")


async def undated(message: BaseMessage) -> str:
    return xml_text(message, "你好").replace("CreateTime", "Created")


async def unknown_type(message: BaseMessage) -> str:
    return xml_text(message, "你好").replace("[text]", "[hologram]")


async def image_without_id(message: BaseMessage) -> str:
    return xml_text(message, "你好").replace("[text]", "[image]")


def news(message: BaseMessage, count: int) -> str:
    articles = [
        {"title": f"第{n}篇", "description": "", "image": "", "url": "https://x.cn"} for n in range(count)
    ]
    reply: BaseReply = ArticlesReply(message=message, articles=articles)
    return str(reply.render())


async def two_articles(message: BaseMessage) -> str:
    return news(message, 2)


async def miscounted(message: BaseMessage) -> str:
    return news(message, 1).replace("<ArticleCount>1<", "<ArticleCount>2<")


async def transfer(message: BaseMessage) -> str:
    return str(TransferCustomerServiceReply(message=message).render())


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (too_long, "2049 字节"),
        (empty, "没有 Content"),
        (to_somebody_else, "ToUserName"),
        (from_somebody_else, "FromUserName"),
        (undated, "CreateTime"),
        (unknown_type, "hologram"),
        (image_without_id, "MediaId"),
        (two_articles, "最多 1 篇"),
        (miscounted, "ArticleCount"),
    ],
)
async def test_a_reply_that_wechat_would_not_show(
    fake: FakeWeChat, product: EchoAccount, answer: object, why: str
) -> None:
    await fake.follow(ANN)
    product.answer = answer  # type: ignore[assignment]
    assert is_fault(await fake.say(ANN, "在吗"))
    assert why in fake.violations[0].detail
    assert fake.violations[0].rule is Rule.REPLY


async def test_a_body_that_is_no_xml(fake: FakeWeChat, product: EchoAccount) -> None:
    await fake.follow(ANN)
    product.answer, product.seals = json_body, False
    assert is_fault(await fake.say(ANN, "在吗"))
    assert "不是 XML" in fake.violations[0].detail


async def test_a_reply_sealed_for_another_account(fake: FakeWeChat, product: EchoAccount) -> None:
    await fake.follow(ANN)
    account = fake.account
    product.sealer = WeChatCrypto(account.token, account.encoding_aes_key, "wxother")
    assert is_fault(await fake.say(ANN, "在吗"))
    assert "解不开" in fake.violations[0].detail


@pytest.mark.parametrize("text", ["]]>", "a]]>b]]>", "<xml>&amp;", "制表\t换行\n", "铃\x07声"])
async def test_no_text_breaks_the_xml(fake: FakeWeChat, product: EchoAccount, text: str) -> None:
    product.answer = silence
    await fake.follow(ANN)
    await fake.say(ANN, text)
    assert product.fields[-1]["Content"] == text.replace("\x07", "").strip()


async def test_the_longest_text_that_fits_is_shown(fake: FakeWeChat, product: EchoAccount) -> None:
    await fake.follow(ANN)
    product.answer = just_fits
    (entry,) = await fake.say(ANN, "在吗")
    assert len(entry.text.encode()) == 2048
    assert fake.violations == []


async def test_an_event_may_be_answered_with_eight_articles(fake: FakeWeChat, product: EchoAccount) -> None:
    async def eight(message: BaseMessage) -> str:
        return news(message, 8)

    product.answer = eight
    (entry,) = await fake.follow(ANN)
    assert [article.title for article in entry.content.articles] == [f"第{n}篇" for n in range(8)]


async def test_a_message_may_be_transferred_and_an_event_not(fake: FakeWeChat, product: EchoAccount) -> None:
    await fake.follow(ANN)
    product.answer = transfer
    assert await fake.say(ANN, "找人工") == []
    assert fake.violations == []
    assert is_fault(await fake.click(ANN, "help"))


async def test_what_each_act_pushes(fake: FakeWeChat, product: EchoAccount) -> None:
    await fake.follow(ANN, scene="hall")
    await fake.voice(ANN)
    await fake.voice(ANN, "我要贷款")
    await fake.image(ANN, "https://p.cn/1.jpg")
    await fake.location(ANN, 31.3, 120.6, "苏州")
    await fake.tap(ANN, "apply", "我要融资")
    await fake.click(ANN, "help")
    await fake.scan(ANN, "desk")
    await fake.view(ANN, "https://x.cn/m")
    await fake.unfollow(ANN)
    data = product.fields
    assert [item.get("Event", item["MsgType"]) for item in data] == [
        "subscribe", "voice", "voice", "image", "location", "text", "CLICK", "SCAN", "VIEW", "unsubscribe",
    ]  # fmt: skip
    assert (data[0]["EventKey"], data[7]["EventKey"]) == ("qrscene_hall", "desk")
    assert not data[1]["Recognition"]
    assert data[2]["Recognition"] == "我要贷款"
    assert (data[4]["Location_X"], data[4]["Label"]) == ("31.3", "苏州")
    assert (data[5]["bizmsgmenuid"], data[5]["Content"]) == ("apply", "我要融资")
    ids = [item["MsgId"] for item in data if "MsgId" in item]
    assert len(set(ids)) == len(ids) == 5


async def test_scanning_before_following_follows(fake: FakeWeChat, product: EchoAccount) -> None:
    await fake.scan("oBob", "hall")
    assert fake.person("oBob").followed
    assert product.fields[-1]["EventKey"] == "qrscene_hall"


async def test_who_does_not_follow_cannot_talk(fake: FakeWeChat) -> None:
    with pytest.raises(SandboxError):
        await fake.say(ANN, "在吗")
    await fake.follow(ANN)
    with pytest.raises(SandboxError):
        await fake.follow(ANN)
    with pytest.raises(SandboxError):
        await fake.say("nobody", "在吗")


async def test_copies_carry_the_same_bytes(fake: FakeWeChat, product: EchoAccount) -> None:
    await fake.follow(ANN)
    assert await fake.say_copies(ANN, "一次", copies=3) == ["你说：一次"] * 3
    await fake.resend(ANN)
    assert len(set(product.bodies[-4:])) == 1
    assert len(fake.history(ANN)) == 1


async def test_the_callback_address_is_verified(fake: FakeWeChat) -> None:
    assert await fake.verify()
    fake.callback_url += "/elsewhere"
    assert not await fake.verify()
