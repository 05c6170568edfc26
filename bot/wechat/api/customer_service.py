"""Advisers in WeChat's own customer service (客服功能): their accounts, and who talks with whom.

While a person talks with such an adviser, messages do not reach the callback; after 30 minutes they do again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.wechat.answers import number_of, records_of, text_of
from bot.wechat.caller import Caller
from bot.wechat.errors import InvalidArgument
from bot.wechat.limits import check_chars
from bot.wechat.refusals import NoSession

ADD = "/customservice/kfaccount/add"
UPDATE = "/customservice/kfaccount/update"
DELETE = "/customservice/kfaccount/del"
INVITE = "/customservice/kfaccount/inviteworker"
ALL = "/cgi-bin/customservice/getkflist"
ONLINE = "/cgi-bin/customservice/getonlinekflist"
OPEN = "/customservice/kfsession/create"
CLOSE = "/customservice/kfsession/close"
OF_PERSON = "/customservice/kfsession/getsession"
OF_ADVISER = "/customservice/kfsession/getsessionlist"
WAITING = "/customservice/kfsession/getwaitcase"
_NICKNAME_CHARS = 16
_ACCOUNT_CHARS = 30
_PREFIX_CHARS = 10


@dataclass(frozen=True, slots=True)
class Adviser:
    """``kf_account`` is ``name@account``; ``wechat_id`` is None until an invitation was accepted."""

    kf_account: str
    nickname: str
    wechat_id: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class OnlineAdviser:
    """``talking``: how many people the adviser serves now."""

    kf_account: str
    talking: int


@dataclass(frozen=True, slots=True)
class Session:
    """A person with an adviser since ``since`` (Unix time)."""

    openid: str = field(repr=False)
    kf_account: str
    since: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A person whom nobody serves yet; ``latest_at`` is the last message's Unix time."""

    openid: str = field(repr=False)
    latest_at: int


class CustomerService:
    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def add(self, kf_account: str, nickname: str) -> None:
        """One of a hundred; it works once `invite` was accepted."""
        await self._caller.post(ADD, _account(kf_account, nickname))

    async def update(self, kf_account: str, nickname: str) -> None:
        await self._caller.post(UPDATE, _account(kf_account, nickname))

    async def delete(self, kf_account: str) -> None:
        await self._caller.get(DELETE, kf_account=kf_account)

    async def invite(self, kf_account: str, wechat_id: str) -> None:
        """Asks a WeChat user to be this adviser; they confirm on their phone."""
        await self._caller.post(INVITE, {"kf_account": kf_account, "invite_wx": wechat_id})

    async def all(self) -> list[Adviser]:
        found = records_of(await self._caller.get(ALL), "kf_list", ALL)
        return [
            Adviser(
                text_of(item, "kf_account", ALL),
                str(item.get("kf_nick", "")),
                str(item["kf_wx"]) if item.get("kf_wx") else None,
            )
            for item in found
        ]

    async def online(self) -> list[OnlineAdviser]:
        found = records_of(await self._caller.get(ONLINE), "kf_online_list", ONLINE)
        return [
            OnlineAdviser(text_of(item, "kf_account", ONLINE), number_of(item, "accepted_case", ONLINE))
            for item in found
        ]

    async def open_session(self, openid: str, kf_account: str) -> None:
        """`AdviserUnavailable` when offline, or when the person is with another."""
        await self._caller.post(OPEN, {"kf_account": kf_account, "openid": openid})

    async def close_session(self, openid: str, kf_account: str) -> None:
        """`NoSession` when it has ended already."""
        await self._caller.post(CLOSE, {"kf_account": kf_account, "openid": openid})

    async def session_of(self, openid: str) -> Session | None:
        try:
            answer = await self._caller.get(OF_PERSON, openid=openid)
        except NoSession:
            return None
        account = answer.get("kf_account")
        return Session(openid, str(account), number_of(answer, "createtime", OF_PERSON)) if account else None

    async def sessions_with(self, kf_account: str) -> list[Session]:
        answer = await self._caller.get(OF_ADVISER, kf_account=kf_account)
        return [
            Session(
                text_of(item, "openid", OF_ADVISER), kf_account, number_of(item, "createtime", OF_ADVISER)
            )
            for item in records_of(answer, "sessionlist", OF_ADVISER)
        ]

    async def waiting(self) -> tuple[int, list[Waiting]]:
        """How many wait, and the hundred who wait longest."""
        answer = await self._caller.get(WAITING)
        people = [
            Waiting(text_of(item, "openid", WAITING), number_of(item, "latest_time", WAITING))
            for item in records_of(answer, "waitcaselist", WAITING)
        ]
        return number_of(answer, "count", WAITING), people


def _account(kf_account: str, nickname: str) -> Mapping[str, Any]:
    prefix, at, _ = kf_account.partition("@")
    if not at or not prefix.isascii() or not prefix.replace("_", "").isalnum():
        raise InvalidArgument(
            "kf_account", "must be letters, digits or _ before @ and the account's WeChat id"
        )
    check_chars("kf_account before @", prefix, _PREFIX_CHARS)
    check_chars("kf_account", kf_account, _ACCOUNT_CHARS)
    check_chars("nickname", nickname, _NICKNAME_CHARS)
    return {"kf_account": kf_account, "nickname": nickname}
