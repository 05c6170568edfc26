"""Keys for data at rest: the doctor finds rows that none of them opens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot import schema
from bot.doctor import keys
from bot.doctor.finding import Finding, Level
from domain.base import utcnow
from domain.companies import Company, CompanyRow, save_all
from domain.database import Database
from domain.secrets import Cipher, decode_key, new_key
from tests.bot.doctor.ways import changed, found, worst
from tests.domain.databases import address_of, opened
from tests.domain.headless import headless
from tests.journeys.house import House

KEY, OLD, FOREIGN = (new_key() for _ in range(3))
USCC = "91320500MA1F000000"


@asynccontextmanager
async def sealed_with(folder: Path, *ciphers: Cipher) -> AsyncIterator[tuple[str, Database]]:
    """A database with one company for each of the ciphers."""
    url = address_of(folder / "keys.db")
    async with opened(url) as database:
        await schema.migrate(database)
        for number, cipher in enumerate(ciphers):
            company = Company(uscc=f"{USCC[:-1]}{number}", name="公司", phone="13812345678")
            async with database.unit_of_work() as session:
                await save_all(session, [company], utcnow(), cipher=cipher)
        yield url, database


async def examined(home: House, url: str, **secrets: object) -> list[Finding]:
    settings = changed(home.settings, "database", {"url": url})
    return await found(changed(settings, "secrets", {"encryption_key": KEY, **secrets}), keys.examine)


def ring(key: str) -> Cipher:
    return Cipher(decode_key(key))


async def test_all_is_sealed_with_the_current_key(well: House, tmp_path: Path) -> None:
    async with sealed_with(tmp_path, ring(KEY), ring(KEY)) as (url, _):
        (finding,) = await examined(well, url)
    assert (finding.level, finding.text) == (Level.OK, "2 行加密数据都由当前密钥保护")


async def test_older_keys_are_worth_knowing(well: House, tmp_path: Path) -> None:
    async with sealed_with(tmp_path, ring(KEY), ring(OLD)) as (url, _):
        (finding,) = await examined(well, url, previous_encryption_keys=[OLD])
    assert finding.level is Level.NOTE
    assert "有 1 行由以前的密钥" in finding.text
    assert "run.py rotate-keys" in finding.text


async def test_rows_of_an_unknown_key_are_trouble(well: House, tmp_path: Path) -> None:
    async with sealed_with(tmp_path, ring(KEY), ring(FOREIGN), ring(FOREIGN)) as (url, _):
        finding = worst(await examined(well, url))
    assert finding.level is Level.ERROR
    assert finding.text == f"companies.phone 有 2 行用的是未知密钥（{ring(FOREIGN).key_id}）"
    assert "secrets.previous_encryption_keys" in finding.remedy


async def test_so_are_those_from_before_keys_had_names(well: House, tmp_path: Path) -> None:
    async with sealed_with(tmp_path, ring(KEY)) as (url, database):
        async with database.unit_of_work() as session:
            row = await session.get_one(CompanyRow, USCC)
            row.phone = headless(decode_key(FOREIGN), "13812345678", "phone")
        finding = worst(await examined(well, url))
    assert finding.level is Level.ERROR
    assert "companies.phone 有早先加密的数据" in finding.text


async def test_a_database_that_is_not_there_is_the_other_checks_matter(well: House, tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    (finding,) = await examined(well, f"sqlite:///{file}")
    assert finding.level is Level.NOTE
    assert not file.exists()


async def test_a_key_that_is_gone_is_not_made_anew_by_looking(well: House, tmp_path: Path) -> None:
    (tmp_path / "sandbox-account.json").write_bytes(
        (well.settings.data_dir / "sandbox-account.json").read_bytes()
    )
    settings = well.settings.model_copy(update={"data_dir": tmp_path})
    (finding,) = await found(changed(settings, "secrets", {"encryption_key": ""}), keys.examine)
    assert finding.level is Level.ERROR
    assert "encryption.key" in finding.remedy
    assert not (tmp_path / "encryption.key").exists()
