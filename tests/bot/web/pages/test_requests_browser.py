"""Choosing an offer and rating it in a real browser, by keyboard alone; and what axe says on the way."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.bot.web.pages import market, town
from tests.bot.web.pages.market import LATE, MERCHANTS, RURAL
from tests.bot.web.pages.test_browser import CHROMIUM, QUIET, look, opened, see
from tests.bot.web.pages.town import BANK, JINGGONG
from tests.bot.web.pages.world import World

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


async def test_from_two_offers_to_a_loan_that_is_rated(world: World, browser: Browser) -> None:
    await town.owner(world, "oOwner")
    await town.bank(world)
    request = await market.published(world, "oOwner", JINGGONG)
    await market.followed(world, request.id, BANK, RURAL, MERCHANTS, LATE)
    await market.approved(world, request.id, BANK, "4.35")
    await market.approved(world, request.id, RURAL, "3.9", 36)
    faults: list[str] = []
    async with opened(world, browser, "oOwner") as page:
        await see(page, world, "/m/")
        await page.get_by_role("link", name="融资需求和进度").press("Enter")
        await page.get_by_role("link", name="2家机构已批准，等您选").press("Enter")
        offers = page.get_by_role("table")
        await expect(offers.get_by_role("columnheader", name=RURAL)).to_be_visible()
        await expect(offers.get_by_role("row", name="利息合计")).to_contain_text("45,941元")
        faults += await look(page, "offers")
        await page.get_by_role("link", name=f"选{RURAL}").press("Enter")
        await page.get_by_text("每月还多少").press("Enter")
        await expect(page.get_by_role("row", name="36 ")).to_be_visible()
        faults += await look(page, "one offer")
        await page.get_by_role("button", name="确认选定").press("Enter")
        await expect(page.get_by_role("status")).to_contain_text(f"已经选定{RURAL}")
        faults += await look(page, "chosen")
        await market.granted(world, request.id, RURAL)
        await page.reload()
        await page.get_by_role("link", name="评价这家机构的服务").press("Enter")
        await page.get_by_role("button", name="提交评价").press("Enter")
        await expect(page.get_by_role("alert")).to_be_focused()
        faults += await look(page, "no stars yet")
        await page.get_by_role("radio", name="5 星").focus()
        await page.keyboard.press("Space")
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_role("radio", name="4 星")).to_be_checked()
        await page.get_by_label("想说的话").press_sequentially("办得快")
        await page.get_by_role("button", name="提交评价").press("Enter")
        await expect(page.get_by_text(f"您给了{RURAL} 4 星")).to_be_visible()
        faults += await look(page, "rated")
    assert faults == []


async def test_three_offers_do_not_push_the_page_off_the_screen(world: World, browser: Browser) -> None:
    """The table scrolls by itself, and takes the keyboard's focus for that."""
    await town.owner(world, "oOwner")
    await town.bank(world)
    request = await market.published(world, "oOwner", JINGGONG)
    await market.followed(world, request.id, BANK, RURAL, MERCHANTS)
    for name in (BANK, RURAL, MERCHANTS):
        await market.approved(world, request.id, name)
    async with opened(world, browser, "oOwner") as page:
        await see(page, world, f"/m/requests/{request.id}")
        assert await look(page, "three offers") == []
        await page.get_by_role("region", name="机构的方案").focus()
        await expect(page.get_by_role("region", name="机构的方案")).to_be_focused()


async def test_more_is_told_to_the_adviser_without_scripts(world: World, browser: Browser) -> None:
    await town.owner(world, "oOwner")
    case = await market.in_difficulty(world, "oOwner", JINGGONG)
    async with opened(world, browser, "oOwner", scripts=False) as page:
        await see(page, world, f"/m/cases/{case.id}")
        await page.get_by_label("想告诉顾问的话").fill("客户答应月底付一半")
        await page.get_by_role("button", name="转给顾问").press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("已经转给顾问")
