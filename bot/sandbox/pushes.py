"""Pushes to the callback address, and what becomes of their replies."""

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable
from typing import Any

from bot.sandbox.account import SandboxAccount
from bot.sandbox.delivery import Courier, RawReply
from bot.sandbox.envelope import Encryption, Envelope, Push
from bot.sandbox.errors import BadEnvelopeError, BadReplyError, SandboxError
from bot.sandbox.faults import Faults
from bot.sandbox.people import ChatEntry, Content, Kind, Origin, People, Person, Sender
from bot.sandbox.replies import Transfer, read_reply
from bot.sandbox.rules import Rule, RuleBook

FAULT_NOTICE = "该公众号提供的服务出现故障，请稍后再试"
_SILENT = {"", "success"}
Clock = Callable[[], float]


class Pushes:
    """Seals what happens, carries it to the product and shows its answer on the person's phone."""

    def __init__(
        self,
        account: SandboxAccount,
        callback_url: str,
        mode: Encryption,
        courier: Courier,
        people: People,
        rules: RuleBook,
        faults: Faults,
        clock: Clock,
        signing_clock: Clock,
    ) -> None:
        self.callback_url = callback_url
        self.transfer: Callable[[Person, str], None] = lambda _person, _account: None
        """Called when a reply hands the person to a human agent."""
        self._account = account
        self._envelope = Envelope(account, mode)
        self._courier = courier
        self._people = people
        self._rules = rules
        self._faults = faults
        self._clock = clock
        self._signing_clock = signing_clock
        # Begins at the time, so that a restart never repeats an id that the product has stored.
        self._ids = itertools.count(time.time_ns())
        self._last: dict[str, Push] = {}

    def new_id(self) -> int:
        return next(self._ids)

    async def message(self, person: Person, fields: dict[str, Any]) -> list[ChatEntry]:
        return await self._deliver(self.seal(person.openid, fields | {"MsgId": self.new_id()}), person)

    async def event(self, person: Person, name: str, **fields: Any) -> list[ChatEntry]:
        """An event whose reply the person sees."""
        return await self._deliver(self._sealed_event(person.openid, name, fields), person)

    async def unseen(self, openid: str, name: str, **fields: Any) -> None:
        """An event that nobody looks at; what answers it has nowhere to appear."""
        await self._deliver(self._sealed_event(openid, name, fields), None)

    async def copies(self, person: Person, fields: dict[str, Any], count: int) -> list[str]:
        """The same message several times at once, same bytes, same MsgId; the text of each answer."""
        push = self.seal(person.openid, fields | {"MsgId": self.new_id()})
        replies = await asyncio.gather(*(self.raw(push) for _ in range(count)))
        return [self.read_text(reply) for reply in replies]

    async def resend(self, openid: str) -> RawReply:
        """The person's latest push once more, byte by byte: what WeChat does after a slow answer."""
        push = self._last.get(openid)
        if push is None:
            raise SandboxError("还没有可以重发的消息")
        return await self.raw(push)

    async def raw(self, push: Push) -> RawReply:
        return await self._courier.once(push)

    def read_text(self, reply: RawReply) -> str:
        """The text of a raw reply; empty when it is silent."""
        if reply.body.strip() in _SILENT:
            return ""
        return str(self._envelope.open_reply(reply.body).get("Content") or "")

    async def verify(self) -> bool:
        """Whether the callback address answers WeChat's check: echostr signed, returned unchanged."""
        echo = str(secrets.randbelow(10**18))
        url = self._envelope.verification(self.callback_url, echo, int(self._signing_clock()))
        reply = await self._courier.fetch(url)
        return reply.answered and reply.body == echo

    def seal(self, openid: str, fields: dict[str, Any]) -> Push:
        common: dict[str, Any] = {
            "ToUserName": self._account.original_id,
            "FromUserName": openid,
            "CreateTime": int(self._clock()),
        }
        push = self._envelope.seal(self.callback_url, openid, common | fields, int(self._signing_clock()))
        self._last[openid] = push
        return push

    def _sealed_event(self, openid: str, name: str, fields: dict[str, Any]) -> Push:
        return self.seal(openid, {"MsgType": "event", "Event": name} | fields)

    async def _deliver(self, push: Push, person: Person | None) -> list[ChatEntry]:
        """`person` is who sees the reply; None: nobody does."""
        where = str(push.fields.get("Event") or push.fields["MsgType"])

        def failed(rule: Rule, detail: str) -> None:
            self._rules.broken(rule, where, detail)

        copies = 2 if self._faults.pushes_twice else 1
        reply = await self._courier.deliver(push, failed, copies=copies)
        if not reply.answered:
            return self._fault(person)
        if reply.body.strip() in _SILENT:
            return []
        try:
            answer = read_reply(self._envelope.open_reply(reply.body), push)
        except BadReplyError as error:
            failed(Rule.ENVELOPE if isinstance(error, BadEnvelopeError) else Rule.REPLY, str(error))
            return self._fault(person)
        return self._show(person, answer)

    def _show(self, person: Person | None, answer: Content | Transfer) -> list[ChatEntry]:
        if person is None:
            return []
        if isinstance(answer, Transfer):
            self.transfer(person, answer.kf_account)
            return []
        return [self._people.add_entry(person, Sender.ACCOUNT, Origin.REPLY, answer)]

    def _fault(self, person: Person | None) -> list[ChatEntry]:
        if person is None:
            return []
        notice = Content(Kind.NOTICE, FAULT_NOTICE)
        return [self._people.add_entry(person, Sender.SYSTEM, Origin.WECHAT, notice)]
