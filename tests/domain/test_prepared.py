"""Statements past the session do what the session's own do: values, errors, and what an error takes back."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from domain import conversations, inbox, people
from domain.base import Row
from domain.conversations import ConversationRow
from domain.database import Database
from domain.inbox import InboxRow
from domain.people import PersonRow

NOW = datetime(2026, 11, 23, 4, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
SECRET = "oSecretPerson"


async def count(database: Database, kind: type[Row]) -> int:
    async with database.reading() as session:
        return int(await session.scalar(select(func.count()).select_from(kind)) or 0)


async def write_all(database: Database, number: int, *, fail: bool = False) -> None:
    """Objects and statements of one unit, as a turn writes them."""
    async with database.unit_of_work() as session:
        await people.seen(session, f"o{number}", NOW, before=None)
        session.add(ConversationRow(openid=f"o{number}", version=1, state={}, updated_at=NOW))
        await session.flush()
        await inbox.keep(session, f"key{number}", f"o{number}", {"text": "好"}, NOW, late=False)
        if fail:
            raise LookupError


@pytest.mark.parametrize(
    ("reply", "content"),
    [(None, None), ({"text": "您好，「贷款」\n¥1"}, {"MsgType": "新", "n": [1, None, 0.5]})],
)
@pytest.mark.parametrize("late", [True, False])
async def test_the_session_reads_what_a_statement_wrote(
    database: Database, reply: dict[str, Any] | None, content: Mapping[str, Any] | None, *, late: bool
) -> None:
    async with database.unit_of_work() as session:
        await inbox.keep(session, "key", "oZhang", reply, NOW, late=late, content=content)
    async with database.reading() as session:
        row = await session.get_one(InboxRow, "key")
    assert (row.openid, row.received_at, row.reply, row.late, row.content) == (
        "oZhang",
        NOW,
        reply,
        late,
        content,
    )


async def test_a_statement_reads_what_the_session_wrote(database: Database) -> None:
    state = {"topic": "financing", "open": ["term"], "confirming": True, "note": "「」"}
    async with database.unit_of_work() as session:
        session.add(
            InboxRow(key="k", openid="oLi", received_at=NOW, reply={"text": "好"}, late=True, content=None)
        )
        session.add(ConversationRow(openid="oLi", version=7, state=state, updated_at=NOW))
        session.add(
            PersonRow(
                openid="oLi",
                follows=True,
                scene=None,
                first_seen_at=NOW,
                last_seen_at=LATER,
                unfollowed_at=None,
            )
        )
    async with database.unit_of_work() as session:
        within = await inbox.arrive(session, "k", "oLi")
    async with database.reading() as session:
        outside = await inbox.arrive(session, "k", "oLi")
        unknown = await inbox.arrive(session, "k2", "oWang")
    expected = inbox.Arrival(
        answered=True, reply={"text": "好"}, late=True, seen_at=LATER, version=7, state=state
    )
    assert within == outside == expected
    assert unknown == inbox.Arrival(answered=False, reply=None, late=False, seen_at=None, version=0, state={})


async def test_an_update_says_whether_it_met_its_row(database: Database) -> None:
    async with database.unit_of_work() as session:
        await conversations.save(session, "oZhang", 0, {"a": 1}, NOW)
        await conversations.save(session, "oZhang", 1, {"a": 2}, LATER)
    async with database.reading() as session:
        row = await session.get_one(ConversationRow, "oZhang")
    assert (row.version, row.state, row.updated_at) == (2, {"a": 2}, LATER)


async def test_who_comes_back_without_a_code_keeps_the_first_one(database: Database) -> None:
    async def scenes(*codes: str | None) -> list[str | None]:
        before, found = None, []
        for number, code in enumerate(codes):
            at = NOW + timedelta(seconds=number)
            async with database.unit_of_work() as session:
                await people.followed(session, "oZhang", code, at, before=before)
            async with database.reading() as session:
                found.append((await session.get_one(PersonRow, "oZhang")).scene)
            before = at
        return found

    assert await scenes(None, "bank-7", None, "poster") == [None, "bank-7", "bank-7", "poster"]


async def test_an_error_has_sqlalchemys_name_and_quotes_nobody(database: Database) -> None:
    async def twice() -> None:
        async with database.unit_of_work() as session:
            await people.seen(session, SECRET, NOW, before=None)
            await people.seen(session, SECRET, NOW, before=None)

    with pytest.raises(IntegrityError) as error:
        await twice()
    assert SECRET not in str(error.value)
    assert await count(database, PersonRow) == 0


async def test_of_those_who_write_together_one_that_fails_takes_all_of_its_own_back(
    database: Database,
) -> None:
    outcomes = await asyncio.gather(
        *(write_all(database, number, fail=number % 3 == 0) for number in range(9)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [LookupError, type(None), type(None)] * 3
    assert [await count(database, kind) for kind in (PersonRow, ConversationRow, InboxRow)] == [6, 6, 6]
