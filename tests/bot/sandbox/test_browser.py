"""The phone in a real browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.sandbox.people import Article, Content, Kind, Option, Origin, Row
from bot.sandbox.wechat import FAULT_NOTICE, FakeWeChat
from tests.bot.sandbox.conftest import ANN
from tests.bot.sandbox.product import EchoAccount

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
EVIL = "<img src=x onerror=\"document.title='evil'\">"

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
    await page.get_by_role("button", name="我的服务").press("Enter")
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


async def test_the_panel_changes_people_and_keeps_them_over_a_reload(page: Page, fake: FakeWeChat) -> None:
    await follow(page)
    await page.get_by_role("button", name="设置").click()
    await page.get_by_role("button", name="换一个新用户").click()
    await page.get_by_role("textbox", name="新用户的昵称").fill("卜先生")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("用户", exact=True)).to_contain_text("卜先生")
    await expect(page.get_by_role("button", name="关注公众号")).to_be_visible()
    await page.reload()
    await expect(page.locator("#openid")).not_to_have_text(ANN)
    await expect(page.locator("#openid")).to_have_text(next(p.openid for p in fake.people if p.openid != ANN))
    await page.get_by_role("button", name="设置").click()
    await page.get_by_label("用户", exact=True).select_option(ANN)
    await expect(page.get_by_role("button", name="取消关注")).to_be_visible()
    await page.get_by_label("拒收").check()
    await expect(page.get_by_label("拒收")).to_be_checked()
    assert fake.person(ANN).followed


async def test_voice_and_scan_ask_first(page: Page, product: EchoAccount) -> None:
    await follow(page)
    await page.get_by_role("button", name="切换到键盘").click()
    await page.get_by_role("button", name="发语音").click()
    await page.get_by_role("dialog").get_by_role("textbox").fill("有没有补贴")
    await page.keyboard.press("Enter")
    await expect(page.locator(".heard")).to_have_text("有没有补贴")
    assert product.fields[-1]["Recognition"] == "有没有补贴"
    await page.get_by_role("button", name="更多").click()
    await page.get_by_role("button", name="扫一扫").click()
    await page.get_by_role("dialog").get_by_role("textbox").fill("hall")
    async with page.expect_response("**/scan"):
        await page.keyboard.press("Enter")
    assert product.fields[-1]["EventKey"] == "hall"
