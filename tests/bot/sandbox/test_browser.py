"""The phone in a real browser."""

import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, async_playwright, expect
from wechatpy.messages import BaseMessage
from wechatpy.replies import TransferCustomerServiceReply
from yarl import URL

from bot.sandbox.calls.agents import Agent
from bot.sandbox.faults import Faults
from bot.sandbox.people import Article, Content, Kind, Option, Origin, Row
from bot.sandbox.rules import Rule
from bot.sandbox.wechat import FAULT_NOTICE, FakeWeChat
from tests.bot.sandbox.conftest import ANN
from tests.bot.sandbox.product import EchoAccount
from tests.bot.sandbox.templates import GRANT, LONG_TERM

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
EVIL = "<img src=x onerror=\"document.title='evil'\">"

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium")


@pytest.fixture
async def page(sandbox_url: str) -> AsyncIterator[Page]:
    """A phone of 375 px in Ann's hands; any error of its scripts fails the test."""
    errors: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = await browser.new_page(viewport={"width": 375, "height": 812})
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(sandbox_url)
        yield page
        await browser.close()
    assert errors == []


class OwnPage:
    """A page of the product's own: it sends who has no code to WeChat's authorization."""

    def __init__(self, fake: FakeWeChat, sandbox_url: str) -> None:
        self.url = ""
        self.queries: list[dict[str, str]] = []
        self._app_id = fake.account.app_id
        self._authorize = URL(f"{sandbox_url}/wechat/connect/oauth2/authorize")

    async def open(self, request: web.Request) -> web.Response:
        if "code" not in request.query:
            query = {
                "appid": self._app_id,
                "redirect_uri": self.url,
                "response_type": "code",
                "scope": "snsapi_userinfo",
                "state": "from-the-page",
            }
            raise web.HTTPFound(self._authorize.with_query(query))
        self.queries.append(dict(request.query))
        return web.Response(text="<h1>开门</h1>", content_type="text/html")


@pytest.fixture
async def own_page(fake: FakeWeChat, sandbox_url: str) -> AsyncIterator[OwnPage]:
    page = OwnPage(fake, sandbox_url)
    app = web.Application()
    app.router.add_get("/m", page.open)
    async with TestServer(app) as server:
        page.url = str(server.make_url("/m"))
        yield page


async def follow(page: Page) -> None:
    await page.get_by_role("button", name="关注公众号").click()
    await expect(page.get_by_role("navigation", name="公众号菜单")).to_be_visible()


async def test_follow_talk_and_be_answered(page: Page) -> None:
    await follow(page)
    await page.get_by_role("button", name="切换到键盘").click()
    await page.keyboard.type("想贷五十万")
    await page.keyboard.press("Enter")
    log = page.get_by_role("log")
    await expect(log.locator(".entry.person")).to_have_text("安想贷五十万")
    await expect(log.locator(".entry.account")).to_have_text("你说：想贷五十万")
    assert await page.evaluate("document.documentElement.scrollWidth") == 375


async def test_what_people_write_is_never_markup(page: Page, fake: FakeWeChat) -> None:
    await follow(page)
    await fake.say(ANN, EVIL)
    person = fake.person(ANN)
    fake.show(person, Origin.CUSTOMER, Content(Kind.MENU, EVIL, tail=EVIL, options=(Option("a", EVIL),)))
    card = Content(Kind.TEMPLATE, EVIL, rows=(Row("thing1", EVIL, EVIL),), url="javascript:alert(1)")
    fake.show(person, Origin.TEMPLATE, card)
    article = Article(EVIL, EVIL, "javascript:alert(1)", "javascript:alert(1)")
    fake.show(person, Origin.CUSTOMER, Content(Kind.NEWS, articles=(article,)))
    await expect(page.locator(".article")).to_contain_text(EVIL)
    assert await page.locator("#chat img, #chat a").count() == 0
    assert await page.title() == "融桥"


