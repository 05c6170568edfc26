"""Drafts and their publishing, files, menus."""

import io
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat import refusals
from bot.wechat.api.drafts import DraftArticle, Publication, PublishStatus
from bot.wechat.api.media import MediaKind, Permanent, VideoLink
from bot.wechat.api.menus import Button, ConditionalMenu, MatchRule, Menu, checked
from bot.wechat.api.menus import Platform as Phone
from bot.wechat.client import WeChatClient
from bot.wechat.errors import BadAnswer, InvalidArgument, TooMuchData
from bot.wechat.transport import Downloaded, Upload
from tests.bot.wechat.platform_server import Platform

Act = Callable[[WeChatClient], Awaitable[Any]]
ARTICLE = DraftArticle("惠企政策", "<p>正文</p>", "C1", author="融桥", digest="摘要", comments=True)
FIELDS = {
    "article_type": "news",
    "title": "惠企政策",
    "author": "融桥",
    "digest": "摘要",
    "content": "<p>正文</p>",
    "content_source_url": "",
    "thumb_media_id": "C1",
    "need_open_comment": 1,
    "only_fans_can_comment": 0,
}
PNG = Upload("p.png", b"\x89PNG\r\n", "image/png")
MENU = (
    Button("我要融资", sub=(Button("发布需求", "click", key="apply_financing"),)),
    Button("官网", "view", url="https://x.cn"),
)
MENU_FIELDS = [
    {"name": "我要融资", "sub_button": [{"type": "click", "name": "发布需求", "key": "apply_financing"}]},
    {"type": "view", "name": "官网", "url": "https://x.cn"},
]


