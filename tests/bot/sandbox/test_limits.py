"""How often the API may be called, and clearing the count."""

from bot.sandbox.wechat import FakeWeChat
from tests.bot.sandbox.conftest import ANN, Api, Clock

DAY = 86_400.0


async def info(api: Api) -> int:
    return int((await api.post("user/info", {"openid": ANN})).get("errcode", 0))


async def test_the_daily_quota_comes_back_at_midnight_in_beijing(
    fake: FakeWeChat, api: Api, clock: Clock
) -> None:
    fake.limits.daily["cgi-bin/user/info"] = 2
    assert [await info(api) for _ in range(3)] == [0, 0, 45009]
    answer = await api.post("openapi/quota/get", {"cgi_path": "/cgi-bin/user/info"})
    assert answer["quota"] == {"daily_limit": 2, "used": 2, "remain": 0}
    clock.move(DAY)
    api.token = (await api.stable_token())["access_token"]
    assert await info(api) == 0


async def test_too_many_in_a_minute(fake: FakeWeChat, api: Api, clock: Clock) -> None:
    fake.limits.per_minute["cgi-bin/user/info"] = 1
    clock.move(-clock() % 60)  # to the beginning of a minute
    assert [await info(api) for _ in range(2)] == [0, 45011]
    clock.move(60)
    assert await info(api) == 0
    answer = await api.post("openapi/quota/get", {"cgi_path": "/cgi-bin/user/info"})
    assert answer["rate_limit"] == {"call_count": 1, "refresh_second": 60}


async def test_clearing_gives_the_quota_back_ten_times_a_month(
    fake: FakeWeChat, api: Api, clock: Clock
) -> None:
    fake.limits.daily["cgi-bin/user/info"] = 1
    account = fake.account
    for clears in range(10):
        assert [await info(api) for _ in range(2)] == [0, 45009]
        own = {"appid": account.app_id, "appsecret": account.app_secret}
        path = "clear_quota/v2" if clears % 2 else "clear_quota"
        assert (await api.post(path, own))["errcode"] == 0
    assert (await api.post("clear_quota", {"appid": account.app_id}))["errcode"] == 48006
    clock.move(31 * DAY)
    api.token = (await api.stable_token())["access_token"]
    assert (await api.post("clear_quota", {"appid": account.app_id}))["errcode"] == 0


async def test_one_quota_alone_can_be_cleared(fake: FakeWeChat, api: Api) -> None:
    fake.limits.daily["cgi-bin/user/info"] = 1
    assert [await info(api) for _ in range(2)] == [0, 45009]
    assert (await api.post("openapi/quota/clear", {"cgi_path": "/cgi-bin/user/info"}))["errcode"] == 0
    assert await info(api) == 0


async def test_a_refusal_can_be_looked_up_by_its_rid(api: Api) -> None:
    refused = await api.post("user/info", {"openid": "x"})
    rid = refused["errmsg"].rpartition("rid: ")[2]
    found = (await api.post("openapi/rid/get", {"rid": rid}))["request"]
    assert (found["request_url"], found["response_body"]) == ("/cgi-bin/user/info", '{"errcode":40003}')


async def test_an_address_outside_the_whitelist_and_a_frozen_secret(fake: FakeWeChat, api: Api) -> None:
    fake.tokens.whitelist = {"10.0.0.1"}
    assert await info(api) == 40164
    assert (await api.plain_token())["errcode"] == 40164
    fake.tokens.whitelist = {"127.0.0.1", "::1"}
    assert await info(api) == 0
    fake.tokens.frozen = True
    assert (await api.stable_token())["errcode"] == 40243


async def test_the_two_families_of_tokens_know_nothing_of_each_other(fake: FakeWeChat, api: Api) -> None:
    stable = api.token
    plain = (await api.plain_token())["access_token"]
    assert plain != stable
    for token in (stable, plain):
        api.token = token
        assert await info(api) == 0
    fake.tokens.expire_all()
    assert await info(api) == 42001
    api.token = (await api.stable_token())["access_token"]
    assert await info(api) == 0
