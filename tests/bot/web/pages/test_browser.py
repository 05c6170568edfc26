"""The pages in a real browser: inside the sandbox's phone, by keyboard alone, and looked at by axe."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, FrameLocator, Page, async_playwright, expect

from bot.sandbox.people import Content, Kind, Origin
from bot.web.links import MOUNT
from bot.web.pages import login
from bot.web.pages.parts import SESSIONS
from domain import requests
from domain.authorizations import reading
from domain.base import utcnow
from domain.identity import verifications
from domain.labels import Purpose
from domain.needs import Need
from domain.requests import RequestStatus
from tests.bot.web.pages import town
from tests.bot.web.pages.routes import ROUTES
from tests.bot.web.pages.world import World

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
SCREEN = {"width": 375, "height": 812}
SMALLEST_TARGET = 44
# Of a box that is ticked, its whole line can be tapped.
_SMALL_TARGETS = """(least) => [...document.querySelectorAll(
    "main a, main button:not([aria-hidden]), main select, main input:not([type=hidden]), main summary"
)]
    .filter((one) => one.checkVisibility())
    .map((one) => one.matches("[type=radio], [type=checkbox]") ? one.closest("label") : one)
    .filter((one) => one.getBoundingClientRect().height < least)
    .map((one) => one.outerHTML.slice(0, 90))"""

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(world: World, browser: Browser, openid: str, *, scripts: bool = True) -> AsyncIterator[Page]:
    """A browser in which that person is logged in; errors of scripts and of the policy fail the test."""
    faults: list[str] = []
    context = await browser.new_context(viewport=SCREEN, java_script_enabled=scripts)
    session_id = await world.app[SESSIONS].begin(openid)
    cookie = {"name": login.SESSION_COOKIE, "value": session_id, "domain": "127.0.0.1", "path": MOUNT}
    await context.add_cookies([cookie])
    page = await context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None,
    )
    yield page
    await context.close()
    assert faults == []


async def see(page: Page, world: World, path: str) -> None:
    await page.goto(
        str(world.url.join(world.url.with_path(path.partition("?")[0]))) + path[len(path.partition("?")[0]) :]
    )


class Chat:
    """A person's phone in the sandbox, with the page that is open inside of it."""

    def __init__(self, world: World, page: Page, openid: str) -> None:
        self.world, self.page, self.openid = world, page, openid

    @property
    def inside(self) -> FrameLocator:
        return self.page.frame_locator("#browser-frame")

    async def follow_link(self, to: str, words: str) -> None:
        """The service writes, the person taps."""
        link = self.world.links.to(self.openid, to)
        text = f'<a href="{link}">{words}</a>'
        self.world.fake.show(self.world.fake.person(self.openid), Origin.CUSTOMER, Content(Kind.TEXT, text))
        await self.page.get_by_role("link", name=words).last.click()

    async def close_page(self) -> None:
        await self.page.get_by_role("button", name="关闭网页").click()
        await expect(self.page.get_by_role("dialog", name="网页")).to_be_hidden()


@pytest.fixture
async def chat(world: World, browser: Browser) -> AsyncIterator[Chat]:
    openid = world.fake.add_person(nickname="安女士").openid
    world.fake.person(openid).followed = True
    context = await browser.new_context(viewport=SCREEN)
    page = await context.new_page()
    await page.goto(str(world.url / "sandbox" % {"as": openid}))
    yield Chat(world, page, openid)
    await context.close()


async def fill_in_registration(inside: FrameLocator | Page) -> None:
    await inside.get_by_label("统一社会信用代码", exact=True).fill(town.JINGGONG)
    await inside.get_by_label("企业全称").fill(town.NAMES[town.JINGGONG])
    await inside.get_by_label("企业类型").select_option("高新技术企业")
    await inside.get_by_label("所属行业").select_option("制造业")
    await inside.get_by_label("省份").select_option("江苏省")
    await inside.get_by_label("城市").select_option("苏州市")
    await inside.get_by_label("区县").select_option("昆山市")
    await inside.get_by_label("法定代表人").check()
    await inside.get_by_label("联系人姓名").fill("安小燕")
    await inside.get_by_label("联系电话").fill("13812345678")


async def begin_face_check(inside: FrameLocator) -> None:
    await inside.get_by_label("姓名").fill(town.PERSON.name)
    await inside.get_by_label("身份证号码").fill(town.PERSON.id_number)
    await inside.get_by_role("radio", name="一两分钟").check()
    await inside.get_by_label("单独同意处理").check()
    await inside.get_by_role("button", name="下一步").click()
    await inside.get_by_role("link", name="开始刷脸").click()


