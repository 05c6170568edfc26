"""The figures of this room for Prometheus."""

from prometheus_client import Counter, Gauge

CACHE = Counter("rongqiao_nlu_cache", "Messages by whether their reading was remembered", ["result"])
BREAKER_OPEN = Gauge(
    "rongqiao_nlu_breaker_open", "1 while a Rasa server is left alone because it failed of late", ["server"]
)
MODEL = Gauge(
    "rongqiao_nlu_model", "1 for the model that a Rasa server has in use", ["server", "model", "data"]
)
MODEL_FIGURE = Gauge(
    "rongqiao_nlu_model_figure", "What was measured of a model in use", ["model", "set", "figure"]
)
