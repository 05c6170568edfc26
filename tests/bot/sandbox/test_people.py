"""What people do beyond talking, and what the account learns of them."""

import pytest

from bot.sandbox.calls.base import Upload
from bot.sandbox.errors import SandboxError
from bot.sandbox.ledger import Trigger
from bot.sandbox.people import Kind
from bot.sandbox.wechat import FakeWeChat
from tests.bot.sandbox.conftest import ANN, Api, Clock
from tests.bot.sandbox.product import EchoAccount, silence


async def test_every_other_push(fake: FakeWeChat, product: EchoAccount) -> None:
    product.answer = silence
    await fake.follow(ANN)
    await fake.video(ANN)
    await fake.video(ANN, short=True)
    await fake.link(ANN, "政策解读", "https://x.cn/p", "一图读懂")
    await fake.scan_by_menu(ANN, "scancode_waitmsg", "check_in", "desk-3")
    await fake.open_mini_program(ANN, "pages/index")
    await fake.report_location(ANN, 31.3, 120.6)
    await fake.event(ANN, "user_info_modified", RevokeInfo="1")
    data = product.fields[1:]
    assert [item.get("Event", item["MsgType"]) for item in data] == [
        "video", "shortvideo", "link", "scancode_waitmsg", "view_miniprogram", "LOCATION",
        "user_info_modified",
    ]  # fmt: skip
    assert data[0]["ThumbMediaId"]
    assert (data[2]["Title"], data[2]["Description"], data[2]["Url"]) == (
        "政策解读",
        "一图读懂",
        "https://x.cn/p",
    )
    assert (data[3]["EventKey"], data[3]["ScanCodeInfo"]["ScanResult"]) == ("check_in", "desk-3")
    assert (data[5]["Latitude"], data[5]["Precision"]) == ("31.3", "40.0")
    with pytest.raises(SandboxError):
        await fake.scan_by_menu(ANN, "dance", "k", "r")


async def test_a_voice_is_a_recording_and_nothing_else(
    fake: FakeWeChat, api: Api, product: EchoAccount
) -> None:
    await fake.follow(ANN)
    await fake.voice(ANN, said="想贷五十万")
    pushed = product.fields[-1]
    assert not pushed["Recognition"]
    assert "想贷五十万" not in str(pushed)
    query = {"access_token": api.token, "media_id": pushed["MediaId"]}
    async with api.session.get(f"{api.base}/cgi-bin/media/get", params=query) as response:
        assert response.content_type == "audio/amr"
        assert (await response.read()).startswith(b"#!AMR\n")
    assert [entry.text for entry in fake.history(ANN) if entry.kind is Kind.VOICE] == ["想贷五十万"]


async def test_a_picture_can_be_fetched_for_three_days(
    fake: FakeWeChat, api: Api, product: EchoAccount, clock: Clock
) -> None:
    await fake.follow(ANN)
    await fake.image(ANN, file=Upload("a.png", "image/png", b"\x89PNG"))
    media_id = product.fields[-1]["MediaId"]
    query = {"access_token": api.token, "media_id": media_id}
    async with api.session.get(f"{api.base}/cgi-bin/media/get", params=query) as response:
        assert await response.read() == b"\x89PNG"
    clock.move(3 * 86_400 + 1)
    api.token = (await api.stable_token())["access_token"]
    assert (await api.get("cgi-bin/media/get", media_id=media_id))["errcode"] == 40007


async def test_a_payment_opens_any_number_of_messages(fake: FakeWeChat, api: Api, clock: Clock) -> None:
    await fake.follow(ANN)
    fake.pay(ANN)
    assert fake.person(ANN).quota.trigger is Trigger.PAYMENT
    assert {await api.text(ANN, str(n)) for n in range(20)} == {0}
    clock.move(48 * 3600 + 1)
    api.token = (await api.stable_token())["access_token"]
    assert await api.text(ANN, "晚了") == 45015


