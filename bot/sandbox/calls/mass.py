"""Mass messages: to all, to a tag or to a list; rationed by the month; reported when done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.calls.articles import ArticleDesk
from bot.sandbox.calls.base import (
    FINE,
    Answer,
    Payload,
    Work,
    block,
    listed,
    number,
    people_of,
    person_of,
    text,
)
from bot.sandbox.calls.limits import beijing
from bot.sandbox.calls.media import MediaDesk
from bot.sandbox.errors import ApiError
from bot.sandbox.later import Later
from bot.sandbox.people import Content, Kind, Origin, People, Person, Sender
from bot.sandbox.pushes import Pushes

A_MONTH = 4
_MOST_OPENIDS = 10_000
_CLIENT_ID_CHARS = 32
_DAY, _MINUTE = 86_400.0, 60.0
_SPEEDS = (80, 60, 45, 30, 10)
"""In 10,000 messages a minute, by speed."""
_NAMES = {"image": "[图片]", "voice": "[语音]", "mpvideo": "[视频]"}
_PATH = "cgi-bin/message/mass/"


@dataclass
class _Job:
    people: list[Person]
    content: Content
    total: int
    status: str = "SENDING"


@dataclass
class _Attempt:
    msg_id: int
    first: float
    last: float


class MassDesk:
    def __init__(
        self,
        people: People,
        media: MediaDesk,
        articles: ArticleDesk,
        pushes: Pushes,
        later: Later,
        clock: Callable[[], float],
        manager: str,
        delay: float,
    ) -> None:
        """`manager` is the openid in whose name WeChat reports; a job takes `delay` seconds."""
        self.status = ""
        """What every job reports from now on, such as `err(20013)`; empty: what really happened."""
        self._people = people
        self._media = media
        self._articles = articles
        self._pushes = pushes
        self._later = later
        self._clock = clock
        self._manager = manager
        self._delay = delay
        self._jobs: dict[int, _Job] = {}
        self._attempts: dict[str, _Attempt] = {}
        self._to_all: list[float] = []
        self._speed = 0

    def calls(self) -> dict[str, Work]:
        return {
            f"{_PATH}sendall": self._send_all,
            f"{_PATH}send": self._send_list,
            f"{_PATH}preview": self._preview,
            f"{_PATH}get": self._get,
            f"{_PATH}delete": self._delete,
            f"{_PATH}speed/get": lambda _payload: {"speed": self._speed, "realspeed": _SPEEDS[self._speed]},
            f"{_PATH}speed/set": self._set_speed,
        }

    def _send_all(self, payload: Payload) -> Answer:
        chosen = block(payload, "filter", 40035)
        if chosen.get("is_to_all") is True:
            return self._start(payload, self._people.followers(), to_all=True)
        tag = number(chosen, "tag_id", 40035)
        return self._start(payload, [person for person in self._people.followers() if tag in person.tags])

    def _send_list(self, payload: Payload) -> Answer:
        people = people_of(self._people, payload, "touser", _MOST_OPENIDS, least=2)
        return self._start(payload, [person for person in people if person.followed])

    def _start(self, payload: Payload, people: list[Person], *, to_all: bool = False) -> Answer:
        content = self._read(payload)
        key = str(payload.get("clientmsgid") or "")
        self._check_attempt(key)
        now = self._clock()
        if to_all:
            self._to_all = [at for at in self._to_all if _same_month(at, now)]
            if len(self._to_all) >= A_MONTH:
                raise ApiError(45028, "has no masssend quota")
            self._to_all.append(now)
        msg_id = self._pushes.new_id()
        if key:
            self._attempts[key] = _Attempt(msg_id, now, now)
        job = self._jobs[msg_id] = _Job(self._reachable(people), content, len(people))
        self._later.after(self._delay, lambda: self._finish(msg_id, job))
        return FINE | {"msg_id": msg_id, "msg_data_id": msg_id}

    def _check_attempt(self, key: str) -> None:
        if len(key) > _CLIENT_ID_CHARS:
            raise ApiError(45067, "clientmsgid size out of limit")
        known, now = self._attempts.get(key), self._clock()
        if known is None or now - known.first >= _DAY:
            return
        waited, known.last = now - known.last, now
        if waited < _MINUTE:
            raise ApiError(45066, "same clientmsgid retry too fast")
        raise ApiError(45065, "clientmsgid exist", msg_id=known.msg_id)

    def _reachable(self, people: list[Person]) -> list[Person]:
        """Without who refuses, and without who has had this month's four."""
        now = self._clock()
        for person in people:
            person.mass_sends = [at for at in person.mass_sends if _same_month(at, now)]
        return [
            person
            for person in people
            if not (person.refuses or person.blacklisted) and len(person.mass_sends) < A_MONTH
        ]

    async def _finish(self, msg_id: int, job: _Job) -> None:
        status = self.status or "send success"
        sent = job.people if status == "send success" and job.status == "SENDING" else []
        for person in sent:
            person.mass_sends.append(self._clock())
            self._people.add_entry(person, Sender.ACCOUNT, Origin.MASS, job.content)
        job.status = "SEND_SUCCESS" if status == "send success" else "SEND_FAIL"
        counts = {
            "TotalCount": job.total,
            "FilterCount": len(job.people),
            "SentCount": len(sent),
            "ErrorCount": len(job.people) - len(sent),
        }
        await self._pushes.unseen(
            self._manager, "MASSSENDJOBFINISH", MsgID=msg_id, Status=status, **counts, **_results(job.content)
        )

    def _read(self, payload: Payload) -> Content:
        kind = str(payload.get("msgtype"))
        if kind == "image" and "images" in payload:
            pictures = listed(block(payload, "images"), "media_ids", 40007)
            for media_id in pictures:
                self._media.find(str(media_id), "image")
            return Content(Kind.MEDIA, _NAMES["image"] * len(pictures))
        body = block(payload, kind)
        if kind == "text":
            return Content(Kind.TEXT, text(body, "content"))
        if kind == "mpnews":
            return Content(Kind.NEWS, articles=self._articles.of_draft(text(body, "media_id", 40007)))
        if kind in _NAMES:
            self._media.find(text(body, "media_id", 40007), "video" if kind == "mpvideo" else kind)
            return Content(Kind.MEDIA, _NAMES[kind])
        raise ApiError(40008, "invalid message type")

    def _preview(self, payload: Payload) -> Answer:
        person = self._by_wechat_id(payload) or person_of(self._people, payload)
        self._people.add_entry(person, Sender.ACCOUNT, Origin.MASS, self._read(payload))
        return FINE | {"msg_id": self._pushes.new_id()}

    def _by_wechat_id(self, payload: Payload) -> Person | None:
        """Here people's WeChat ids are their nicknames."""
        name = payload.get("towxname")
        return next((person for person in self._people if name and person.nickname == name), None)

    def _get(self, payload: Payload) -> Answer:
        msg_id = payload.get("msg_id")
        return {"msg_id": msg_id, "msg_status": self._job(msg_id).status}

    def _delete(self, payload: Payload) -> Answer:
        self._job(payload.get("msg_id")).status = "DELETE"
        return FINE

    def _job(self, msg_id: Any) -> _Job:
        job = self._jobs.get(int(msg_id)) if str(msg_id).isdecimal() else None
        if job is None:
            raise ApiError(40059, "invalid msg id")
        return job

    def _set_speed(self, payload: Payload) -> Answer:
        speed = number(payload, "speed", 45083)
        if not 0 <= speed < len(_SPEEDS):
            raise ApiError(45083, "speed must be 0 to 4")
        self._speed = speed
        return FINE


def _same_month(one: float, other: float) -> bool:
    return beijing(one).strftime("%Y-%m") == beijing(other).strftime("%Y-%m")


def _results(content: Content) -> Answer:
    """What WeChat adds to the report of articles."""
    items = [
        {"ArticleIdx": number, "ArticleUrl": article.url}
        for number, article in enumerate(content.articles, 1)
    ]
    checked: Answer = {"Count": 0, "ResultList": "", "CheckState": 1 if items else 0}
    return {
        "CopyrightCheckResult": checked,
        "ArticleUrlResult": {"Count": len(items), "ResultList": {"item": items}},
    }