async def test_options_links_and_menus_act(page: Page, fake: FakeWeChat, product: EchoAccount) -> None:
    await follow(page)
    menu = Content(Kind.MENU, "请选择", options=(Option("yes", "是"), Option("no", "否")))
    fake.show(fake.person(ANN), Origin.CUSTOMER, menu)
    await page.get_by_role("button", name="否").click()
    await expect(page.locator(".entry.person")).to_have_text("安否")
    assert product.fields[-1]["bizmsgmenuid"] == "no"
    link = '<a href="weixin://bizmsgmenu?msgmenucontent=帮助&msgmenuid=help">看帮助</a>，或 https://x.cn/a。'
    fake.show(fake.person(ANN), Origin.CUSTOMER, Content(Kind.TEXT, link))
    await expect(page.get_by_role("link", name="https://x.cn/a")).to_have_attribute(
        "rel", "noopener noreferrer"
    )
    await page.get_by_role("button", name="看帮助").click()
    await expect(page.locator(".entry.person")).to_have_count(2)
    assert (product.fields[-1]["bizmsgmenuid"], product.fields[-1]["Content"]) == ("help", "帮助")
    await page.get_by_role("button", name="更多").press("Enter")
    async with page.expect_response("**/click"):
        await page.get_by_role("button", name="使用帮助").press("Enter")
    assert product.fields[-1]["EventKey"] == "help"


async def test_cards_typing_and_faults_appear_by_themselves(
    page: Page, fake: FakeWeChat, product: EchoAccount
) -> None:
    await follow(page)
    person = fake.person(ANN)
    rows = (Row("thing1", "政策名称", "稳岗补贴"),)
    fake.show(
        person, Origin.TEMPLATE, Content(Kind.TEMPLATE, "惠企政策通知", rows=rows, url="https://x.cn/p")
    )
    await expect(page.get_by_role("heading", name="惠企政策通知")).to_be_visible()
    await expect(page.get_by_role("link", name="查看详情")).to_have_attribute("href", "https://x.cn/p")
    person.quota.type("Typing", fake.clock())
    fake.hub.tell("typing", person)
    await expect(page.get_by_role("heading", name="对方正在输入…")).to_be_visible()
    product.statuses = [500] * 4
    await fake.say(ANN, "在吗")
    await expect(page.get_by_text(FAULT_NOTICE)).to_be_visible()
    await expect(page.locator("#violations li")).to_have_count(1)


async def test_each_tab_has_its_own_person_and_keeps_it_over_a_reload(page: Page, fake: FakeWeChat) -> None:
    await follow(page)
    await page.get_by_role("button", name="设置").click()
    await page.get_by_role("button", name="添加一位").click()
    await page.get_by_role("textbox", name="新用户的昵称").fill("卜先生")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="卜先生")).to_have_attribute("aria-current", "true")
    await expect(page.get_by_role("button", name="关注公众号")).to_be_visible()
    bob = next(person.openid for person in fake.people if person.openid != ANN)
    await expect(page).to_have_url(re.compile(f"as={bob}"))
    await page.reload()
    await expect(page.locator("#openid")).to_have_text(bob)
    await page.get_by_role("button", name="设置").click()
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="在新窗口打开安女士的手机").click()
    other = await opened.value
    await expect(other.locator("#openid")).to_have_text(ANN)
    await expect(page.locator("#openid")).to_have_text(bob)
    await other.get_by_role("button", name="设置").click()
    await other.get_by_label("拒收这个公众号").check()
    await expect(other.get_by_label("拒收这个公众号")).to_be_checked()
    await other.get_by_role("button", name="取消关注").click()
    await expect(other.get_by_role("button", name="关注公众号")).to_be_visible()
    assert fake.person(ANN).refuses


async def test_a_voice_is_not_recognised_and_a_scan_asks_for_its_scene(
    page: Page, product: EchoAccount
) -> None:
    await follow(page)
    await page.get_by_role("button", name="切换到键盘").click()
    await page.get_by_role("button", name="发语音").click()
    await page.locator("#ask-value").fill("有没有补贴")
    await page.keyboard.press("Enter")
    await expect(page.locator(".heard")).to_have_text("有没有补贴")
    assert not product.fields[-1]["Recognition"]
    await page.get_by_role("button", name="更多").click()
    await page.get_by_role("button", name="扫一扫").click()
    await page.locator("#ask-value").fill("hall")
    async with page.expect_response("**/scan"):
        await page.keyboard.press("Enter")
    assert product.fields[-1]["EventKey"] == "hall"


