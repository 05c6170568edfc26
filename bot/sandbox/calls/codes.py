"""QR codes with a scene: made by the product, scanned by people."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

from bot.sandbox.calls.base import Answer, Payload, Upload, Work, block, text
from bot.sandbox.errors import ApiError, SandboxError

_LONGEST = 2_592_000
_USUAL = 60
_MOST_PERMANENT = 100_000
_SCENE_CHARS = 64
_PERMANENT = {"QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"}
_KINDS = _PERMANENT | {"QR_SCENE", "QR_STR_SCENE"}
_PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" width="430" height="430" viewBox="0 0 43 43">\
<rect width="43" height="43" fill="#fff"/><g fill="none" stroke="#000" stroke-width="2"><rect x="5" y="5" \
width="9" height="9"/><rect x="29" y="5" width="9" height="9"/><rect x="5" y="29" width="9" height="9"/></g>\
<text x="21.500" y="21" font-size="3" text-anchor="middle">{scene}</text>\
<text x="21.500" y="25.500" font-size="2.200" text-anchor="middle">在沙箱的手机里选它来扫</text></svg>"""


@dataclass(frozen=True)
class SceneCode:
    ticket: str
    scene: str
    expires: float
    """Infinite for a permanent one."""


@dataclass
class CodeDesk:
    clock: Callable[[], float]
    changed: Callable[[], None]
    _made: dict[str, SceneCode] = field(default_factory=dict)

    def calls(self) -> dict[str, Work]:
        return {"cgi-bin/qrcode/create": self._create}

    def usable(self) -> list[SceneCode]:
        return [code for code in self._made.values() if code.expires > self.clock()]

    def ticket(self, scene: str) -> str:
        """The ticket that a scan of `scene` carries; a scene not made here counts as printed long ago.

        Raises `SandboxError` when the product made it and it has run out.
        """
        codes = [code for code in self._made.values() if code.scene == scene]
        if codes and codes[-1].expires <= self.clock():
            raise SandboxError("这个二维码已经过期")
        return codes[-1].ticket if codes else "gQ" + secrets.token_urlsafe(64)

    def picture(self, ticket: str) -> Upload | None:
        """What `showqrcode` shows: the scene in words, no machine reads it."""
        code = self._made.get(ticket)
        if code is None:
            return None
        drawn = _PICTURE.format(scene=escape(code.scene))
        return Upload("qrcode.svg", "image/svg+xml", drawn.encode())

    def _create(self, payload: Payload) -> Answer:
        kind = text(payload, "action_name", 40053)
        if kind not in _KINDS:
            raise ApiError(40053, "invalid action info: action_name")
        scene = _scene(kind, block(block(payload, "action_info", 40053), "scene", 40053))
        seconds = None if kind in _PERMANENT else _seconds(payload)
        self._check_count(seconds)
        code = SceneCode(
            "gQ" + secrets.token_urlsafe(64), scene, self.clock() + seconds if seconds else float("inf")
        )
        self._made[code.ticket] = code
        self.changed()
        answer = {"ticket": code.ticket, "url": f"http://weixin.qq.com/q/{code.ticket[:22]}"}
        return answer | ({"expire_seconds": seconds} if seconds else {})

    def _check_count(self, seconds: int | None) -> None:
        permanent = sum(code.expires == float("inf") for code in self._made.values())
        if seconds is None and permanent >= _MOST_PERMANENT:
            raise ApiError(40053, "invalid action info: too many permanent codes")


def _seconds(payload: Payload) -> int:
    seconds = payload.get("expire_seconds", _USUAL)
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 < seconds <= _LONGEST:
        raise ApiError(40053, "invalid action info: expire_seconds")
    return seconds


def _scene(kind: str, scene: Payload) -> str:
    if kind.endswith("STR_SCENE"):
        name = scene.get("scene_str")
        if not isinstance(name, str) or not 1 <= len(name) <= _SCENE_CHARS:
            raise ApiError(40053, "invalid action info: scene_str")
        return name
    most = _MOST_PERMANENT if kind in _PERMANENT else 2**32 - 1
    number = scene.get("scene_id")
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= most:
        raise ApiError(40053, "invalid action info: scene_id")
    return str(number)
