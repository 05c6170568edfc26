"""The figures of this room for Prometheus. No label holds what belongs to a person; each has few values."""

import re

from prometheus_client import Counter, Gauge

EVENTS = Counter("rongqiao_events", "Outbox events by what became of them", ["event", "outcome"])
DELIVERIES = Counter(
    "rongqiao_deliveries",
    "Outcomes of deliveries; a failed try that is repeated counts as queued",
    ["channel", "state", "reason"],
)
WEBHOOKS = Counter(
    "rongqiao_webhooks",
    "Tries to send events to institutions' systems; a failed try that is repeated counts as queued",
    ["event", "state"],
)
IN_FLIGHT = Gauge("rongqiao_sender_in_flight", "Deliveries that are with WeChat at this moment")
OUTBOX_WAITING = Gauge("rongqiao_outbox_waiting", "Events without deliveries so far")
OUTBOX_OLDEST_SECONDS = Gauge("rongqiao_outbox_oldest_seconds", "Age of the oldest of them; 0 without any")
OUTBOX_SET_ASIDE = Gauge(
    "rongqiao_outbox_set_aside", "Events of the last day that could not be handled and will be tried again"
)
DELIVERIES_DUE = Gauge("rongqiao_deliveries_due", "Deliveries that could be sent now")
DELIVERIES_OLDEST_SECONDS = Gauge(
    "rongqiao_deliveries_oldest_seconds", "How long the first of them has been due; 0 without any"
)

_ERRCODE = re.compile(r"errcode (-?\d+)")
_RECEIPTS = {
    "success": "",
    "user block": "user_block",
    "system failed": "system_failed",
    "freq limit": "freq_limit",
}


def count(channel: str, state: str, reason: str = "") -> None:
    DELIVERIES.labels(channel, state, reason).inc()


def failure_label(reason: str) -> str:
    """WeChat's errcode, or that there was none: the text itself would be a new label each time."""
    found = _ERRCODE.search(reason)
    return found[1] if found else "network"


def receipt_label(status: str) -> str:
    """`failed:user block` → `user_block`; blanks in it come and go."""
    said = status.removeprefix("failed:").strip()
    return _RECEIPTS.get(said, "other")
