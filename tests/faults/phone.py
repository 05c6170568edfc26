"""A person's phone; what is typed on it WeChat may send again, the very same, to any replica."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, cycle, islice

from aiohttp import ClientSession

from bot.sandbox.delivery import RawReply
from bot.sandbox.envelope import Encryption, Envelope, Push
from bot.sandbox.ledger import Trigger
from bot.sandbox.people import Content, Kind, Origin, Sender
from bot.sandbox.wechat import FakeWeChat
from tests.faults.replica import Replica
from tests.journeys.house import TOKEN, credit_code

# Rises over all phones, as WeChat's does.
_TRIES = 4
_SAID = (Origin.REPLY, Origin.CUSTOMER)
_MESSAGE_IDS: Iterator[int] = count(time.time_ns())


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, sealed: sent again it is the very same."""

    key: str
    push: Push


class Phone:
    """One person who follows the account."""

    def __init__(self, fake: FakeWeChat) -> None:
        self.fake = fake
        self.openid = fake.add_person().openid
        self._envelope = Envelope(fake.account, Encryption.SAFE)
        self._person = fake.person(self.openid)
        self._before = 0

    async def follow(self, replica: Replica) -> None:
        self.fake.callback_url = f"{replica.address}/wechat"
        await self.fake.follow(self.openid)
        await self.enrol(replica)
        self._before = len(self._person.history)

    async def enrol(self, replica: Replica) -> None:
        """As an import from another platform: registered, verified, and with the consent to matching."""
        company = {
            "uscc": credit_code(self.openid),
            "name": "昆山恒达五金有限公司",
            "openid": self.openid,
            "enrolled": True,
        }
        async with (
            ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as http,
            http.post(f"{replica.address}/api/v1/companies", json={"items": [company]}) as response,
        ):
            assert response.status == 200, await response.text()

    def write(self, text: str) -> Letter:
        """Type a message; WeChat numbers it, and has not sent it yet."""
        self._person.quota.open(Trigger.MESSAGE, self.fake.clock())
        self.fake.people.add_entry(self._person, Sender.PERSON, Origin.PERSON, Content(Kind.TEXT, text))
        number = next(_MESSAGE_IDS)
        fields = {
            "ToUserName": self.fake.account.original_id,
            "FromUserName": self.openid,
            "CreateTime": int(self.fake.clock()),
            "MsgType": "text",
            "Content": text,
            "MsgId": number,
        }
        push = self._envelope.seal("http://localhost/wechat", self.openid, fields, int(time.time()))
        return Letter(f"msg:{number}", push)

    async def try_once(self, letter: Letter, port: int) -> RawReply:
        """One of WeChat's tries, to whoever listens on that port."""
        url = letter.push.url.with_host("127.0.0.1").with_port(port)
        return await self.fake.push_raw(replace(letter.push, url=url))

    async def send(self, letter: Letter, replica: Replica) -> str:
        """The text that is answered at once, and which the phone shows; empty when none comes."""
        reply = await self.try_once(letter, replica.port)
        assert reply.status == 200, (reply.status, reply.body)
        return self._show(reply)

    async def send_until_taken(self, letter: Letter, *replicas: Replica) -> str:
        """As WeChat does: up to four tries, here to one replica after the other."""
        for replica in islice(cycle(replicas), _TRIES):
            reply = await self.try_once(letter, replica.port)
            if reply.answered:
                return self._show(reply)
        raise AssertionError("no try was answered")

    async def say(self, text: str, replica: Replica) -> str:
        return await self.send(self.write(text), replica)

    def _show(self, reply: RawReply) -> str:
        text = self.fake.read_text(reply)
        if text:
            self.fake.show(self._person, Origin.REPLY, Content(Kind.TEXT, text))
        return text

    def answers(self) -> list[str]:
        """What was said to this phone since the welcome, at once or later, oldest first."""
        said = (entry for entry in self._person.history[self._before :] if entry.origin in _SAID)
        return [entry.text for entry in said]

    def cards(self) -> list[Content]:
        return [entry.content for entry in self.fake.history(self.openid) if entry.kind is Kind.TEMPLATE]
