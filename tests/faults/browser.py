"""The browser inside a person's WeChat: keeps cookies, goes through WeChat's login, sends forms."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import ClientSession, CookieJar
from yarl import URL

from bot.embedded import ports
from bot.sandbox.wechat import FakeWeChat
from tests.bot.web.pages.world import Answer

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
_MOST_REDIRECTS = 8


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it was filled in; sent again, it has the same ticket."""

    path: str
    fields: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, page: Answer, path: str, filled_in: Mapping[str, str]) -> Self:
        return cls(path, [*_HIDDEN.findall(page.text), *filled_in.items()])


class Browser:
    """`port` is where it reaches the service; whatever goes on ends with the server's connection."""

    def __init__(self, fake: FakeWeChat, openid: str, port: int) -> None:
        self.port = port
        self._fake = fake
        self._openid = openid
        self._session = ClientSession(cookie_jar=CookieJar(unsafe=True))

    async def close(self) -> None:
        await self._session.close()

    async def get(self, address: str) -> Answer:
        return await self._ask("GET", address)

    async def send(self, form: Form) -> Answer:
        return await self._followed(await self._ask("POST", form.path, data=form.fields))

    async def open(self, address: str) -> Answer:
        return await self._followed(await self.get(address))

    def agreed(self, answer: Answer) -> str:
        """Where WeChat's login, to which the answer leads, sends the browser back to."""
        return str(self._fake.open_page(self._openid, URL(answer.location).raw_query_string))

    async def _followed(self, answer: Answer) -> Answer:
        for _ in range(_MOST_REDIRECTS):
            if not 300 <= answer.status < 400:
                return answer
            at_wechat = "/connect/oauth2/authorize" in answer.location
            answer = await self.get(self.agreed(answer) if at_wechat else answer.location)
        raise AssertionError(f"led around in circles: {answer.location}")

    async def _ask(self, method: str, address: str, **more: Any) -> Answer:
        here = URL.build(scheme="http", host=ports.LOOPBACK, port=self.port)
        asked = URL(address)
        url = here.with_path(asked.raw_path, encoded=True).with_query(asked.raw_query_string)
        async with self._session.request(method, url, allow_redirects=False, **more) as answer:
            return Answer(answer.status, await answer.text(), dict(answer.headers), answer.url)
