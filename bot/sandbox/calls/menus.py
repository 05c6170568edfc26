"""The account's menu: three buttons, five sub-buttons each; and menus for some people only."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.calls.base import FINE, Answer, Payload, Work, person_of
from bot.sandbox.errors import ApiError
from bot.sandbox.people import People, Person

_MOST_BUTTONS = 3
_MOST_SUB_BUTTONS = 5
_NAME_BYTES = 16
_SUB_NAME_BYTES = 60
_KEY_BYTES = 128
_URL_BYTES = 1024
SCANNING = {"scancode_push", "scancode_waitmsg"}
_KEYED = SCANNING | {"click", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select"}
_WITH_MEDIA = {"media_id", "article_id", "article_view_limited"}
_RULES = {"tag_id", "client_platform_type"}


@dataclass(frozen=True)
class _Codes:
    """WeChat's errcodes for one level of buttons."""

    kind: int
    name: int
    key: int
    url: int


_TOP, _SUB = _Codes(40017, 40018, 40019, 40020), _Codes(40024, 40025, 40026, 40027)


@dataclass
class MenuDesk:
    people: People
    fallback: Answer
    """What phones show until the product makes a menu."""
    changed: Callable[[], None]
    made: Answer | None = None
    conditional: dict[int, Answer] = field(default_factory=dict)
    """By menuid, the oldest first."""
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1000))

    def calls(self) -> dict[str, Work]:
        return {
            "cgi-bin/menu/create": self._create,
            "cgi-bin/menu/get": self._get,
            "cgi-bin/menu/delete": self._delete,
            "cgi-bin/menu/addconditional": self._add_conditional,
            "cgi-bin/menu/delconditional": self._delete_conditional,
            "cgi-bin/menu/trymatch": self._try_match,
            "cgi-bin/get_current_selfmenu_info": self._current,
        }

    def of(self, person: Person) -> Answer:
        """What this person's phone shows: the newest conditional menu that fits goes first."""
        for menu in reversed(self.conditional.values()):
            wanted = str(menu["matchrule"].get("tag_id") or "")
            if not wanted or wanted in {str(tag) for tag in person.tags}:
                return menu
        return self.made or self.fallback

    def _create(self, payload: Payload) -> Answer:
        check_menu(payload)
        self.made = dict(payload)
        self.changed()
        return FINE

    def _get(self, _payload: Payload) -> Answer:
        if self.made is None:
            raise ApiError(46003, "menu no exist")
        listing = [menu | {"menuid": menuid} for menuid, menu in self.conditional.items()]
        return {"menu": self.made} | ({"conditionalmenu": listing} if listing else {})

    def _delete(self, _payload: Payload) -> Answer:
        self.made = None
        self.conditional.clear()
        self.changed()
        return FINE

    def _add_conditional(self, payload: Payload) -> Answer:
        if self.made is None:
            raise ApiError(65303, "there is no selfmenu, please create selfmenu first")
        rule = payload.get("matchrule")
        if not isinstance(rule, Mapping) or not any(rule.get(name) for name in _RULES):
            raise ApiError(65304, "match rule empty")
        check_menu(payload)
        menuid = next(self._ids)
        self.conditional[menuid] = dict(payload)
        self.changed()
        return {"menuid": str(menuid)}

    def _delete_conditional(self, payload: Payload) -> Answer:
        menuid = str(payload.get("menuid", ""))
        if not menuid.isdecimal() or self.conditional.pop(int(menuid), None) is None:
            raise ApiError(65301, "not exist this menuid")
        self.changed()
        return FINE

    def _try_match(self, payload: Payload) -> Answer:
        return {"menu": self.of(person_of(self.people, payload, "user_id"))}

    def _current(self, _payload: Payload) -> Answer:
        return {"is_menu_open": int(self.made is not None), "selfmenu_info": self.made or {}}


def check_menu(payload: Mapping[str, Any]) -> None:
    """Raise what WeChat answers to a menu that it would not take."""
    buttons = payload.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= _MOST_BUTTONS:
        raise ApiError(40016, "invalid button size")
    for button in buttons:
        _check_name(button, _NAME_BYTES, _TOP.name)
        subs = button.get("sub_button")
        if subs:
            _check_subs(subs)
        else:
            _check_action(button, _TOP)


def _check_subs(subs: Any) -> None:
    if not isinstance(subs, list) or len(subs) > _MOST_SUB_BUTTONS:
        raise ApiError(40023, "invalid sub button size")
    for sub in subs:
        _check_name(sub, _SUB_NAME_BYTES, _SUB.name)
        if sub.get("sub_button"):
            raise ApiError(40022, "invalid menu level")
        _check_action(sub, _SUB)


def _check_name(button: Any, limit: int, errcode: int) -> None:
    name = button.get("name") if isinstance(button, Mapping) else None
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= limit:
        raise ApiError(errcode, f"invalid button name size: {name!r}")


def _check_action(button: Mapping[str, Any], codes: _Codes) -> None:
    kind = button.get("type")
    if kind in _KEYED:
        _check_length(button.get("key"), _KEY_BYTES, codes.key, "key")
    elif kind == "view":
        _check_length(button.get("url"), _URL_BYTES, codes.url, "url")
    elif kind == "miniprogram":
        _check_length(button.get("url"), _URL_BYTES, codes.url, "url")
        for name in ("appid", "pagepath"):
            _check_length(button.get(name), _URL_BYTES, codes.kind, name)
    elif kind not in _WITH_MEDIA:
        raise ApiError(codes.kind, f"invalid button type {kind!r}")


def _check_length(value: Any, limit: int, errcode: int, name: str) -> None:
    if not isinstance(value, str) or not 1 <= len(value.encode()) <= limit:
        raise ApiError(errcode, f"invalid button {name} size")
