"""Files at the platform: temporary ones for three days (临时素材), permanent ones for drafts (永久素材)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO

from aiohttp import ClientTimeout

from bot.wechat.answers import text_of
from bot.wechat.caller import Caller
from bot.wechat.errors import BadAnswer, InvalidArgument
from bot.wechat.limits import check_range
from bot.wechat.transport import Call, Downloaded, Upload

UPLOAD = "/cgi-bin/media/upload"
GET = "/cgi-bin/media/get"
GET_SPEECH = "/cgi-bin/media/get/jssdk"
ARTICLE_IMAGE = "/cgi-bin/media/uploadimg"
ADD_PERMANENT = "/cgi-bin/material/add_material"
GET_PERMANENT = "/cgi-bin/material/get_material"
DELETE_PERMANENT = "/cgi-bin/material/del_material"
TIMEOUT = ClientTimeout(total=120, connect=3, sock_connect=3, sock_read=30)
_MB = 1024 * 1024


class MediaKind(StrEnum):
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    THUMB = "thumb"


_SUFFIXES = {
    MediaKind.IMAGE: {".png", ".jpeg", ".jpg", ".gif"},
    MediaKind.VOICE: {".amr", ".mp3"},
    MediaKind.VIDEO: {".mp4"},
    MediaKind.THUMB: {".jpg"},
}
_MOST_BYTES = {
    MediaKind.IMAGE: 10 * _MB,
    MediaKind.VOICE: 2 * _MB,
    MediaKind.VIDEO: 10 * _MB,
    MediaKind.THUMB: 64 * 1024,
}
_PERMANENT_SUFFIXES = _SUFFIXES | {
    MediaKind.IMAGE: {".bmp", ".png", ".jpeg", ".jpg", ".gif"},
    MediaKind.VOICE: {".mp3", ".wma", ".wav", ".amr"},
}
_ARTICLE_IMAGE_SUFFIXES = {".jpg", ".png"}


@dataclass(frozen=True, slots=True)
class VideoLink:
    """A video is not given out but by an address."""

    url: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Permanent:
    """``url`` is for pictures alone, and is shown on Tencent's pages alone."""

    media_id: str
    url: str | None


class Media:
    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def upload(self, kind: MediaKind, file: Upload) -> str:
        """A ``media_id`` for three days."""
        _check(file, _SUFFIXES[kind], _MOST_BYTES[kind])
        answer = await self._send(UPLOAD, file, type=kind.value)
        # A thumbnail's id comes under a name of its own.
        name = "thumb_media_id" if kind == MediaKind.THUMB and "media_id" not in answer else "media_id"
        return text_of(answer, name, UPLOAD)

    async def save(self, media_id: str, into: BinaryIO, *, max_bytes: int) -> Downloaded | VideoLink:
        """Streams a temporary file into ``into``; raises `TooMuchData` beyond ``max_bytes``."""
        call = Call("GET", GET, {"media_id": media_id}, timeout=TIMEOUT)
        answer = await self._caller.download(call, into, max_bytes=max_bytes)
        return (
            answer if isinstance(answer, Downloaded) else VideoLink(text_of(answer, "video_url", GET), "", "")
        )

    async def save_speech(self, media_id: str, into: BinaryIO, *, max_bytes: int) -> Downloaded:
        """A recording of the JS-SDK, as speex at 16 kHz instead of amr at 8."""
        call = Call("GET", GET_SPEECH, {"media_id": media_id}, timeout=TIMEOUT)
        answer = await self._caller.download(call, into, max_bytes=max_bytes)
        if not isinstance(answer, Downloaded):
            raise BadAnswer(GET_SPEECH, "no file in the answer")
        return answer

    async def upload_article_image(self, file: Upload) -> str:
        """The address of a picture for the text of an article; counts against no quota of material."""
        _check(file, _ARTICLE_IMAGE_SUFFIXES, _MB)
        return text_of(await self._send(ARTICLE_IMAGE, file), "url", ARTICLE_IMAGE)

    async def add_permanent(self, kind: MediaKind, file: Upload) -> Permanent:
        """One of the account's 100,000 pictures or 1000 others.

        A video, and nothing else, has ``title`` and ``introduction`` as its description.
        """
        _check(file, _PERMANENT_SUFFIXES[kind], _MOST_BYTES[kind])
        if (kind == MediaKind.VIDEO) != (file.description is not None):
            raise InvalidArgument("file.description", "belongs to a video, and a video needs it")
        answer = await self._send(ADD_PERMANENT, file, type=kind.value)
        url = answer.get("url")
        return Permanent(text_of(answer, "media_id", ADD_PERMANENT), str(url) if url else None)

    async def save_permanent(
        self, media_id: str, into: BinaryIO, *, max_bytes: int
    ) -> Downloaded | VideoLink:
        call = Call("POST", GET_PERMANENT, body={"media_id": media_id}, timeout=TIMEOUT)
        answer = await self._caller.download(call, into, max_bytes=max_bytes)
        if isinstance(answer, Downloaded):
            return answer
        url = text_of(answer, "down_url", GET_PERMANENT)
        return VideoLink(url, str(answer.get("title", "")), str(answer.get("description", "")))

    async def delete_permanent(self, media_id: str) -> None:
        """`MediaInUse` while a menu or a reply uses it."""
        await self._caller.post(DELETE_PERMANENT, {"media_id": media_id})

    async def _send(self, path: str, file: Upload, **query: str) -> dict[str, Any]:
        return await self._caller.send(Call("POST", path, query, upload=file, timeout=TIMEOUT))


def _check(file: Upload, suffixes: set[str], most_bytes: int) -> None:
    name = file.filename.lower()
    if not name.isascii() or not any(name.endswith(suffix) for suffix in suffixes):
        raise InvalidArgument("file.filename", f"must be ASCII and end in {', '.join(sorted(suffixes))}")
    check_range("bytes of file.content", len(file.content), 1, most_bytes)
