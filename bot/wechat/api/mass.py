"""Mass sends (群发): at most four a month reach each person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.wechat.answers import Answer, number_of, text_of
from bot.wechat.caller import Caller
from bot.wechat.limits import check_bytes, check_chars, check_count, check_not_empty, check_range
from bot.wechat.refusals import DuplicateMass

SEND_ALL = "/cgi-bin/message/mass/sendall"
SEND = "/cgi-bin/message/mass/send"
PREVIEW = "/cgi-bin/message/mass/preview"
STATUS = "/cgi-bin/message/mass/get"
DELETE = "/cgi-bin/message/mass/delete"
GET_SPEED = "/cgi-bin/message/mass/speed/get"
SET_SPEED = "/cgi-bin/message/mass/speed/set"
_CLIENT_ID_CHARS = 32
"""WeChat's page says 64 bytes; a UUID of 36 characters was refused."""
_FEWEST_OPENIDS = 2
_MOST_OPENIDS = 10_000
_SLOWEST = 4
_TEXT_BYTES = 2048


@dataclass(frozen=True, slots=True)
class MassContent:
    """What is sent; ``preview`` differs for pictures, of which a preview shows the first."""

    kind: str
    fields: Mapping[str, Mapping[str, Any]]
    preview: Mapping[str, Mapping[str, Any]]


def text(content: str) -> MassContent:
    check_bytes("content", content, _TEXT_BYTES)
    return _same("text", {"content": content})


def articles(draft_media_id: str) -> MassContent:
    """Articles of a draft."""
    return _same("mpnews", {"media_id": draft_media_id})


def voice(media_id: str) -> MassContent:
    return _same("voice", {"media_id": media_id})


def video(media_id: str, title: str, description: str) -> MassContent:
    """The ``media_id`` is that of ``media/uploadvideo`` or of permanent material."""
    return _same("mpvideo", {"media_id": media_id, "title": title, "description": description})


def pictures(media_ids: Sequence[str], *, recommend: str = "", comments: bool = False) -> MassContent:
    check_not_empty("media_ids", media_ids)
    fields = {
        "media_ids": list(media_ids),
        "recommend": recommend,
        "need_open_comment": int(comments),
        "only_fans_can_comment": 0,
    }
    return MassContent("image", {"images": fields}, {"image": {"media_id": media_ids[0]}})


def _same(kind: str, fields: Mapping[str, Any]) -> MassContent:
    return MassContent(kind, {kind: fields}, {kind: fields})


@dataclass(frozen=True, slots=True)
class MassJob:
    """An accepted mass send; what became of it says the event MASSSENDJOBFINISH.

    ``duplicate``: the platform had this client id before, and nothing was sent now.
    """

    msg_id: str
    msg_data_id: str | None
    duplicate: bool = False


class Mass:
    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def send_to_tag(
        self, tag_id: int | None, content: MassContent, *, client_id: str, despite_reprint: bool = False
    ) -> MassJob:
        """To the bearers of a tag, or to every follower with None.

        With API protection switched on, an administrator has thirty minutes to confirm.
        """
        audience = {"is_to_all": True} if tag_id is None else {"is_to_all": False, "tag_id": tag_id}
        body = {"filter": audience, **_message(content, client_id, despite_reprint=despite_reprint)}
        return await self._send(SEND_ALL, body)

    async def send_to(
        self, openids: Sequence[str], content: MassContent, *, client_id: str, despite_reprint: bool = False
    ) -> MassJob:
        check_count("openids", openids, _MOST_OPENIDS, least=_FEWEST_OPENIDS)
        body = {"touser": list(openids), **_message(content, client_id, despite_reprint=despite_reprint)}
        return await self._send(SEND, body)

    async def preview_to(self, openid: str, content: MassContent) -> None:
        """Shows it to one person; a hundred times a day."""
        await self._caller.post(PREVIEW, {"touser": openid, "msgtype": content.kind, **content.preview})

    async def preview_to_wechat_id(self, wechat_id: str, content: MassContent) -> None:
        """To a person whom the operator knows by WeChat id (微信号)."""
        await self._caller.post(PREVIEW, {"towxname": wechat_id, "msgtype": content.kind, **content.preview})

    async def status(self, msg_id: str) -> str:
        """SEND_SUCCESS, SENDING, SEND_FAIL or DELETE."""
        return text_of(await self._caller.post(STATUS, {"msg_id": msg_id}), "msg_status", STATUS)

    async def delete(self, msg_id: str, *, article: int = 0) -> None:
        """Takes articles back; ``article`` counts from 1, 0 means all. Other kinds cannot be taken back."""
        await self._caller.post(DELETE, {"msg_id": int(msg_id), "article_idx": article})

    async def speed(self) -> int:
        """0 (800,000 people a minute) to 4 (100,000)."""
        return number_of(await self._caller.post(GET_SPEED, {}), "speed", GET_SPEED)

    async def set_speed(self, speed: int) -> None:
        check_range("speed", speed, 0, _SLOWEST)
        await self._caller.post(SET_SPEED, {"speed": speed})

    async def _send(self, path: str, body: Mapping[str, Any]) -> MassJob:
        try:
            return _job(await self._caller.post(path, body), path)
        except DuplicateMass as known:
            return MassJob(text_of(known.answer, "msg_id", path), None, duplicate=True)


def _message(content: MassContent, client_id: str, *, despite_reprint: bool) -> dict[str, Any]:
    check_chars("client_id", client_id, _CLIENT_ID_CHARS)
    return {
        "msgtype": content.kind,
        **content.fields,
        "send_ignore_reprint": int(despite_reprint),
        "clientmsgid": client_id,
    }


def _job(answer: Answer, path: str) -> MassJob:
    data_id = answer.get("msg_data_id")
    return MassJob(text_of(answer, "msg_id", path), None if data_id is None else str(data_id))
