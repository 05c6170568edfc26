"""Every call of the API once right and once wrong: the table below must name them all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bot.sandbox.calls.base import Upload
from bot.sandbox.wechat import FakeWeChat
from tests.bot.sandbox.conftest import ANN, Api
from tests.bot.sandbox.templates import GRANT, ONE_TIME, SHORT

POLICY = "SANDBOX-POLICY-NOTICE"
PNG = Upload("a.png", "image/png", b"png")
DATA = {
    "thing1": {"value": "稳岗补贴"},
    "thing2": {"value": "市人社局"},
    "time3": {"value": "2026年12月31日"},
}
BUTTONS = [{"type": "click", "name": "帮助", "key": "help"}]
KF = {"kf_account": "li@wx"}


@dataclass
class World:
    """What the calls refer to: made once before each."""

    fake: FakeWeChat
    app_id: str
    secret: str
    people: list[str]
    media: str
    draft: str
    article: str
    publish_id: str
    tag: int
    job: int
    menuid: str
    rid: str
    code: str
    page_token: str
    refresher: str


Body = Callable[[World], dict[str, Any]]


def body(**fields: Any) -> Body:
    return lambda _world: fields


def article(world: World) -> dict[str, Any]:
    return {"title": "申报指南", "content": "<p>指南</p>", "thumb_media_id": world.media}


def grant(world: World, **changes: Any) -> dict[str, Any]:
    own = {"grant_type": "client_credential", "appid": world.app_id, "secret": world.secret}
    return own | changes


def exchange(world: World, **changes: Any) -> dict[str, Any]:
    own = {"appid": world.app_id, "secret": world.secret, "grant_type": "authorization_code"}
    return own | {"code": world.code} | changes


def everybody(**fields: Any) -> Body:
    return lambda world: {"openid_list": world.people} | fields


CUSTOM = {"touser": ANN, "msgtype": "text", "text": {"content": "您好"}}
TO_TAG = {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": "公告"}}
ONCE = {
    "touser": ANN,
    "template_id": ONE_TIME,
    "scene": "7",
    "title": "提醒",
    "data": {"content": {"value": "您的材料已收到"}},
}
T, M, KA, KS = (
    "cgi-bin/tags/",
    "cgi-bin/message/mass/",
    "customservice/kfaccount/",
    "customservice/kfsession/",
)
CALLS: dict[str, tuple[Body, Body | None, int]] = {
    "cgi-bin/token": (grant, lambda world: grant(world, secret="x"), 40125),
    "cgi-bin/stable_token": (grant, lambda world: grant(world, appid="x"), 40013),
    "cgi-bin/clear_quota": (lambda world: {"appid": world.app_id}, body(appid="x"), 40013),
    "cgi-bin/clear_quota/v2": (
        lambda world: {"appid": world.app_id, "appsecret": world.secret},
        lambda world: {"appid": world.app_id, "appsecret": "密"},
        40125,
    ),
    "cgi-bin/openapi/quota/get": (body(cgi_path="/cgi-bin/token"), body(cgi_path="cgi-bin/token"), 76021),
    "cgi-bin/openapi/quota/clear": (body(cgi_path="/cgi-bin/token"), body(), 76021),
    "cgi-bin/openapi/rid/get": (lambda world: {"rid": world.rid}, body(rid="x"), 76001),
    "cgi-bin/media/upload": (body(type="image", media=PNG), body(type="dance", media=PNG), 40004),
    "cgi-bin/media/get": (lambda world: {"media_id": world.media}, body(media_id="x"), 40007),
    "cgi-bin/media/get/jssdk": (lambda world: {"media_id": world.media}, body(media_id="x"), 40007),
    "cgi-bin/media/uploadimg": (body(media=PNG), body(), 41005),
    "cgi-bin/material/add_material": (body(type="image", media=PNG), body(type="voice", media=PNG), 40005),
    "cgi-bin/material/get_material": (lambda world: {"media_id": world.media}, body(media_id="x"), 40007),
    "cgi-bin/material/del_material": (lambda world: {"media_id": world.media}, body(media_id="x"), 40007),
    "cgi-bin/draft/add": (lambda world: {"articles": [article(world)]}, body(articles=[]), 44004),
    "cgi-bin/draft/get": (lambda world: {"media_id": world.draft}, body(media_id="x"), 40007),
    "cgi-bin/draft/update": (
        lambda world: {"media_id": world.draft, "index": 0, "articles": article(world)},
        lambda world: {"media_id": world.draft, "index": 9, "articles": article(world)},
        40114,
    ),
    "cgi-bin/draft/delete": (lambda world: {"media_id": world.draft}, body(media_id="x"), 40007),
    "cgi-bin/draft/count": (body(), None, 0),
    "cgi-bin/draft/batchget": (body(offset=0, count=20), body(offset="0", count=20), 47001),
    "cgi-bin/freepublish/submit": (lambda world: {"media_id": world.draft}, body(media_id="x"), 40007),
    "cgi-bin/freepublish/get": (lambda world: {"publish_id": world.publish_id}, body(publish_id="1"), 53600),
    "cgi-bin/freepublish/delete": (lambda world: {"article_id": world.article}, body(article_id="x"), 53600),
    "cgi-bin/freepublish/getarticle": (
        lambda world: {"article_id": world.article},
        body(article_id="x"),
        53600,
    ),
    "cgi-bin/message/template/send": (
        body(touser=ANN, template_id=POLICY, data=DATA),
        body(touser=ANN, template_id=GRANT, data=DATA),
        40037,
    ),
    "cgi-bin/template/get_all_private_template": (body(), None, 0),
    "cgi-bin/template/api_add_template": (
        body(template_id_short=SHORT, keyword_name_list=["商品", "时间"]),
        body(template_id_short=SHORT, keyword_name_list=["天气"]),
        40246,
    ),
    "cgi-bin/template/del_private_template": (body(template_id=POLICY), body(template_id="x"), 40037),
    "cgi-bin/template/api_set_industry": (
        body(industry_id1="1", industry_id2="4"),
        body(industry_id1="IT"),
        40102,
    ),
    "cgi-bin/template/get_industry": (body(), None, 0),
    "wxa/sec/queryblocktmplmsg": (body(tmpl_msg_id="1", largest_id=0, limit=10), None, 0),
    "cgi-bin/message/subscribe/bizsend": (
        body(touser=ANN, template_id=GRANT, data={"thing1": {"value": "补贴"}}),
        body(touser=ANN, template_id=POLICY, data=DATA),
        40037,
    ),
    "cgi-bin/message/template/subscribe": (lambda _world: ONCE, lambda _world: ONCE | {"scene": "8"}, 43101),
    "wxaapi/newtmpl/addtemplate": (
        body(tid=SHORT, kidList=[1, 3]),
        body(tid=SHORT, kidList=[9]),
        200020,
    ),
    "wxaapi/newtmpl/deltemplate": (body(priTmplId=GRANT), body(priTmplId=POLICY), 40037),
    "wxaapi/newtmpl/gettemplate": (body(), None, 0),
    f"{M}sendall": (lambda _world: TO_TAG, body(filter={"is_to_all": False}, msgtype="text"), 40035),
    f"{M}send": (
        lambda world: {"touser": world.people, "msgtype": "text", "text": {"content": "公告"}},
        body(touser=[ANN], msgtype="text", text={"content": "公告"}),
        40032,
    ),
    f"{M}preview": (lambda _world: CUSTOM, lambda _world: CUSTOM | {"msgtype": "dance", "dance": {}}, 40008),
    f"{M}get": (lambda world: {"msg_id": world.job}, body(msg_id=1), 40059),
    f"{M}delete": (lambda world: {"msg_id": world.job}, body(msg_id=1), 40059),
    f"{M}speed/get": (body(), None, 0),
    f"{M}speed/set": (body(speed=4), body(speed=5), 45083),
    f"{KA}add": (
        body(kf_account="wang@wx", nickname="小王"),
        body(kf_account="wang", nickname="小王"),
        65404,
    ),
    f"{KA}update": (body(**KF, nickname="老李"), body(**KF, nickname="长" * 17), 65403),
    f"{KA}del": (body(**KF), body(kf_account="x@wx"), 65401),
    f"{KA}inviteworker": (body(**KF, invite_wx="li_wechat"), body(**KF), 65409),
    "cgi-bin/customservice/getkflist": (body(), None, 0),
    "cgi-bin/customservice/getonlinekflist": (body(), None, 0),
    f"{KS}create": (body(**KF, openid=ANN), body(kf_account="x@wx", openid=ANN), 65401),
    f"{KS}close": (body(**KF, openid="oBob"), body(**KF, openid=ANN), 65413),
    f"{KS}getsession": (body(openid="oBob"), body(openid=ANN), 65413),
    f"{KS}getsessionlist": (body(**KF), body(kf_account="x@wx"), 65401),
    f"{KS}getwaitcase": (body(), None, 0),
    "cgi-bin/message/custom/send": (lambda _world: CUSTOM, lambda _world: CUSTOM | {"touser": "x"}, 40003),
    "cgi-bin/message/custom/typing": (
        body(touser=ANN, command="Typing"),
        body(touser=ANN, command="Sing"),
        45072,
    ),
    f"{T}create": (body(tag={"name": "制造业"}), body(tag={"name": "长" * 11}), 45158),
    f"{T}get": (body(), None, 0),
    f"{T}update": (
        lambda world: {"tag": {"id": world.tag, "name": "新名"}},
        body(tag={"id": 2, "name": "新名"}),
        45058,
    ),
    f"{T}delete": (lambda world: {"tag": {"id": world.tag}}, body(tag={"id": 999}), 45159),
    f"{T}members/batchtagging": (
        lambda world: everybody(tagid=world.tag)(world),
        body(openid_list=["oBob"] * 51, tagid=2),
        40032,
    ),
    f"{T}members/batchuntagging": (
        lambda world: everybody(tagid=world.tag)(world),
        everybody(tagid=999),
        45159,
    ),
    f"{T}getidlist": (body(openid=ANN), body(openid="x"), 40003),
    "cgi-bin/user/tag/get": (lambda world: {"tagid": world.tag, "next_openid": ""}, body(tagid=999), 45159),
    f"{T}members/getblacklist": (body(begin_openid=""), body(begin_openid="x"), 40003),
    f"{T}members/batchblacklist": (everybody(), body(openid_list=[]), 40032),
    f"{T}members/batchunblacklist": (everybody(), body(openid_list=["x"]), 40003),
    "cgi-bin/user/get": (body(), body(next_openid="x"), 40003),
    "cgi-bin/user/info": (body(openid=ANN), body(openid="x"), 40003),
    "cgi-bin/user/info/batchget": (
        body(user_list=[{"openid": ANN}]),
        body(user_list=[{"openid": ANN}] * 101),
        40032,
    ),
    "cgi-bin/user/info/updateremark": (
        body(openid=ANN, remark="张总"),
        body(openid=ANN, remark="长" * 30),
        47001,
    ),
    "cgi-bin/qrcode/create": (
        body(action_name="QR_STR_SCENE", expire_seconds=60, action_info={"scene": {"scene_str": "hall"}}),
        body(action_name="QR_STR_SCENE", expire_seconds=2_592_001, action_info={"scene": {"scene_str": "h"}}),
        40053,
    ),
    "cgi-bin/menu/create": (body(button=BUTTONS), body(button=BUTTONS * 4), 40016),
    "cgi-bin/menu/get": (body(), None, 0),
    "cgi-bin/menu/delete": (body(), None, 0),
    "cgi-bin/menu/addconditional": (
        body(button=BUTTONS, matchrule={"tag_id": "100"}),
        body(button=BUTTONS, matchrule={}),
        65304,
    ),
    "cgi-bin/menu/delconditional": (lambda world: {"menuid": world.menuid}, body(menuid="9"), 65301),
    "cgi-bin/menu/trymatch": (body(user_id=ANN), body(user_id="x"), 40003),
    "cgi-bin/get_current_selfmenu_info": (body(), None, 0),
    "cgi-bin/ticket/getticket": (body(type="jsapi"), body(type="dance"), 40097),
    "sns/oauth2/access_token": (exchange, lambda world: exchange(world, code="x"), 40029),
    "sns/oauth2/refresh_token": (
        lambda world: {
            "appid": world.app_id,
            "refresh_token": world.refresher,
            "grant_type": "refresh_token",
        },
        lambda world: {"appid": world.app_id, "refresh_token": "x"},
        40030,
    ),
    "sns/userinfo": (
        lambda world: {"access_token": world.page_token, "openid": ANN},
        lambda world: {"access_token": world.page_token, "openid": "oBob"},
        40003,
    ),
    "sns/auth": (
        lambda world: {"access_token": world.page_token, "openid": ANN},
        body(access_token="x", openid=ANN),
        40001,
    ),
}


def page_link(app_id: str, scope: str = "snsapi_userinfo", state: str = "s") -> str:
    return (
        f"appid={app_id}&redirect_uri=https%3A%2F%2Fx.cn%2Fm&response_type=code&scope={scope}&state={state}"
    )


@pytest.fixture
async def world(fake: FakeWeChat, api: Api, followers: list[str]) -> World:
    account = fake.account
    await fake.say(ANN, "你好")
    media = fake.media.put("image", PNG)
    draft = {"title": "公告", "content": "<p>公告</p>", "thumb_media_id": media}
    first, second = [(await api.post("draft/add", {"articles": [draft]}))["media_id"] for _ in range(2)]
    publish_id = (await api.post("freepublish/submit", {"media_id": first}))["publish_id"]
    tag = (await api.post("tags/create", {"tag": {"name": "机械"}}))["tag"]["id"]
    await api.post("menu/create", {"button": BUTTONS})
    menuid = (await api.post("menu/addconditional", {"button": BUTTONS, "matchrule": {"tag_id": str(tag)}}))[
        "menuid"
    ]
    job = (await api.post("message/mass/sendall", TO_TAG))["msg_id"]
    await api.call("customservice/kfaccount/add", KF | {"nickname": "小李"})
    await api.call("customservice/kfsession/create", KF | {"openid": "oBob"})
    await fake.answer_subscription(ANN, {GRANT: True})
    fake.subscriptions.grant_once(fake.person(ANN), ONE_TIME, 7)
    refused = await api.post("menu/create", {})
    await fake.settle()
    article_id = (await api.post("freepublish/get", {"publish_id": publish_id}))["article_id"]
    codes = [fake.open_page(ANN, page_link(account.app_id)).query["code"] for _ in range(2)]
    own = {"appid": account.app_id, "secret": account.app_secret, "grant_type": "authorization_code"}
    page = await api.get("sns/oauth2/access_token", **own, code=codes[0])
    fake.rules.forget()
    return World(
        fake=fake,
        app_id=account.app_id,
        secret=account.app_secret,
        people=followers,
        media=media,
        draft=second,
        article=article_id,
        publish_id=publish_id,
        tag=tag,
        job=job,
        menuid=menuid,
        rid=refused["errmsg"].rpartition("rid: ")[2],
        code=codes[1],
        page_token=page["access_token"],
        refresher=page["refresh_token"],
    )


async def answer(api: Api, path: str, fields: dict[str, Any]) -> dict[str, Any]:
    """As each call is made: files as multipart, pages' and token calls by GET, the rest as JSON."""
    file = fields.pop("media", None)
    if file is not None or "upload" in path or "add_material" in path:
        if file is None:
            return await api.call(path, fields)
        return await api.upload(path, file.name, file.data, **fields)
    if path.startswith("sns/") or path in {"cgi-bin/token", "cgi-bin/ticket/getticket"}:
        return await api.get(path, **fields)
    if path.endswith(("media/get", "jssdk", "get_material")):
        async with api.session.get(
            f"{api.base}/{path}", params=fields | {"access_token": api.token}
        ) as response:
            is_json = response.content_type == "application/json"
            return await response.json() if is_json else {"file": await response.read()}
    return await api.call(path, fields)


def test_the_table_names_every_call(fake: FakeWeChat) -> None:
    assert set(CALLS) == set(fake.calls())


@pytest.mark.parametrize("path", CALLS)
async def test_made_right(world: World, api: Api, path: str) -> None:
    found = await answer(api, path, CALLS[path][0](world))
    assert found.get("errcode", 0) == 0, found
    assert world.fake.violations == []


@pytest.mark.parametrize("path", [path for path, (_, wrong, _) in CALLS.items() if wrong])
async def test_made_wrong(world: World, api: Api, path: str) -> None:
    _, wrong, errcode = CALLS[path]
    assert wrong is not None
    found = await answer(api, path, wrong(world))
    assert found["errcode"] == errcode, found
    assert "rid: " in found["errmsg"]


@pytest.mark.parametrize("path", [path for path, (_, wrong, _) in CALLS.items() if not wrong])
async def test_what_takes_no_arguments_still_needs_a_token(world: World, api: Api, path: str) -> None:
    api.token = ""
    assert (await answer(api, path, CALLS[path][0](world)))["errcode"] == 41001


async def test_an_unknown_path_is_not_found(api: Api) -> None:
    async with api.session.post(f"{api.base}/cgi-bin/dance", json={}) as response:
        assert response.status == 404
