"""The menu under the chat (自定义菜单), and menus for bearers of a tag or a kind of phone (个性化菜单)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from bot.wechat.answers import record_of, records_of, text_of, without_none
from bot.wechat.caller import Caller
from bot.wechat.errors import InvalidArgument
from bot.wechat.limits import check_bytes, check_count
from bot.wechat.refusals import NoMenu

CREATE = "/cgi-bin/menu/create"
GET = "/cgi-bin/menu/get"
DELETE = "/cgi-bin/menu/delete"
ADD_CONDITIONAL = "/cgi-bin/menu/addconditional"
DELETE_CONDITIONAL = "/cgi-bin/menu/delconditional"
TRY_MATCH = "/cgi-bin/menu/trymatch"
MOST_BUTTONS = 3
MOST_SUB_BUTTONS = 5
NAME_BYTES = 16
SUB_NAME_BYTES = 60
KEY_BYTES = 128
URL_BYTES = 1024
_PARTS = {
    "click": {"key"},
    "scancode_push": {"key"},
    "scancode_waitmsg": {"key"},
    "pic_sysphoto": {"key"},
    "pic_photo_or_album": {"key"},
    "pic_weixin": {"key"},
    "location_select": {"key"},
    "view": {"url"},
    "miniprogram": {"url", "appid", "pagepath"},
    "media_id": {"media_id"},
    "article_id": {"article_id"},
    "article_view_limited": {"article_id"},
}


@dataclass(frozen=True, slots=True)
class Button:
    """An entry that does something (``kind`` and its parts), or that opens ``sub`` entries."""

    name: str
    kind: str | None = None
    key: str | None = None
    url: str | None = None
    appid: str | None = None
    pagepath: str | None = None
    media_id: str | None = None
    article_id: str | None = None
    sub: tuple["Button", ...] = ()

    def payload(self) -> dict[str, Any]:
        if self.sub:
            return {"name": self.name, "sub_button": [button.payload() for button in self.sub]}
        return {"type": self.kind, "name": self.name, **self.parts()}

    def parts(self) -> dict[str, str]:
        """What the button carries besides its name and kind."""
        return without_none(
            key=self.key,
            url=self.url,
            appid=self.appid,
            pagepath=self.pagepath,
            media_id=self.media_id,
            article_id=self.article_id,
        )


class Platform(IntEnum):
    IOS = 1
    ANDROID = 2
    OTHER = 3


@dataclass(frozen=True, slots=True)
class MatchRule:
    """Who sees a conditional menu; WeChat refuses sex, place and language since 2021."""

    tag_id: int | None = None
    platform: Platform | None = None

    def payload(self) -> dict[str, str]:
        if self.tag_id is None and self.platform is None:
            raise InvalidArgument("rule", "must name a tag or a platform")
        return without_none(
            tag_id=None if self.tag_id is None else str(self.tag_id),
            client_platform_type=None if self.platform is None else str(int(self.platform)),
        )


@dataclass(frozen=True, slots=True)
class ConditionalMenu:
    """``rule`` as the platform has it: old menus may name more than a `MatchRule` can."""

    menu_id: str
    buttons: tuple[Button, ...]
    rule: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Menu:
    buttons: tuple[Button, ...]
    conditional: tuple[ConditionalMenu, ...] = ()


class Menus:
    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def create(self, buttons: Sequence[Button]) -> None:
        """Replaces the default menu; phones show it within five minutes, or after following anew."""
        await self._caller.post(CREATE, {"button": checked(buttons)})

    async def get(self) -> Menu | None:
        """The menu that was made through the API; None when there is none."""
        try:
            answer = await self._caller.get(GET)
        except NoMenu:
            return None
        conditional = records_of(answer, "conditionalmenu", GET) if "conditionalmenu" in answer else []
        return Menu(
            _buttons(record_of(answer, "menu", GET), GET),
            tuple(
                ConditionalMenu(
                    text_of(item, "menuid", GET), _buttons(item, GET), record_of(item, "matchrule", GET)
                )
                for item in conditional
            ),
        )

    async def delete(self) -> None:
        """The default menu and all conditional ones."""
        await self._caller.get(DELETE)

    async def add_conditional(self, buttons: Sequence[Button], rule: MatchRule) -> str:
        """Its id. Of several that match, the last one made counts; there must be a default menu."""
        body = {"button": checked(buttons), "matchrule": rule.payload()}
        return text_of(await self._caller.post(ADD_CONDITIONAL, body), "menuid", ADD_CONDITIONAL)

    async def delete_conditional(self, menu_id: str) -> None:
        await self._caller.post(DELETE_CONDITIONAL, {"menuid": menu_id})

    async def try_match(self, user: str) -> tuple[Button, ...]:
        """What a person sees; ``user`` is an openid or a WeChat id (微信号)."""
        answer = await self._caller.post(TRY_MATCH, {"user_id": user})
        # The page shows the buttons at the top; the platform has been seen to wrap them in «menu».
        return _buttons(answer if "button" in answer else record_of(answer, "menu", TRY_MATCH), TRY_MATCH)


def checked(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """The platform's form of a menu; `InvalidArgument` names the entry: ``button[0].sub_button[2].key``."""
    check_count("button", buttons, MOST_BUTTONS)
    for place, button in enumerate(buttons):
        where = f"button[{place}]"
        check_bytes(f"{where}.name", button.name, NAME_BYTES)
        if button.sub:
            _check_sub_buttons(where, button)
        else:
            _check_action(where, button)
    return [button.payload() for button in buttons]


def _check_sub_buttons(where: str, button: Button) -> None:
    if button.kind is not None or button.parts():
        raise InvalidArgument(f"{where}.type", "an entry with sub-entries does nothing itself")
    check_count(f"{where}.sub_button", button.sub, MOST_SUB_BUTTONS)
    for place, sub in enumerate(button.sub):
        inner = f"{where}.sub_button[{place}]"
        check_bytes(f"{inner}.name", sub.name, SUB_NAME_BYTES)
        if sub.sub:
            raise InvalidArgument(f"{inner}.sub_button", "a menu has two levels")
        _check_action(inner, sub)


def _check_action(where: str, button: Button) -> None:
    needed = _PARTS.get(button.kind or "")
    if needed is None:
        raise InvalidArgument(f"{where}.type", "is no type of button")
    given = button.parts()
    for name in sorted(needed | given.keys()):
        if name not in needed:
            raise InvalidArgument(f"{where}.{name}", f"does not belong to a button of type {button.kind}")
        limit = URL_BYTES if name == "url" else KEY_BYTES
        check_bytes(f"{where}.{name}", given.get(name, ""), limit)


def _buttons(record: Mapping[str, Any], path: str) -> tuple[Button, ...]:
    return tuple(_button(item, path) for item in records_of(record, "button", path))


def _button(item: Mapping[str, Any], path: str) -> Button:
    subs = records_of(item, "sub_button", path) if item.get("sub_button") else []

    def part(name: str) -> str | None:
        value = item.get(name)
        return str(value) if value else None

    return Button(
        text_of(item, "name", path),
        part("type"),
        part("key"),
        part("url"),
        part("appid"),
        part("pagepath"),
        part("media_id"),
        part("article_id"),
        tuple(_button(sub, path) for sub in subs),
    )