async def test_drafts(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/draft/add"] = {"media_id": "D1"}
    platform.answers["/cgi-bin/draft/get"] = {"news_item": [FIELDS | {"url": "https://mp.weixin.qq.com/s"}]}
    assert await client.drafts.add([ARTICLE]) == "D1"
    assert "惠企政策".encode() in platform.last.raw
    assert await client.drafts.get("D1") == [ARTICLE]
    await client.drafts.delete("D1")
    assert platform.calls == [
        ("/cgi-bin/draft/add", {"articles": [FIELDS]}),
        ("/cgi-bin/draft/get", {"media_id": "D1"}),
        ("/cgi-bin/draft/delete", {"media_id": "D1"}),
    ]


@pytest.mark.parametrize(
    ("answer", "publication"),
    [
        (
            {
                "publish_id": "100000001",
                "publish_status": 0,
                "article_id": "A1",
                "article_detail": {"count": 1, "item": [{"idx": 1, "article_url": "https://mp/s/1"}]},
                "fail_idx": [],
            },
            Publication(PublishStatus.DONE, "A1", ("https://mp/s/1",), ()),
        ),
        ({"publish_status": 1}, Publication(PublishStatus.UNDER_WAY, None, (), ())),
        (
            {"publish_status": 2, "fail_idx": [1, 2]},
            Publication(PublishStatus.NOT_ORIGINAL, None, (), (1, 2)),
        ),
    ],
)
async def test_publishing(
    client: WeChatClient, platform: Platform, answer: Any, publication: Publication
) -> None:
    platform.answers["/cgi-bin/freepublish/submit"] = {"publish_id": 100000001, "msg_data_id": "1"}
    platform.answers["/cgi-bin/freepublish/get"] = answer
    assert await client.drafts.publish("D1") == "100000001"
    assert platform.last.body == {"media_id": "D1"}
    assert await client.drafts.publication("100000001") == publication
    assert platform.last.body == {"publish_id": "100000001"}


async def test_uploads(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/media/upload"] = {"type": "image", "media_id": "M1", "created_at": 1}
    assert await client.media.upload(MediaKind.IMAGE, PNG) == "M1"
    sent = platform.last
    assert (sent.method, sent.query, sent.content_type) == ("POST", {"type": "image"}, "multipart/form-data")
    assert sent.length == len(sent.raw)  # WeChat reads no chunked form
    assert b'name="media"; filename="p.png"' in sent.raw
    assert b"Content-Type: image/png" in sent.raw
    assert b"\x89PNG\r\n" in sent.raw
    platform.answers["/cgi-bin/media/upload"] = {"type": "thumb", "thumb_media_id": "T1"}
    assert await client.media.upload(MediaKind.THUMB, Upload("t.jpg", b"x", "image/jpeg")) == "T1"


async def test_material_for_drafts(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/media/uploadimg"] = {"url": "http://mmbiz.qpic.cn/1"}
    platform.answers["/cgi-bin/material/add_material"] = {"media_id": "P1", "url": "http://mmbiz.qpic.cn/2"}
    assert await client.media.upload_article_image(PNG) == "http://mmbiz.qpic.cn/1"
    assert platform.last.query == {}
    picture = await client.media.add_permanent(MediaKind.IMAGE, PNG)
    assert picture == Permanent("P1", "http://mmbiz.qpic.cn/2")
    assert platform.last.query == {"type": "image"}
    platform.answers["/cgi-bin/material/add_material"] = {"media_id": "P2"}
    video = Upload("v.mp4", b"mp4", "video/mp4", {"title": "政策解读", "introduction": "三分钟"})
    assert await client.media.add_permanent(MediaKind.VIDEO, video) == Permanent("P2", None)
    assert '{"title": "政策解读", "introduction": "三分钟"}'.encode() in platform.last.raw
    await client.media.delete_permanent("P2")
    assert platform.calls[-1] == ("/cgi-bin/material/del_material", {"media_id": "P2"})


async def test_downloads(client: WeChatClient, platform: Platform) -> None:
    file = web.Response(body=b"picture", headers={"Content-Type": "image/jpeg"})
    for path in ("/cgi-bin/media/get", "/cgi-bin/media/get/jssdk", "/cgi-bin/material/get_material"):
        platform.answers[path] = file
    saved = Downloaded("image/jpeg", None, 7)
    into = io.BytesIO()
    assert await client.media.save("M1", into, max_bytes=7) == saved
    assert (platform.last.method, platform.last.query) == ("GET", {"media_id": "M1"})
    assert await client.media.save_speech("M1", into, max_bytes=7) == saved
    assert await client.media.save_permanent("P1", into, max_bytes=7) == saved
    assert (platform.last.method, platform.last.body) == ("POST", {"media_id": "P1"})
    assert into.getvalue() == b"picture" * 3
    with pytest.raises(TooMuchData):
        await client.media.save("M1", into, max_bytes=6)


async def test_a_refused_token_does_not_spoil_a_download(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/media/get"] = web.Response(body=b"v", headers={"Content-Type": "audio/amr"})
    platform.troubles.append(42001)
    into = io.BytesIO()
    assert await client.media.save("M1", into, max_bytes=9) == Downloaded("audio/amr", None, 1)
    assert into.getvalue() == b"v"


async def test_a_video_comes_as_an_address(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/media/get"] = {"video_url": "http://v/1"}
    platform.answers["/cgi-bin/material/get_material"] = {
        "title": "题",
        "description": "述",
        "down_url": "http://v/2",
    }
    into = io.BytesIO()
    assert await client.media.save("M1", into, max_bytes=9) == VideoLink("http://v/1", "", "")
    assert await client.media.save_permanent("P1", into, max_bytes=9) == VideoLink("http://v/2", "题", "述")
    assert into.getvalue() == b""


async def test_menus(client: WeChatClient, platform: Platform) -> None:
    await client.menus.create(MENU)
    assert platform.calls == [("/cgi-bin/menu/create", {"button": MENU_FIELDS})]
    platform.answers["/cgi-bin/menu/get"] = {
        "menu": {"button": [*MENU_FIELDS[:1], MENU_FIELDS[1] | {"sub_button": []}], "menuid": 1},
        "conditionalmenu": [{"button": MENU_FIELDS, "matchrule": {"tag_id": "2"}, "menuid": 208396993}],
    }
    own = ConditionalMenu("208396993", MENU, {"tag_id": "2"})
    assert await client.menus.get() == Menu(MENU, (own,))
    assert (platform.last.method, platform.last.raw) == ("GET", b"")
    await client.menus.delete()
    assert (platform.last.method, platform.last.path) == ("GET", "/cgi-bin/menu/delete")


async def test_no_menu_is_no_error(client: WeChatClient, platform: Platform) -> None:
    platform.troubles.append(46003)
    assert await client.menus.get() is None


async def test_conditional_menus(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/menu/addconditional"] = {"menuid": "208379533"}
    rule = MatchRule(tag_id=134, platform=Phone.ANDROID)
    assert await client.menus.add_conditional(MENU, rule) == "208379533"
    matchrule = {"tag_id": "134", "client_platform_type": "2"}
    assert platform.last.body == {"button": MENU_FIELDS, "matchrule": matchrule}
    await client.menus.delete_conditional("208379533")
    assert platform.calls[-1] == ("/cgi-bin/menu/delconditional", {"menuid": "208379533"})
    for answer in ({"button": MENU_FIELDS}, {"menu": {"button": MENU_FIELDS}}):
        platform.answers["/cgi-bin/menu/trymatch"] = answer
        assert await client.menus.try_match("zhangsan") == MENU
        assert platform.last.body == {"user_id": "zhangsan"}
    platform.troubles.append(65303)
    with pytest.raises(refusals.BadConditionalMenu):
        await client.menus.add_conditional(MENU, MatchRule(tag_id=1))


CLICK = Button("好", "click", key="help")


@pytest.mark.parametrize(
    ("field", "buttons"),
    [
        ("button", []),
        ("button", [CLICK] * 4),
        ("button[0].name", [Button("六个汉字名称", "click", key="help")]),
        ("button[1].name", [CLICK, Button("", "click", key="help")]),
        ("button[0].key", [Button("好", "click", key="k" * 129)]),
        ("button[0].key", [Button("好", "click")]),
        ("button[0].url", [Button("好", "view", url="https://x.cn/" + "a" * 1024)]),
        ("button[0].url", [Button("好", "click", key="help", url="https://x.cn")]),
        ("button[0].type", [Button("好")]),
        ("button[0].type", [Button("好", "clack", key="help")]),
        ("button[0].type", [Button("好", "click", key="help", sub=(CLICK,))]),
        ("button[0].appid", [Button("好", "miniprogram", url="https://x.cn", pagepath="p")]),
        ("button[0].sub_button", [Button("好", sub=(CLICK,) * 6)]),
        ("button[0].sub_button[1].name", [Button("好", sub=(CLICK, Button("字" * 21, "click", key="a")))]),
        ("button[0].sub_button[0].sub_button", [Button("好", sub=(Button("好", sub=(CLICK,)),))]),
    ],
)
def test_a_menu_over_a_limit_names_the_entry(field: str, buttons: list[Button]) -> None:
    with pytest.raises(InvalidArgument) as caught:
        checked(buttons)
    assert caught.value.field == field


@given(st.lists(st.text(max_size=30), min_size=1, max_size=6))
def test_no_menu_passes_with_a_name_over_its_bytes(names: list[str]) -> None:
    buttons = [Button(name, "click", key="help") for name in names]
    fits = len(names) <= 3 and all(1 <= len(name.encode(errors="replace")) <= 16 for name in names)
    try:
        checked(buttons)
    except InvalidArgument:
        assert not fits
    else:
        assert fits


BIG = Upload("a.jpg", b"x" * (64 * 1024 + 1), "image/jpeg")


@pytest.mark.parametrize(
    ("field", "act"),
    [
        ("articles", lambda c: c.drafts.add([])),
        ("articles", lambda c: c.drafts.add([ARTICLE] * 9)),
        ("title", lambda c: c.drafts.add([DraftArticle("字" * 33, "a", "C")])),
        ("author", lambda c: c.drafts.add([DraftArticle("a", "a", "C", author="字" * 17)])),
        ("digest", lambda c: c.drafts.add([DraftArticle("a", "a", "C", digest="字" * 129)])),
        ("content", lambda c: c.drafts.add([DraftArticle("a", "字" * 20_000, "C")])),
        ("source_url", lambda c: c.drafts.add([DraftArticle("a", "a", "C", source_url="x" * 1025)])),
        ("file.filename", lambda c: c.media.upload(MediaKind.IMAGE, Upload("图.png", b"x", "image/png"))),
        ("file.filename", lambda c: c.media.upload(MediaKind.VIDEO, PNG)),
        ("file.filename", lambda c: c.media.upload_article_image(Upload("a.gif", b"x", "image/gif"))),
        ("bytes of file.content", lambda c: c.media.upload(MediaKind.THUMB, BIG)),
        (
            "bytes of file.content",
            lambda c: c.media.upload(MediaKind.IMAGE, Upload("a.png", b"", "image/png")),
        ),
        (
            "file.description",
            lambda c: c.media.add_permanent(MediaKind.VIDEO, Upload("v.mp4", b"x", "video/mp4")),
        ),
        ("rule", lambda c: c.menus.add_conditional([CLICK], MatchRule())),
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
        lambda c: c.drafts.add([ARTICLE]),
        lambda c: c.drafts.get("D1"),
        lambda c: c.drafts.publish("D1"),
        lambda c: c.drafts.publication("1"),
        lambda c: c.media.upload(MediaKind.IMAGE, PNG),
        lambda c: c.media.upload_article_image(PNG),
        lambda c: c.media.add_permanent(MediaKind.IMAGE, PNG),
        lambda c: c.media.save("M1", io.BytesIO(), max_bytes=9),
        lambda c: c.media.save_speech("M1", io.BytesIO(), max_bytes=9),
        lambda c: c.media.save_permanent("M1", io.BytesIO(), max_bytes=9),
        lambda c: c.menus.get(),
        lambda c: c.menus.add_conditional(MENU, MatchRule(tag_id=1)),
        lambda c: c.menus.try_match("o"),
    ],
)
async def test_an_answer_without_what_was_asked_for_is_no_success(client: WeChatClient, act: Act) -> None:
    with pytest.raises(BadAnswer):
        await act(client)


async def test_an_unknown_state_of_publishing_is_no_success(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/freepublish/get"] = {"publish_status": 99}
    with pytest.raises(BadAnswer):
        await client.drafts.publication("1")
