"""What a city decides about its market, and the states that a follow passes through.

                 ┌── until is over ──▶ lapsed ──┐
    (free place) │                              ├─▶ (follows again)
  ──▶ following ─┼── leave ──────────▶ ended ───┘
  │      ▲       ├──▶ rejected
  │      │ takes └──▶ approved ──▶ accepted ──▶ granted
  └──▶ waiting            └── declined, or another one chosen ──▶ ended
    (none free)

A place is held by who follows, approved or was accepted, and by the first who waits while it is kept for him.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from domain.labels import Label

LONGEST_DECISION_DAYS = 5

DaysKind = Literal["calendar", "working"]


class FollowState(Label):
    """Where an institution stands with a request."""

    FOLLOWING = "following", "跟进中"
    WAITING = "waiting", "排队中"
    LAPSED = "lapsed", "已失效"
    REJECTED = "rejected", "未通过"
    APPROVED = "approved", "已批准"
    ACCEPTED = "accepted", "已接受"
    GRANTED = "granted", "已放款"
    ENDED = "ended", "已结束"


# With these a place is taken whatever the clock says; one that waits takes it only while it is kept for him.
IN_PLACE = frozenset({FollowState.FOLLOWING, FollowState.APPROVED, FollowState.ACCEPTED})
UNDER_WAY = IN_PLACE | {FollowState.WAITING}
DECIDED = frozenset({FollowState.APPROVED, FollowState.REJECTED})


class Cause(Label):
    """Why a follow lapsed or ended."""

    UNDECIDED = "undecided", "未在期限内答复"
    NOT_TAKEN = "not_taken", "未在保留时间内跟进"
    LEFT = "left", "机构退出跟进"
    DECLINED = "declined", "企业未接受"
    ANOTHER_CHOSEN = "another_chosen", "企业选择了其他机构"
    GRANTED_ELSEWHERE = "granted_elsewhere", "已由其他机构放款"
    WITHDRAWN = "withdrawn", "企业撤回了需求"


class RejectReason(Label):
    """Why an institution says no, as the owner reads it."""

    CREDIT_RECORD = "credit_record", "信用记录未达到要求"
    DEBT = "debt", "负债偏高"
    REVENUE = "revenue", "经营收入或现金流不足"
    GUARANTEE = "guarantee", "担保措施不足"
    MATERIALS = "materials", "资料不完整"
    INDUSTRY = "industry", "行业不在支持范围内"
    REGION = "region", "不在服务区域内"
    TERMS = "terms", "金额、期限或利率的要求难以满足"
    NO_CONTACT = "no_contact", "多次联系不上企业"
    OTHER = "other", "其他原因"


@dataclass(frozen=True, slots=True)
class MarketRules:
    """The city's rules.

    `offer_hours` is how long a free place is kept for the first who waits, `remind_hours` how long before its
    deadline a follow is reminded of. `grab`: the first institution has the request for itself.
    """

    max_followers: int = 3
    decision_days_kind: DaysKind = "calendar"
    grant_after_days: int = 0
    offer_hours: int = 24
    remind_hours: int = 24
    grab: bool = False

    @property
    def places(self) -> int:
        """How many institutions may hold a place with one request at once."""
        return 1 if self.grab else self.max_followers

    @property
    def offer(self) -> timedelta:
        return timedelta(hours=self.offer_hours)

    @property
    def reminder(self) -> timedelta:
        return timedelta(hours=self.remind_hours)