async def test_codes_are_scanned_with_their_own_ticket_until_they_run_out(
    fake: FakeWeChat, api: Api, product: EchoAccount, clock: Clock
) -> None:
    def wanted(kind: str, **scene: object) -> dict[str, object]:
        return {"action_name": kind, "expire_seconds": 600, "action_info": {"scene": scene}}

    made = await api.post("qrcode/create", wanted("QR_STR_SCENE", scene_str="hall"))
    assert made["expire_seconds"] == 600
    await fake.scan(ANN, "hall")
    assert (product.fields[-1]["EventKey"], product.fields[-1]["Ticket"]) == ("qrscene_hall", made["ticket"])
    await fake.scan(ANN, "hall")
    assert (product.fields[-1]["Event"], product.fields[-1]["EventKey"]) == ("SCAN", "hall")
    clock.move(601)
    with pytest.raises(SandboxError, match="过期"):
        await fake.scan(ANN, "hall")
    permanent = await api.post("qrcode/create", wanted("QR_LIMIT_SCENE", scene_id=7))
    assert "expire_seconds" not in permanent
    assert [code.scene for code in fake.codes.usable()] == ["7"]
    for kind, scene in (
        ("QR_LIMIT_SCENE", {"scene_id": 100_001}),
        ("QR_LIMIT_STR_SCENE", {"scene_str": "x" * 65}),
        ("QR_SCENE", {"scene_id": 0}),
    ):
        assert (await api.post("qrcode/create", wanted(kind, **scene)))["errcode"] == 40053
    async with api.session.get(
        f"{api.base}/cgi-bin/showqrcode", params={"ticket": made["ticket"]}
    ) as response:
        assert "hall" in await response.text()


async def test_what_the_account_learns_of_a_person(fake: FakeWeChat, api: Api) -> None:
    assert await api.post("user/info", {"openid": ANN}) == {"subscribe": 0, "openid": ANN}
    await fake.follow(ANN, "hall")
    await api.post("user/info/updateremark", {"openid": ANN, "remark": "安总"})
    found = await api.post("user/info", {"openid": ANN})
    assert (found["subscribe"], found["remark"], found["qr_scene_str"]) == (1, "安总", "hall")
    assert "nickname" not in found
    assert "headimgurl" not in found


async def test_followers_are_listed_page_by_page(api: Api, followers: list[str]) -> None:
    whole = await api.post("user/get", {})
    assert (whole["total"], whole["data"]["openid"]) == (3, followers)
    rest = await api.post("user/get", {"next_openid": followers[1]})
    assert (rest["count"], rest["data"]["openid"]) == (1, followers[2:])
    assert (await api.post("user/get", {"next_openid": followers[2]}))["count"] == 0


async def test_tags_and_the_menus_made_for_them(fake: FakeWeChat, api: Api, followers: list[str]) -> None:
    ids = [(await api.post("tags/create", {"tag": {"name": f"标签{n}"}}))["tag"]["id"] for n in range(21)]
    for tag in ids[:20]:
        await api.post("tags/members/batchtagging", {"openid_list": followers[:2], "tagid": tag})
    one_more = {"openid_list": followers[:1], "tagid": ids[20]}
    assert (await api.post("tags/members/batchtagging", one_more))["errcode"] == 45059
    assert (await api.post("tags/create", {"tag": {"name": "标签0"}}))["errcode"] == 45157
    usual = {"button": [{"type": "click", "name": "帮助", "key": "help"}]}
    special = {
        "button": [{"type": "click", "name": "机构入口", "key": "bank"}],
        "matchrule": {"tag_id": ids[0]},
    }
    assert (await api.post("menu/addconditional", special))["errcode"] == 65303
    await api.post("menu/create", usual)
    menuid = (await api.post("menu/addconditional", special))["menuid"]
    assert fake.menus.of(fake.person(followers[0])) == special
    assert fake.menus.of(fake.person(followers[2])) == usual
    assert len((await api.post("menu/get", {}))["conditionalmenu"]) == 1
    await api.post("menu/delconditional", {"menuid": menuid})
    assert fake.menus.of(fake.person(followers[0])) == usual
    await api.post("tags/delete", {"tag": {"id": ids[0]}})
    assert ids[0] not in (await api.post("tags/getidlist", {"openid": followers[0]}))["tagid_list"]
    await fake.unfollow(followers[0])
    assert fake.person(followers[0]).tags == set(), "who leaves loses the tags"


async def test_there_are_at_most_a_hundred_tags(api: Api) -> None:
    codes = [(await api.post("tags/create", {"tag": {"name": str(n)}})).get("errcode") for n in range(100)]
    assert codes == [None] * 99 + [45056], "one tag is WeChat's own"


