"""Who asks gets all that is held about him, in words that he understands, and nothing of anybody else."""

import json
import re

import pytest
from sqlalchemy import func, select

from domain.authorizations.tables import AccessRow
from domain.base import utcnow
from domain.database import Database
from domain.identity.tables import VerifiedPersonRow
from domain.personal_data.exporting import export
from domain.personal_data.registry import HOLDINGS
from domain.secrets import Cipher, decode_key, new_key
from tests.domain.personal_data.lives import LI, ZHANG, lead

NOW = utcnow()
# Nothing of these was led in the life; an officer is another person's life.
_ABSENT = {"您在金融机构的任职", "删除记录", "融资需求的送达机构"}


@pytest.fixture
async def lived(database: Database, cipher: Cipher) -> Database:
    async with database.unit_of_work() as session:
        for life in (ZHANG, LI):
            await lead(session, life, cipher, NOW)
    return database


async def test_everything_is_there_under_chinese_headings(lived: Database, cipher: Cipher) -> None:
    async with lived.unit_of_work() as session:
        found = await export(session, ZHANG.openid, cipher, NOW)
    assert found["内容"].keys() == {holding.title for holding in HOLDINGS} - _ABSENT
    text = json.dumps(found, ensure_ascii=False)
    for words in (
        ZHANG.openid,
        ZHANG.words,
        ZHANG.uscc,
        "城东银行",
        "经营稳定",
        "税务",
        "数字不对",
        "备货囤货",
        "法定代表人",
    ):
        assert words in text, words
    headings = {heading for part in found["内容"].values() for record in part["记录"] for heading in record}
    assert all(re.search("[\u4e00-\u9fff]", heading) for heading in headings)


async def test_names_and_numbers_are_masked(lived: Database, cipher: Cipher) -> None:
    async with lived.unit_of_work() as session:
        found = await export(session, ZHANG.openid, cipher, NOW)
    (verified,) = found["内容"]["实名认证结果"]["记录"]
    assert (verified["姓名"], verified["证件号码"]) == ("张**", "1101**********002X")
    (company,) = found["内容"]["企业资料"]["记录"]
    assert (company["联系人"], company["联系电话"]) == ("张**", "138****5678")
    text = json.dumps(found, ensure_ascii=False)
    assert ZHANG.id_number not in text
    assert ZHANG.phone not in text


async def test_nothing_of_anybody_else(lived: Database, cipher: Cipher) -> None:
    async with lived.unit_of_work() as session:
        text = json.dumps(await export(session, ZHANG.openid, cipher, NOW), ensure_ascii=False)
        stranger = await export(session, "oNobody", cipher, NOW)
    assert not any(words in text for words in (LI.openid, LI.uscc, LI.words, "李"))
    assert stranger["内容"] == {}


async def test_his_look_is_recorded_like_everybodys(lived: Database, cipher: Cipher) -> None:
    looks = select(func.count()).where(AccessRow.uscc == ZHANG.uscc)
    async with lived.reading() as session:
        before = await session.scalar(looks)
    async with lived.unit_of_work() as session:
        await export(session, ZHANG.openid, cipher, NOW)
    async with lived.reading() as session:
        assert await session.scalar(looks) == (before or 0) + 1


async def test_who_is_not_verified_sees_no_credit_data_and_hears_why(lived: Database, cipher: Cipher) -> None:
    async with lived.unit_of_work() as session:
        await session.delete(await session.get_one(VerifiedPersonRow, ZHANG.openid))
    async with lived.unit_of_work() as session:
        found = await export(session, ZHANG.openid, cipher, NOW)
    assert "信用评分" not in found["内容"]
    (refusal,) = found["未导出"]
    assert refusal["统一社会信用代码"] == ZHANG.uscc
    assert "实名认证" in refusal["没有导出信用信息的原因"]


async def test_of_a_lost_key_it_says_so_and_shows_the_rest(lived: Database) -> None:
    async with lived.unit_of_work() as session:
        found = await export(session, ZHANG.openid, Cipher(decode_key(new_key())), NOW)
    (company,) = found["内容"]["企业资料"]["记录"]
    assert company["企业名称"] == "张记丝绸有限公司"
    assert ZHANG.phone not in json.dumps(found, ensure_ascii=False)
