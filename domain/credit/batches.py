"""Batches of values by API: each counts once, however often it is sent."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from domain.base import Value, today_in_china
from domain.credit import keeping
from domain.credit.registry import Registry
from domain.credit.tables import CreditBatchRow
from domain.credit.values import (
    CreditFact,
    CreditStatement,
    SourceName,
    Statement,
    fitted,
    refusals,
)
from domain.database import Database
from domain.errors import Refusal
from domain.intake.entries import Rejected
from domain.intake.problems import rejections

# One transaction, of about a second: others who write wait for it.
MOST_ITEMS = 5000

BatchId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]


class Batch(Value):
    """What a source sends at once; each item is looked at by itself."""

    batch_id: BatchId
    source: SourceName
    items: Annotated[list[Any], Field(min_length=1, max_length=MOST_ITEMS)]


class OtherContent(Refusal):
    """The number of this batch was used for another one."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch; `again`: it was taken before, and this is the answer of then."""

    accepted: int
    rejected: tuple[Rejected, ...]
    again: bool = False


async def take(database: Database, registry: Registry, batch: Batch, *, sender: str, now: datetime) -> Taken:
    """Keep the good items, name the bad ones; `sender` is who numbers the batches.

    Raises:
        OtherContent: the number stands for another batch of this sender.
    """
    content = await asyncio.to_thread(_content_hash, batch)
    good, rejected = await asyncio.to_thread(_sorted, batch, registry, today_in_china(now))
    async with database.unit_of_work() as session:
        await keeping.begin(session)
        before = await session.get(CreditBatchRow, (sender, batch.batch_id))
        if before is not None:
            return _as_before(before, content)
        await keeping.keep(session, good, batch.batch_id, now)
        taken = Taken(len(good), tuple(rejected))
        session.add(
            CreditBatchRow(
                sender=sender,
                batch_id=batch.batch_id,
                content_hash=content,
                answer=_answer(taken),
                received_at=now,
            )
        )
    return taken


def _sorted(batch: Batch, registry: Registry, today: date) -> tuple[list[Statement], list[Rejected]]:
    """The good ones and what is wrong with the others; of two with one key the first counts."""
    good: dict[tuple[str, str, date], tuple[int, Statement]] = {}
    rejected: list[Rejected] = []
    for index, item in enumerate(batch.items):
        statement, problems = _checked(index, item, batch.source, registry, today)
        if statement is None:
            rejected.extend(problems)
            continue
        key = statement.uscc, statement.indicator.code, statement.as_of
        first, _ = good.setdefault(key, (index, statement))
        if first != index:
            rejected.append(Rejected(index, "", f"与第 {first} 项重复，以先出现的为准"))
    return [statement for _, statement in good.values()], rejected


def _checked(
    index: int, item: object, source: str, registry: Registry, today: date
) -> tuple[Statement | None, Sequence[Rejected]]:
    try:
        fact = CreditFact.model_validate(item)
    except ValidationError as error:
        return None, rejections(index, error)
    stated = CreditStatement.model_construct(None, **dict(fact), source=source)
    problems = refusals(index, stated, registry, today)
    return (None, problems) if problems else (fitted(stated, registry), ())


def _content_hash(batch: Batch) -> str:
    content = json.dumps([batch.source, batch.items], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode(errors="surrogatepass")).hexdigest()


def _as_before(row: CreditBatchRow, content: str) -> Taken:
    if row.content_hash != content:
        raise OtherContent(f"批次号 {row.batch_id} 已经用于另一批数据，请换一个批次号。")
    rejected = tuple(Rejected(index, field, reason) for index, field, reason in row.answer["rejected"])
    return Taken(row.answer["accepted"], rejected, again=True)


def _answer(taken: Taken) -> dict[str, Any]:
    rejected = [[item.index, item.field, item.reason] for item in taken.rejected]
    return {"accepted": taken.accepted, "rejected": rejected}
