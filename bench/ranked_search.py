"""The ten policies nearest in meaning among those that admit a company: FAISS, NumPy, and pgvector.

All get the same vectors and the same rows to choose from. PostgreSQL is the embedded one, which carries
pgvector; its server compares exactly without an index, and approximately by HNSW with an iterative scan.
«Found» is the share of the true ten best.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bench.callbacks.postgresql import postgresql
from bench.catalogues import TODAY
from domain.companies import CompanyFacts
from domain.needs import Need
from domain.policies import Policy
from matching.eligibility import EligibilityTable
from matching.embedding import Embedder
from matching.index import MeaningIndex
from matching.rules import POLICY_RULES, Outcome
from matching.situation import situation
from matching.text import gist, need_text, policy_text

SEARCHES = 60
_BEST = 10
_COPIED = 2000

Vector = NDArray[np.float32]
Rows = NDArray[np.bool_]
_QUERY = text(
    "SELECT id FROM policies_by_meaning WHERE id = ANY(:rows)"
    " ORDER BY meaning <#> CAST(:asked AS vector) LIMIT 10"
)


def compare(policies: list[Policy], embedder: Embedder, asked: Sequence[tuple[CompanyFacts, Need]]) -> None:
    texts = [policy_text(policy) for policy in policies]
    index = MeaningIndex(texts, embedder.passages([gist(each) for each in texts]), embedder)
    vectors = index.vectors()
    table = EligibilityTable(policies, POLICY_RULES)
    searches = []
    for company, need in asked[:SEARCHES]:
        failed = (table.judge(situation(company, need, TODAY)) == Outcome.FAILED).any(axis=0)
        searches.append((need_text(company, need), index.vector(need_text(company, need))[0], ~failed))
    share = np.mean([rows.mean() for _, _, rows in searches])
    print(f"ranked search among {len(policies)}, of which {share:.0%} are admitted:")
    asyncio.run(_compare(index, vectors, searches))


async def _compare(index: MeaningIndex, vectors: Vector, searches: list[tuple[str, Vector, Rows]]) -> None:
    for words, _, rows in searches:
        # The vectors of the words are at hand afterwards, as for the others.
        index.nearness(words, rows)
    true = [_best(vectors @ vector, rows) for _, vector, rows in searches]

    async def by_faiss(words: str, _: Vector, rows: Rows) -> list[int]:
        nearness = index.nearness(words, rows)
        best: list[int] = np.flatnonzero(rows)[np.argsort(-nearness, kind="stable")[:_BEST]].tolist()
        return best

    async def by_numpy(_: str, vector: Vector, rows: Rows) -> list[int]:
        return _best(vectors @ vector, rows)

    await _measure("FAISS, flat, as the service asks it", by_faiss, searches, true)
    await _measure("NumPy, all rows", by_numpy, searches, true)
    with (
        tempfile.TemporaryDirectory(prefix="rq-", dir="/tmp") as place,
        postgresql(Path(place) / "pg") as url,
    ):
        engine = create_async_engine(url)
        await _fill(engine, vectors)
        async with engine.connect() as connection:
            by_pgvector = _by_pgvector(connection)
            await _measure("pgvector, exact", by_pgvector, searches, true)
            begin = time.perf_counter()
            await _build_hnsw(connection)
            print(f"HNSW built in {time.perf_counter() - begin:.0f} s")
            await _measure("pgvector, HNSW, iterative", by_pgvector, searches, true)
        await engine.dispose()


def _best(products: Vector, rows: Rows) -> list[int]:
    best: list[int] = np.argsort(np.where(rows, -products, np.inf), kind="stable")[:_BEST].tolist()
    return best


async def _measure(
    name: str,
    search: Callable[[str, Vector, Rows], Awaitable[list[int]]],
    searches: list[tuple[str, Vector, Rows]],
    true: list[list[int]],
) -> None:
    await search(*searches[0])
    spans, found = [], 0
    for asked, best in zip(searches, true, strict=True):
        begin = time.perf_counter()
        rows = await search(*asked)
        spans.append(1000 * (time.perf_counter() - begin))
        found += len(set(rows) & set(best))
    spans.sort()
    p50, p99 = spans[len(spans) // 2], spans[len(spans) * 99 // 100]
    share = found / sum(map(len, true))
    load = os.getloadavg()[0]
    print(f"{name}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, found {share:.0%}, load {load:.1f}", flush=True)


def _by_pgvector(connection: AsyncConnection) -> Callable[[str, Vector, Rows], Awaitable[list[int]]]:
    async def search(_: str, vector: Vector, rows: Rows) -> list[int]:
        values = {"rows": np.flatnonzero(rows).tolist(), "asked": _written(vector)}
        return [row for (row,) in await connection.execute(_QUERY, values)]

    return search


def _written(vector: Vector) -> str:
    return "[" + ",".join(f"{value:.7g}" for value in vector.tolist()) + "]"


async def _fill(engine: AsyncEngine, vectors: Vector) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("CREATE EXTENSION vector"))
        await connection.execute(
            text(f"CREATE TABLE policies_by_meaning (id int PRIMARY KEY, meaning vector({vectors.shape[1]}))")
        )
        await connection.execute(text("ALTER TABLE policies_by_meaning ALTER meaning SET STORAGE PLAIN"))
        insert = text("INSERT INTO policies_by_meaning VALUES (:id, CAST(:meaning AS vector))")
        for start in range(0, len(vectors), _COPIED):
            portion: list[dict[str, Any]] = [
                {"id": start + place, "meaning": _written(vector)}
                for place, vector in enumerate(vectors[start : start + _COPIED])
            ]
            await connection.execute(insert, portion)
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE policies_by_meaning"))


async def _build_hnsw(connection: AsyncConnection) -> None:
    await connection.execute(text("SET maintenance_work_mem = '1GB'"))
    await connection.execute(text("CREATE INDEX ON policies_by_meaning USING hnsw (meaning vector_ip_ops)"))
    await connection.execute(text("SET hnsw.iterative_scan = strict_order"))
    await connection.execute(text("SET hnsw.ef_search = 100"))
    # Else the planner would rather compare them all.
    await connection.execute(text("SET enable_seqscan = off"))
    await connection.execute(text("SET enable_bitmapscan = off"))
    await connection.execute(text("SET enable_sort = off"))
