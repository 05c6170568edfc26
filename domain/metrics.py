"""The figures of this room for Prometheus."""

from prometheus_client import Histogram

WRITER_WAIT_SECONDS = Histogram(
    "rongqiao_database_writer_wait_seconds",
    "Waiting for the one writer of SQLite",
    buckets=(0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30),
)
