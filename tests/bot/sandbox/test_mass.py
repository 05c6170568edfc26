"""Mass messages: who gets them, how often, and the report."""

from typing import Any

import pytest

from bot.sandbox.people import Kind, Origin
from bot.sandbox.wechat import FakeWeChat
from tests.bot.sandbox.conftest import ANN, Api, Clock
from tests.bot.sandbox.product import EchoAccount

MONTH = 31 * 86_400.0
PATH = "message/mass/"


async def to_all(api: Api, **changes: Any) -> dict[str, Any]:
    own = {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": "公告"}}
    return await api.post(f"{PATH}sendall", own | changes)


def received(fake: FakeWeChat, openid: str) -> int:
    return sum(entry.origin is Origin.MASS for entry in fake.history(openid))


async def test_everybody_gets_it_and_the_report_counts(
    fake: FakeWeChat, api: Api, product: EchoAccount, followers: list[str]
) -> None:
    fake.refuse("oBob")
    answer = await to_all(api)
    assert (await api.post(f"{PATH}get", {"msg_id": answer["msg_id"]}))["msg_status"] == "SENDING"
    await fake.settle()
    assert [received(fake, openid) for openid in followers] == [1, 0, 1]
    (report,) = product.events("MASSSENDJOBFINISH")
    assert report["MsgID"] == str(answer["msg_id"])
    assert report["Status"] == "send success"
    counts = [report[name] for name in ("TotalCount", "FilterCount", "SentCount", "ErrorCount")]
    assert counts == ["3", "2", "2", "0"]
    assert (await api.post(f"{PATH}get", {"msg_id": answer["msg_id"]}))["msg_status"] == "SEND_SUCCESS"


async def test_a_tag_and_a_list_reach_their_people_alone(
    fake: FakeWeChat, api: Api, followers: list[str]
) -> None:
    tag = (await api.post("tags/create", {"tag": {"name": "制造业"}}))["tag"]["id"]
    await api.post("tags/members/batchtagging", {"openid_list": ["oBob"], "tagid": tag})
    await to_all(api, filter={"is_to_all": False, "tag_id": tag})
    await fake.settle()
    assert [received(fake, openid) for openid in followers] == [0, 1, 0]
    listed = {"touser": [ANN, "oCem"], "msgtype": "text", "text": {"content": "公告"}}
    assert (await api.post(f"{PATH}send", listed))["errcode"] == 0
    await fake.settle()
    assert [received(fake, openid) for openid in followers] == [1, 1, 1]


async def test_four_a_month(fake: FakeWeChat, api: Api, clock: Clock, followers: list[str]) -> None:
    assert [(await to_all(api))["errcode"] for _ in range(5)] == [0, 0, 0, 0, 45028]
    await fake.settle()
    listed = {"touser": followers, "msgtype": "text", "text": {"content": "公告"}}
    assert (await api.post(f"{PATH}send", listed))["errcode"] == 0
    await fake.settle()
    assert received(fake, ANN) == 4, "the fifth of the month is filtered"
    clock.move(MONTH)
    api.token = (await api.stable_token())["access_token"]
    assert (await to_all(api))["errcode"] == 0
    await fake.settle()
    assert received(fake, ANN) == 5


async def test_a_clientmsgid_sends_once_a_day(fake: FakeWeChat, api: Api, clock: Clock) -> None:
    await fake.follow(ANN)
    first = await to_all(api, clientmsgid="policy-7")
    assert (await to_all(api, clientmsgid="policy-7"))["errcode"] == 45066
    clock.move(61)
    again = await to_all(api, clientmsgid="policy-7")
    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    assert (await to_all(api, clientmsgid="x" * 33))["errcode"] == 45067
    await fake.settle()
    assert received(fake, ANN) == 1
    clock.move(86_400)
    api.token = (await api.stable_token())["access_token"]
    assert (await to_all(api, clientmsgid="policy-7"))["errcode"] == 0


async def test_sixty_calls_a_minute(fake: FakeWeChat, api: Api, followers: list[str]) -> None:
    fake.limits.per_minute["cgi-bin/message/mass/send"] = 2
    listed = {"touser": followers, "msgtype": "text", "text": {"content": "公告"}}
    assert [(await api.post(f"{PATH}send", listed))["errcode"] for _ in range(3)] == [0, 0, 45011]


@pytest.mark.parametrize("status", ["send fail", "err(20013)"])
async def test_what_wechat_refuses_reaches_nobody(
    fake: FakeWeChat, api: Api, product: EchoAccount, followers: list[str], status: str
) -> None:
    fake.mass.status = status
    await to_all(api)
    await fake.settle()
    (report,) = product.events("MASSSENDJOBFINISH")
    assert (report["Status"], report["SentCount"], report["ErrorCount"]) == (status, "0", "3")
    assert [received(fake, openid) for openid in followers] == [0, 0, 0]


async def test_a_job_that_is_deleted_in_time(fake: FakeWeChat, api: Api, followers: list[str]) -> None:
    job = (await to_all(api))["msg_id"]
    assert (await api.post(f"{PATH}delete", {"msg_id": job}))["errcode"] == 0
    await fake.settle()
    assert [received(fake, openid) for openid in followers] == [0, 0, 0]


async def test_a_draft_is_sent_as_articles_or_published(
    fake: FakeWeChat, api: Api, product: EchoAccount, followers: list[str]
) -> None:
    thumb = (await api.upload("cgi-bin/media/upload", "a.png", b"png", type="image"))["media_id"]
    articles = [
        {"title": f"第{n}篇", "digest": "要点", "content": "<p>全文</p>", "thumb_media_id": thumb}
        for n in (1, 2)
    ]
    draft = (await api.post("draft/add", {"articles": articles}))["media_id"]
    assert (
        await api.post(
            "message/mass/preview", {"touser": ANN, "msgtype": "mpnews", "mpnews": {"media_id": draft}}
        )
    )["errcode"] == 0
    card = fake.history(followers[0])[-1]
    assert (card.kind, [item.title for item in card.content.articles]) == (Kind.NEWS, ["第1篇", "第2篇"])
    submitted = await api.post("freepublish/submit", {"media_id": draft})
    assert (await api.post("freepublish/get", {"publish_id": submitted["publish_id"]}))["publish_status"] == 1
    await fake.settle()
    (event,) = product.events("PUBLISHJOBFINISH")
    info = event["PublishEventInfo"]
    assert (info["publish_id"], info["publish_status"]) == (submitted["publish_id"], "0")
    assert [item["idx"] for item in info["article_detail"]["item"]] == ["1", "2"]
    assert (await api.post("draft/get", {"media_id": draft}))["errcode"] == 40007
    await fake.say(ANN, "你好")
    message = {"touser": ANN, "msgtype": "mpnewsarticle", "mpnewsarticle": {"article_id": info["article_id"]}}
    assert (await api.post("message/custom/send", message))["errcode"] == 0


async def test_articles_need_a_cover_and_a_short_title(api: Api) -> None:
    whole = {"title": "公告", "content": "<p>全文</p>", "thumb_media_id": "x"}
    assert (await api.post("draft/add", {"articles": [whole]}))["errcode"] == 40007
    assert (await api.post("draft/add", {"articles": [whole | {"title": "长" * 65}]}))["errcode"] == 45003
    assert (await api.post("draft/add", {"articles": [whole] * 9}))["errcode"] == 45008


async def test_pictures_are_sent_and_previewed_by_wechat_id(
    fake: FakeWeChat, api: Api, followers: list[str]
) -> None:
    uploads = [await api.upload("cgi-bin/media/upload", "a.png", b"png", type="image") for _ in range(2)]
    pictures = {"media_ids": [upload["media_id"] for upload in uploads]}
    everybody = {"touser": followers, "msgtype": "image", "images": pictures}
    assert (await api.post("message/mass/send", everybody))["errcode"] == 0
    await fake.settle()
    assert fake.history(ANN)[-1].text == "[图片][图片]"
    preview = {"towxname": "安女士", "msgtype": "image", "image": {"media_id": uploads[0]["media_id"]}}
    assert (await api.post("message/mass/preview", preview))["errcode"] == 0
    assert fake.history(ANN)[-1].text == "[图片]"
    assert (await api.post("message/mass/preview", preview | {"towxname": "x"}))["errcode"] == 40003
