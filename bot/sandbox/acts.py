"""What pages and terminals ask of the sandbox, as JSON, and how its records look as JSON."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from bot.sandbox.errors import SandboxError
from bot.sandbox.faults import Faults
from bot.sandbox.people import ChatEntry, Person
from bot.sandbox.wechat import FakeWeChat

DEFAULT_MENU: dict[str, Any] = json.loads(Path(__file__).with_name("menu.json").read_text("utf-8"))
"""Shown until the product makes its own by `menu/create`."""

Body = Mapping[str, Any]
Act = Callable[[FakeWeChat, str, Body], Awaitable[object]]


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise SandboxError(f"缺少 {name}")
    return value


def _number(body: Body, name: str) -> float:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SandboxError(f"{name} 应是数字")
    return float(value)


async def _follow(fake: FakeWeChat, openid: str, body: Body) -> object:
    return await fake.follow(openid, str(body["scene"]) if body.get("scene") else None)


async def _refuse(fake: FakeWeChat, openid: str, body: Body) -> object:
    fake.refuse(openid, refuses=body.get("refuses") is True)
    return None


async def _location(fake: FakeWeChat, openid: str, body: Body) -> object:
    place = _number(body, "latitude"), _number(body, "longitude")
    return await fake.location(openid, *place, str(body.get("label") or ""))


ACTS: Mapping[str, Act] = {
    "follow": _follow,
    "unfollow": lambda fake, openid, _: fake.unfollow(openid),
    "say": lambda fake, openid, body: fake.say(openid, _text(body, "text")),
    "voice": lambda fake, openid, body: fake.voice(openid, str(body.get("recognition") or "")),
    "image": lambda fake, openid, _: fake.image(openid),
    "location": _location,
    "scan": lambda fake, openid, body: fake.scan(openid, _text(body, "scene")),
    "click": lambda fake, openid, body: fake.click(openid, _text(body, "key")),
    "view": lambda fake, openid, body: fake.view(openid, _text(body, "url")),
    "tap": lambda fake, openid, body: fake.tap(openid, _text(body, "id"), _text(body, "text")),
    "resend": lambda fake, openid, _: fake.resend(openid),
    "refuse": _refuse,
}


async def act(fake: FakeWeChat, openid: str, name: str, body: Body) -> dict[str, Any]:
    """Do it; the entries that came as the passive reply. Raises `SandboxError`."""
    outcome = await ACTS[name](fake, openid, body)
    entries = outcome if isinstance(outcome, list) else []
    return {"entries": [asdict(entry) for entry in entries]}


def set_faults(faults: Faults, body: Body) -> dict[str, Any]:
    """Turn the switches named in `body`; all of them as they then stand."""
    for field in fields(faults):
        if field.name not in body:
            continue
        wanted = type(getattr(faults, field.name))
        value = _number(body, field.name) if wanted is float else body[field.name]
        if type(value) is not wanted:
            raise SandboxError(f"{field.name} 的类型不对")
        setattr(faults, field.name, value)
    return asdict(faults)


def state(fake: FakeWeChat) -> dict[str, Any]:
    return {
        "name": fake.name,
        "menu": fake.menu or DEFAULT_MENU,
        "people": [person_json(person) for person in fake.people],
        "violations": fake.violations,
        "faults": asdict(fake.faults),
    }


def person_json(person: Person) -> dict[str, Any]:
    names = ("openid", "nickname", "followed", "refuses")
    return {name: getattr(person, name) for name in names}


def news_json(fake: FakeWeChat, name: str, record: Any) -> dict[str, Any]:
    """An event of the hub as pages get it."""
    if isinstance(record, ChatEntry):
        return asdict(record)
    if name == "typing":
        seconds = max(0.0, record.quota.typing_until - fake.clock())
        return {"openid": record.openid, "seconds": seconds}
    if isinstance(record, Person):
        return person_json(record)
    return {"menu": record or DEFAULT_MENU} if name == "menu" else {"text": record}
