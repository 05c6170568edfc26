"""The service as `make run` starts it, in a browser: from the first word in chat to a published request."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot import app, config
from bot.config import Settings
from bot.embedded import ports
from tests.bot.web.pages.test_browser import (
    CHROMIUM,
    QUIET,
    SCREEN,
    begin_face_check,
    fill_in_registration,
)

WISH = "我在昆山做五金加工，想贷120万买一台加工中心，两年，用厂房抵押"

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium")


@pytest.fixture
async def service(tmp_path: Path, rasa_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Settings]:
    """On its embedded parts and with the sandbox, as on a fresh machine."""
    monkeypatch.setenv("RONGQIAO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("RONGQIAO_SERVER__PORT", str(ports.any_free()))
    monkeypatch.setenv("RONGQIAO_NLU__URL", rasa_url)
    monkeypatch.setenv("RONGQIAO_LOG__LEVEL", "WARNING")
    settings = config.load()
    async with app.running(settings):
        yield settings


@pytest.fixture
async def phone(service: Settings) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = await browser.new_page(viewport=SCREEN)
        await page.goto(f"{service.server.address}/sandbox")
        await page.get_by_role("button", name="关注公众号").click()
        await page.get_by_role("button", name="切换到键盘").click()
        yield page
        await browser.close()


async def say(page: Page, words: str) -> None:
    await page.get_by_label("输入消息").fill(words)
    async with page.expect_response("**/say"):
        await page.keyboard.press("Enter")


@pytest.mark.timeout(400)
async def test_from_the_first_word_to_a_published_request(phone: Page) -> None:
    await say(phone, WISH)
    await say(phone, "确认")
    await phone.get_by_role("link", name="点这里办企业注册").click()
    inside = phone.frame_locator("#browser-frame")
    await expect(inside.get_by_role("heading", name="注册企业")).to_be_visible()
    await fill_in_registration(inside)
    await inside.get_by_role("button", name="提交注册").click()
    await inside.get_by_label("我对照营业执照核对过").check()
    await inside.get_by_role("button", name="提交注册").click()
    # The sandbox has no reviews: what is left is the owner's own.
    await expect(inside.get_by_role("heading", name="还差两步")).to_be_visible()
    await inside.get_by_role("link", name="下一步：实名认证").click()
    await begin_face_check(inside)
    await inside.get_by_role("button", name="通过", exact=True).click()
    await inside.get_by_role("link", name="看下一步").click()
    await inside.get_by_role("link", name="去授权").click()
    await inside.get_by_role("button", name="全部勾选").click()
    await inside.get_by_label("匹配融资产品和政策").check()
    await inside.get_by_role("button", name="下一步").click()
    await inside.get_by_label("我已阅读以上授权书").check()
    await inside.get_by_role("button", name="同意授权").click()
    await expect(inside.get_by_role("status")).to_contain_text("您的融资需求已自动发布")
    await phone.get_by_role("button", name="关闭网页").click()
    # And in the chat he hears of it.
    await expect(phone.locator(".card", has_text="1200000元")).to_contain_text("已发布")
