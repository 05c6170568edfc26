"""An owner, from his first word in chat to a published request, in steps that he can do again.

After a fault he does again what he did last: the same letter, the same address, the same form with the same
ticket; where that does not show him what he wanted he opens the page anew.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any

from aiohttp import ClientSession
from yarl import URL

from bot.sandbox.wechat import FakeWeChat
from tests.bot.identity.cloud import FaceCloud
from tests.bot.web.pages.town import PERSON
from tests.bot.web.pages.world import Answer
from tests.faults.browser import Browser, Form
from tests.faults.phone import Letter, Phone
from tests.faults.replica import Replica
from tests.faults.town import FIRST, PUBLISH
from tests.journeys.house import TOKEN, credit_code

_REGISTER, _IDENTITY, _AUTHORIZE = "/m/register", "/m/identity", "/m/authorizations/new"
_CHOSEN = "?kind=credit_data&read=1&scope=base&scope=lending&purpose=matching&purpose=scoring"
_COMPANY = {
    "kind": "high_tech",
    "industry": "C",
    "province": "320000",
    "city": "320500",
    "district": "320583",
    "role": "legal_representative",
    "contact": "安小燕",
    "phone": "13812345678",
}
_FACE = {"name": PERSON.name, "id_number": PERSON.id_number, "way": "face", "face": "yes"}
_LINK = re.compile(r'<a href="([^"]+)">点这里办企业注册')
_CAMERA = re.compile(r'href="([^"]+)">开始刷脸')


@dataclass(frozen=True, slots=True)
class Surroundings:
    """WeChat, who checks faces, and the process that answers to owners."""

    fake: FakeWeChat
    cloud: FaceCloud
    service: Replica


class Owner:
    """The steps stand in the order of `STEPS`; each says what its person must see."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self.phone = Phone(around.fake)
        self.browser = Browser(around.fake, self.openid, around.service.port)
        self.uscc = credit_code(self.openid)
        self._letters: dict[str, Letter] = {}
        self._link = self._back = self._face = ""
        self._form: Form | None = None
        self._seen: dict[str, dict[str, Any]] = {}

    @property
    def openid(self) -> str:
        return self.phone.openid

    async def wishes(self) -> None:
        assert PUBLISH in await self._says(FIRST)

    async def confirms(self) -> None:
        answer = await self._says(PUBLISH)
        found = _LINK.search(answer)
        assert found, answer
        self._link = found[1]

    async def _says(self, text: str) -> str:
        if text not in self._letters:
            self._letters[text] = self.phone.write(text)
        return await self.phone.send(self._letters[text], self._around.service)

    async def opens_the_link(self) -> None:
        self._back = self.browser.agreed(await self.browser.get(self._link))

    async def comes_back_from_wechat(self) -> None:
        page = await self.browser.open(self._back)
        if page.status != 200:
            # The code counts once: from the chat he comes in again.
            page = await self.browser.open(self._link)
        assert "<h1>注册企业</h1>" in page.text

    async def fills_in_the_registration(self) -> None:
        page = await self.browser.open(_REGISTER)
        company = _COMPANY | {"uscc": self.uscc, "name": f"苏州{self.uscc[-5:-1]}有限公司"}
        self._form = Form.of(page, _REGISTER, company)

    async def registers(self) -> None:
        await self._sends(lambda page: "区县初审" in page.text, self.fills_in_the_registration)

    async def passes_the_district(self) -> None:
        await self._is_approved("district_review")

    async def passes_the_city(self) -> None:
        await self._is_approved("city_review")

    async def _is_approved(self, lies_at: str) -> None:
        """An office approves what it saw; done again it hears that this is over."""
        office = f"{self._around.service.address}/api/v1/registrations"
        async with ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
            if lies_at not in self._seen:
                async with session.get(office, params={"status": lies_at}) as answer:
                    (self._seen[lies_at],) = [
                        item for item in (await answer.json())["items"] if item["uscc"] == self.uscc
                    ]
            seen = self._seen[lies_at]
            approval = {"version": seen["version"]}
            async with session.post(f"{office}/{seen['id']}/approve", json=approval) as answer:
                assert answer.status in {200, 409}

    async def fills_in_who_he_is(self) -> None:
        page = await self.browser.open(f"{_IDENTITY}?again=1")
        self._form = Form.of(page, _IDENTITY, _FACE)

    async def begins_the_face_check(self) -> None:
        page = await self._sends(lambda page: bool(_CAMERA.search(page.text)), self.fills_in_who_he_is)
        (address,) = _CAMERA.findall(page.text)
        self._face = URL(unescape(address)).query["token"]

    async def comes_back_from_the_face_check(self) -> None:
        cloud = self._around.cloud
        cloud.passes(self._face)
        back = URL(cloud.tries[self._face]["RedirectUrl"]).update_query(BizToken=self._face)
        assert "实名认证已通过" in (await self.browser.open(str(back))).text

    async def reads_the_consent(self) -> None:
        page = await self.browser.open(_AUTHORIZE + _CHOSEN)
        self._form = Form.of(page, _AUTHORIZE, {"agree": "yes"})

    async def authorizes(self) -> None:
        await self._sends(_shows_the_authorization, self.reads_the_consent)

    async def _sends(self, done: Callable[[Answer], bool], anew: Callable[[], Awaitable[None]]) -> Answer:
        """The form that he has; should it lead to nothing, the one of the page opened anew."""
        assert self._form is not None
        page = await self.browser.send(self._form)
        if not done(page):
            await anew()
            page = await self.browser.send(self._form)
        assert done(page), page
        return page


@asynccontextmanager
async def newcomer(around: Surroundings, events: Replica) -> AsyncIterator[Owner]:
    """Somebody unknown who has just followed the account, as the process `events` hears."""
    owner = Owner(around)
    around.fake.callback_url = f"{events.address}/wechat"
    await around.fake.follow(owner.openid)
    try:
        yield owner
    finally:
        await owner.browser.close()


def _shows_the_authorization(page: Answer) -> bool:
    """Its own page, or the home page where nothing is left to do."""
    return page.url.path.startswith("/m/authorizations/AU") or "手续都办好了" in page.text


Step = Callable[[Owner], Awaitable[None]]
STEPS: tuple[Step, ...] = (
    Owner.wishes,
    Owner.confirms,
    Owner.opens_the_link,
    Owner.comes_back_from_wechat,
    Owner.fills_in_the_registration,
    Owner.registers,
    Owner.passes_the_district,
    Owner.passes_the_city,
    Owner.fills_in_who_he_is,
    Owner.begins_the_face_check,
    Owner.comes_back_from_the_face_check,
    Owner.reads_the_consent,
    Owner.authorizes,
)
