"""People who follow the account (用户管理), and its blacklist."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.wechat.answers import Answer, list_of, number_of, record_of, records_of, text_of
from bot.wechat.caller import Caller
from bot.wechat.limits import check_bytes, check_count

INFO = "/cgi-bin/user/info"
BATCH_INFO = "/cgi-bin/user/info/batchget"
REMARK = "/cgi-bin/user/info/updateremark"
FOLLOWERS = "/cgi-bin/user/get"
BLACKLIST = "/cgi-bin/tags/members/getblacklist"
BLOCK = "/cgi-bin/tags/members/batchblacklist"
UNBLOCK = "/cgi-bin/tags/members/batchunblacklist"
MOST_A_BATCH = 100
_MOST_BLOCKED_A_CALL = 20
_REMARK_BYTES = 29


@dataclass(frozen=True, slots=True)
class User:
    """A person as WeChat tells of them: no name and no picture since the end of 2021.

    Who does not follow has ``follows`` false and nothing else. ``union_id`` comes only with 微信开放平台;
    ``scene`` is how they came (``ADD_SCENE_QR_CODE``), ``qr_scene`` the scene of that code.
    """

    openid: str = field(repr=False)
    follows: bool
    followed_at: datetime | None = None
    language: str = ""
    union_id: str | None = field(default=None, repr=False)
    remark: str = field(default="", repr=False)
    tag_ids: tuple[int, ...] = ()
    scene: str = ""
    qr_scene: str = ""


class Users:
    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def get(self, openid: str) -> User:
        return _user(await self._caller.get(INFO, openid=openid, lang="zh_CN"), INFO)

    async def get_many(self, openids: Sequence[str]) -> list[User]:
        """Up to 100, in the order asked."""
        check_count("openids", openids, MOST_A_BATCH)
        wanted = [{"openid": openid, "lang": "zh_CN"} for openid in openids]
        answer = await self._caller.post(BATCH_INFO, {"user_list": wanted})
        return [_user(item, BATCH_INFO) for item in records_of(answer, "user_info_list", BATCH_INFO)]

    async def set_remark(self, openid: str, remark: str) -> None:
        """A note that only the account's operators see; nine Chinese characters."""
        check_bytes("remark", remark, _REMARK_BYTES, least=0)
        await self._caller.post(REMARK, {"openid": openid, "remark": remark})

    async def followers(self, after: str = "") -> AsyncIterator[list[str]]:
        """Pages of up to 10,000 openids; ``after`` goes on behind the last one of an earlier page."""
        while True:
            query = {"next_openid": after} if after else {}
            answer = await self._caller.get(FOLLOWERS, **query)
            if not number_of(answer, "count", FOLLOWERS):
                return
            yield _openids(answer, FOLLOWERS)
            after = str(answer.get("next_openid", ""))
            if not after:
                return

    async def blocked(self) -> AsyncIterator[list[str]]:
        """Pages of the blacklist."""
        after = ""
        while True:
            answer = await self._caller.post(BLACKLIST, {"begin_openid": after})
            if not number_of(answer, "count", BLACKLIST):
                return
            yield _openids(answer, BLACKLIST)
            after = str(answer.get("next_openid", ""))
            if not after:
                return

    async def block(self, openids: Sequence[str]) -> None:
        """Up to 20 people."""
        check_count("openids", openids, _MOST_BLOCKED_A_CALL)
        await self._caller.post(BLOCK, {"openid_list": list(openids)})

    async def unblock(self, openids: Sequence[str]) -> None:
        check_count("openids", openids, _MOST_BLOCKED_A_CALL)
        await self._caller.post(UNBLOCK, {"openid_list": list(openids)})


def _openids(answer: Answer, path: str) -> list[str]:
    return [str(openid) for openid in list_of(record_of(answer, "data", path), "openid", path)]


def _user(record: Answer, path: str) -> User:
    openid = text_of(record, "openid", path)
    if not record.get("subscribe"):
        return User(openid, follows=False)
    union_id = record.get("unionid")
    return User(
        openid,
        follows=True,
        followed_at=datetime.fromtimestamp(number_of(record, "subscribe_time", path), UTC),
        language=str(record.get("language", "")),
        union_id=str(union_id) if union_id else None,
        remark=str(record.get("remark", "")),
        tag_ids=tuple(int(tag_id) for tag_id in list_of(record, "tagid_list", path)),
        scene=str(record.get("subscribe_scene", "")),
        qr_scene=str(record.get("qr_scene_str") or record.get("qr_scene") or ""),
    )
