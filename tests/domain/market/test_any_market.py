"""Whatever institutions, the owner and the clock do in whatever order: the rules of the market hold."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import events, requests
from domain.database import Database
from domain.errors import Refusal
from domain.events import OutboxRow
from domain.market import deciding, following, reading
from domain.market.lapsing import Lapses
from domain.market.places import furthest
from domain.market.rules import UNDER_WAY, FollowState, MarketRules, RejectReason
from domain.market.tables import FollowRow, FollowStepRow
from domain.requests import ON_THE_MARKET, RequestRow, RequestStatus
from tests.domain.databases import SqliteFiles, opened
from tests.domain.market.fair import BANKS, GRANT, HOUR, NOW, OWNER, TERMS, opened_market

banks = st.sampled_from(BANKS)
# What ends everything comes late: there is less to see after it.
LONG = 25
CHOSEN = {FollowState.ACCEPTED, FollowState.GRANTED}


@dataclass(frozen=True)
class Seen:
    """What is stored of the request at one moment."""

    request: RequestRow
    follows: list[FollowRow]
    steps: list[FollowStepRow]
    told: int

    def state(self, bank: str, now: datetime) -> FollowState | None:
        """Where it stands by the clock, whether the worker has been there or not."""
        row = next((row for row in self.follows if row.institution == bank), None)
        if row and row.until and row.until <= now:
            return FollowState.LAPSED
        return row and row.standing

    @property
    def line(self) -> list[str]:
        return [row.institution for row in self.follows if row.standing is FollowState.WAITING]


class Market(RuleBasedStateMachine):
    """One request, six institutions, a clock that jumps, and a worker that comes when it likes."""

    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.now = NOW
        self.line: list[str] = []

    @initialize(
        places=st.integers(1, 3), grab=st.booleans(), named=st.sets(banks, max_size=5) | st.just(set())
    )
    def open(self, places: int, named: set[str], *, grab: bool) -> None:
        self.rules = MarketRules(max_followers=places, grab=grab)
        self.named = named
        self.context = opened(f"sqlite:///{self.folder / 'market.db'}")
        self.database: Database = self.runner.run(self.context.__aenter__())
        self.request_id = self.runner.run(opened_market(self.database, *named))
        self.seen = self.runner.run(self.look())

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.take(self.withdrawn)
            self.runner.run(self.context.__aexit__(None, None, None))
        self.runner.close()

    async def look(self) -> Seen:
        async with self.database.reading() as session:
            request = await session.get_one(RequestRow, self.request_id)
            follows = (await reading.follows_of(session, [request.id]))[request.id]
            steps = await reading.steps_of(session, request.id)
            told = select(func.count()).where(
                OutboxRow.name.in_([events.FOLLOW_MOVED, events.PLACE_OFFERED]),
                OutboxRow.payload["request_id"].as_string() == request.id,
            )
            return Seen(request, follows, steps, await session.scalar(told) or 0)

    def take(self, step: Callable[[AsyncSession], Awaitable[Any]]) -> bool:
        """Whether the rules let it."""

        async def act() -> None:
            async with self.database.unit_of_work() as session:
                await step(session)

        try:
            self.runner.run(act())
        except Refusal:
            return False
        return True

    async def withdrawn(self, session: AsyncSession) -> None:
        await requests.withdraw(session, await session.get_one(RequestRow, self.request_id), self.now)

    def common(self) -> dict[str, Any]:
        return {"now": self.now, "rules": self.rules}

    @rule(bank=banks, days=st.integers(1, 5))
    def follow(self, bank: str, days: int) -> None:
        state = self.seen.state(bank, self.now)
        followed = self.take(
            lambda session: following.follow(
                session, self.request_id, bank, by=bank, decision_days=days, **self.common()
            )
        )
        if self.named and bank not in self.named:
            assert not followed
        if self.seen.request.state in {
            RequestStatus.ACCEPTED,
            RequestStatus.GRANTED,
            RequestStatus.WITHDRAWN,
        }:
            assert not followed
        elif state is None and bank in (self.named or BANKS):
            assert followed
        if state in {FollowState.FOLLOWING, FollowState.REJECTED, FollowState.APPROVED}:
            assert not followed

    @rule(order=st.permutations(BANKS))
    def everybody_comes(self, order: list[str]) -> None:
        for bank in order:
            self.follow(bank, 3)
            self.holds_together()

    @rule(bank=banks)
    def leave(self, bank: str) -> None:
        left = self.take(
            lambda session: following.leave(session, self.request_id, bank, by=bank, **self.common())
        )
        assert left == (self.seen.state(bank, self.now) in UNDER_WAY)

    @rule(bank=banks)
    def approve(self, bank: str) -> None:
        approved = self.take(
            lambda session: deciding.approve(session, self.request_id, bank, TERMS, by=bank, **self.common())
        )
        assert approved == (self.seen.state(bank, self.now) is FollowState.FOLLOWING)

    @rule(bank=banks)
    def reject(self, bank: str) -> None:
        rejected = self.take(
            lambda session: deciding.reject(
                session, self.request_id, bank, RejectReason.DEBT, by=bank, **self.common()
            )
        )
        assert rejected == (self.seen.state(bank, self.now) is FollowState.FOLLOWING)

    @rule(bank=banks)
    def accept(self, bank: str) -> None:
        accepted = self.take(
            lambda session: deciding.accept(session, OWNER, self.request_id, bank, **self.common())
        )
        assert accepted == (self.seen.state(bank, self.now) is FollowState.APPROVED)

    @rule(bank=banks)
    def decline(self, bank: str) -> None:
        declined = self.take(
            lambda session: deciding.decline(session, OWNER, self.request_id, bank, **self.common())
        )
        state = self.seen.state(bank, self.now)
        assert declined == (state in {FollowState.APPROVED, FollowState.ACCEPTED})

    @rule(bank=banks)
    @precondition(lambda self: len(self.seen.steps) > LONG)
    def grant(self, bank: str) -> None:
        self.the_worker_comes(0)
        self.holds_together()
        granted = self.take(
            lambda session: deciding.grant(session, self.request_id, bank, GRANT, by=bank, **self.common())
        )
        approved = FollowState.APPROVED
        others = [row for row in self.seen.follows if row.standing is approved and row.institution != bank]
        state = self.seen.state(bank, self.now)
        alone = state is approved and not others
        assert granted == (state is FollowState.ACCEPTED or alone)

    @rule()
    @precondition(lambda self: len(self.seen.steps) > LONG)
    def withdraw(self) -> None:
        assert self.take(self.withdrawn) == (
            self.seen.request.state in ON_THE_MARKET - {RequestStatus.ACCEPTED}
        )

    @rule(hours=st.sampled_from([1, 12, 25, 60, 121]))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR

    @rule(hours=st.sampled_from([0, 13, 24]))
    def the_worker_comes(self, hours: int) -> None:
        self.now += hours * HOUR
        self.runner.run(Lapses(self.database, self.rules).run_once(self.now))
        late = [row for row in self.runner.run(self.look()).follows if row.until and row.until <= self.now]
        assert late == []

    @invariant()
    def holds_together(self) -> None:
        before, self.seen = self.seen, self.runner.run(self.look())
        self.check_places()
        self.check_line(before)
        self.check_status()
        self.check_steps()

    def check_places(self) -> None:
        follows = self.seen.follows
        taken = sum(row.holds_place for row in follows)
        assert taken <= self.rules.places
        waits_in_vain = [row for row in follows if row.standing is FollowState.WAITING and not row.has_offer]
        assert taken == self.rules.places or not waits_in_vain
        kept = [row.turn for row in follows if row.has_offer]
        assert max(kept, default=0) < min((row.turn for row in waits_in_vain), default=len(BANKS) ** 9)
        chosen = [row for row in follows if row.standing in CHOSEN]
        assert len(chosen) <= 1
        if chosen:
            assert not [row for row in follows if row.standing in UNDER_WAY - CHOSEN]

    def check_line(self, before: Seen) -> None:
        """Who stays in the line keeps his order, and who joins it comes behind."""
        known = {step.id for step in before.steps}
        newcomers = [
            step.institution
            for step in self.seen.steps
            if step.id not in known and step.after == "waiting" != step.before
        ]
        stayed = [bank for bank in self.line if bank in self.seen.line and bank not in newcomers]
        assert self.seen.line == stayed + newcomers
        self.line = self.seen.line

    def check_status(self) -> None:
        request = self.seen.request
        if request.state is RequestStatus.WITHDRAWN:
            assert not [row for row in self.seen.follows if row.standing in UNDER_WAY]
        else:
            assert request.state is furthest(self.seen.follows)

    def check_steps(self) -> None:
        for row in self.seen.follows:
            steps = [step for step in self.seen.steps if step.institution == row.institution]
            assert [step.before for step in steps] == [None, *(step.after for step in steps[:-1])]
            assert (steps[-1].after, steps[-1].at, len(steps)) == (row.state, row.updated_at, row.version)
            assert (row.until is None) == (row.standing is not FollowState.FOLLOWING and not row.has_offer)
        assert self.seen.told == len(self.seen.steps)


def test_any_market(tmp_path: Path) -> None:
    asyncio.run(SqliteFiles(tmp_path).migrated(tmp_path / "market.db"))

    class Here(Market):
        folder = tmp_path

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
