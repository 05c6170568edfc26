"""Idempotency keys: a changing call that is sent again gets the answer that it got, and changes nothing.

The key is written in the transaction of the change itself. Of two calls at once with one key the second waits
for the first: it finds either the first's answer or, where that changed nothing, no key at all.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, String, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Row, UtcDateTime
from domain.errors import Refusal
from domain.exclusive import alone
from domain.secrets import Cipher

KEPT = timedelta(hours=24)
KEY_CHARS = 255
_PURPOSE = "idempotent answer"


class KeyUsedOtherwise(Refusal):
    """The key stands for another call, or for another body."""

    def __init__(self) -> None:
        super().__init__("这个 Idempotency-Key 已经用于另一个请求，请换一个新的。")


class IdempotencyKeyRow(Row):
    """A key that a client used; `fingerprint` is the SHA-256 of call and body, `answer` is encrypted."""

    __tablename__ = "idempotency_keys"

    client: Mapped[str] = mapped_column(String(32), primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_CHARS), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    answer: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True, slots=True)
class Key:
    """A client's key, with the fingerprint of the call that it stands for."""

    client: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """HTTP status and body."""

    status: int
    body: str


def fingerprint(method: str, path: str, body: str) -> str:
    return hashlib.sha256(f"{method}\0{path}\0{body}".encode()).hexdigest()


async def begun(session: AsyncSession, key: Key, now: datetime, *, cipher: Cipher) -> Answer | None:
    """What was answered before; None the first time, and the key is then taken until the transaction ends.

    Raises:
        KeyUsedOtherwise: it stands for another call or another body.
    """
    await alone(session, f"idempotency:{key.client}:{key.key}")
    of_key = (IdempotencyKeyRow.client == key.client, IdempotencyKeyRow.key == key.key)
    await session.execute(
        delete(IdempotencyKeyRow).where(*of_key, IdempotencyKeyRow.created_at <= now - KEPT)
    )
    row = await session.scalar(select(IdempotencyKeyRow).where(*of_key))
    if row is None:
        return None
    if row.fingerprint != key.fingerprint:
        raise KeyUsedOtherwise
    return Answer(row.status, cipher.decrypt(row.answer, _PURPOSE))


def answered(session: AsyncSession, key: Key, answer: Answer, now: datetime, *, cipher: Cipher) -> None:
    """Keep the answer with the key; both commit with what the call changed."""
    session.add(
        IdempotencyKeyRow(
            client=key.client,
            key=key.key,
            fingerprint=key.fingerprint,
            status=answer.status,
            answer=cipher.encrypt(answer.body, _PURPOSE),
            created_at=now,
        )
    )
