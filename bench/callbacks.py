"""How many encrypted text callbacks a service answers and how fast, beside a bare echo account.

Run as `python -m bench.callbacks [--messages 300] [--concurrency 1 8 32]`. Three servers, each a process of
its own on the loopback interface, get the same load from here: the echo account, and the whole service
(SQLite, Valkey) once with its keyword reader in place of Rasa and once with Rasa. Every message is the first
of another person and differs from all others, so that neither a lock nor a cache makes it cheap. It is sealed
before the clock starts and its reply opened after the clock stopped.
"""

import argparse
import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import quantiles

from aiohttp import ClientError, ClientSession, TCPConnector

from bot.embedded import ports
from bot.sandbox.account import SandboxAccount
from bot.sandbox.envelope import Encryption, Envelope, Push

PROJECT = Path(__file__).resolve().parent.parent
TEXT = "我在昆山做五金加工，想贷{amount}万买一台加工中心，两年，用厂房抵押"
_READY_WITHIN_SECONDS = 240
_WARM_UP = 20
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A server under load: its command (`{port}` filled in) and settings, and where it says it is ready."""

    name: str
    command: tuple[str, ...]
    ready: str
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """Of one load: seconds in all, milliseconds of each message, how many got a text at once."""

    seconds: float
    latencies: list[float]
    answered: int

    def row(self) -> str:
        hundredths = quantiles(self.latencies, n=100, method="inclusive")
        figures = (hundredths[49], hundredths[94], hundredths[98], max(self.latencies))
        spread = " | ".join(f"{figure:.1f}" for figure in figures)
        total = len(self.latencies)
        return f"{total / self.seconds:.0f} | {spread} | {self.answered}/{total}"


def candidates(account_file: Path) -> list[Candidate]:
    service = (sys.executable, "run.py", "all")
    # Nothing listens there: every message is read by keywords, as while Rasa is down.
    no_rasa = f"http://{ports.LOOPBACK}:{ports.any_free()}"
    return [
        Candidate(
            "echo account",
            (sys.executable, "-m", "bench.echo_account", str(account_file), "{port}"),
            "/readyz",
        ),
        Candidate("service, keywords", service, "/healthz", (("RONGQIAO_NLU__URL", no_rasa),)),
        Candidate("service, Rasa", service, "/readyz"),
    ]


@asynccontextmanager
async def serving(candidate: Candidate, folder: Path) -> AsyncIterator[str]:
    """The address of the server, started with its own data folder and ended with this context."""
    port = str(ports.any_free())
    address = f"http://{ports.LOOPBACK}:{port}"
    own = {
        "RONGQIAO_DATA_DIR": str(folder),
        "RONGQIAO_SERVER__PORT": port,
        "RONGQIAO_LOG__LEVEL": "ERROR",
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RONGQIAO_")}
    process = await asyncio.create_subprocess_exec(
        *(word.format(port=port) for word in candidate.command),
        cwd=PROJECT,
        env=inherited | own | dict(candidate.settings),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _ready(f"{address}{candidate.ready}", process)
        yield address
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ready(url: str, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(_READY_WITHIN_SECONDS), ClientSession() as session:
        while process.returncode is None:
            try:
                async with session.get(url) as response:
                    if response.ok:
                        return
            except ClientError:
                pass
            await asyncio.sleep(0.2)
    raise SystemExit(f"{url} did not start: code {process.returncode}")


def first_words(envelope: Envelope, address: str, account: SandboxAccount) -> Push:
    """The sealed first message of somebody new."""
    number = next(_NUMBERS)
    now = int(time.time())
    openid = f"oBench{number:022}"
    fields = {
        "ToUserName": account.original_id,
        "FromUserName": openid,
        "CreateTime": now,
        "MsgType": "text",
        "Content": TEXT.format(amount=100 + number / 100),
        "MsgId": time.time_ns(),
    }
    return envelope.seal(f"{address}/wechat", openid, fields, now)


async def load(envelope: Envelope, pushes: Sequence[Push], concurrency: int) -> Result:
    waiting = iter(pushes)
    latencies: list[float] = []
    bodies: list[str] = []

    async def work(session: ClientSession) -> None:
        for push in waiting:
            begin = time.perf_counter()
            async with session.post(
                push.url, data=push.body, headers={"Content-Type": "text/xml"}
            ) as response:
                bodies.append(await response.text() if response.ok else "")
            latencies.append((time.perf_counter() - begin) * 1000)

    async with ClientSession(connector=TCPConnector(limit=concurrency)) as session:
        begin = time.perf_counter()
        await asyncio.gather(*(work(session) for _ in range(concurrency)))
        seconds = time.perf_counter() - begin
    return Result(seconds, latencies, sum(_has_text(envelope, body) for body in bodies))


def _has_text(envelope: Envelope, body: str) -> bool:
    """False for a refusal, and for `success` when the answer is to follow as a customer message."""
    return body.startswith("<xml>") and bool(envelope.open_reply(body).get("Content"))


async def measure(
    candidate: Candidate, account_file: Path, messages: int, concurrencies: Sequence[int]
) -> None:
    account = SandboxAccount.load_or_create(account_file)
    envelope = Envelope(account, Encryption.SAFE)
    async with serving(candidate, account_file.parent) as address:

        def pushes(number: int) -> list[Push]:
            return [first_words(envelope, address, account) for _ in range(number)]

        await load(envelope, pushes(_WARM_UP), 1)
        for concurrency in concurrencies:
            result = await load(envelope, pushes(messages), concurrency)
            print(f"| {candidate.name} | {concurrency} | {result.row()} |", flush=True)


async def main() -> None:
    parser = argparse.ArgumentParser(description="throughput and latency of encrypted callbacks")
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 8, 32])
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(f"load average {os.getloadavg()[0]:.1f}, {given.messages} messages at each concurrency\n")
    print("| server | concurrency | messages/s | p50 ms | p95 ms | p99 ms | max ms | answered at once |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        account_file = Path(folder) / "sandbox-account.json"
        for candidate in candidates(account_file):
            await measure(candidate, account_file, given.messages, given.concurrency)


if __name__ == "__main__":
    asyncio.run(main())
