"""The tables of who a person is."""

from datetime import datetime

from sqlalchemy import Double, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Row, UtcDateTime
from domain.labels import Label
from domain.secrets import BLIND_INDEX_CHARS

REASON_CHARS = 200
CODE_CHARS = 100


class State(Label):
    """What became of a verification; the labels fit a field of five Han characters."""

    BEGUN = "begun", "认证中"
    IN_REVIEW = "in_review", "审核中"
    PASSED = "passed", "认证通过"
    FAILED = "failed", "未通过"
    ABANDONED = "abandoned", "已放弃"
    EXPIRED = "expired", "已过期"


OPEN = (State.BEGUN, State.IN_REVIEW)
_IS_OPEN = text("state IN ('begun', 'in_review')")


class VerifiedPersonRow(Row):
    """A person who passed; `evidence` is the verification's id.

    `others` counts the accounts that had passed with the same number before: one person may well have two of
    WeChat's accounts, and a borrowed card looks just like it. Nobody is told of the others but the log.
    """

    __tablename__ = "verified_people"

    openid: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[bytes] = mapped_column(LargeBinary)
    id_number: Mapped[bytes] = mapped_column(LargeBinary)
    id_number_index: Mapped[str] = mapped_column(String(BLIND_INDEX_CHARS), index=True)
    verified_at: Mapped[datetime] = mapped_column(UtcDateTime)
    method: Mapped[str] = mapped_column(String(16))
    evidence: Mapped[str] = mapped_column(String(32))
    others: Mapped[int]


class VerificationRow(Row):
    """One try. `reason` is Chinese, for people; `code` is the provider's own, for engineers.

    `token` is the provider's name for the try, encrypted; `consent` says where the person agreed to the use
    of his face; `evidence` is the provider's number of the answer that ended it. `attempts` counts how often
    the provider was asked for the result, last at `asked_at`; `look_at` is when it is asked next, should
    nobody come back; `returned_at` is when somebody did; `decided_by` who looked at material.
    """

    __tablename__ = "identity_verifications"
    __table_args__ = (
        Index("ix_identity_verifications_openid_begun", "openid", "begun_at"),
        # Whoever races past the lock is stopped here: one open verification a person.
        Index(
            "uq_identity_verifications_open",
            "openid",
            unique=True,
            postgresql_where=_IS_OPEN,
            sqlite_where=_IS_OPEN,
        ),
        Index("ix_identity_verifications_look", "look_at", postgresql_where=_IS_OPEN, sqlite_where=_IS_OPEN),
        Index("ix_identity_verifications_state_begun", "state", "begun_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    openid: Mapped[str] = mapped_column(String(64))
    provider: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(12))
    name: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_number: Mapped[bytes | None] = mapped_column(LargeBinary)
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
    consent: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(REASON_CHARS))
    code: Mapped[str | None] = mapped_column(String(CODE_CHARS))
    evidence: Mapped[str | None] = mapped_column(String(CODE_CHARS))
    similarity: Mapped[float | None] = mapped_column(Double)
    attempts: Mapped[int]
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(64))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    look_at: Mapped[datetime] = mapped_column(UtcDateTime)
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
