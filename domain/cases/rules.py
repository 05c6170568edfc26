"""What a case is, the states that it passes through, and by when it is answered.

open ──take──▶ taken ──close──▶ closed
  └────────────withdraw───────────▲
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.labels import Label
from domain.market.deadlines import deadline

WORDS_LONGEST = 500
"""Characters of what an owner says, or an adviser answers, at once."""


class CaseKind(Label):
    """What an owner turns to an adviser with."""

    RENEWAL = "renewal", "续贷展期"
    DIFFICULTY = "difficulty", "还款困难"


class CaseState(Label):
    """Where a case stands."""

    OPEN = "open", "等待顾问接手"
    TAKEN = "taken", "顾问处理中"
    CLOSED = "closed", "已办结"


class CasePriority(Label):
    """How much a case presses."""

    HIGH = "high", "紧急"
    NORMAL = "normal", "一般"


class CaseOutcome(Label):
    """What became of a case that is closed."""

    SOLVED = "solved", "已解决"
    PASSED_ON = "passed_on", "已转请放款机构办理"
    NOT_POSSIBLE = "not_possible", "未能办成"
    WITHDRAWN = "withdrawn", "您已撤回"


@dataclass(frozen=True, slots=True)
class CaseRules:
    """The city's own promise: working days until a case of each kind is answered.

    A renewal presses when its loan is due within `pressing_days`.
    """

    difficulty_days: int = 1
    renewal_days: int = 3
    pressing_days: int = 14

    def answer_by(self, priority: CasePriority, now: datetime) -> datetime:
        """By when an adviser answers; a renewal that presses is answered as soon as a difficulty."""
        pressing = priority is CasePriority.HIGH
        return deadline(now, self.difficulty_days if pressing else self.renewal_days, "working")

    def priority(self, kind: CaseKind, due_on: date | None, today: date) -> CasePriority:
        """A difficulty always presses, a renewal when the loan is due soon."""
        soon = due_on is not None and due_on <= today + timedelta(days=self.pressing_days)
        return CasePriority.HIGH if kind is CaseKind.DIFFICULTY or soon else CasePriority.NORMAL
