"""One token for all replicas, whatever happens to it or to Redis."""

import asyncio

import pytest
from prometheus_client import REGISTRY
from redis.asyncio import Redis

from bot.wechat.errors import ApiError
from bot.wechat.refusals import AccountMisconfigured, AddressNotListed, QuotaExhausted, SecretFrozen
from bot.wechat.token import AccessTokens
from bot.wechat.transport import Transport
from tests.bot.wechat.platform_server import APP_ID, SECRET, Platform


def replica(transport: Transport, redis: Redis, secret: str = SECRET) -> AccessTokens:
    return AccessTokens(transport, redis, app_id=APP_ID, app_secret=secret)


def counted(kind: str) -> float:
    return REGISTRY.get_sample_value("rongqiao_wechat_token_fetches_total", {"kind": kind}) or 0.0


async def test_many_replicas_fetch_once(transport: Transport, redis: Redis, platform: Platform) -> None:
    before = counted("token")
    replicas = [replica(transport, redis) for _ in range(5)]
    got = await asyncio.gather(*(one.get() for one in replicas for _ in range(5)))
    assert set(got) == {"stable-0"}
    assert platform.fetches == [False]
    assert counted("token") == before + 1


async def test_token_is_left_before_its_end(tokens: AccessTokens, redis: Redis) -> None:
    await tokens.get()
    assert 6900 < await redis.ttl(f"wechat:token:{APP_ID}") <= 7200 - 240


async def test_a_token_late_in_its_life_is_used_to_its_end(
    tokens: AccessTokens, platform: Platform, redis: Redis
) -> None:
    platform.lifetime_s = 200
    await tokens.get()
    await tokens.get()
    assert platform.fetches == [False]
    assert 170 < await redis.ttl(f"wechat:token:{APP_ID}") <= 180


async def test_an_expired_token_is_fetched_again(tokens: AccessTokens, platform: Platform) -> None:
    platform.lifetime_s = 1
    await tokens.get()
    platform.kill_current()
    await asyncio.sleep(1.1)
    assert await tokens.get() == "stable-1"


async def test_renewal_needs_no_force_when_the_platform_has_another(
    tokens: AccessTokens, platform: Platform
) -> None:
    bad = await tokens.get()
    platform.kill_current()
    assert await tokens.renew(bad) == "stable-1"
    assert platform.fetches == [False, False]


async def test_a_stampede_of_renewals_forces_once(
    transport: Transport, redis: Redis, platform: Platform
) -> None:
    before = counted("forced_token")
    replicas = [replica(transport, redis) for _ in range(4)]
    bad = await replicas[0].get()
    got = await asyncio.gather(*(one.renew(bad) for one in replicas for _ in range(4)))
    assert set(got) == {"stable-1"}
    assert platform.fetches == [False, False, True]
    assert counted("forced_token") == before + 1


async def test_force_is_not_repeated_within_thirty_seconds(
    transport: Transport, redis: Redis, platform: Platform
) -> None:
    here, there = replica(transport, redis), replica(transport, redis)
    second = await here.renew(await here.get())
    assert await here.renew(second) == second
    assert await there.renew(second) == second
    assert platform.fetches.count(True) == 1


async def test_force_stops_before_the_days_limit(
    transport: Transport, redis: Redis, platform: Platform
) -> None:
    for _ in range(25):
        tokens = replica(transport, redis)
        await tokens.renew(await tokens.get())
        await redis.delete(f"wechat:token:{APP_ID}:forced")  # as after thirty seconds
    assert platform.fetches.count(True) == 18


async def test_works_without_redis(transport: Transport, no_redis: Redis, platform: Platform) -> None:
    here, there = replica(transport, no_redis), replica(transport, no_redis)
    bad = await here.get()
    assert [await here.get(), await there.get()] == [bad, bad]
    assert platform.fetches == [False, False]
    assert await here.renew(bad) == "stable-1"
    assert await here.get() == "stable-1"
    assert await there.renew(bad) == "stable-1"
    assert await here.renew("stable-1") == "stable-1"  # too soon to force again
    assert platform.fetches.count(True) == 1


@pytest.mark.parametrize(
    ("errcode", "kind"), [(40164, AddressNotListed), (40243, SecretFrozen), (45009, QuotaExhausted)]
)
async def test_a_refused_fetch_says_why(
    tokens: AccessTokens, platform: Platform, errcode: int, kind: type[ApiError]
) -> None:
    platform.token_troubles.append(errcode)
    with pytest.raises(kind):
        await tokens.get()
    assert await tokens.get() == "stable-0"


async def test_a_wrong_secret_is_the_operators_trouble(transport: Transport, redis: Redis) -> None:
    with pytest.raises(AccountMisconfigured) as caught:
        await replica(transport, redis, secret="guess-me").get()
    assert "guess-me" not in str(caught.value)
