"""Tags of people (用户标签): an account has 100, a person 20; 0 to 2 are WeChat's own."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from bot.wechat.answers import Answer, list_of, number_of, record_of, records_of, text_of
from bot.wechat.caller import Caller
from bot.wechat.limits import check_chars, check_count

CREATE = "/cgi-bin/tags/create"
ALL = "/cgi-bin/tags/get"
UPDATE = "/cgi-bin/tags/update"
DELETE = "/cgi-bin/tags/delete"
BEARERS = "/cgi-bin/user/tag/get"
TAG = "/cgi-bin/tags/members/batchtagging"
UNTAG = "/cgi-bin/tags/members/batchuntagging"
OF_PERSON = "/cgi-bin/tags/getidlist"
MOST_A_CALL = 50
_NAME_CHARS = 30


@dataclass(frozen=True, slots=True)
class Tag:
    """``count``: how many people carry it; 0 for one that was just made."""

    tag_id: int
    name: str
    count: int


class Tags:
    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def create(self, name: str) -> Tag:
        check_chars("name", name, _NAME_CHARS)
        answer = await self._caller.post(CREATE, {"tag": {"name": name}})
        return _tag(record_of(answer, "tag", CREATE), CREATE)

    async def all(self) -> list[Tag]:
        return [_tag(item, ALL) for item in records_of(await self._caller.get(ALL), "tags", ALL)]

    async def rename(self, tag_id: int, name: str) -> None:
        check_chars("name", name, _NAME_CHARS)
        await self._caller.post(UPDATE, {"tag": {"id": tag_id, "name": name}})

    async def delete(self, tag_id: int) -> None:
        """`TagTooLarge` while over 100,000 people carry it."""
        await self._caller.post(DELETE, {"tag": {"id": tag_id}})

    async def put_on(self, tag_id: int, openids: Sequence[str]) -> None:
        """On up to 50 people; on all of them or, where one is no follower, on nobody."""
        check_count("openids", openids, MOST_A_CALL)
        await self._caller.post(TAG, {"openid_list": list(openids), "tagid": tag_id})

    async def take_off(self, tag_id: int, openids: Sequence[str]) -> None:
        check_count("openids", openids, MOST_A_CALL)
        await self._caller.post(UNTAG, {"openid_list": list(openids), "tagid": tag_id})

    async def of_person(self, openid: str) -> list[int]:
        answer = await self._caller.post(OF_PERSON, {"openid": openid})
        return [int(tag_id) for tag_id in list_of(answer, "tagid_list", OF_PERSON)]

    async def bearers(self, tag_id: int) -> AsyncIterator[list[str]]:
        """Pages of openids that carry the tag."""
        after = ""
        while True:
            answer = await self._caller.post(BEARERS, {"tagid": tag_id, "next_openid": after})
            if not answer.get("count"):
                return
            yield [str(openid) for openid in list_of(record_of(answer, "data", BEARERS), "openid", BEARERS)]
            after = str(answer.get("next_openid", ""))
            if not after:
                return


def _tag(record: Answer, path: str) -> Tag:
    return Tag(number_of(record, "id", path), text_of(record, "name", path), int(record.get("count", 0)))
