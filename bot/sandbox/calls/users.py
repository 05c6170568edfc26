"""What WeChat tells about the account's people: neither nickname nor picture since 2021."""

from dataclasses import dataclass

from bot.sandbox.calls.base import FINE, Answer, Payload, Work, person_of
from bot.sandbox.calls.tags import page_of
from bot.sandbox.errors import ApiError
from bot.sandbox.people import People, Person

_AT_ONCE = 100
_REMARK_CHARS = 30


@dataclass
class UserDesk:
    people: People

    def calls(self) -> dict[str, Work]:
        return {
            "cgi-bin/user/get": self._list,
            "cgi-bin/user/info": lambda payload: described(person_of(self.people, payload, "openid")),
            "cgi-bin/user/info/batchget": self._several,
            "cgi-bin/user/info/updateremark": self._remark,
        }

    def _list(self, payload: Payload) -> Answer:
        followers = [person.openid for person in self.people.followers()]
        return {"total": len(followers)} | page_of(followers, payload)

    def _several(self, payload: Payload) -> Answer:
        wanted = payload.get("user_list")
        if not isinstance(wanted, list) or not 1 <= len(wanted) <= _AT_ONCE:
            raise ApiError(40032, "invalid openid list size")
        return {"user_info_list": [described(person_of(self.people, item, "openid")) for item in wanted]}

    def _remark(self, payload: Payload) -> Answer:
        person, remark = person_of(self.people, payload, "openid"), str(payload.get("remark") or "")
        if len(remark) >= _REMARK_CHARS:
            raise ApiError(47001, "data format error: remark too long")
        person.remark = remark
        return FINE


def described(person: Person) -> Answer:
    if not person.followed:
        return {"subscribe": 0, "openid": person.openid}
    return {
        "subscribe": 1,
        "openid": person.openid,
        "language": "zh_CN",
        "subscribe_time": int(person.followed_at),
        "remark": person.remark,
        "groupid": 0,
        "tagid_list": sorted(person.tags),
        "subscribe_scene": "ADD_SCENE_QR_CODE" if person.follow_scene else "ADD_SCENE_SEARCH",
        "qr_scene": 0,
        "qr_scene_str": person.follow_scene,
    }
