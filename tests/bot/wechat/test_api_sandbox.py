"""The client against the sandbox: two readings of WeChat's documentation that know nothing of each other."""

import io
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from bot import menu
from bot.sandbox.account import SandboxAccount
from bot.sandbox.api import api_app
from bot.sandbox.wechat import FakeWeChat
from bot.wechat import refusals
from bot.wechat.api import mass
from bot.wechat.api.custom_messages import Article
from bot.wechat.api.drafts import DraftArticle
from bot.wechat.api.media import MediaKind
from bot.wechat.api.menus import MatchRule
from bot.wechat.api.oauth import Visitor
from bot.wechat.client import Credentials, Sites, WeChatClient, connected
from bot.wechat.transport import Downloaded, Upload
from nlu.breaker import Breaker

OPENID = "oSandboxPersonNumberOne00001"
OTHER = "oSandboxPersonNumberTwo00002"
PNG = Upload("p.png", b"\x89PNG\r\n\x1a\n" + b"x" * 64, "image/png")


class Clock:
    """A minute passes when a test says so."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def fake(clock: Clock) -> AsyncIterator[FakeWeChat]:
    async def silent(_: web.Request) -> web.Response:
        return web.Response(text="success")

    callback = web.Application()
    callback.router.add_post("/wechat", silent)
    async with TestServer(callback) as server:
        url = str(server.make_url("/wechat"))
        async with FakeWeChat(SandboxAccount.generate(), url, receipt_delay=0.0, clock=clock) as one:
            for openid in (OPENID, OTHER):
                one.add_person(openid)
                await one.follow(openid)
            yield one


@pytest.fixture
async def client(fake: FakeWeChat, redis: Redis) -> AsyncIterator[WeChatClient]:
    async with TestServer(api_app(fake)) as server:
        base = str(server.make_url("")).rstrip("/")
        account = Credentials(fake.account.app_id, fake.account.app_secret)
        async with connected(redis, account, Breaker(), Sites(base, base, base)) as one:
            yield one
    assert fake.violations == []


async def test_customer_messages(client: WeChatClient, fake: FakeWeChat) -> None:
    await fake.say(OPENID, "你好")
    picture = await client.media.upload(MediaKind.IMAGE, PNG)
    await client.custom_messages.typing(OPENID)
    await client.custom_messages.cancel_typing(OPENID)
    await client.custom_messages.send_text(OPENID, "您好")
    await client.custom_messages.send_image(OPENID, picture)
    await client.custom_messages.send_news(OPENID, Article("标题", "摘要", "https://x.cn", "https://x.cn/p"))
    await client.custom_messages.send_menu(OPENID, "请选择", [("help", "帮助")])
    into = io.BytesIO()
    saved = await client.media.save(picture, into, max_bytes=1000)
    assert isinstance(saved, Downloaded)
    assert into.getvalue() == PNG.content
    await client.custom_messages.send_text(OPENID, "第五条")
    with pytest.raises(refusals.CountUsedUp):
        await client.custom_messages.send_text(OPENID, "第六条")
    fake.violations.clear()


async def test_a_token_that_was_killed_is_renewed(client: WeChatClient, fake: FakeWeChat) -> None:
    await client.users.get(OPENID)
    fake.tokens.expire_all()
    assert (await client.users.get(OPENID)).follows
    fake.violations.clear()


async def test_menus(client: WeChatClient, fake: FakeWeChat) -> None:
    buttons = menu.load(menu.FILE, "https://x.cn")
    assert await client.menus.get() is None
    with pytest.raises(refusals.BadConditionalMenu):
        await client.menus.add_conditional(buttons, MatchRule(tag_id=100))
    await client.menus.create(buttons)
    own = await client.menus.add_conditional(buttons[:1], MatchRule(tag_id=100))
    found = await client.menus.get()
    assert found is not None
    assert found.buttons == buttons
    assert [item.menu_id for item in found.conditional] == [own]
    assert await client.menus.try_match(OPENID) == buttons
    await client.menus.delete_conditional(own)
    await client.menus.delete()
    assert await client.menus.get() is None
    fake.violations.clear()


async def test_tags_and_people(client: WeChatClient) -> None:
    tag = await client.tags.create("高新企业")
    await client.tags.rename(tag.tag_id, "专精特新")
    await client.tags.put_on(tag.tag_id, [OPENID, OTHER])
    assert await client.tags.of_person(OPENID) == [tag.tag_id]
    assert [page async for page in client.tags.bearers(tag.tag_id)] == [[OPENID, OTHER]]
    assert [(item.name, item.count) for item in await client.tags.all()][-1] == ("专精特新", 2)
    await client.tags.take_off(tag.tag_id, [OTHER])
    await client.tags.delete(tag.tag_id)
    await client.users.set_remark(OPENID, "张总")
    people = await client.users.get_many([OPENID, OTHER])
    assert [(person.openid, person.remark) for person in people] == [(OPENID, "张总"), (OTHER, "")]
    assert [page async for page in client.users.followers()] == [[OPENID, OTHER]]
    await client.users.block([OTHER])
    assert [page async for page in client.users.blocked()] == [[OTHER]]
    await client.users.unblock([OTHER])
    assert [page async for page in client.users.blocked()] == []


async def test_drafts_and_mass_sends(client: WeChatClient, fake: FakeWeChat, clock: Clock) -> None:
    cover = await client.media.add_permanent(MediaKind.IMAGE, PNG)
    article = DraftArticle("惠企政策", "<p>正文</p>", cover.media_id)
    draft = await client.drafts.add([article])
    assert (await client.drafts.get(draft))[0].title == "惠企政策"
    await client.mass.preview_to(OPENID, mass.articles(draft))
    job = await client.mass.send_to([OPENID, OTHER], mass.articles(draft), client_id="c1")
    with pytest.raises(refusals.MassTooFast):
        await client.mass.send_to([OPENID, OTHER], mass.articles(draft), client_id="c1")
    fake.violations.clear()
    clock.ahead = 61.0
    again = await client.mass.send_to([OPENID, OTHER], mass.articles(draft), client_id="c1")
    assert (again.msg_id, again.duplicate) == (job.msg_id, True)
    assert await client.mass.status(job.msg_id) in {"SEND_SUCCESS", "SENDING"}
    await client.mass.set_speed(3)
    assert await client.mass.speed() == 3
    other = await client.drafts.add([article])
    assert (await client.drafts.publication(await client.drafts.publish(other))).failed == ()
    third = await client.drafts.add([article])
    await client.drafts.delete(third)


async def test_codes_ticket_and_quota(client: WeChatClient) -> None:
    for code in (
        await client.qrcodes.temporary("门店-7", timedelta(hours=1)),
        await client.qrcodes.permanent(7),
    ):
        async with ClientSession() as session, session.get(code.picture_url) as picture:
            assert picture.status == 200
    assert (await client.jssdk.config("https://x.cn/m")).signature
    path = "/cgi-bin/qrcode/create"
    quota = await client.quota.get(path)
    assert quota.used + quota.left == quota.daily_limit
    await client.quota.clear()
    await client.quota.clear_by_secret()
    await client.quota.clear_one(path)


async def test_a_login(client: WeChatClient, fake: FakeWeChat) -> None:
    link = client.oauth.authorize_url("https://x.cn/m/id", "s7")
    back = fake.open_page(OPENID, urlsplit(link).query)
    assert (back.host, back.query["state"]) == ("x.cn", "s7")
    visitor = await client.oauth.exchange(back.query["code"])
    assert isinstance(visitor, Visitor)
    assert visitor.openid == OPENID
    assert await client.oauth.check(visitor)
    refreshed = await client.oauth.refresh(visitor.refresh_token)
    assert isinstance(refreshed, Visitor)
    with pytest.raises(refusals.CodeUsed):
        await client.oauth.exchange(back.query["code"])
    fake.violations.clear()


async def test_advisers(client: WeChatClient, fake: FakeWeChat) -> None:
    account = "li@rongqiao"
    await client.customer_service.add(account, "李顾问")
    assert [adviser.nickname for adviser in await client.customer_service.all()] == ["李顾问"]
    await client.customer_service.update(account, "李经理")
    with pytest.raises(refusals.CustomerServiceError):
        await client.customer_service.add(account, "李顾问")
    assert await client.customer_service.session_of(OPENID) is None
    assert await client.customer_service.sessions_with(account) == []
    assert await client.customer_service.waiting() == (0, [])
    await client.customer_service.delete(account)
    fake.violations.clear()
