"""Loops: at once while there is work, on a nudge, and on after a failure."""

import asyncio

from structlog.testing import capture_logs

from bot import worker
from bot.worker import Loop


class Steps:
    """A step that answers by a list: numbers of things done, or an error."""

    def __init__(self, *answers: int | Exception) -> None:
        self.answers = list(answers)
        self.taken = 0
        self.again = asyncio.Event()

    async def __call__(self) -> int:
        self.taken += 1
        self.again.set()
        answer = self.answers.pop(0) if self.answers else 0
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def until(self, taken: int) -> None:
        async with asyncio.timeout(20):
            while self.taken < taken:
                self.again.clear()
                await self.again.wait()


async def test_while_there_is_work_no_time_is_lost() -> None:
    steps = Steps(5, 5, 5, 0)
    async with worker.running(Loop("busy", steps)):
        async with asyncio.timeout(0.9):
            await steps.until(4)


async def test_a_nudge_wakes_who_waits() -> None:
    steps = Steps()
    loop = Loop("idle", steps)
    async with worker.running(loop):
        for taken in range(1, 6):
            async with asyncio.timeout(0.9):
                await steps.until(taken)
            worker.nudge([loop])


async def test_a_nudge_during_a_step_is_not_lost() -> None:
    looked_at: list[int] = []
    going, go_on = asyncio.Event(), asyncio.Event()

    async def step() -> int:
        looked_at.append(1)
        going.set()
        await go_on.wait()
        return 0

    loop = Loop("busy", step)
    async with worker.running(loop):
        await going.wait()
        loop.nudge()
        go_on.set()
        async with asyncio.timeout(0.9):
            while len(looked_at) < 2:  # noqa: ASYNC110 - only what the loop does is waited for
                await asyncio.sleep(0.01)


async def test_without_a_nudge_it_looks_again_by_itself() -> None:
    steps = Steps()
    async with worker.running(Loop("idle", steps)):
        await steps.until(2)


async def test_a_step_that_fails_is_logged_and_taken_again() -> None:
    failing, well = Steps(LookupError("gone")), Steps()
    with capture_logs() as logs:
        async with worker.running(Loop("ill", failing), Loop("well", well)):
            await failing.until(2)
            assert well.taken > 1, "the others went on meanwhile"
    assert [(entry["event"], entry["loop"]) for entry in logs] == [("loop_failed", "ill")]


async def test_the_end_cancels_a_step_that_takes_too_long() -> None:
    entered, ended = asyncio.Event(), asyncio.Event()

    async def step() -> int:
        entered.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return 0

    async with asyncio.timeout(5):
        async with worker.running(Loop("long", step), finish_within=0.1):
            await entered.wait()
        assert ended.is_set()


async def test_the_end_lets_a_step_under_way_finish_and_begins_no_other() -> None:
    """A message that is being sent must not be cut off: nobody could say whether it went out."""
    entered, finished = asyncio.Event(), []

    async def step() -> int:
        entered.set()
        await asyncio.sleep(0.1)
        finished.append(True)
        return 1

    async with worker.running(Loop("sending", step)):
        await entered.wait()
    assert finished == [True]


async def test_the_end_does_not_wait_for_the_pause_after_a_failure() -> None:
    failing = Steps(ValueError("broken"))
    async with asyncio.timeout(3):
        async with worker.running(Loop("ill", failing)):
            await failing.until(1)
