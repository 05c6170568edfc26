from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.database import Database
from domain.secrets import Cipher, decode_key, new_key
from tests.domain.databases import migrated


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rongqiao.db"


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    async with migrated(file) as database:
        yield database


@pytest.fixture
def cipher() -> Cipher:
    return Cipher(decode_key(new_key()))
