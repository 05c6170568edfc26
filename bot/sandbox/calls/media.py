"""Media: what the product uploads and what people send, by media id."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.calls.base import FINE, Answer, Payload, Upload, Work, text
from bot.sandbox.errors import ApiError

LIFETIME = 3 * 86_400.0
_MB = 1024 * 1024
_MOST_BYTES = {"image": 10 * _MB, "voice": 2 * _MB, "video": 10 * _MB, "thumb": 64 * 1024}
_ENDINGS = {
    "image": ("bmp", "png", "jpeg", "jpg", "gif"),
    "voice": ("mp3", "wma", "wav", "amr"),
    "video": ("mp4",),
    "thumb": ("jpg", "jpeg"),
}
_PICTURE_BYTES = _MB


@dataclass(frozen=True)
class _Kept:
    kind: str
    file: Upload
    expires: float
    """Infinite for permanent material."""


class MediaDesk:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    def calls(self) -> dict[str, Work]:
        return {
            "cgi-bin/media/upload": self._upload,
            "cgi-bin/media/get": self._get,
            "cgi-bin/media/get/jssdk": self._get,
            "cgi-bin/media/uploadimg": self._upload_picture,
            "cgi-bin/material/add_material": self._add_material,
            "cgi-bin/material/get_material": self._get_material,
            "cgi-bin/material/del_material": self._delete,
        }

    def put(self, kind: str, file: Upload, *, permanent: bool = False) -> str:
        """The media id of a new file."""
        media_id = secrets.token_urlsafe(48)
        expires = float("inf") if permanent else self._clock() + LIFETIME
        self._kept[media_id] = _Kept(kind, file, expires)
        return media_id

    def find(self, media_id: str, *kinds: str) -> Upload:
        """Raises 40007 when it is unknown, over, or of another kind; no kind given: any."""
        kept = self._kept.get(media_id)
        if kept is None or kept.expires <= self._clock() or (kinds and kept.kind not in kinds):
            raise ApiError(40007, "invalid media_id")
        return kept.file

    def _upload(self, payload: Payload) -> Answer:
        kind, file = _checked(payload)
        media_id = self.put(kind, file)
        name = "thumb_media_id" if kind == "thumb" else "media_id"
        return {"type": kind, name: media_id, "created_at": int(self._clock())}

    def _upload_picture(self, payload: Payload) -> Answer:
        file = payload.get("media")
        if not isinstance(file, Upload):
            raise ApiError(41005, "media data missing")
        if len(file.data) > _PICTURE_BYTES or not file.name.lower().endswith(("jpg", "jpeg", "png")):
            raise ApiError(40009, "invalid image size or type")
        return FINE | {"url": f"https://mmbiz.qpic.cn/{self.put('image', file, permanent=True)}/0"}

    def _add_material(self, payload: Payload) -> Answer:
        kind, file = _checked(payload)
        return FINE | {"media_id": self.put(kind, file, permanent=True), "url": ""}

    def _get(self, payload: Payload) -> Upload | Answer:
        """A video is given by its address."""
        media_id = text(payload, "media_id", 40007)
        file = self.find(media_id)
        return {"video_url": _address(media_id)} if self._kept[media_id].kind == "video" else file

    def _get_material(self, payload: Payload) -> Upload | Answer:
        media_id = text(payload, "media_id", 40007)
        file = self.find(media_id)
        if self._kept[media_id].kind != "video":
            return file
        return {"title": file.name, "description": "", "down_url": _address(media_id)}

    def _delete(self, payload: Payload) -> Answer:
        media_id = text(payload, "media_id", 40007)
        self.find(media_id)
        del self._kept[media_id]
        return FINE


def _address(media_id: str) -> str:
    return f"https://mp.weixin.qq.com/sandbox/video/{media_id}"


def _checked(payload: Payload) -> tuple[str, Upload]:
    kind, file = str(payload.get("type") or ""), payload.get("media")
    if kind not in _ENDINGS:
        raise ApiError(40004, "invalid media type")
    if not isinstance(file, Upload):
        raise ApiError(41005, "media data missing")
    if file.name.rpartition(".")[2].lower() not in _ENDINGS[kind]:
        raise ApiError(40005, "invalid file type")
    if not 0 < len(file.data) <= _MOST_BYTES[kind]:
        raise ApiError(40006, "invalid media size")
    return kind, file