async def waiting_request(world: World, openid: str) -> str:
    """A request that its owner confirmed in chat."""
    need = Need(amount_min=500_000, amount_max=500_000, term_months=12, purpose=Purpose.WORKING_CAPITAL)
    async with world.database.unit_of_work() as session:
        row = await requests.draft(session, openid, need, utcnow())
        requests.confirm(row, utcnow(), review_first=False)
    return row.id


async def test_from_chat_to_registered_verified_authorized_and_back(world: World, chat: Chat) -> None:
    request_id = await waiting_request(world, chat.openid)
    inside = chat.inside
    await chat.follow_link("register", "点这里办企业注册")
    await fill_in_registration(inside)
    await inside.get_by_role("button", name="提交注册").click()
    # The check character is wrong: the page asks to look again.
    await expect(inside.get_by_role("alert")).to_contain_text("校验位对不上")
    await inside.get_by_label("我对照营业执照核对过").check()
    await inside.get_by_role("button", name="提交注册").click()
    await expect(inside.get_by_role("heading", name="正在审核")).to_be_visible()
    await chat.close_page()
    async with world.database.reading() as session:
        (row,) = await town.registrations.all_of(session, chat.openid)
    await town.reviewed(world, row)
    await chat.follow_link("identity", "点这里办实名认证")
    await begin_face_check(inside)
    await inside.get_by_role("button", name="通过", exact=True).click()
    await expect(inside.get_by_role("heading", name="实名认证已通过")).to_be_visible()
    await inside.get_by_role("link", name="看下一步").click()
    await inside.get_by_role("link", name="去授权").click()
    await inside.get_by_role("button", name="全部勾选").click()
    await inside.get_by_label("匹配融资产品和政策").check()
    await inside.get_by_role("button", name="下一步").click()
    await inside.get_by_label("我已阅读以上授权书").check()
    await inside.get_by_role("button", name="同意授权").click()
    await expect(inside.get_by_role("status")).to_contain_text("您的融资需求已自动发布")
    await chat.close_page()
    async with world.database.reading() as session:
        published = await requests.own(session, chat.openid, request_id)
        (consent,) = await reading.of_company(session, town.JINGGONG)
    assert published is not None
    assert (published.status, published.company) == (RequestStatus.PUBLISHED, town.NAMES[town.JINGGONG])
    assert consent.user_agent
    assert "Chrome" in consent.user_agent


@pytest.mark.parametrize(
    ("button", "heading"),
    [("不通过", "这次没有通过"), ("中途离开", "认证没有做完")],
    ids=["fail", "walk away"],
)
async def test_who_did_not_pass_is_told_what_is_next(
    world: World, chat: Chat, button: str, heading: str
) -> None:
    await chat.follow_link("identity", "点这里办实名认证")
    await begin_face_check(chat.inside)
    await chat.inside.get_by_role("button", name=button).click()
    await expect(chat.inside.get_by_role("heading", name=heading)).to_be_visible()
    await chat.inside.get_by_role("link", name="重新认证").click()
    await expect(chat.inside.get_by_label("姓名")).to_be_visible()
    async with world.database.reading() as session:
        assert not await verifications.is_verified(session, chat.openid)


async def test_who_closed_the_window_finds_the_way_back(chat: Chat) -> None:
    await chat.follow_link("identity", "点这里办实名认证")
    await begin_face_check(chat.inside)
    await chat.close_page()
    await chat.follow_link("identity", "接着认证")
    await chat.inside.get_by_role("link", name="开始刷脸").click()
    await chat.inside.get_by_role("button", name="通过", exact=True).click()
    await expect(chat.inside.get_by_role("heading", name="实名认证已通过")).to_be_visible()


async def test_everything_works_without_scripts(world: World, browser: Browser) -> None:
    async with opened(world, browser, "oNoScripts", scripts=False) as page:
        await see(page, world, "/m/register")
        await page.get_by_label("省份").select_option("江苏省")
        await page.get_by_role("button", name="更新城市和区县").click()
        await page.get_by_label("城市").select_option("苏州市")
        await page.get_by_role("button", name="更新城市和区县").click()
        await fill_in_registration(page)
        await page.get_by_role("button", name="提交注册").click()
        await page.get_by_label("我对照营业执照核对过").check()
        await page.get_by_role("button", name="提交注册").click()
        await expect(page.get_by_role("heading", name="正在审核")).to_be_visible()


async def choose(page: Page, words: str) -> None:
    """In the list that has the focus, by the arrow; then on to the next field."""
    chosen = "document.activeElement.selectedOptions[0].text"
    while await page.evaluate(chosen) != words:
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")


