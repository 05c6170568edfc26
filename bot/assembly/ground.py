"""What every role stands on: settings, keys, database, Redis, who checks identities."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from bot import schema
from bot.account import Account, account_of, api_token_of, cipher_of
from bot.catalogue import seed
from bot.config import Settings
from bot.embedded.valkey import embedded_valkey
from bot.identity import registry
from bot.identity.checking import Checking
from bot.scoring import scorer_of
from domain.database import Database
from domain.scores.scorer import Scorer
from domain.secrets import Cipher

# A silent Redis must not use up the five seconds: locks and nonces do without it.
_REDIS_TIMEOUT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Ground:
    """`on_events` tells the loops of this process that there is work."""

    settings: Settings
    account: Account
    cipher: Cipher
    api_token: str
    redis: Redis
    database: Database
    checking: Checking
    scorer: Scorer
    on_events: Callable[[], None]


async def laid(settings: Settings, on_events: Callable[[], None], stack: AsyncExitStack) -> Ground:
    """The ground, with the schema up to date and the catalogue seeded.

    Raises:
        ChildStartError: Valkey did not start.
        ScorecardError, RegistryError: one of the files of `credit` cannot be used.
    """
    redis = await connected_redis(settings, stack)
    database = Database(settings.database_url)
    stack.push_async_callback(database.aclose)
    await schema.migrate(database)
    cipher, account = cipher_of(settings), account_of(settings)
    if settings.catalogue.seed:
        await seed(database, cipher)
    providers = await stack.enter_async_context(
        registry.providers(settings, sandbox_secret=account.app_secret)
    )
    checking = Checking(database, cipher, providers, registry.rules(settings), on_events)
    return Ground(
        settings,
        account,
        cipher,
        api_token_of(settings),
        redis,
        database,
        checking,
        scorer_of(settings),
        on_events,
    )


async def connected_redis(settings: Settings, stack: AsyncExitStack) -> Redis:
    url = settings.redis.url or await stack.enter_async_context(embedded_valkey(settings.data_dir))
    redis = Redis.from_url(
        url,
        socket_timeout=_REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=_REDIS_TIMEOUT_SECONDS,
        # Once more for a connection that went stale. The library's own way, ten times with pauses, takes all
        # of WeChat's five seconds while Redis is away.
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    )
    stack.push_async_callback(redis.aclose)
    return redis
