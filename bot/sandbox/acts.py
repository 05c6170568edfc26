"""What pages and terminals ask of the sandbox, as JSON."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.sandbox.calls.base import Upload
from bot.sandbox.errors import SandboxError
from bot.sandbox.faults import Faults
from bot.sandbox.wechat import FakeWeChat

Body = Mapping[str, Any]
Act = Callable[[FakeWeChat, str, Body], Awaitable[object]]
_PICTURES = {"image/png", "image/jpeg", "image/gif"}


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


async def _snapshot(fake: FakeWeChat, openid: str, body: Body) -> object:
    person = fake.person(openid)
    person.snapshot = body.get("snapshot") is True
    fake.people.changed(person)
    return None


async def _voice(fake: FakeWeChat, openid: str, body: Body) -> object:
    return await fake.voice(openid, str(body.get("recognition") or ""), said=str(body.get("said") or ""))


async def _image(fake: FakeWeChat, openid: str, body: Body) -> object:
    """With `data` (base64) and `type` a picture of the person's own; without, any picture."""
    if not body.get("data"):
        return await fake.image(openid)
    kind = _text(body, "type")
    if kind not in _PICTURES:
        raise SandboxError("只能发 PNG、JPEG 或 GIF 图片")
    try:
        data = base64.b64decode(_text(body, "data"), validate=True)
    except binascii.Error as error:
        raise SandboxError("图片数据不是 base64") from error
    file = Upload(f"photo.{kind.removeprefix('image/')}", kind, data)
    return await fake.image(openid, f"{_text(body, 'base')}/pictures/{fake.keep_picture(file)}", file=file)


async def _location(fake: FakeWeChat, openid: str, body: Body) -> object:
    place = _number(body, "latitude"), _number(body, "longitude")
    return await fake.location(openid, *place, str(body.get("label") or ""))


async def _link(fake: FakeWeChat, openid: str, body: Body) -> object:
    return await fake.link(openid, _text(body, "title"), _text(body, "url"))


async def _subscribe(fake: FakeWeChat, openid: str, body: Body) -> object:
    answers = body.get("answers")
    if not isinstance(answers, Mapping) or not answers:
        raise SandboxError("缺少 answers")
    await fake.answer_subscription(openid, {str(key): value is True for key, value in answers.items()})
    return None


async def _agent(fake: FakeWeChat, openid: str, body: Body) -> object:
    """What the human agent on the other side does: `say`, `end` or `switch`."""
    person = fake.person(openid)
    if "say" in body:
        fake.agents.say(person, _text(body, "say"))
    elif "switch" in body:
        fake.agents.switch(person, _text(body, "switch"))
    else:
        fake.agents.end(person)
    return None


async def _pay(fake: FakeWeChat, openid: str, _body: Body) -> object:
    fake.pay(openid)
    return None


ACTS: Mapping[str, Act] = {
    "follow": _follow,
    "unfollow": lambda fake, openid, _: fake.unfollow(openid),
    "say": lambda fake, openid, body: fake.say(openid, _text(body, "text")),
    "voice": _voice,
    "image": _image,
    "video": lambda fake, openid, _: fake.video(openid),
    "location": _location,
    "link": _link,
    "scan": lambda fake, openid, body: fake.scan(openid, _text(body, "scene")),
    "scan_by_menu": lambda fake, openid, body: fake.scan_by_menu(
        openid, _text(body, "type"), _text(body, "key"), _text(body, "result")
    ),
    "click": lambda fake, openid, body: fake.click(openid, _text(body, "key")),
    "view": lambda fake, openid, body: fake.view(openid, _text(body, "url")),
    "mini_program": lambda fake, openid, body: fake.open_mini_program(openid, _text(body, "path")),
    "tap": lambda fake, openid, body: fake.tap(openid, _text(body, "id"), _text(body, "text")),
    "resend": lambda fake, openid, _: fake.resend(openid),
    "refuse": _refuse,
    "snapshot": _snapshot,
    "subscribe": _subscribe,
    "agent": _agent,
    "pay": _pay,
}


async def act(fake: FakeWeChat, openid: str, name: str, body: Body) -> list[Any]:
    """Do it; the entries that came as the passive reply. Raises `SandboxError`."""
    outcome = await ACTS[name](fake, openid, body)
    return outcome if isinstance(outcome, list) else []


def set_faults(faults: Faults, body: Body) -> dict[str, Any]:
    """Turn the switches named in `body`; all of them as they then stand."""
    for name, present in faults.switches().items():
        if name not in body:
            continue
        value = _number(body, name) if isinstance(present, float) else body[name]
        if type(value) is not type(present):
            raise SandboxError(f"{name} 的类型不对")
        setattr(faults, name, value)
    return faults.switches()


def change_tokens(fake: FakeWeChat, body: Body) -> None:
    """In the console: `revoke` kills all tokens, `expire` lets them run out; `frozen`, `whitelist`."""
    if body.get("revoke") is True:
        fake.tokens.revoke_all()
    if body.get("expire") is True:
        fake.tokens.expire_all()
    if "frozen" in body:
        fake.tokens.frozen = body["frozen"] is True
    whitelist = body.get("whitelist")
    if isinstance(whitelist, list):
        fake.tokens.whitelist = {str(address) for address in whitelist}


def change_agent(fake: FakeWeChat, body: Body) -> None:
    """Whether a human agent sits at the desk."""
    agent = fake.agents.agents.get(_text(body, "account"))
    if agent is None:
        raise SandboxError("没有这个客服")
    agent.online = body.get("online") is True
