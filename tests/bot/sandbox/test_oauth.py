"""Pages that ask who opens them: links, codes, page tokens, snapshot users."""

import pytest
from aiohttp import ClientSession
from yarl import URL

from bot.sandbox.errors import SandboxError
from bot.sandbox.rules import Rule
from bot.sandbox.wechat import FakeWeChat
from tests.bot.sandbox.conftest import ANN, Api, Clock

STATE = "a b&c=数"


def link(fake: FakeWeChat, **changes: str) -> str:
    fields = {
        "appid": fake.account.app_id,
        "redirect_uri": "https://x.cn/m?from=menu",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": STATE,
    }
    return URL.build(query=fields | changes).raw_query_string


async def exchanged(api: Api, code: str) -> dict[str, object]:
    account = api.account
    own = {"appid": account.app_id, "secret": account.app_secret, "grant_type": "authorization_code"}
    return await api.get("sns/oauth2/access_token", **own, code=code)


async def test_a_code_tells_once_who_it_is(fake: FakeWeChat, api: Api) -> None:
    page = fake.open_page(ANN, link(fake))
    assert (page.host, page.query["from"], page.query["state"]) == ("x.cn", "menu", STATE)
    found = await exchanged(api, page.query["code"])
    assert (found["openid"], found["scope"]) == (ANN, "snsapi_base")
    assert "is_snapshotuser" not in found
    assert (await exchanged(api, page.query["code"]))["errcode"] == 40163
    assert (await exchanged(api, "made-up"))["errcode"] == 40029


async def test_a_code_lasts_five_minutes(fake: FakeWeChat, api: Api, clock: Clock) -> None:
    code = fake.open_page(ANN, link(fake)).query["code"]
    clock.move(301)
    assert (await exchanged(api, code))["errcode"] == 42003
    assert fake.violations == [], "codes come from people's browsers: a stale one is nobody's breach"


async def test_a_snapshot_user_is_nobody(fake: FakeWeChat, api: Api) -> None:
    fake.person(ANN).snapshot = True
    found = [await exchanged(api, fake.open_page(ANN, link(fake)).query["code"]) for _ in range(2)]
    assert [each["is_snapshotuser"] for each in found] == [1, 1]
    assert len({ANN, found[0]["openid"], found[1]["openid"]}) == 3


async def test_the_profile_needs_its_scope_and_the_page_s_own_token(fake: FakeWeChat, api: Api) -> None:
    base = await exchanged(api, fake.open_page(ANN, link(fake)).query["code"])
    answer = await api.get("sns/userinfo", access_token=str(base["access_token"]), openid=ANN)
    assert answer["errcode"] == 48001
    code = fake.open_page(ANN, link(fake, scope="snsapi_userinfo")).query["code"]
    whole = await exchanged(api, code)
    answer = await api.get("sns/userinfo", access_token=str(whole["access_token"]), openid=ANN)
    assert (answer["openid"], answer["nickname"]) == (ANN, "安女士")
    assert (await api.get("sns/userinfo", openid=ANN))["errcode"] == 40001
    assert fake.rules.counts()[Rule.OAUTH] >= 1


async def test_page_tokens_run_out_and_are_renewed(fake: FakeWeChat, api: Api, clock: Clock) -> None:
    found = await exchanged(api, fake.open_page(ANN, link(fake)).query["code"])
    clock.move(7201)
    token = str(found["access_token"])
    assert (await api.get("sns/auth", access_token=token, openid=ANN))["errcode"] == 42001
    own = {"appid": fake.account.app_id, "grant_type": "refresh_token"}
    refresher = str(found["refresh_token"])
    fresh = await api.get("sns/oauth2/refresh_token", **own, refresh_token=refresher)
    assert (await api.get("sns/auth", access_token=fresh["access_token"], openid=ANN))["errcode"] == 0
    clock.move(30 * 86_400)
    assert (await api.get("sns/oauth2/refresh_token", **own, refresh_token=refresher))["errcode"] == 42002


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"appid": "wx0"}, "appid"),
        ({"response_type": "token"}, "response_type"),
        ({"scope": "snsapi_all"}, "scope"),
        ({"redirect_uri": "javascript:alert(1)"}, "redirect_uri"),
        ({"redirect_uri": "https://evil.example/m"}, "域名"),
        ({"state": "x" * 129}, "state"),
    ],
)
async def test_a_wrong_link_is_shown_and_counted(fake: FakeWeChat, changes: dict[str, str], why: str) -> None:
    fake.oauth.domains = {"x.cn"}
    with pytest.raises(SandboxError, match=why):
        fake.open_page(ANN, link(fake, **changes))
    assert fake.rules.counts() == {Rule.OAUTH: 1}


async def test_the_page_asks_and_sends_the_browser_on(fake: FakeWeChat, api: Api) -> None:
    page = URL(f"{api.base}/connect/oauth2/authorize?{link(fake, scope='snsapi_userinfo')}", encoded=True)
    async with ClientSession() as session:
        async with session.get(page) as response:
            html = await response.text()
            assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]
        assert "昵称和头像" in html
        assert "安女士" in html
        async with session.post(page, json={"openid": ANN}) as response:
            target = URL((await response.json())["location"])
        async with session.post(page, json={"openid": "oNobody"}) as response:
            assert response.status == 409
        async with session.post(
            page, json={"openid": ANN}, headers={"Origin": "https://evil.example"}
        ) as response:
            assert response.status == 403
    assert (await exchanged(api, target.query["code"]))["openid"] == ANN


async def test_a_broken_link_shows_wechat_s_refusal(api: Api) -> None:
    async with (
        ClientSession() as session,
        session.get(f"{api.base}/connect/oauth2/authorize?appid=x") as response,
    ):
        assert "该链接无法访问" in await response.text()
