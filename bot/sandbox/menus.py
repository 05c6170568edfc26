"""The account's menu: three buttons, five sub-buttons each."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.errors import ApiError

_MOST_BUTTONS = 3
_MOST_SUB_BUTTONS = 5
_NAME_BYTES = 16
_SUB_NAME_BYTES = 60
_KEY_BYTES = 128
_URL_BYTES = 1024
_KEYED = {"click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_weixin", "location_select"}


def check_menu(payload: Mapping[str, Any]) -> None:
    """Raise what WeChat answers to a menu that it would not take."""
    buttons = payload.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= _MOST_BUTTONS:
        raise ApiError(40016, "invalid button size")
    for button in buttons:
        _check_name(button, _NAME_BYTES, 40018)
        subs = button.get("sub_button")
        if subs:
            _check_subs(subs)
        else:
            _check_action(button)


def _check_subs(subs: Any) -> None:
    if not isinstance(subs, list) or len(subs) > _MOST_SUB_BUTTONS:
        raise ApiError(40023, "invalid sub button size")
    for sub in subs:
        _check_name(sub, _SUB_NAME_BYTES, 40025)
        _check_action(sub)


def _check_name(button: Any, limit: int, errcode: int) -> None:
    name = button.get("name") if isinstance(button, Mapping) else None
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= limit:
        raise ApiError(errcode, f"invalid button name size: {name!r}")


def _check_action(button: Mapping[str, Any]) -> None:
    kind = button.get("type")
    if kind in _KEYED:
        _check_length(button.get("key"), _KEY_BYTES, 40019, "key")
    elif kind == "view":
        _check_length(button.get("url"), _URL_BYTES, 40020, "url")
    elif kind != "miniprogram":
        raise ApiError(40017, f"invalid button type {kind!r}")


def _check_length(value: Any, limit: int, errcode: int, name: str) -> None:
    if not isinstance(value, str) or not 1 <= len(value.encode()) <= limit:
        raise ApiError(errcode, f"invalid button {name} size")
