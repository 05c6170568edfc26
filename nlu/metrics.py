"""The figures of this room for Prometheus."""

from prometheus_client import Counter, Gauge

CACHE = Counter("rongqiao_nlu_cache", "Messages by whether their reading was remembered", ["result"])
BREAKER_OPEN = Gauge(
    "rongqiao_nlu_breaker_open", "1 while a Rasa server is left alone because it failed of late", ["server"]
)