async def extra(page: Page, name: str) -> None:
    if await page.locator("#extras").is_hidden():
        await page.get_by_role("button", name="更多").click()
    await page.get_by_role("button", name=name, exact=True).click()


async def test_pictures_places_and_links_are_sent_and_seen(page: Page, product: EchoAccount) -> None:
    await follow(page)
    await page.get_by_role("button", name="切换到键盘").click()
    await page.locator("#picture").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": PIXEL}
    )
    await expect(page.get_by_role("img", name="图片")).to_have_js_property("naturalWidth", 1)
    async with ClientSession() as session, session.get(product.fields[-1]["PicUrl"]) as response:
        assert await response.read() == PIXEL
    await extra(page, "位置")
    await page.keyboard.press("Enter")
    await expect(page.locator(".tile .map")).to_be_visible()
    await extra(page, "网页链接")
    await page.locator("#ask-value").fill("https://x.cn/p")
    await page.keyboard.press("Enter")
    await expect(page.locator("a.tile")).to_have_attribute("href", "https://x.cn/p")
    await extra(page, "视频")
    await expect(page.locator(".entry.person")).to_have_count(4)
    assert [fields["MsgType"] for fields in product.fields[1:]] == ["image", "location", "link", "video"]


async def test_a_page_opens_inside_the_phone_and_learns_who_it_is(
    page: Page, fake: FakeWeChat, own_page: OwnPage
) -> None:
    await follow(page)
    fake.show(fake.person(ANN), Origin.CUSTOMER, Content(Kind.TEXT, f"请打开 {own_page.url}"))
    await page.get_by_role("link", name=own_page.url).click()
    inside = page.frame_locator("#browser-frame")
    await expect(inside.get_by_text("申请获得你的昵称和头像")).to_be_visible()
    await inside.get_by_role("button", name="允许").press("Enter")
    await expect(inside.get_by_text("开门")).to_be_visible()
    (query,) = own_page.queries
    assert query["state"] == "from-the-page"
    account = fake.account
    answer = fake.calls()["sns/oauth2/access_token"](
        {
            "appid": account.app_id,
            "secret": account.app_secret,
            "code": query["code"],
            "grant_type": "authorization_code",
        }
    )
    assert isinstance(answer, dict)
    assert answer["openid"] == ANN
    await page.get_by_role("button", name="关闭网页").focus()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="网页")).to_be_hidden()


async def test_the_weather_is_made_and_cleared(page: Page, fake: FakeWeChat) -> None:
    await follow(page)
    await page.get_by_role("button", name="设置").click()
    await page.get_by_label("哪些接口").select_option("客服消息")
    await page.get_by_label("几次").fill("3")
    await page.get_by_label("出什么事").select_option("45011 调用太频繁")
    await page.get_by_role("button", name="就这样").click()
    await expect(page.locator("#weather")).to_have_text("接下来 3 次调用报错 45011。")
    faults = fake.faults
    assert (faults.fail_calls, faults.fail_errcode, faults.only_path) == (3, 45011, "message/custom/send")
    await page.get_by_label("出什么事").select_option("超时：已生效，一直不回答")
    await page.get_by_role("button", name="就这样").click()
    await expect(page.locator("#weather")).to_contain_text("3 次调用一直不回答")
    await page.get_by_label("出什么事").select_option("慢：过几秒才回答")
    await page.get_by_label("慢几秒").fill("9")
    await page.get_by_role("button", name="就这样").click()
    await expect(page.locator("#weather")).to_contain_text("慢 9 秒")
    await page.get_by_label("每次推送都同时来两遍").check()
    await page.get_by_label("模板回执的结果").select_option("系统失败")
    await page.get_by_label("模板回执晚到").select_option("1 分钟")
    await page.get_by_role("button", name="令牌全部作废").click()
    await page.get_by_label("冻结 AppSecret").check()
    await expect(page.get_by_role("alert")).to_have_text("令牌全部作废")
    await page.get_by_role("button", name="放晴").click()
    await expect(page.locator("#weather")).to_have_text("接口正常。")
    await expect(page.get_by_label("每次推送都同时来两遍")).not_to_be_checked()
    assert faults == Faults()
    assert fake.tokens.frozen


