"""The whole service, as `run.py all` starts it, by request with a sampling profiler in it.

Run as `python -m bench.callbacks.candidates.service PROFILE`: on SIGUSR1 it begins to note every other
millisecond of CPU time where its main thread is, on SIGUSR2 it writes what it noted to the file PROFILE. What
other threads use is noted as the event loop's waiting.
"""

import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

from bot import cli

_EVERY_SECONDS = 0.002
_LINES = 45


class Sampler:
    """Counts in which functions the main thread is: at the top of the stack, and anywhere in it."""

    def __init__(self, report: Path) -> None:
        self._report = report
        self._own: Counter[str] = Counter()
        self._inclusive: Counter[str] = Counter()

    def install(self) -> None:
        signal.signal(signal.SIGPROF, self._take)
        signal.signal(signal.SIGUSR1, self._start)
        signal.signal(signal.SIGUSR2, self._stop)

    def _start(self, _: int, __: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_PROF, _EVERY_SECONDS, _EVERY_SECONDS)

    def _stop(self, _: int, __: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        self._report.write_text(
            self._table("own time", self._own) + self._table("with callees", self._inclusive)
        )

    def _take(self, _: int, frame: FrameType | None) -> None:
        names = []
        while frame is not None:
            code = frame.f_code
            folder, name = Path(code.co_filename).parts[-2:] if "/" in code.co_filename else ("", "")
            names.append(f"{folder}/{name}:{code.co_qualname}")
            frame = frame.f_back
        if names:
            self._own[names[0]] += 1
            self._inclusive.update(set(names))

    def _table(self, title: str, counted: Counter[str]) -> str:
        total = max(1, self._own.total())
        rows = (f"{100 * times / total:5.1f} %  {name}" for name, times in counted.most_common(_LINES))
        return f"\n{title} ({total} samples)\n" + "\n".join(rows) + "\n"


def main() -> None:
    Sampler(Path(sys.argv[1])).install()
    sys.argv = ["run.py", "all"]
    cli.entry()


if __name__ == "__main__":
    main()
