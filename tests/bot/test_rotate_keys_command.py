"""`run.py rotate-keys`: everything under the current key, and an honest count of what is not."""

import asyncio
import json
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import select

from bot import cli, schema
from bot.commands.rotate_keys import DONE, LEFT, renew
from bot.sections import PROJECT
from domain.base import utcnow
from domain.companies import Company, CompanyRow, save_all
from domain.database import Database
from domain.identity.tables import VerifiedPersonRow
from domain.secrets import Cipher, decode_key, new_key
from tests.bot.pipes import given_back
from tests.domain.databases import address_of, opened
from tests.domain.personal_data.lives import ZHANG, lead

OLD, NEW, FOREIGN = (new_key() for _ in range(3))
BEFORE, AFTER = Cipher(decode_key(OLD)), Cipher(decode_key(NEW), previous=[decode_key(OLD)])


async def told(database: Database, cipher: Cipher, *, dry_run: bool = False) -> tuple[int, str]:
    out, err = StringIO(), StringIO()
    code = await renew(
        database, cipher, Console(file=out, width=200), Console(file=err, width=200), dry_run=dry_run
    )
    return code, out.getvalue()


async def live(database: Database, cipher: Cipher) -> None:
    async with database.unit_of_work() as session:
        await lead(session, ZHANG, cipher, utcnow())


async def test_every_column_of_a_whole_life_is_renewed(database: Database) -> None:
    await live(database, BEFORE)
    code, said = await told(database, AFTER, dry_run=True)
    assert code == LEFT
    assert "verified_people.id_number：当前密钥 0 行，以前的密钥 1 行" in said
    code, said = await told(database, AFTER)
    assert (code, "以前的密钥" in said.replace("以前的密钥可以从配置中去掉", "")) == (DONE, False)
    alone = Cipher(decode_key(NEW), index_key=decode_key(OLD))
    assert (await told(database, alone))[0] == DONE
    async with database.reading() as session:
        row = await session.get_one(VerifiedPersonRow, ZHANG.openid)
        assert alone.decrypt(row.id_number, "id_number") == ZHANG.id_number
        assert row.id_number_index == BEFORE.blind_index(ZHANG.id_number, "id_number")


async def test_another_index_key_makes_the_indexes_anew(database: Database) -> None:
    await live(database, BEFORE)
    other = Cipher(decode_key(OLD), index_key=decode_key(NEW))
    code, said = await told(database, other, dry_run=True)
    assert code == LEFT
    assert "verified_people.id_number：当前密钥 1 行，索引待更新 1 行" in said
    assert (await told(database, other))[0] == DONE
    async with database.reading() as session:
        row = await session.get_one(VerifiedPersonRow, ZHANG.openid)
        assert row.id_number_index == other.blind_index(ZHANG.id_number, "id_number")


async def test_rows_of_an_unknown_key_are_named_and_left(database: Database) -> None:
    await live(database, BEFORE)
    foreign = Cipher(decode_key(FOREIGN))
    async with database.unit_of_work() as session:
        company = Company(uscc="91320500MA1F000000", name="外来公司", phone="13700000000")
        await save_all(session, [company], utcnow(), cipher=foreign)
    code, said = await told(database, AFTER)
    assert code == LEFT
    assert f"companies.phone：当前密钥 1 行，未知密钥 1 行（{foreign.key_id}）" in said
    assert "secrets.previous_encryption_keys" in said
    with_it = Cipher(decode_key(NEW), previous=[decode_key(OLD), decode_key(FOREIGN)])
    assert (await told(database, with_it))[0] == DONE


async def test_killed_in_the_middle_it_is_done_by_the_next_one(tmp_path: Path) -> None:
    """The real command, killed as soon as it has begun; what is left is done by the next."""
    url = address_of(tmp_path / "rongqiao.db")
    async with opened(url) as database:
        await schema.migrate(database)
        companies = [
            Company(uscc=f"91320500MA1{number:07d}", name="公司", phone=f"138{number:08d}", contact="张三")
            for number in range(1500)
        ]
        async with database.unit_of_work() as session:
            await save_all(session, companies, utcnow(), cipher=BEFORE)
        environment = {
            "RONGQIAO_DATA_DIR": str(tmp_path),
            "RONGQIAO_DATABASE__URL": url,
            "RONGQIAO_SECRETS__ENCRYPTION_KEY": NEW,
            "RONGQIAO_SECRETS__PREVIOUS_ENCRYPTION_KEYS": json.dumps([OLD]),
            "RONGQIAO_LOG__LEVEL": "ERROR",
        }
        killed = await asyncio.create_subprocess_exec(
            sys.executable,
            "run.py",
            "rotate-keys",
            cwd=PROJECT,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            while await current(database) == 0:  # noqa: ASYNC110 - another process works
                await asyncio.sleep(0.01)
        killed.kill()
        await killed.wait()
        assert 0 < await current(database) < 1500
        assert (await told(database, AFTER))[0] == DONE
        assert await current(database) == 1500


async def current(database: Database) -> int:
    async with database.reading() as session:
        blobs = await session.scalars(select(CompanyRow.contact))
        return sum((blob or b"").startswith(AFTER.head) for blob in blobs)


def test_the_command_says_that_all_is_well(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RONGQIAO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("RONGQIAO_SECRETS__ENCRYPTION_KEY", NEW)
    with given_back():
        assert cli.main(["rotate-keys"]) == DONE
    said = capsys.readouterr()
    assert AFTER.key_id in said.out
    assert NEW not in said.out + said.err
