"""Messages to people: what leaves for each call, what comes of the answers, what is refused before."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.wechat import refusals
from bot.wechat.api import mass
from bot.wechat.api.custom_messages import Article
from bot.wechat.api.mass import MassContent, MassJob
from bot.wechat.api.templates import Industry, MiniProgram, PrivateTemplate
from bot.wechat.client import WeChatClient
from bot.wechat.errors import BadAnswer, InvalidArgument
from tests.bot.wechat.platform_server import Platform

OPENID = "oOwner1"
CUSTOM = "/cgi-bin/message/custom/send"
Act = Callable[[WeChatClient], Awaitable[Any]]
MINI = MiniProgram("wxmini", "pages/index")


@pytest.mark.parametrize(
    ("act", "kind", "content"),
    [
        (lambda api: api.send_text(OPENID, "您好"), "text", {"content": "您好"}),
        (lambda api: api.send_image(OPENID, "M1"), "image", {"media_id": "M1"}),
        (lambda api: api.send_voice(OPENID, "M1"), "voice", {"media_id": "M1"}),
        (
            lambda api: api.send_video(OPENID, "M1", "T1", title="政策解读", description="三分钟"),
            "video",
            {"media_id": "M1", "thumb_media_id": "T1", "title": "政策解读", "description": "三分钟"},
        ),
        (
            lambda api: api.send_video(OPENID, "M1", "T1"),
            "video",
            {"media_id": "M1", "thumb_media_id": "T1"},
        ),
        (
            lambda api: api.send_music(OPENID, "https://x.cn/a.mp3", "T1", title="曲"),
            "music",
            {
                "title": "曲",
                "musicurl": "https://x.cn/a.mp3",
                "hqmusicurl": "https://x.cn/a.mp3",
                "thumb_media_id": "T1",
            },
        ),
        (
            lambda api: api.send_news(OPENID, Article("标题", "摘要", "https://x.cn", "https://x.cn/p.png")),
            "news",
            {
                "articles": [
                    {
                        "title": "标题",
                        "description": "摘要",
                        "url": "https://x.cn",
                        "picurl": "https://x.cn/p.png",
                    }
                ]
            },
        ),
        (
            lambda api: api.send_menu(OPENID, "请选择", [("a", "是"), ("b", "否")], "谢谢"),
            "msgmenu",
            {
                "head_content": "请选择",
                "list": [{"id": "a", "content": "是"}, {"id": "b", "content": "否"}],
                "tail_content": "谢谢",
            },
        ),
    ],
)
async def test_customer_messages(
    client: WeChatClient, platform: Platform, act: Callable[[Any], Awaitable[None]], kind: str, content: Any
) -> None:
    await act(client.custom_messages)
    assert platform.calls == [(CUSTOM, {"touser": OPENID, "msgtype": kind, kind: content})]
    assert platform.last.method == "POST"
    assert b"\\u" not in platform.last.raw


async def test_a_customer_message_in_an_advisers_name(client: WeChatClient, platform: Platform) -> None:
    await client.custom_messages.send_text(OPENID, "好", kf_account="li@rongqiao")
    assert platform.last.body["customservice"] == {"kf_account": "li@rongqiao"}


async def test_typing(client: WeChatClient, platform: Platform) -> None:
    await client.custom_messages.typing(OPENID)
    await client.custom_messages.cancel_typing(OPENID)
    path = "/cgi-bin/message/custom/typing"
    assert platform.calls == [
        (path, {"touser": OPENID, "command": "Typing"}),
        (path, {"touser": OPENID, "command": "CancelTyping"}),
    ]


async def test_a_template_is_sent_once_under_one_id(client: WeChatClient, platform: Platform) -> None:
    sends = [
        await client.templates.send(
            OPENID, "T1", {"thing1": "进度"}, url="https://x.cn", mini_program=MINI, client_msg_id="m1"
        )
        for _ in range(2)
    ]
    assert sends == ["3000000000000000000"] * 2
    assert platform.last.body == {
        "touser": OPENID,
        "template_id": "T1",
        "data": {"thing1": {"value": "进度"}},
        "url": "https://x.cn",
        "miniprogram": {"appid": "wxmini", "pagepath": "pages/index"},
        "client_msg_id": "m1",
    }
    assert await client.templates.send(OPENID, "T1", {}) == "3000000000000000001"
    assert set(platform.last.body) == {"touser", "template_id", "data"}


async def test_the_accounts_templates(client: WeChatClient, platform: Platform) -> None:
    path = "/cgi-bin/template/get_all_private_template"
    template = {"template_id": "T1", "title": "进度", "content": "{{thing1.DATA}}", "example": "例"}
    platform.answers[path] = {"template_list": [template | {"primary_industry": ""}]}
    assert await client.templates.all() == [PrivateTemplate("T1", "进度", "{{thing1.DATA}}", "例")]
    assert (platform.last.method, platform.last.query, platform.last.raw) == ("GET", {}, b"")


async def test_templates_are_added_and_deleted(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/template/api_add_template"] = {"errcode": 0, "template_id": "T9"}
    assert await client.templates.add("43216", ["申请人", "时间"]) == "T9"
    await client.templates.delete("T9")
    assert platform.calls == [
        (
            "/cgi-bin/template/api_add_template",
            {"template_id_short": "43216", "keyword_name_list": ["申请人", "时间"]},
        ),
        ("/cgi-bin/template/del_private_template", {"template_id": "T9"}),
    ]


async def test_industries(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/template/get_industry"] = {
        "primary_industry": {"first_class": "金融业", "second_class": "银行"},
        "secondary_industry": {"first_class": "政府", "second_class": "公共事业"},
    }
    assert await client.templates.industries() == (Industry("金融业", "银行"), Industry("政府", "公共事业"))
    await client.templates.set_industries("7", "31")
    assert platform.calls[1] == (
        "/cgi-bin/template/api_set_industry",
        {"industry_id1": "7", "industry_id2": "31"},
    )


def test_the_page_that_asks_for_one_message(client: WeChatClient) -> None:
    url = client.subscriptions.confirm_url(1000, "T1", "https://x.cn/m/done?a=1", reserved="r1")
    assert url == (
        "https://mp.weixin.qq.com/mp/subscribemsg?action=get_confirm&appid=wx5823bf96d3bd56c7&scene=1000"
        "&template_id=T1&redirect_url=https%3A%2F%2Fx.cn%2Fm%2Fdone%3Fa%3D1&reserved=r1#wechat_redirect"
    )


async def test_a_one_time_message(client: WeChatClient, platform: Platform) -> None:
    await client.subscriptions.send_once(
        OPENID, "T1", 7, "政策提醒", "申报将于明日截止", url="https://x.cn", colour="#173177"
    )
    assert platform.calls == [
        (
            "/cgi-bin/message/template/subscribe",
            {
                "touser": OPENID,
                "template_id": "T1",
                "url": "https://x.cn",
                "scene": "7",
                "title": "政策提醒",
                "data": {"content": {"value": "申报将于明日截止", "color": "#173177"}},
            },
        )
    ]


async def test_a_subscription_notice(client: WeChatClient, platform: Platform) -> None:
    await client.subscriptions.send_notice(OPENID, "T1", {"thing1": "进度"}, page="https://x.cn/m")
    body = {
        "touser": OPENID,
        "template_id": "T1",
        "page": "https://x.cn/m",
        "data": {"thing1": {"value": "进度"}},
    }
    assert platform.calls == [("/cgi-bin/message/subscribe/bizsend", body)]
    await client.subscriptions.send_notice(OPENID, "T1", {}, mini_program=MINI)
    assert platform.last.body["miniprogram"] == {"appid": "wxmini", "pagepath": "pages/index"}


@pytest.mark.parametrize(
    ("content", "fields", "preview"),
    [
        (
            mass.text("通知"),
            {"msgtype": "text", "text": {"content": "通知"}},
            {"msgtype": "text", "text": {"content": "通知"}},
        ),
        (
            mass.articles("D1"),
            {"msgtype": "mpnews", "mpnews": {"media_id": "D1"}},
            {"msgtype": "mpnews", "mpnews": {"media_id": "D1"}},
        ),
        (
            mass.voice("M1"),
            {"msgtype": "voice", "voice": {"media_id": "M1"}},
            {"msgtype": "voice", "voice": {"media_id": "M1"}},
        ),
        (
            mass.video("M1", "题", "述"),
            {"msgtype": "mpvideo", "mpvideo": {"media_id": "M1", "title": "题", "description": "述"}},
            {"msgtype": "mpvideo", "mpvideo": {"media_id": "M1", "title": "题", "description": "述"}},
        ),
        (
            mass.pictures(["M1", "M2"], recommend="看图"),
            {
                "msgtype": "image",
                "images": {
                    "media_ids": ["M1", "M2"],
                    "recommend": "看图",
                    "need_open_comment": 0,
                    "only_fans_can_comment": 0,
                },
            },
            {"msgtype": "image", "image": {"media_id": "M1"}},
        ),
    ],
)
async def test_mass_contents(
    client: WeChatClient, platform: Platform, content: MassContent, fields: Any, preview: Any
) -> None:
    platform.answers["/cgi-bin/message/mass/sendall"] = {
        "errcode": 0,
        "msg_id": 34182,
        "msg_data_id": 206227730,
    }
    job = await client.mass.send_to_tag(2, content, client_id="c1")
    assert job == MassJob("34182", "206227730")
    assert platform.last.body == {
        "filter": {"is_to_all": False, "tag_id": 2},
        **fields,
        "send_ignore_reprint": 0,
        "clientmsgid": "c1",
    }
    await client.mass.preview_to(OPENID, content)
    assert platform.calls[1] == ("/cgi-bin/message/mass/preview", {"touser": OPENID, **preview})
    await client.mass.preview_to_wechat_id("zhangsan", content)
    assert platform.calls[2] == ("/cgi-bin/message/mass/preview", {"towxname": "zhangsan", **preview})


async def test_a_mass_send_to_all_and_to_a_list(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/message/mass/sendall"] = {"msg_id": 1}
    platform.answers["/cgi-bin/message/mass/send"] = {"msg_id": 2}
    await client.mass.send_to_tag(None, mass.text("好"), client_id="c1", despite_reprint=True)
    assert platform.last.body["filter"] == {"is_to_all": True}
    assert platform.last.body["send_ignore_reprint"] == 1
    assert await client.mass.send_to(["o1", "o2"], mass.text("好"), client_id="c2") == MassJob("2", None)
    assert platform.last.body == {
        "touser": ["o1", "o2"],
        "msgtype": "text",
        "text": {"content": "好"},
        "send_ignore_reprint": 0,
        "clientmsgid": "c2",
    }


async def test_a_mass_send_repeated_is_the_first_one(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/message/mass/send"] = {
        "errcode": 45065,
        "errmsg": "clientmsgid exist",
        "msg_id": 3147494552,
    }
    job = await client.mass.send_to(["o1", "o2"], mass.text("好"), client_id="c1")
    assert job == MassJob("3147494552", None, duplicate=True)


async def test_a_mass_send_repeated_within_a_minute_must_wait(
    client: WeChatClient, platform: Platform
) -> None:
    platform.troubles.append(45066)
    with pytest.raises(refusals.MassTooFast) as caught:
        await client.mass.send_to(["o1", "o2"], mass.text("好"), client_id="c1")
    assert (caught.value.retryable, caught.value.wait_s) == (True, 60)


async def test_status_speed_and_taking_back(client: WeChatClient, platform: Platform) -> None:
    platform.answers["/cgi-bin/message/mass/get"] = {"msg_id": 1, "msg_status": "SEND_SUCCESS"}
    platform.answers["/cgi-bin/message/mass/speed/get"] = {"speed": 3, "realspeed": 15}
    assert await client.mass.status("1") == "SEND_SUCCESS"
    assert await client.mass.speed() == 3
    await client.mass.set_speed(4)
    await client.mass.delete("1", article=2)
    assert platform.calls == [
        ("/cgi-bin/message/mass/get", {"msg_id": "1"}),
        ("/cgi-bin/message/mass/speed/get", {}),
        ("/cgi-bin/message/mass/speed/set", {"speed": 4}),
        ("/cgi-bin/message/mass/delete", {"msg_id": 1, "article_idx": 2}),
    ]


@pytest.mark.parametrize(
    ("field", "act"),
    [
        ("text", lambda c: c.custom_messages.send_text(OPENID, "字" * 683)),
        ("text", lambda c: c.custom_messages.send_text(OPENID, "")),
        ("items", lambda c: c.custom_messages.send_menu(OPENID, "好", [])),
        ("article.url", lambda c: c.custom_messages.send_news(OPENID, Article("a", "b", "/m", ""))),
        ("client_msg_id", lambda c: c.templates.send(OPENID, "T1", {}, client_msg_id="x" * 33)),
        ("title", lambda c: c.subscriptions.send_once(OPENID, "T1", 1, "字" * 16, "好")),
        ("content", lambda c: c.subscriptions.send_once(OPENID, "T1", 1, "好", "字" * 201)),
        ("scene", lambda c: c.subscriptions.send_once(OPENID, "T1", 10_001, "好", "好")),
        ("openids", lambda c: c.mass.send_to(["o1"], mass.text("好"), client_id="c1")),
        ("openids", lambda c: c.mass.send_to(["o"] * 10_001, mass.text("好"), client_id="c1")),
        ("client_id", lambda c: c.mass.send_to(["o"] * 2, mass.text("好"), client_id="x" * 33)),
        ("speed", lambda c: c.mass.set_speed(5)),
    ],
)
async def test_limits_are_checked_before_the_call(
    client: WeChatClient, platform: Platform, field: str, act: Act
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        await act(client)
    assert caught.value.field == field
    assert platform.received == []
    assert platform.fetches == []


def test_limits_of_what_is_built_without_a_call(client: WeChatClient) -> None:
    for field, build in {
        "media_ids": lambda: mass.pictures([]),
        "content": lambda: mass.text("字" * 700),
        "scene": lambda: client.subscriptions.confirm_url(-1, "T1", "https://x.cn"),
        "redirect_url": lambda: client.subscriptions.confirm_url(1, "T1", "x.cn"),
        "reserved": lambda: client.subscriptions.confirm_url(1, "T1", "https://x.cn", reserved="r" * 129),
    }.items():
        with pytest.raises(InvalidArgument) as caught:
            build()
        assert caught.value.field == field


@pytest.mark.parametrize(
    ("path", "act"),
    [
        ("/cgi-bin/message/template/send", lambda c: c.templates.send(OPENID, "T1", {})),
        ("/cgi-bin/template/get_all_private_template", lambda c: c.templates.all()),
        ("/cgi-bin/template/api_add_template", lambda c: c.templates.add("1")),
        ("/cgi-bin/template/get_industry", lambda c: c.templates.industries()),
        ("/cgi-bin/message/mass/send", lambda c: c.mass.send_to(["o"] * 2, mass.text("好"), client_id="c")),
        ("/cgi-bin/message/mass/get", lambda c: c.mass.status("1")),
        ("/cgi-bin/message/mass/speed/get", lambda c: c.mass.speed()),
    ],
)
@pytest.mark.parametrize("answer", [{"errcode": 0}, {"msgid": [], "template_list": {}, "speed": "3"}])
async def test_an_answer_without_what_was_asked_for_is_no_success(
    client: WeChatClient, platform: Platform, path: str, act: Act, answer: Any
) -> None:
    platform.answers[path] = answer
    with pytest.raises(BadAnswer):
        await act(client)
