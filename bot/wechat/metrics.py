"""What the process tells Prometheus of its calls to the platform."""

from prometheus_client import Counter, Gauge, Histogram

CALLS = Counter(
    "rongqiao_wechat_calls",
    "Calls to WeChat's API. errcode is the platform's (0: done), or the name of a network trouble.",
    ["path", "errcode"],
)
SECONDS = Histogram(
    "rongqiao_wechat_call_seconds",
    "Time of one exchange with WeChat's API, refusals included.",
    ["path"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)
FETCHES = Counter("rongqiao_wechat_token_fetches", "Fetches of what all replicas share.", ["kind"])
BREAKER_OPEN = Gauge(
    "rongqiao_wechat_breaker_open", "1 while calls are refused here because WeChat does not answer."
)