async def test_registered_by_keyboard_alone(world: World, browser: Browser) -> None:
    async with opened(world, browser, "oKeyboard") as page:
        await see(page, world, "/m/")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="去注册企业")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="注册企业")).to_be_visible()
        for _ in range(3):
            await page.keyboard.press("Tab")
        for text in (town.JINGGONG, town.NAMES[town.JINGGONG]):
            await page.keyboard.type(text)
            await page.keyboard.press("Tab")
        for words in ("高新技术企业", "制造业", "江苏省"):
            await choose(page, words)
        # The next list comes when the one before is left.
        await expect(page.locator("#f-city option")).not_to_have_count(1)
        await choose(page, "苏州市")
        await expect(page.locator("#f-district option")).not_to_have_count(1)
        await choose(page, "昆山市")
        await page.get_by_label("法定代表人").focus()
        await page.keyboard.press("Space")
        await page.keyboard.press("Tab")
        await page.keyboard.type("安小燕")
        await page.keyboard.press("Tab")
        await page.keyboard.type("13812345678")
        await page.keyboard.press("Enter")
        summary = page.get_by_role("alert")
        await expect(summary).to_contain_text("校验位对不上")
        # It has the focus already: what is wrong is read out, and the next tab leads to it.
        await expect(summary).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.get_by_label("我对照营业执照核对过").press("Space")
        await page.get_by_role("button", name="提交注册").press("Enter")
        await expect(page.get_by_role("heading", name="正在审核")).to_be_visible()


async def look(page: Page, name: str) -> list[str]:
    """What is wrong with a page: by axe, by its width, by targets that a thumb misses."""
    found = await Axe().run(page, options={"resultTypes": ["violations"]})
    faults = [
        f"{name}: {item['id']} {[node['html'] for node in item['nodes']][:2]}"
        for item in found.response["violations"]
        if item["impact"] in {"serious", "critical", "moderate"}
    ]
    if await page.evaluate("document.documentElement.scrollWidth") != SCREEN["width"]:
        faults.append(f"{name}: wider than the screen")
    small = await page.evaluate(_SMALL_TARGETS, SMALLEST_TARGET)
    return faults + [f"{name}: too small to tap: {one}" for one in small]


async def test_every_page_can_be_read_by_everybody(world: World, browser: Browser) -> None:
    mine = await town.everything(world, "oOwner")
    faults: list[str] = []
    for openid in ("oOwner", "oNobody"):
        async with opened(world, browser, openid) as page:
            for route in ROUTES:
                if route.method != "GET" or "places" in route.canonical:
                    continue
                await see(page, world, route.path(mine).replace("{kind}/{version}", "face/1"))
                faults += await look(page, f"{route} for {openid}")
    assert faults == []


async def test_what_is_wrong_can_be_read_by_everybody(world: World, browser: Browser) -> None:
    faults: list[str] = []
    async with opened(world, browser, "oWrong") as page:
        for path, button in (("/m/register", "提交注册"), ("/m/identity", "下一步")):
            await see(page, world, path)
            await page.get_by_role("button", name=button).click()
            await expect(page.get_by_role("alert")).to_be_visible()
            faults += await look(page, f"{path} after {button}")
    assert faults == []


async def test_a_session_inside_the_phone_does_not_leak_to_another_person(world: World, chat: Chat) -> None:
    """A link that one person forwards shows the other nothing, and says so kindly."""
    await town.owner(world, chat.openid)
    other = world.fake.add_person(nickname="卜先生").openid
    link = world.links.to(other, "credit")
    world.fake.show(
        world.fake.person(chat.openid), Origin.CUSTOMER, Content(Kind.TEXT, f'<a href="{link}">转发的</a>')
    )
    await chat.page.get_by_role("link", name="转发的").click()
    await expect(chat.inside.get_by_role("heading", name="这个链接不是发给您的")).to_be_visible()


async def test_the_report_is_printed_without_what_only_a_screen_needs(world: World, browser: Browser) -> None:
    await town.owner(world, "oOwner")
    await town.known(world)
    async with opened(world, browser, "oOwner") as page:
        await see(page, world, "/m/credit?all=1")
        await expect(page.get_by_text("实缴资本", exact=True)).to_be_visible()
        await page.emulate_media(media="print")
        for hidden in (".bar", ".foot", ".button", ".no-print"):
            assert [one for one in await page.locator(hidden).all() if await one.is_visible()] == []
        await expect(page.get_by_role("img", name="六个维度得分")).to_be_visible()
