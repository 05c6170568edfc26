"""Tags, people, codes that lead them here, and the advisers who talk with them."""

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.wechat import refusals
from bot.wechat.api.customer_service import Adviser, OnlineAdviser, Session, Waiting
from bot.wechat.api.qrcodes import QrCode
from bot.wechat.api.tags import Tag
from bot.wechat.api.users import User
from bot.wechat.client import WeChatClient
from bot.wechat.errors import BadAnswer, InvalidArgument
from tests.bot.wechat.platform_server import Platform

OPENID = "oOwner1"
KF = "li_1@rongqiao"
Act = Callable[[WeChatClient], Awaitable[Any]]


async def test_tags(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/tags/create"] = {"tag": {"id": 134, "name": "高新企业"}}
    platform.answers["/cgi-bin/tags/get"] = {"tags": [{"id": 1, "name": "星标组", "count": 3}]}
    platform.answers["/cgi-bin/tags/getidlist"] = {"tagid_list": [134, 2]}
    assert await client.tags.create("高新企业") == Tag(134, "高新企业", 0)
    assert "高新企业".encode() in platform.last.raw
    assert await client.tags.all() == [Tag(1, "星标组", 3)]
    await client.tags.rename(134, "专精特新")
    await client.tags.put_on(134, ["o1", "o2"])
    await client.tags.take_off(134, ["o1"])
    assert await client.tags.of_person(OPENID) == [134, 2]
    await client.tags.delete(134)
    assert platform.calls == [
        ("/cgi-bin/tags/create", {"tag": {"name": "高新企业"}}),
        ("/cgi-bin/tags/get", None),
        ("/cgi-bin/tags/update", {"tag": {"id": 134, "name": "专精特新"}}),
        ("/cgi-bin/tags/members/batchtagging", {"openid_list": ["o1", "o2"], "tagid": 134}),
        ("/cgi-bin/tags/members/batchuntagging", {"openid_list": ["o1"], "tagid": 134}),
        ("/cgi-bin/tags/getidlist", {"openid": OPENID}),
        ("/cgi-bin/tags/delete", {"tag": {"id": 134}}),
    ]


async def test_bearers_of_a_tag_come_in_pages(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/user/tag/get"] = deque(
        [
            {"count": 2, "data": {"openid": ["o1", "o2"]}, "next_openid": "o2"},
            {"count": 0},
        ]
    )
    assert [page async for page in client.tags.bearers(134)] == [["o1", "o2"]]
    assert [body for _, body in platform.calls] == [
        {"tagid": 134, "next_openid": ""},
        {"tagid": 134, "next_openid": "o2"},
    ]


FOLLOWER = {
    "subscribe": 1,
    "openid": OPENID,
    "language": "zh_CN",
    "subscribe_time": 1434093047,
    "unionid": "u1",
    "remark": "张总",
    "groupid": 0,
    "tagid_list": [128, 2],
    "subscribe_scene": "ADD_SCENE_QR_CODE",
    "qr_scene": 98765,
    "qr_scene_str": "",
}
KNOWN = User(
    OPENID,
    follows=True,
    followed_at=datetime.fromtimestamp(1434093047, UTC),
    language="zh_CN",
    union_id="u1",
    remark="张总",
    tag_ids=(128, 2),
    scene="ADD_SCENE_QR_CODE",
    qr_scene="98765",
)


async def test_people(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/user/info"] = FOLLOWER
    platform.answers["/cgi-bin/user/info/batchget"] = {
        "user_info_list": [FOLLOWER, {"subscribe": 0, "openid": "o2"}]
    }
    assert await client.users.get(OPENID) == KNOWN
    assert (platform.last.method, platform.last.query) == ("GET", {"openid": OPENID, "lang": "zh_CN"})
    assert await client.users.get_many([OPENID, "o2"]) == [KNOWN, User("o2", follows=False)]
    assert platform.last.body == {
        "user_list": [{"openid": OPENID, "lang": "zh_CN"}, {"openid": "o2", "lang": "zh_CN"}]
    }
    await client.users.set_remark(OPENID, "张总")
    assert platform.calls[-1] == (
        "/cgi-bin/user/info/updateremark",
        {"openid": OPENID, "remark": "张总"},
    )
    assert OPENID not in repr(KNOWN)
    assert "张总" not in repr(KNOWN)


async def test_followers_come_in_pages_and_can_be_gone_on_with(
    client: WeChatClient, platform: Platform
) -> None:
    pages = [
        {"total": 3, "count": 2, "data": {"openid": ["o1", "o2"]}, "next_openid": "o2"},
        {"total": 3, "count": 1, "data": {"openid": ["o3"]}, "next_openid": ""},
    ]
    platform.answers["/cgi-bin/user/get"] = deque(pages)
    assert [page async for page in client.users.followers()] == [["o1", "o2"], ["o3"]]
    assert [request.query for request in platform.received] == [{}, {"next_openid": "o2"}]
    platform.answers["/cgi-bin/user/get"] = deque(pages[1:])
    assert [page async for page in client.users.followers("o2")] == [["o3"]]
    platform.answers["/cgi-bin/user/get"] = {"total": 0, "count": 0, "next_openid": ""}
    assert [page async for page in client.users.followers()] == []


async def test_the_blacklist(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/tags/members/getblacklist"] = deque(
        [{"total": 1, "count": 1, "data": {"openid": ["o1"]}, "next_openid": "o1"}, {"count": 0}]
    )
    assert [page async for page in client.users.blocked()] == [["o1"]]
    await client.users.block(["o1"])
    await client.users.unblock(["o1"])
    assert platform.calls == [
        ("/cgi-bin/tags/members/getblacklist", {"begin_openid": ""}),
        ("/cgi-bin/tags/members/getblacklist", {"begin_openid": "o1"}),
        ("/cgi-bin/tags/members/batchblacklist", {"openid_list": ["o1"]}),
        ("/cgi-bin/tags/members/batchunblacklist", {"openid_list": ["o1"]}),
    ]


@pytest.mark.parametrize(
    ("scene", "lasting", "action", "info"),
    [
        (1, False, "QR_SCENE", {"scene_id": 1}),
        ("门店-7", False, "QR_STR_SCENE", {"scene_str": "门店-7"}),
        (100_000, True, "QR_LIMIT_SCENE", {"scene_id": 100_000}),
        ("x" * 64, True, "QR_LIMIT_STR_SCENE", {"scene_str": "x" * 64}),
    ],
)
async def test_codes(
    client: WeChatClient, platform: Platform, scene: int | str, action: str, info: Any, *, lasting: bool
) -> None:
    answer: dict[str, Any] = {"ticket": "gQH/8=+", "url": "http://weixin.qq.com/q/k"}
    platform.answers["/cgi-bin/qrcode/create"] = answer if lasting else answer | {"expire_seconds": 60}
    api = client.qrcodes
    code = await (api.permanent(scene) if lasting else api.temporary(scene, timedelta(minutes=1)))
    picture = "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=gQH%2F8%3D%2B"
    lifetime = None if lasting else timedelta(minutes=1)
    assert code == QrCode("gQH/8=+", "http://weixin.qq.com/q/k", picture, lifetime)
    body = {"action_name": action, "action_info": {"scene": info}}
    assert platform.last.body == (body if lasting else {"expire_seconds": 60, **body})


async def test_adviser_accounts(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/customservice/getkflist"] = {
        "kf_list": [
            {"kf_account": KF, "kf_nick": "李顾问", "kf_id": 1001, "kf_wx": "kfwx1"},
            {"kf_account": "w@rongqiao", "kf_nick": "王顾问", "kf_id": 1002, "invite_wx": "kfwx2"},
        ]
    }
    platform.answers["/cgi-bin/customservice/getonlinekflist"] = {
        "kf_online_list": [{"kf_account": KF, "status": 1, "kf_id": "1001", "accepted_case": 2}]
    }
    api = client.customer_service
    await api.add(KF, "李顾问")
    await api.update(KF, "李顾问")
    await api.invite(KF, "kfwx1")
    assert await api.all() == [Adviser(KF, "李顾问", "kfwx1"), Adviser("w@rongqiao", "王顾问", None)]
    assert await api.online() == [OnlineAdviser(KF, 2)]
    await api.delete(KF)
    assert platform.last.query == {"kf_account": KF}
    assert [(request.method, request.path, request.body) for request in platform.received] == [
        ("POST", "/customservice/kfaccount/add", {"kf_account": KF, "nickname": "李顾问"}),
        ("POST", "/customservice/kfaccount/update", {"kf_account": KF, "nickname": "李顾问"}),
        ("POST", "/customservice/kfaccount/inviteworker", {"kf_account": KF, "invite_wx": "kfwx1"}),
        ("GET", "/cgi-bin/customservice/getkflist", None),
        ("GET", "/cgi-bin/customservice/getonlinekflist", None),
        ("GET", "/customservice/kfaccount/del", None),
    ]


async def test_conversations_with_advisers(client: WeChatClient, platform: Platform) -> None:
    base = "/customservice/kfsession"
    platform.answers[f"{base}/getsession"] = deque(
        [{"createtime": 123456789, "kf_account": KF}, {"createtime": 0, "kf_account": ""}]
    )
    platform.answers[f"{base}/getsessionlist"] = {"sessionlist": [{"createtime": 5, "openid": OPENID}]}
    platform.answers[f"{base}/getwaitcase"] = {
        "count": 150,
        "waitcaselist": [{"latest_time": 9, "openid": OPENID}],
    }
    api = client.customer_service
    await api.open_session(OPENID, KF)
    await api.close_session(OPENID, KF)
    assert platform.calls == [
        (f"{base}/create", {"kf_account": KF, "openid": OPENID}),
        (f"{base}/close", {"kf_account": KF, "openid": OPENID}),
    ]
    assert await api.session_of(OPENID) == Session(OPENID, KF, 123456789)
    assert platform.last.query == {"openid": OPENID}
    assert await api.session_of(OPENID) is None
    platform.troubles.append(65413)
    assert await api.session_of(OPENID) is None
    assert await api.sessions_with(KF) == [Session(OPENID, KF, 5)]
    assert platform.last.query == {"kf_account": KF}
    assert await api.waiting() == (150, [Waiting(OPENID, 9)])


async def test_an_adviser_who_is_away_is_told_apart(client: WeChatClient, platform: Platform) -> None:
    platform.troubles.extend([65415, 65413])
    with pytest.raises(refusals.AdviserUnavailable):
        await client.customer_service.open_session(OPENID, KF)
    with pytest.raises(refusals.NoSession):
        await client.customer_service.close_session(OPENID, KF)


@pytest.mark.parametrize(
    ("field", "act"),
    [
        ("name", lambda c: c.tags.create("字" * 31)),
        ("name", lambda c: c.tags.rename(100, "")),
        ("openids", lambda c: c.tags.put_on(100, ["o"] * 51)),
        ("openids", lambda c: c.tags.take_off(100, [])),
        ("openids", lambda c: c.users.get_many(["o"] * 101)),
        ("openids", lambda c: c.users.block(["o"] * 21)),
        ("openids", lambda c: c.users.unblock(["o"] * 21)),
        ("remark", lambda c: c.users.set_remark("o", "字" * 10)),
        ("scene", lambda c: c.qrcodes.permanent(0)),
        ("scene", lambda c: c.qrcodes.permanent(100_001)),
        ("scene", lambda c: c.qrcodes.permanent("x" * 65)),
        ("scene", lambda c: c.qrcodes.temporary(2**32)),
        ("scene", lambda c: c.qrcodes.temporary("")),
        ("lifetime in seconds", lambda c: c.qrcodes.temporary(1, timedelta(days=30, seconds=1))),
        ("kf_account", lambda c: c.customer_service.add("li", "李")),
        ("kf_account", lambda c: c.customer_service.add("李@rongqiao", "李")),
        ("kf_account before @", lambda c: c.customer_service.add("l" * 11 + "@rongqiao", "李")),
        ("kf_account", lambda c: c.customer_service.add("li@" + "r" * 28, "李")),
        ("nickname", lambda c: c.customer_service.update(KF, "字" * 17)),
    ],
)
async def test_limits_are_checked_before_the_call(
    client: WeChatClient, platform: Platform, field: str, act: Act
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        await act(client)
    assert caught.value.field == field
    assert platform.received == []


@pytest.mark.parametrize(
    "act",
    [
        lambda c: c.tags.create("好"),
        lambda c: c.tags.all(),
        lambda c: c.tags.of_person("o"),
        lambda c: c.users.get("o"),
        lambda c: c.users.get_many(["o"]),
        lambda c: anext(c.users.followers()),
        lambda c: anext(c.users.blocked()),
        lambda c: c.qrcodes.permanent(1),
        lambda c: c.customer_service.all(),
        lambda c: c.customer_service.online(),
        lambda c: c.customer_service.sessions_with(KF),
        lambda c: c.customer_service.waiting(),
    ],
)
async def test_an_answer_without_what_was_asked_for_is_no_success(client: WeChatClient, act: Act) -> None:
    with pytest.raises(BadAnswer):
        await act(client)
