"""The city's menu: a file that operators edit, checked before it goes to WeChat."""

import difflib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import yaml

from bot.config import ConfigError
from bot.sections import PROJECT
from bot.wechat.api.menus import (
    KEY_BYTES,
    MOST_BUTTONS,
    MOST_SUB_BUTTONS,
    NAME_BYTES,
    SUB_NAME_BYTES,
    URL_BYTES,
    Button,
    ConditionalMenu,
)
from handlers.registry import INTENTS

FILE = PROJECT / "menu.yml"
_ACTIONS = ("key", "page", "url", "mini_program", "buttons")
_MINI_PROGRAM = {"appid", "pagepath", "url"}
_KINDS = {"click": "点击", "view": "网页", "miniprogram": "小程序"}


class MenuFileError(ConfigError):
    """The file cannot become a menu; one line a problem, in Chinese, naming entry and limit."""


def load(file: Path, address: str) -> tuple[Button, ...]:
    """The menu of `file`; `address` completes links to the service's own pages.

    Raises:
        MenuFileError: with every problem of the file.
        OSError: it cannot be read.
    """
    try:
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MenuFileError(f"{file.name} 不是有效的 YAML：{error}") from error
    reader = _Reader(address)
    buttons = reader.buttons(entries, "", MOST_BUTTONS, NAME_BYTES)
    if reader.problems:
        raise MenuFileError("\n".join(reader.problems))
    return buttons


def payload(buttons: Iterable[Button]) -> dict[str, Any]:
    """WeChat's own form, as its phones have it."""
    return {"button": [button.payload() for button in buttons]}


def conditional_lines(menus: Iterable[ConditionalMenu]) -> list[str]:
    """Menus for some people only, each under its rule."""
    found = []
    for menu in menus:
        rule = "、".join(f"{name} {value}" for name, value in menu.rule.items())
        found += [f"个性化菜单 {menu.menu_id}（{rule}）", *lines(menu.buttons)]
    return found


def lines(buttons: Iterable[Button]) -> list[str]:
    """The menu as text, an entry a line."""
    found = []
    for button in buttons:
        found.append(_line(button))
        found.extend(f"  {_line(sub)}" for sub in button.sub)
    return found


def difference(present: Iterable[Button], wanted: Iterable[Button]) -> list[str]:
    """Lines of both menus, marked `-` where WeChat's go and `+` where the file's come."""
    compared = difflib.ndiff(lines(present), lines(wanted))
    return [line for line in compared if not line.startswith("?")]


def _line(button: Button) -> str:
    kind = _KINDS.get(button.kind or "", button.kind or "")
    return "  ".join([button.name, kind, *button.parts().values()]).rstrip()


class _Reader:
    """Turns entries into buttons and gathers what is wrong with them, all of it in one reading."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.problems: list[str] = []

    def buttons(self, entries: Any, inside: str, most: int, name_bytes: int) -> tuple[Button, ...]:
        if not isinstance(entries, list) or not 1 <= len(entries) <= most:
            self._report(inside, f"应有 1 至 {most} 项")
            return ()
        return tuple(
            self._button(entry, f"{inside}第 {place} 项", name_bytes)
            for place, entry in enumerate(entries, start=1)
        )

    def _button(self, entry: Any, where: str, name_bytes: int) -> Button:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            self._report(where, "缺少 name")
            return Button("")
        name = entry["name"]
        where = f"{where}「{name}」"
        self._check_bytes(where, "name", name, name_bytes)
        self._check_known(where, entry.keys() - {"name"}, _ACTIONS)
        actions = [action for action in _ACTIONS if action in entry]
        if len(actions) != 1:
            self._report(where, f"应写 {'、'.join(_ACTIONS)} 中的一种")
            return Button(name)
        return self._acting(where, name, actions[0], entry[actions[0]], top=name_bytes == NAME_BYTES)

    def _acting(self, where: str, name: str, action: str, value: Any, *, top: bool) -> Button:
        if action == "buttons":
            if not top:
                self._report(where, "菜单只有两级，子菜单下不能再有 buttons")
                return Button(name)
            return Button(name, sub=self.buttons(value, f"{where}的", MOST_SUB_BUTTONS, SUB_NAME_BYTES))
        if action == "mini_program":
            return self._mini_program(where, name, value)
        if not isinstance(value, str):
            self._report(where, f"{action} 应为文字")
            return Button(name)
        if action == "key":
            return Button(name, "click", key=self._key(where, value))
        return Button(name, "view", url=self._url(where, action, value))

    def _key(self, where: str, key: str) -> str:
        self._check_bytes(where, "key", key, KEY_BYTES)
        if key not in INTENTS:
            self._report(where, f"没有「{key}」这个意图，可用的 key 见 docs/dialogue.md")
        return key

    def _url(self, where: str, action: str, value: str) -> str:
        url = self._address + value if action == "page" else value
        if action == "page" and not self._address:
            self._report(where, "page 需要先设置 server.public_url")
        elif action == "page" and not value.startswith("/"):
            self._report(where, "page 应以 / 开头")
        elif not url.startswith(("https://", "http://")):
            self._report(where, "url 应以 https:// 开头")
        self._check_bytes(where, action, url, URL_BYTES)
        return url

    def _mini_program(self, where: str, name: str, value: Any) -> Button:
        if not isinstance(value, dict) or not all(isinstance(part, str) for part in value.values()):
            self._report(where, "mini_program 应写 appid、pagepath 和 url")
            return Button(name)
        self._check_known(where, value.keys(), _MINI_PROGRAM)
        for part in sorted(_MINI_PROGRAM - value.keys()):
            self._report(where, f"mini_program 缺少 {part}")
        return Button(
            name,
            "miniprogram",
            url=value.get("url"),
            appid=value.get("appid"),
            pagepath=value.get("pagepath"),
        )

    def _check_known(self, where: str, names: Iterable[Any], known: Collection[str]) -> None:
        for name in names:
            if name not in known:
                self._report(where, f"不认识「{name}」")

    def _check_bytes(self, where: str, part: str, text: str, most: int) -> None:
        size = len(text.encode(errors="replace"))
        if not 1 <= size <= most:
            self._report(where, f"{part} 有 {size} 字节，应为 1 至 {most} 字节（一个汉字 3 字节）")

    def _report(self, where: str, problem: str) -> None:
        self.problems.append(f"{where or '菜单'}：{problem}")
