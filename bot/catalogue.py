"""Keeps the matcher on the catalogue as it is in the database, and fills an empty one."""

import json
from pathlib import Path

import structlog

from bot.config import PROJECT
from domain import catalogue, importing, policies, products
from domain.database import Database
from domain.importing import Kind
from domain.secrets import Cipher
from matching.matcher import Matcher

_log = structlog.get_logger(__name__)

_SEED: tuple[Kind, ...] = ("institutions", "products", "policies")


class CatalogueFeed:
    """Compares versions and hands the matcher the newer catalogue."""

    def __init__(self, database: Database, matcher: Matcher) -> None:
        self._database = database
        self._matcher = matcher

    async def follow(self) -> None:
        """Bring the matcher up to date; cheap when it is. Answers go on from the old state meanwhile."""
        async with self._database.reading() as session:
            current = await catalogue.version(session)
            if self._matcher.version == current:
                return
            offers = await products.all_products(session)
            support = await policies.all_policies(session)
        await self._matcher.refresh(current, offers, support)


async def seed(database: Database, cipher: Cipher) -> None:
    """Load the seed catalogue where there has never been one."""
    async with database.reading() as session:
        if await catalogue.version(session):
            return
    for kind in _SEED:
        rows = read_json_lines(PROJECT / "catalogue" / f"{kind}.jsonl")
        report = await importing.import_rows(database, kind, rows, cipher=cipher, all_or_nothing=True)
        _log.info("seeded", kind=kind, accepted=report.accepted, rejected=len(report.rejected))


def read_json_lines(path: Path) -> list[dict[str, object]]:
    """One object a line; empty lines are passed over.

    Raises:
        ValueError: naming the line that is not a JSON object.
    """
    rows: list[dict[str, object]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"第 {number} 行不是有效的 JSON：{error.msg}") from error
        if not isinstance(row, dict):
            raise ValueError(f"第 {number} 行应为 JSON 对象")  # noqa: TRY004 - the file is wrong, not the caller
        rows.append(row)
    return rows