async def test_a_blacklisted_person_is_out_of_reach(api: Api, followers: list[str]) -> None:
    await api.post("tags/members/batchblacklist", {"openid_list": followers[:1]})
    listed = await api.post("tags/members/getblacklist", {"begin_openid": ""})
    assert listed["data"]["openid"] == followers[:1]
    data = {"thing1": {"value": "补贴"}, "thing2": {"value": "人社局"}, "time3": {"value": "2026年12月31日"}}
    body = {"touser": ANN, "template_id": "SANDBOX-POLICY-NOTICE", "data": data}
    assert (await api.post("message/template/send", body))["errcode"] == 43019
    await api.post("tags/members/batchunblacklist", {"openid_list": followers[:1]})
    assert (await api.post("message/template/send", body))["errcode"] == 0


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"type": "dance"}, 40017),
        ({"name": ""}, 40018),
        ({"key": "x" * 129}, 40019),
        ({"type": "view", "url": ""}, 40020),
        ({"sub_button": [{"type": "dance", "name": "跳"}]}, 40024),
        ({"sub_button": [{"type": "click", "name": "长" * 21, "key": "k"}]}, 40025),
        ({"sub_button": [{"type": "click", "name": "按", "key": ""}]}, 40026),
        ({"sub_button": [{"type": "view", "name": "看", "url": "x" * 1025}]}, 40027),
        ({"sub_button": [{"type": "click", "name": "按", "key": "k", "sub_button": [{}]}]}, 40022),
        ({"type": "miniprogram", "url": "https://x.cn", "appid": "wx1"}, 40017),
    ],
)
async def test_what_a_menu_must_not_hold(api: Api, changes: dict[str, object], errcode: int) -> None:
    button = {"type": "click", "name": "帮助", "key": "help"} | changes
    assert (await api.post("menu/create", {"button": [button]}))["errcode"] == errcode


async def test_a_ticket_is_shared_until_it_runs_out(api: Api, clock: Clock) -> None:
    first = await api.get("cgi-bin/ticket/getticket", type="jsapi")
    assert first["expires_in"] == 7200
    assert (await api.get("cgi-bin/ticket/getticket", type="jsapi"))["ticket"] == first["ticket"]
    clock.move(7201)
    api.token = (await api.stable_token())["access_token"]
    assert (await api.get("cgi-bin/ticket/getticket", type="jsapi"))["ticket"] != first["ticket"]


async def test_templates_are_chosen_from_the_library(api: Api) -> None:
    own = {"template_id_short": "TM00001", "keyword_name_list": ["商品", "时间"]}
    made = (await api.post("template/api_add_template", own))["template_id"]
    listed = (await api.post("template/get_all_private_template", {}))["template_list"]
    assert next(item["content"] for item in listed if item["template_id"] == made).count("DATA") == 2
    codes = [(await api.post("template/api_add_template", own))["errcode"] for _ in range(12)]
    assert codes == [0] * 11 + [45026]
    await api.post("template/del_private_template", {"template_id": made})
    industry = {"industry_id1": "1", "industry_id2": "4"}
    assert [(await api.post("template/api_set_industry", industry))["errcode"] for _ in range(2)] == [
        0,
        43100,
    ]
    found = await api.post("template/get_industry", {})
    assert found["primary_industry"]["first_class"] == "1"


async def test_videos_are_given_by_their_address(fake: FakeWeChat, api: Api, product: EchoAccount) -> None:
    await fake.follow(ANN)
    await fake.video(ANN)
    found = await api.get("cgi-bin/media/get", media_id=product.fields[-1]["MediaId"])
    assert found["video_url"].startswith("https://")
    kept = await api.upload("cgi-bin/material/add_material", "a.mp4", b"mp4", type="video")
    found = await api.call("cgi-bin/material/get_material", {"media_id": kept["media_id"]})
    assert (found["title"], found["down_url"][:8]) == ("a.mp4", "https://")


async def test_a_test_may_put_a_menu_of_its_own(fake: FakeWeChat, api: Api) -> None:
    menu = {"button": [{"type": "click", "name": "帮助", "key": "help"}]}
    fake.menu = menu
    assert (await api.post("menu/get", {}))["menu"] == menu
    fake.menu = None
    assert (await api.post("menu/get", {}))["errcode"] == 46003
    assert fake.menus.of(fake.person(ANN)) == fake.menus.fallback
