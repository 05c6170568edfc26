"""Whatever people do in whatever order, what is stored hangs together."""

import asyncio
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from domain.companies import CompanyMemberRow, CompanyRow
from domain.database import Database
from domain.errors import Refusal
from domain.registrations import deciding, reading, submitting
from domain.registrations.deciding import CompanyHead, Reviewer
from domain.registrations.rules import OPEN, REVIEWS, RegistrationStatus, Rules
from domain.registrations.tables import RegistrationRow
from domain.secrets import Cipher, decode_key, new_key
from tests.domain.databases import SqliteFiles, opened
from tests.domain.registrations.applicants import (
    KUNSHAN,
    NOW,
    OPEN_DOOR,
    OPERATOR,
    SUZHOU,
    SUZHOU_CITY,
    TRUSTING,
    USCC,
    WUJIANG,
    form,
)

PEOPLE = ("oZhang", "oLi", "oWang")
CIPHER = Cipher(decode_key(new_key()))
REVIEWERS: tuple[Reviewer, ...] = (
    KUNSHAN,
    SUZHOU_CITY,
    WUJIANG,
    OPERATOR,
    *(CompanyHead(openid) for openid in PEOPLE),
)
acts = st.tuples(
    st.sampled_from(["submit", "mend", "withdraw", "activate", "approve", "approve", "give back"]),
    st.sampled_from(PEOPLE),
    st.sampled_from(REVIEWERS),
    st.sampled_from([SUZHOU, TRUSTING, OPEN_DOOR]),
)


async def act(database: Database, what: str, openid: str, reviewer: Reviewer, rules: Rules) -> None:
    async with database.unit_of_work() as session:
        if what == "submit":
            await submitting.submit(session, openid, form(), rules=rules, cipher=CIPHER, now=NOW)
        elif what == "activate":
            await submitting.activate(session, openid, USCC, NOW)
        if (row := await reading.latest_of(session, openid)) is None:
            return
        if what == "mend":
            await submitting.mend(session, openid, row.id, form(), rules=rules, cipher=CIPHER, now=NOW)
        elif what == "withdraw":
            await submitting.withdraw(session, openid, row.id, NOW)
        elif what == "approve":
            await deciding.approve(session, row.id, reviewer, seen=row.version, now=NOW)
        elif what == "give back":
            await deciding.give_back(session, row.id, reviewer, seen=row.version, reason="退", now=NOW)


async def check(database: Database) -> None:
    async with database.reading() as session:
        rows = (await session.scalars(select(RegistrationRow))).all()
        members = {row.openid: row for row in await session.scalars(select(CompanyMemberRow))}
        company = await session.get(CompanyRow, USCC)
        for row in rows:
            steps = await reading.steps_of(session, row.id)
            assert [step.number for step in steps] == list(range(1, row.version + 1))
            assert [step.before for step in steps] == [None, *(step.after for step in steps[:-1])]
            assert steps[-1].after == row.status
            if row.state is RegistrationStatus.REGISTERED:
                _check_looked_at(row, [RegistrationStatus(step.after) for step in steps])
    accounts = {row.openid: row.id for row in rows if row.state is RegistrationStatus.REGISTERED}
    assert {openid: member.evidence for openid, member in members.items()} == accounts
    assert (company is not None) == bool(accounts)
    under_way = [row.openid for row in rows if row.state in OPEN]
    assert len(under_way) == len(set(under_way))
    # However trusting the city: only one person is taken at his word.
    trusted = [row for row in rows if row.id in accounts.values() and REVIEWS.isdisjoint(row.route)]
    assert len(trusted) <= 1


def _check_looked_at(row: RegistrationRow, way: list[RegistrationStatus]) -> None:
    """Of the last time that it was sent, every step of its route is behind it, in this order."""
    since = (
        len(way)
        - 1
        - next(
            (place for place, step in enumerate(reversed(way)) if step is RegistrationStatus.RETURNED),
            len(way),
        )
    )
    done = [step for step in row.route if step != RegistrationStatus.ACTIVATION or step in way[since + 1 :]]
    passed = [step for step in way[since + 1 : -1] if step in row.route]
    assert passed == done
    assert len(done) == len(row.route) or row.activated_at


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(acts, max_size=14))
def test_any_walk(tmp_path: Path, walk: list[tuple[str, str, Reviewer, Rules]]) -> None:
    async def run() -> None:
        file = tmp_path / "walk.db"
        file.unlink(missing_ok=True)
        async with opened(await SqliteFiles(tmp_path).migrated(file)) as database:
            for step in walk:
                with suppress(Refusal):
                    await act(database, *step)
            await check(database)

    asyncio.run(run())
