"""The figures of this room for Prometheus. No label holds what belongs to a person; each has few values."""

import re
import time
from collections.abc import Awaitable, Callable

import structlog
from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from bot.wechat.messages import Incoming
from handlers.registry import INTENTS
from nlu.understanding import Understanding

_log = structlog.get_logger(__name__)

# WeChat's patience ends at 5 seconds, ours a little before.
_UP_TO_FIVE = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4, 4.5, 5)
_WAITS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 20)

CALLBACKS = Counter(
    "rongqiao_callbacks", "Callbacks by what came and how it was answered", ["kind", "outcome"]
)
ANSWER_SECONDS = Histogram(
    "rongqiao_answer_seconds", "From a callback's arrival to its answer", ["kind"], buckets=_UP_TO_FIVE
)
LATE_ANSWERS = Counter(
    "rongqiao_late_answers", "Answers that missed the deadline and leave as customer messages"
)
TURNS = Counter("rongqiao_turns", "Turns by the topic that answered", ["topic"])
NLU_SECONDS = Histogram(
    "rongqiao_nlu_seconds", "Reading one message, by who read it", ["source"], buckets=_UP_TO_FIVE
)
LOCK_WAIT_SECONDS = Histogram(
    "rongqiao_lock_wait_seconds", "Waiting until a person's earlier message is done", buckets=_WAITS
)
OLD_ROWS_DELETED = Counter(
    "rongqiao_old_rows_deleted", "Rows that were over and whose time was up", ["table"]
)
DATABASE_CONNECTIONS = Gauge("rongqiao_database_connections", "Connections of the pool", ["state"])

_KIND_ENDS = re.compile(r"(Message|Event|Incoming)$")
_NEXT_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


def kind_of(incoming: Incoming) -> str:
    """`TemplateReceipt` → `template_receipt`: as many values as there are classes, whatever is sent."""
    return _NEXT_WORD.sub("_", _KIND_ENDS.sub("", type(incoming).__name__)).lower()


def topic_of(open_topic: str | None, intent: str) -> str:
    """The topic that is open, else the room of who answers the intent: what is sent makes no new value."""
    handler = INTENTS.get(intent)
    return open_topic or (handler.__module__.rpartition(".")[2] if handler else "none")


def timed(
    understand: Callable[[str], Awaitable[Understanding]],
) -> Callable[[str], Awaitable[Understanding]]:
    """The same reader, with its figures and its line in the log; what was written is in neither."""

    async def read(text: str) -> Understanding:
        began = time.perf_counter()
        understanding = await understand(text)
        seconds = time.perf_counter() - began
        NLU_SECONDS.labels(understanding.source).observe(seconds)
        _log.info(
            "understood",
            intent=understanding.intent.name,
            confidence=round(understanding.intent.confidence, 2),
            source=understanding.source,
            ms=round(seconds * 1000, 1),
        )
        return understanding

    return read


async def observe_pool(engine: AsyncEngine) -> None:
    """Asked for when the figures are read."""
    pool = engine.pool
    if isinstance(pool, QueuePool):
        DATABASE_CONNECTIONS.labels("in_use").set(pool.checkedout())
        DATABASE_CONNECTIONS.labels("idle").set(pool.checkedin())
