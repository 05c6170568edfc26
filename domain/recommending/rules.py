"""What a city decides about reviews, and the states that a review passes through.

matching ──matched──▶ waiting ──an adviser finishes──▶ finished
   └────────────────────┴────the request is taken back──▶ ended

While it waits an adviser may have it taken: for `lease`, and again with everything that he does.
"""

from dataclasses import dataclass
from datetime import timedelta

from domain.labels import Label


class ReviewMode(Label):
    """Whether institutions and owners get a list before an adviser has looked at it."""

    AT_ONCE = "at_once", "立即发出，顾问随后复核"
    REQUIRED = "required", "顾问复核后发出"
    WITHIN = "within", "顾问限时复核，逾时先行发出"


class ReviewState(Label):
    """How far a review has come."""

    MATCHING = "matching", "匹配中"
    WAITING = "waiting", "待复核"
    FINISHED = "finished", "已复核"
    ENDED = "ended", "已结束"


class Source(Label):
    """Who put a product on the list."""

    SYSTEM = "system", "系统匹配"
    ADVISER = "adviser", "顾问添加"


class Act(Label):
    """What was done with a review."""

    MATCHED = "matched", "系统匹配"
    TAKEN = "taken", "顾问领取"
    CHANGED = "changed", "顾问调整"
    FINISHED = "finished", "复核完成"
    SENT = "sent", "发给机构"
    RENEWED = "renewed", "企业补充情况，重新匹配"
    ENDED = "ended", "需求已撤回"


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """`hours` count with `within` alone; `products` is how many are recommended at most."""

    mode: ReviewMode = ReviewMode.AT_ONCE
    hours: int = 24
    lease_minutes: int = 30
    products: int = 10

    @property
    def first(self) -> bool:
        """Whether an adviser looks before anybody else sees the request."""
        return self.mode is not ReviewMode.AT_ONCE

    @property
    def out_after(self) -> timedelta | None:
        """How long a list waits for its review; None: as long as it takes."""
        return timedelta(hours=self.hours) if self.mode is ReviewMode.WITHIN else None

    @property
    def lease(self) -> timedelta:
        return timedelta(minutes=self.lease_minutes)
