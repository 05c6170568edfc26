"""A model of WeChat's servers for one service account: people act, pushes go out, API calls come in."""

import secrets
from collections.abc import Mapping
from typing import Any

from yarl import URL

from bot.sandbox.calls.base import Upload
from bot.sandbox.calls.menus import SCANNING
from bot.sandbox.delivery import RawReply
from bot.sandbox.envelope import Push
from bot.sandbox.errors import SandboxError
from bot.sandbox.ledger import Trigger
from bot.sandbox.model import Platform
from bot.sandbox.people import ChatEntry, Content, Kind, Origin, Person, Sender
from bot.sandbox.pushes import FAULT_NOTICE
from bot.sandbox.speech import recorded

__all__ = ["FAULT_NOTICE", "FakeWeChat", "new_openid"]


class FakeWeChat(Platform):
    """The people of the platform: each method is what one of them does, its answer what they see."""

    def add_person(self, openid: str = "", nickname: str = "") -> Person:
        return self.people.get_or_add(openid or new_openid(), nickname)

    def history(self, openid: str) -> list[ChatEntry]:
        return list(self.person(openid).history)

    def person(self, openid: str) -> Person:
        person = self.people.find(openid)
        if person is None:
            raise SandboxError(f"没有这个人：{openid}")
        return person

    # The account's card

    async def follow(self, openid: str, scene: str | None = None) -> list[ChatEntry]:
        """Follow the account; by a QR code when `scene` is given."""
        person = self.people.get_or_add(openid)
        if person.followed:
            raise SandboxError("已经关注了")
        ticket = self.codes.ticket(scene) if scene is not None else ""
        person.followed, person.followed_at, person.follow_scene = True, self.clock(), scene or ""
        person.quota.open(Trigger.SCAN if scene is not None else Trigger.FOLLOW, self.clock())
        self.people.changed(person)
        if scene is None:
            return await self.pushes.event(person, "subscribe", EventKey="")
        return await self.pushes.event(person, "subscribe", EventKey=f"qrscene_{scene}", Ticket=ticket)

    async def unfollow(self, openid: str) -> None:
        person = self._follower(openid)
        person.followed = False
        person.tags.clear()
        person.quota.close()
        self.people.changed(person)
        await self.pushes.unseen(openid, "unsubscribe", EventKey="")

    async def scan(self, openid: str, scene: str) -> list[ChatEntry]:
        person = self.people.get_or_add(openid)
        if not person.followed:
            return await self.follow(openid, scene)
        ticket = self.codes.ticket(scene)
        person.quota.open(Trigger.SCAN, self.clock())
        return await self.pushes.event(person, "SCAN", EventKey=scene, Ticket=ticket)

    def refuse(self, openid: str, *, refuses: bool = True) -> None:
        """Switch the account's messages off (or on again) while following it."""
        person = self.person(openid)
        person.refuses = refuses
        self.people.changed(person)

    # Messages

    async def say(self, openid: str, text: str) -> list[ChatEntry]:
        """The entries that came as the passive reply."""
        return await self._message(openid, Content(Kind.TEXT, text), {"MsgType": "text", "Content": text})

    async def voice(self, openid: str, recognition: str = "", *, said: str = "") -> list[ChatEntry]:
        """WeChat recognises nothing since 2023: what is `said` is in the recording alone (`speech`).

        `recognition` plays an account that still has that service.
        """
        media_id = self.media.put("voice", Upload("voice.amr", "audio/amr", recorded(recognition or said)))
        fields = {
            "MsgType": "voice",
            "MediaId": media_id,
            "MediaId16K": media_id,
            "Format": "amr",
            "Recognition": recognition,
        }
        return await self._message(openid, Content(Kind.VOICE, recognition or said), fields)

    async def image(
        self, openid: str, url: str = "https://mmbiz.qpic.cn/sandbox/0", *, file: Upload | None = None
    ) -> list[ChatEntry]:
        """`file` is what `media/get` then hands out; `url` where the picture is seen."""
        media_id = self.media.put("image", file or Upload("photo.png", "image/png", b""))
        fields = {"MsgType": "image", "PicUrl": url, "MediaId": media_id}
        return await self._message(openid, Content(Kind.IMAGE, "[图片]", url=url), fields)

    def keep_picture(self, file: Upload) -> str:
        """The name under which the page shows a picture that a person sent."""
        name = secrets.token_urlsafe(12)
        self.pictures[name] = file
        return name

    async def video(self, openid: str, *, short: bool = False) -> list[ChatEntry]:
        media_id = self.media.put("video", Upload("video.mp4", "video/mp4", b""))
        thumb = self.media.put("thumb", Upload("thumb.jpg", "image/jpeg", b""))
        kind = "shortvideo" if short else "video"
        fields = {"MsgType": kind, "MediaId": media_id, "ThumbMediaId": thumb}
        return await self._message(openid, Content(Kind.VIDEO, "[视频]"), fields)

    async def location(
        self, openid: str, latitude: float, longitude: float, label: str = ""
    ) -> list[ChatEntry]:
        place = {"Location_X": latitude, "Location_Y": longitude, "Scale": 16, "Label": label}
        return await self._message(openid, Content(Kind.LOCATION, label), {"MsgType": "location"} | place)

    async def link(self, openid: str, title: str, url: str, description: str = "") -> list[ChatEntry]:
        fields = {"MsgType": "link", "Title": title, "Description": description, "Url": url}
        return await self._message(openid, Content(Kind.LINK, title, tail=description, url=url), fields)

    async def tap(self, openid: str, menu_item_id: str, text: str) -> list[ChatEntry]:
        """A line of a msgmenu: arrives as text, counts as a click on the menu."""
        fields = {"MsgType": "text", "Content": text, "bizmsgmenuid": menu_item_id}
        return await self._message(openid, Content(Kind.TEXT, text), fields, Trigger.MENU)

    # The menu, and pages

    async def click(self, openid: str, key: str) -> list[ChatEntry]:
        person = self._follower(openid)
        person.quota.open(Trigger.MENU, self.clock())
        return await self.pushes.event(person, "CLICK", EventKey=key)

    async def scan_by_menu(self, openid: str, kind: str, key: str, result: str) -> list[ChatEntry]:
        """A menu button of kind `scancode_push` or `scancode_waitmsg` that has read `result`."""
        if kind not in SCANNING:
            raise SandboxError(f"不是扫码按钮：{kind}")
        person = self._follower(openid)
        person.quota.open(Trigger.MENU, self.clock())
        info = {"ScanType": "qrcode", "ScanResult": result}
        return await self.pushes.event(person, kind, EventKey=key, ScanCodeInfo=info)

    async def view(self, openid: str, url: str) -> None:
        """A menu button that opens a page; WeChat grants no customer messages for it."""
        await self.pushes.unseen(self._follower(openid).openid, "VIEW", EventKey=url, MenuId=0)

    async def open_mini_program(self, openid: str, path: str) -> None:
        """A menu button that opens a mini program."""
        await self.pushes.unseen(self._follower(openid).openid, "view_miniprogram", EventKey=path, MenuId=0)

    async def report_location(self, openid: str, latitude: float, longitude: float) -> None:
        """Where the phone is, when the person has allowed it."""
        place = {"Latitude": latitude, "Longitude": longitude, "Precision": 40.0}
        await self.pushes.unseen(self._follower(openid).openid, "LOCATION", **place)

    async def event(self, openid: str, name: str, **fields: Any) -> None:
        """Any other event, such as `user_info_modified` or one that does not exist yet."""
        await self.pushes.unseen(self.person(openid).openid, name, **fields)

    def pay(self, openid: str) -> None:
        """The person has paid: any number of customer messages for two days."""
        self._follower(openid).quota.open(Trigger.PAYMENT, self.clock())

    def open_page(self, openid: str, authorize_query: str) -> URL:
        """Follow a link to `connect/oauth2/authorize` and agree; where the browser goes next.

        Raises `SandboxError` when WeChat would show an error instead.
        """
        return self.oauth.agree(self.person(openid), self.oauth.read_link(authorize_query))

    async def answer_subscription(self, openid: str, answers: Mapping[str, bool]) -> None:
        """Accept or refuse subscription templates, by id, in the popup of a page."""
        await self.subscriptions.answer_popup(self.person(openid), answers)

    async def withdraw_subscription(self, openid: str, template_id: str) -> None:
        await self.subscriptions.withdraw(self.person(openid), template_id)

    # The wire

    async def resend(self, openid: str) -> RawReply:
        """The person's latest push once more, byte by byte: what WeChat does after a slow answer."""
        return await self.pushes.resend(openid)

    async def say_copies(self, openid: str, text: str, copies: int = 3) -> list[str]:
        """Send one text several times at once, same bytes, same MsgId; the text of each answer."""
        person = self._follower(openid)
        person.quota.open(Trigger.MESSAGE, self.clock())
        self.people.add_entry(person, Sender.PERSON, Origin.PERSON, Content(Kind.TEXT, text))
        return await self.pushes.copies(person, {"MsgType": "text", "Content": text}, copies)

    def read_text(self, reply: RawReply) -> str:
        """The text of a raw reply; empty when it is silent."""
        return self.pushes.read_text(reply)

    async def push_raw(self, push: Push) -> RawReply:
        return await self.pushes.raw(push)

    async def verify(self) -> bool:
        """Whether the callback address answers WeChat's check: echostr signed, returned unchanged."""
        return await self.pushes.verify()

    def _follower(self, openid: str) -> Person:
        person = self.person(openid)
        if not person.followed:
            raise SandboxError("还没有关注这个公众号")
        return person

    async def _message(
        self,
        openid: str,
        content: Content,
        fields: dict[str, Any],
        trigger: Trigger = Trigger.MESSAGE,
    ) -> list[ChatEntry]:
        person = self._follower(openid)
        person.quota.open(trigger, self.clock())
        self.people.add_entry(person, Sender.PERSON, Origin.PERSON, content)
        if self.agents.agent_of(person) is not None:
            self.agents.heard(person)
            return []
        return await self.pushes.message(person, fields)


def new_openid() -> str:
    return "o" + secrets.token_urlsafe(21)[:27]
