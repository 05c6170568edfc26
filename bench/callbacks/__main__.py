"""How many encrypted callbacks the service answers and how fast, beside what is smaller.

In turn, each a process of its own: a bare aiohttp handler, which shows what the load can reach at most;
aiohttp and wechatpy saying the same words back; WeRoBot doing the same; Rasa's parse call alone; the whole
service with Valkey, Rasa and SQLite or PostgreSQL. The messages are sealed before the clock starts, and the
answers opened after it stopped. Each comes from another person; the service is measured with fifty people
in turn as well.

`python -m bench.callbacks --only service --kinds click --concurrency 8` needs no Rasa and takes some ten
seconds; sentences take no longer with `--rasa URL` of one that runs already (`run.py nlu`).
"""

import argparse
import asyncio
import tempfile
from importlib.util import find_spec
from pathlib import Path

from bench.callbacks.measure import BARE, CANDIDATES, POSTGRESQL, RASA, SERVICE, SQLITE, WEROBOT, Bench, Plan
from bench.callbacks.messages import Crowd, Kind
from bench.callbacks.report import HEAD, Ratio, machine, ratios
from bot import logs
from bot.sections import Log

_RATIOS = (
    Ratio("click ÷ WeRoBot's echo of a click", "≥ 0.5", (SERVICE, Kind.CLICK), (WEROBOT, Kind.CLICK)),
    Ratio("new sentence ÷ Rasa alone", "≥ 0.9", (SERVICE, Kind.NEW), (RASA, Kind.NEW)),
    Ratio("repeated sentence ÷ click", "≈ 1", (SERVICE, Kind.REPEATED), (SERVICE, Kind.CLICK)),
)
# Those of its documentation that are kept up, the fastest first; the last is always there.
_WEROBOT_SERVERS = ("tornado", "waitress", "wsgiref")


def _werobot_server() -> str:
    return next(name for name in _WEROBOT_SERVERS if find_spec(name))


def _parser() -> argparse.ArgumentParser:
    text = "throughput and latency of encrypted callbacks"
    parser = argparse.ArgumentParser(prog="python -m bench.callbacks", description=text)
    parser.add_argument("--only", nargs="+", choices=CANDIDATES, default=list(CANDIDATES))
    parser.add_argument("--kinds", nargs="+", type=Kind, choices=list(Kind), default=list(Kind))
    parser.add_argument("--people", nargs="+", type=Crowd, choices=list(Crowd), default=list(Crowd))
    parser.add_argument("--messages", type=int, default=500, help="in each load")
    parser.add_argument("--concurrency", nargs="+", type=int, default=[1, 8, 32])
    parser.add_argument("--database", choices=(SQLITE, POSTGRESQL), default=SQLITE)
    parser.add_argument("--rasa", default="", help="address of one that runs already")
    parser.add_argument("--werobot-server", choices=_WEROBOT_SERVERS, default=_werobot_server())
    parser.add_argument("--profile", action="store_true", help="say where the service spends its time")
    return parser


async def main() -> None:
    given = _parser().parse_args()
    logs.configure(Log(level="WARNING"))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        plan = Plan(
            Path(folder),
            only=given.only,
            kinds=given.kinds,
            crowds=given.people,
            messages=given.messages,
            concurrency=given.concurrency,
            database=given.database,
            rasa=given.rasa,
            werobot_server=given.werobot_server,
            profile=given.profile,
        )
        print(f"{machine()}. {plan.messages} messages in each load; the service on {plan.database},", end=" ")
        print(f"WeRoBot on {plan.werobot_server}.\n\n{HEAD}", flush=True)
        bench = Bench(plan)
        await bench.run()
        if ceiling := max((row.rate for row in bench.rows if row.server == BARE), default=0.0):
            print(f"\nThe load's own ceiling, against the bare handler: {ceiling:.0f} messages a second.")
        print(f"\n{ratios(bench.rows, _RATIOS, plan.concurrency)}")
        if plan.profile and plan.report_file.exists():
            print(plan.report_file.read_text(encoding="utf-8"))


if __name__ == "__main__":
    asyncio.run(main())
