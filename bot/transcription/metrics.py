"""The figures of this folder for Prometheus."""

from prometheus_client import Counter, Histogram

TRANSCRIPTIONS = Counter(
    "rongqiao_transcriptions", "Voice messages by what became of writing them down", ["outcome"]
)
SECONDS = Histogram(
    "rongqiao_transcription_seconds",
    "Fetching one voice message and writing it down",
    buckets=(0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 20),
)
