"""Tags of followers, and the blacklist."""

import itertools
from dataclasses import dataclass, field

from bot.sandbox.calls.base import FINE, Answer, Payload, Work, block, number, people_of, person_of, text
from bot.sandbox.errors import ApiError
from bot.sandbox.people import People, Person

_MOST = 100
_NAME_BYTES = 30
_RESERVED = {0, 1, 2}
_FIRST_OWN = 100
_A_PERSON = 20
_AT_ONCE = 50
_BLACKLIST_AT_ONCE = 20
_UNDELETABLE_FANS = 100_000


@dataclass
class TagDesk:
    people: People
    _names: dict[int, str] = field(default_factory=lambda: {2: "星标组"})
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(_FIRST_OWN))

    def calls(self) -> dict[str, Work]:
        return {
            "cgi-bin/tags/create": self._create,
            "cgi-bin/tags/get": lambda _payload: {"tags": [self._shown(tag) for tag in self._names]},
            "cgi-bin/tags/update": self._update,
            "cgi-bin/tags/delete": self._delete,
            "cgi-bin/tags/members/batchtagging": self._tag,
            "cgi-bin/tags/members/batchuntagging": self._untag,
            "cgi-bin/tags/getidlist": self._of_person,
            "cgi-bin/user/tag/get": self._followers,
            "cgi-bin/tags/members/getblacklist": self._blacklist,
            "cgi-bin/tags/members/batchblacklist": lambda payload: self._blacken(payload, black=True),
            "cgi-bin/tags/members/batchunblacklist": lambda payload: self._blacken(payload, black=False),
        }

    def _shown(self, tag: int) -> Answer:
        return {"id": tag, "name": self._names[tag], "count": len(self._tagged(tag))}

    def _tagged(self, tag: int) -> list[Person]:
        return [person for person in self.people.followers() if tag in person.tags]

    def _name(self, payload: Payload) -> str:
        name = text(payload, "name", 45158)
        if len(name.encode()) > _NAME_BYTES:
            raise ApiError(45158, "tag name too long")
        if name in self._names.values():
            raise ApiError(45157, "tag name exists already")
        return name

    def _own(self, payload: Payload, name: str) -> int:
        tag = number(payload, name, 45159)
        if tag in _RESERVED:
            raise ApiError(45058, "can't modify a system tag")
        return self._existing(tag)

    def _existing(self, tag: int) -> int:
        if tag not in self._names:
            raise ApiError(45159, "invalid tag id")
        return tag

    def _create(self, payload: Payload) -> Answer:
        if len(self._names) >= _MOST:
            raise ApiError(45056, "too many tags")
        name = self._name(block(payload, "tag", 45158))
        tag = next(self._ids)
        self._names[tag] = name
        return {"tag": {"id": tag, "name": name}}

    def _update(self, payload: Payload) -> Answer:
        wanted = block(payload, "tag", 45159)
        self._names[self._own(wanted, "id")] = self._name(wanted)
        return FINE

    def _delete(self, payload: Payload) -> Answer:
        tag = self._own(block(payload, "tag", 45159), "id")
        if len(self._tagged(tag)) > _UNDELETABLE_FANS:
            raise ApiError(45057, "too many fans in this tag")
        del self._names[tag]
        for person in self.people:
            person.tags.discard(tag)
        return FINE

    def _tag(self, payload: Payload) -> Answer:
        tag = self._existing(number(payload, "tagid", 45159))
        people = people_of(self.people, payload, "openid_list", _AT_ONCE)
        if any(len(person.tags - {tag}) >= _A_PERSON for person in people):
            raise ApiError(45059, "too many tags on a user")
        for person in people:
            person.tags.add(tag)
        return FINE

    def _untag(self, payload: Payload) -> Answer:
        tag = self._existing(number(payload, "tagid", 45159))
        for person in people_of(self.people, payload, "openid_list", _AT_ONCE):
            person.tags.discard(tag)
        return FINE

    def _of_person(self, payload: Payload) -> Answer:
        return {"tagid_list": sorted(person_of(self.people, payload, "openid").tags)}

    def _followers(self, payload: Payload) -> Answer:
        tag = self._existing(number(payload, "tagid", 45159))
        return page_of([person.openid for person in self._tagged(tag)], payload)

    def _blacklist(self, payload: Payload) -> Answer:
        black = [person.openid for person in self.people if person.blacklisted]
        return {"total": len(black)} | page_of(black, {"next_openid": payload.get("begin_openid", "")})

    def _blacken(self, payload: Payload, *, black: bool) -> Answer:
        for person in people_of(self.people, payload, "openid_list", _BLACKLIST_AT_ONCE):
            person.blacklisted = black
        return FINE


_A_PAGE = 10_000


def page_of(openids: list[str], payload: Payload) -> Answer:
    """Up to 10,000 openids after `next_openid`, and where the next page begins."""
    after = str(payload.get("next_openid") or "")
    if after and after not in openids:
        raise ApiError(40003, "invalid openid")
    begin = openids.index(after) + 1 if after else 0
    page = openids[begin : begin + _A_PAGE]
    answer: Answer = {"count": len(page), "next_openid": page[-1] if page else ""}
    return answer | ({"data": {"openid": page}} if page else {})
