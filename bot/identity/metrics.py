"""The figures of this folder for Prometheus."""

from prometheus_client import Counter

CHECKS = Counter("rongqiao_identity_checks", "Identity checks that ended, by how", ["provider", "state"])
FAILURES = Counter(
    "rongqiao_identity_provider_failures",
    "Calls to a provider of identity checks without a result",
    ["provider", "outcome"],
)