async def test_breaches_are_grouped_said_and_counted_anew(page: Page, fake: FakeWeChat) -> None:
    await follow(page)
    for number in range(2):
        fake.rules.broken(Rule.QUOTA, "cgi-bin/message/custom/send", f"45047 第{number}次")
    await expect(page.locator("#violation-count")).to_have_text("2")
    line = page.locator("#violations li")
    await expect(line).to_contain_text("客服消息超出这次互动允许的条数")
    await expect(line).to_contain_text("2 次")
    await expect(line).to_contain_text("45047 第1次")
    await page.get_by_role("button", name="设置").click()
    await page.get_by_role("button", name="重新计数").click()
    await expect(page.get_by_text("目前没有。")).to_be_visible()


async def test_an_agent_takes_over_and_gives_back(page: Page, fake: FakeWeChat, product: EchoAccount) -> None:
    fake.agents.agents["li@wx"] = Agent("li@wx", "小李")
    await follow(page)

    async def transfer(message: BaseMessage) -> str:
        return (
            str(TransferCustomerServiceReply(message=message).render())
            if message.type == "text"
            else "success"
        )

    product.answer = transfer
    await fake.say(ANN, "找人工")
    await expect(page.get_by_role("status").first).to_have_text("正在和客服小李对话")
    await page.get_by_role("button", name="设置").click()
    await page.get_by_label("客服说的话").fill("您好，我是小李")
    await page.keyboard.press("Enter")
    await expect(page.locator(".entry.account").last).to_contain_text("您好，我是小李")
    await page.get_by_role("button", name="结束会话").click()
    await expect(page.locator("#with-agent")).to_be_hidden()


async def test_notices_are_agreed_to_and_shown(page: Page, fake: FakeWeChat) -> None:
    await follow(page)
    await page.get_by_role("button", name="切换到键盘").click()
    await extra(page, "订阅通知")
    await page.get_by_role("dialog").get_by_label("办件进度通知").uncheck()
    async with page.expect_response("**/subscribe"):
        await page.get_by_role("button", name="确定").click()
    assert fake.subscriptions.granted(ANN, GRANT) == 1
    assert fake.subscriptions.granted(ANN, LONG_TERM) == 0
    card = Content(
        Kind.SUBSCRIPTION, "政策到期提醒", rows=(Row("thing1", "政策名称", "稳岗补贴"),), app_id="wx1"
    )
    fake.show(fake.person(ANN), Origin.SUBSCRIPTION, card)
    await expect(page.locator(".card-kind")).to_have_text("订阅通知")
    await expect(page.locator(".card .more")).to_have_text("进入小程序查看")


async def test_a_menu_of_the_product_s_own_is_shown_at_once(page: Page, fake: FakeWeChat) -> None:
    await follow(page)
    fake.calls()["cgi-bin/menu/create"]({"button": [{"type": "click", "name": "新菜单", "key": "new"}]})
    await expect(page.get_by_role("button", name="新菜单")).to_be_visible()


async def test_phones_stand_side_by_side(page: Page, fake: FakeWeChat, sandbox_url: str) -> None:
    fake.add_person("oBob", "卜先生")
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.goto(f"{sandbox_url}/phones")
    ann, bob = (page.frame_locator(f"iframe[title='{name}的手机']") for name in ("安女士", "卜先生"))
    await ann.get_by_role("button", name="关注公众号").click()
    await expect(ann.get_by_role("navigation", name="公众号菜单")).to_be_visible()
    await expect(bob.get_by_role("button", name="关注公众号")).to_be_visible()
    await page.get_by_role("button", name="添加一位").click()
    await expect(page.locator("iframe")).to_have_count(3)
    await page.get_by_label("卜先生").uncheck()
    await expect(page.locator("iframe")).to_have_count(2)
    assert [person.followed for person in fake.people][:2] == [True, False]


async def test_everything_is_reached_by_keyboard_at_375_px(page: Page) -> None:
    await page.get_by_role("button", name="设置").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="完成")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="设置")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="关注公众号")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="切换到键盘").press("Enter")
    await expect(page.get_by_label("输入消息")).to_be_focused()
    assert await page.evaluate("document.documentElement.scrollWidth") == 375
