"""Redis or Valkey: there, writable, and set up to keep what it is given."""

import secrets
from collections.abc import Iterator
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, RedisError

from bot.config import Settings
from bot.doctor.finding import Finding, fine, note, warn, wrong
from bot.doctor.patient import Patient

_TIMEOUT_SECONDS = 3.0
_OLDEST = (6, 0)
_KEY_SECONDS = 5


async def examine(patient: Patient) -> list[Finding]:
    url = address(patient.settings)
    if url is None:
        return [wrong("内嵌的 Valkey 没在运行", "先启动服务（make run 或 run.py all），再检查一次")]
    redis = Redis.from_url(url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS)
    try:
        return await _examined(redis)
    except AuthenticationError:
        return [wrong("Redis 不认这里的密码", "核对 redis.url 里的用户名和密码")]
    except (RedisError, OSError) as error:
        return [
            wrong(
                f"连不上 Redis（{type(error).__name__}）",
                "确认 Redis 在运行，redis.url 的地址、端口和防火墙都对",
            )
        ]
    finally:
        await redis.aclose()


def address(settings: Settings) -> str | None:
    """What is configured, else where the embedded one says it listens; None without either."""
    file = settings.data_dir / "valkey" / "url"
    return settings.redis.url or (file.read_text(encoding="utf-8") if file.is_file() else None)


async def _examined(redis: Redis) -> list[Finding]:
    await redis.ping()
    about: dict[str, Any] = await redis.info()
    found = [_version(about), await _writable(redis, about)]
    found += _keeping(about)
    return found


def _version(about: dict[str, Any]) -> Finding:
    name, number = ("Valkey", about.get("valkey_version")) if "valkey_version" in about else ("Redis", None)
    number = str(number or about.get("redis_version", "0.0"))
    if tuple(int(part) for part in number.split(".")[:2]) < _OLDEST:
        return wrong(f"{name} {number} 太旧", "升级到 Redis 6 或 Valkey 7 以上")
    return fine(f"{name} {number} 有回应")


async def _writable(redis: Redis, about: dict[str, Any]) -> Finding:
    """A key of its own, gone at once."""
    key = f"doctor:{secrets.token_hex(8)}"
    try:
        await redis.set(key, 1, ex=_KEY_SECONDS)
        await redis.delete(key)
    except RedisError as error:
        role = "这是只读副本" if about.get("role") == "slave" else type(error).__name__
        return wrong(f"Redis 不能写入（{role}）", "让 redis.url 指向主节点，并检查内存上限和磁盘")
    return fine("可以写入")


def _keeping(about: dict[str, Any]) -> Iterator[Finding]:
    if about.get("maxmemory") and about.get("maxmemory_policy") != "noeviction":
        yield warn(
            f"内存满时会丢掉键（{about.get('maxmemory_policy')}），锁和去重记录可能提前消失",
            "把 maxmemory-policy 设为 noeviction",
        )
    if not about.get("aof_enabled"):
        yield note("没有开启 AOF，Redis 重启后会重新取 access_token，不影响业务数据")
