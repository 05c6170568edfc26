"""A model of WeChat's servers for one service account: people act, pushes go out, API calls come in."""

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from bot.sandbox.account import SandboxAccount
from bot.sandbox.delivery import Courier, RawReply
from bot.sandbox.envelope import Encryption, Envelope, Push
from bot.sandbox.errors import BadReplyError, SandboxError
from bot.sandbox.faults import Faults
from bot.sandbox.hub import Hub
from bot.sandbox.ledger import Trigger
from bot.sandbox.people import ChatEntry, Content, Kind, Origin, People, Person, Sender
from bot.sandbox.replies import read_reply
from bot.sandbox.template_messages import MessageTemplate, TemplateDesk
from bot.sandbox.tokens import TokenDesk

FAULT_NOTICE = "该公众号提供的服务出现故障，请稍后再试"
_SILENT = {"", "success"}


class FakeWeChat:
    """Keeps everything in memory; `close` it, or use it as an async context."""

    def __init__(
        self,
        account: SandboxAccount,
        callback_url: str,
        *,
        name: str = "融桥",
        templates: Iterable[MessageTemplate] = (),
        mode: Encryption = Encryption.SAFE,
        answer_within: float = 5.0,
        retries: int = 3,
        receipt_delay: float = 1.0,
        clock: Callable[[], float] = time.time,
        signing_clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock` rules windows, expiries and CreateTime; `signing_clock` the timestamps in callback URLs.

        They are two so that a test can move days ahead without its callbacks looking like replays.
        """
        self.account = account
        self.callback_url = callback_url
        self.name = name
        self.clock = clock
        self.hub = Hub()
        self.people = People(clock, self.hub.tell)
        self.tokens = TokenDesk(account, clock)
        self.templates = TemplateDesk(templates)
        self.faults = Faults()
        self.menu: dict[str, Any] | None = None
        self.violations: list[str] = []
        self._signing_clock = signing_clock
        self._receipt_delay = receipt_delay
        self._envelope = Envelope(account, mode)
        self._courier = Courier(answer_within, retries)
        # Begins at the time, so that a restart never repeats an id that the product has stored.
        self._ids = itertools.count(time.time_ns())
        self._last: dict[str, Push] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        self.hub.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._courier.close()

    async def settle(self) -> None:
        """Wait until every receipt under way has been delivered."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    # What a person does

    def add_person(self, openid: str = "", nickname: str = "") -> Person:
        return self.people.get_or_add(openid or new_openid(), nickname)

    def history(self, openid: str) -> list[ChatEntry]:
        return list(self.person(openid).history)

    def person(self, openid: str) -> Person:
        person = self.people.find(openid)
        if person is None:
            raise SandboxError(f"没有这个人：{openid}")
        return person

    async def follow(self, openid: str, scene: str | None = None) -> list[ChatEntry]:
        """Follow the account; by a QR code when `scene` is given."""
        person = self.people.get_or_add(openid)
        if person.followed:
            raise SandboxError("已经关注了")
        person.followed = True
        person.quota.open(Trigger.SCAN if scene is not None else Trigger.FOLLOW, self.clock())
        self.people.changed(person)
        if scene is None:
            return await self._event(person, "subscribe", EventKey="")
        return await self._event(person, "subscribe", EventKey=f"qrscene_{scene}", Ticket=_ticket(scene))

    async def unfollow(self, openid: str) -> None:
        person = self._follower(openid)
        person.followed = False
        person.quota.close()
        self.people.changed(person)
        await self._event(person, "unsubscribe", visible=False, EventKey="")

    def refuse(self, openid: str, *, refuses: bool = True) -> None:
        """Switch the account's messages off (or on again) while following it."""
        person = self.person(openid)
        person.refuses = refuses
        self.people.changed(person)

    async def say(self, openid: str, text: str) -> list[ChatEntry]:
        """The entries that came as the passive reply."""
        return await self._message(openid, Content(Kind.TEXT, text), {"MsgType": "text", "Content": text})

    async def voice(self, openid: str, recognition: str | None = None) -> list[ChatEntry]:
        """Since 2023 `Recognition` comes empty; a text here plays an account that still has it."""
        fields = {
            "MsgType": "voice",
            "MediaId": _media_id(),
            "MediaId16K": _media_id(),
            "Format": "amr",
            "Recognition": recognition or "",
        }
        return await self._message(openid, Content(Kind.VOICE, recognition or ""), fields)

    async def image(self, openid: str, url: str = "https://mmbiz.qpic.cn/sandbox/0") -> list[ChatEntry]:
        content = Content(Kind.IMAGE, "[图片]", url=url)
        fields = {"MsgType": "image", "PicUrl": url, "MediaId": _media_id()}
        return await self._message(openid, content, fields)

    async def location(
        self, openid: str, latitude: float, longitude: float, label: str = ""
    ) -> list[ChatEntry]:
        place = {"Location_X": latitude, "Location_Y": longitude, "Scale": 16, "Label": label}
        return await self._message(openid, Content(Kind.LOCATION, label), {"MsgType": "location"} | place)

    async def tap(self, openid: str, menu_item_id: str, text: str) -> list[ChatEntry]:
        """A line of a msgmenu: arrives as text, counts as a click on the menu."""
        fields = {"MsgType": "text", "Content": text, "bizmsgmenuid": menu_item_id}
        return await self._message(openid, Content(Kind.TEXT, text), fields, Trigger.MENU)

    async def click(self, openid: str, key: str) -> list[ChatEntry]:
        person = self._follower(openid)
        person.quota.open(Trigger.MENU, self.clock())
        return await self._event(person, "CLICK", EventKey=key)

    async def view(self, openid: str, url: str) -> None:
        """A menu button that opens a page; WeChat grants no customer messages for it."""
        await self._event(self._follower(openid), "VIEW", visible=False, EventKey=url, MenuId=0)

    async def scan(self, openid: str, scene: str) -> list[ChatEntry]:
        person = self.people.get_or_add(openid)
        if not person.followed:
            return await self.follow(openid, scene)
        person.quota.open(Trigger.SCAN, self.clock())
        return await self._event(person, "SCAN", EventKey=scene, Ticket=_ticket(scene))

    # Pushes

    async def resend(self, openid: str) -> RawReply:
        """The person's latest push once more, byte by byte: what WeChat does after a slow answer."""
        push = self._last.get(openid)
        if push is None:
            raise SandboxError("还没有可以重发的消息")
        return await self.push_raw(push)

    async def say_copies(self, openid: str, text: str, copies: int = 3) -> list[str]:
        """Send one text several times at once, same bytes, same MsgId; the text of each answer."""
        person = self._follower(openid)
        person.quota.open(Trigger.MESSAGE, self.clock())
        self.people.add_entry(person, Sender.PERSON, Origin.PERSON, Content(Kind.TEXT, text))
        push = self._seal(person, MsgType="text", Content=text, MsgId=next(self._ids))
        replies = await asyncio.gather(*(self.push_raw(push) for _ in range(copies)))
        return [self.read_text(reply) for reply in replies]

    def read_text(self, reply: RawReply) -> str:
        """The text of a raw reply; empty when it is silent."""
        if reply.body.strip() in _SILENT:
            return ""
        return str(self._envelope.open_reply(reply.body).get("Content") or "")

    async def push_raw(self, push: Push) -> RawReply:
        return await self._courier.once(push)

    async def verify(self) -> bool:
        """Whether the callback address answers WeChat's check: echostr signed, returned unchanged."""
        echo = str(secrets.randbelow(10**18))
        url = self._envelope.verification(self.callback_url, echo, int(self._signing_clock()))
        reply = await self._courier.fetch(url)
        return reply.answered and reply.body == echo

    def break_rule(self, what: str) -> None:
        """Note that the product did what a real account must not."""
        self.violations.append(what)
        self.hub.tell("violation", what)

    def show(self, person: Person, origin: Origin, content: Content) -> ChatEntry:
        return self.people.add_entry(person, Sender.ACCOUNT, origin, content)

    def new_id(self) -> int:
        return next(self._ids)

    def schedule_receipt(self, person: Person, msgid: int) -> None:
        """TEMPLATESENDJOBFINISH follows later, as the switches say."""
        if self.faults.receipts_lost:
            return
        status = self.faults.receipt_status or ("failed:user block" if person.refuses else "success")
        for _ in range(2 if self.faults.receipts_twice else 1):
            self._spawn(self._receipt(person, msgid, status))

    async def _receipt(self, person: Person, msgid: int, status: str) -> None:
        await asyncio.sleep(self._receipt_delay)
        await self._event(person, "TEMPLATESENDJOBFINISH", visible=False, MsgID=msgid, Status=status)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _follower(self, openid: str) -> Person:
        person = self.person(openid)
        if not person.followed:
            raise SandboxError("还没有关注这个公众号")
        return person

    async def _message(
        self,
        openid: str,
        content: Content,
        fields: Mapping[str, Any],
        trigger: Trigger = Trigger.MESSAGE,
    ) -> list[ChatEntry]:
        person = self._follower(openid)
        person.quota.open(trigger, self.clock())
        self.people.add_entry(person, Sender.PERSON, Origin.PERSON, content)
        return await self._push(self._seal(person, **fields, MsgId=next(self._ids)), person)

    async def _event(
        self, person: Person, name: str, *, visible: bool = True, **fields: Any
    ) -> list[ChatEntry]:
        push = self._seal(person, MsgType="event", Event=name, **fields)
        return await self._push(push, person, visible=visible)

    def _seal(self, person: Person, **fields: Any) -> Push:
        common = {
            "ToUserName": self.account.original_id,
            "FromUserName": person.openid,
            "CreateTime": int(self.clock()),
        }
        push = self._envelope.seal(
            self.callback_url, person.openid, common | fields, int(self._signing_clock())
        )
        self._last[person.openid] = push
        return push

    async def _push(self, push: Push, person: Person, *, visible: bool = True) -> list[ChatEntry]:
        reply, tries = await self._courier.deliver(push)
        name = push.fields.get("Event") or push.fields["MsgType"]
        if tries > 1:
            self.break_rule(f"{name}：{tries - 1} 次没有按时得到回答")
        if not reply.answered:
            return self._fault(person) if visible else []
        if reply.body.strip() in _SILENT:
            return []
        try:
            content = read_reply(self._envelope.open_reply(reply.body), push)
        except BadReplyError as error:
            self.break_rule(f"{name}：{error}")
            return self._fault(person) if visible else []
        # What answers an event that nobody sees has nowhere to appear either.
        return [self.show(person, Origin.REPLY, content)] if content and visible else []

    def _fault(self, person: Person) -> list[ChatEntry]:
        content = Content(Kind.NOTICE, FAULT_NOTICE)
        return [self.people.add_entry(person, Sender.SYSTEM, Origin.WECHAT, content)]


def new_openid() -> str:
    return "o" + secrets.token_urlsafe(21)[:27]


def _media_id() -> str:
    return secrets.token_urlsafe(48)


def _ticket(scene: str) -> str:
    return "gQ" + scene.encode().hex()[:64]
