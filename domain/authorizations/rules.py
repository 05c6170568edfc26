"""What a city decides about authorizations."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.authorizations.labels import Kind


@dataclass(frozen=True, slots=True)
class Rules:
    """Terms in days; `remind_days` before its end an owner is reminded of an authorization.

    `records_days`, `operator` and `contact` are for the texts: how long records are kept, who is answerable
    for the data, and how he is reached.
    """

    credit_data_days: int = 365
    passing_on_days: int = 90
    face_days: int = 1
    linkage_days: int = 180
    remind_days: tuple[int, ...] = (7, 1)
    records_days: int = 1095
    operator: str = "融桥融资服务平台"
    contact: str = "在本服务号对话中回复“人工”"

    def days(self, kind: Kind) -> int:
        """The longest term of that kind, and the one that is offered."""
        return {
            Kind.CREDIT_DATA: self.credit_data_days,
            Kind.PASSING_ON: self.passing_on_days,
            Kind.FACE: self.face_days,
            Kind.LINKAGE: self.linkage_days,
        }[kind]

    def next_notice(self, given_at: datetime, until: datetime, after: datetime) -> datetime | None:
        """When its owner is next told that it ends or has ended; None when all has been said."""
        reminders = (until - timedelta(days=days) for days in self.remind_days)
        due = [at for at in (*reminders, until) if given_at < at and after < at]
        return min(due, default=None)
