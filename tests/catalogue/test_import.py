"""The seed files go through `run.py import` whole, twice over."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot import cli
from bot.config import load
from domain import institutions, policies, products
from domain.database import Database
from tests.catalogue.seed import FOLDER, INSTITUTIONS, POLICIES, PRODUCTS

SIZES = {"institutions": len(INSTITUTIONS), "products": len(PRODUCTS), "policies": len(POLICIES)}


@pytest.fixture(autouse=True)
def data_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("RONGQIAO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("RONGQIAO_LOG__LEVEL", "ERROR")
    yield
    structlog.reset_defaults()  # a command sets the logs of its process


async def _stored() -> dict[str, int]:
    database = Database(load().database_url)
    try:
        async with database.reading() as session:
            return {
                "institutions": len(await institutions.known_names(session)),
                "products": len(await products.all_products(session)),
                "policies": len(await policies.all_policies(session)),
            }
    finally:
        await database.aclose()


async def test_the_seed_is_imported_whole(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        for kind, size in SIZES.items():
            file = FOLDER / f"{kind}.jsonl"
            # In a thread of its own: a command brings its own event loop.
            assert await asyncio.to_thread(cli.main, ["import", kind, str(file), "--all-or-nothing"]) == 0
            assert f"接受 {size} 条，拒绝 0 条" in capsys.readouterr().out
        assert await _stored() == SIZES
