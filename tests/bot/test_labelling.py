"""Out to people who label, and back: every row is checked, and what is good is learned from then on."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from bot import labelling
from domain import unlabelled
from domain.database import Database
from domain.intake.entries import UnreadableFile
from domain.unlabelled import Reason, Sighting
from nlu import examples
from tests.domain.databases import on_sqlite
from tests.nlu.projects import jsonl, small_project

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return small_project(tmp_path)


async def keep(database: Database, *texts: str) -> None:
    async with database.unit_of_work() as session:
        sightings = [Sighting(text, Reason.UNSURE, "ask_rate", 0.41234) for text in texts]
        await unlabelled.keep(session, sightings, "abc", NOW)


async def exported(database: Database, limit: int | None = None) -> list[dict[str, object]]:
    out = StringIO()
    count = await labelling.export(database, out, limit)
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert count == len(rows)
    return rows


def trained(project: Path) -> dict[str, list[str]]:
    found = examples.blocks_of(project / labelling.FILE)
    return {block.intent: [item.text for item in block.examples] for block in found}


@on_sqlite
async def test_there_and_back(database: Database, project: Path) -> None:
    await keep(database, "八字没一撇呢？", "得多少钱利钱", "说不上来")
    assert len(await exported(database, 2)) == 2
    rows = await exported(database)
    assert rows[0].keys() >= {"id", "text", "intent", "guess", "confidence", "reason", "count"}
    labels = {"八字没一撇呢？": "ask_progress", "得多少钱利钱": "ask_rate"}
    file = jsonl(project, "rows.jsonl", *(row | {"intent": labels.get(str(row["text"]))} for row in rows))
    taken = labelling.read(file, project)
    assert (taken.count, taken.open, taken.refused) == (2, 1, [])
    assert not (project / labelling.FILE).exists()
    await labelling.keep(taken, database, project)
    assert trained(project) == {intent: [text] for text, intent in labels.items()}
    assert [row["text"] for row in await exported(database)] == ["说不上来"]


@on_sqlite
async def test_later_sentences_join_the_earlier(database: Database, project: Path) -> None:
    rounds = [("ask_rate", "得多少钱利钱"), ("greet", "吃了没"), ("ask_rate", "利钱几何")]
    for intent, text in rounds:
        row = {"text": text, "intent": intent}
        await labelling.keep(labelling.read(jsonl(project, "rows.jsonl", row), project), database, project)
    assert trained(project) == {"ask_rate": ["得多少钱利钱", "利钱几何"], "greet": ["吃了没"]}


@on_sqlite
async def test_the_same_file_again_adds_nothing(database: Database, project: Path) -> None:
    await keep(database, "得多少钱利钱")
    (row,) = await exported(database)
    file = jsonl(project, "rows.jsonl", row | {"intent": "ask_rate"})
    for known in (0, 1):
        taken = labelling.read(file, project)
        assert taken.known == known
        await labelling.keep(taken, database, project)
    assert trained(project) == {"ask_rate": ["得多少钱利钱"]}


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ({"text": "得多少钱利钱", "intent": "ask_interest"}, "intent", "没有这个意图"),
        ({"text": "一万块钱一年利息是多少", "intent": "ask_rate"}, "text", "和测试集里的句子太像"),
        ({"text": "贷款的事情有没有进展啊", "intent": "ask_progress"}, "text", "和测试集里的句子太像"),
        ({"text": "我叫〔姓名〕", "intent": "greet"}, "text", "编造的内容"),
        ({"text": "贷[80万](amount)", "intent": "ask_rate"}, "text", "实体标记"),
        ({"text": "上一行\n下一行", "intent": "greet"}, "text", "只能是一行"),
        ({"text": "利息怎么算？", "intent": "greet"}, "text", "已经标为 ask_rate"),
        ({"text": " ", "intent": "greet"}, "text", "不能为空"),
        ({"intent": "greet"}, "text", "缺少必填项"),
        ({"text": "吃了没", "itent": "greet"}, "itent", "没有这个字段"),
        ({"text": "吃了没", "intent": 5}, "intent", "应为文字"),
    ],
)
def test_a_bad_row_is_named_with_its_field(
    project: Path, row: dict[str, object], field: str, reason: str
) -> None:
    good = {"text": "吃了没", "intent": "greet"}
    taken = labelling.read(jsonl(project, "rows.jsonl", good, row), project)
    (refused,) = taken.refused
    assert (refused.index, refused.field) == (2, field)
    assert reason in refused.reason
    assert taken.added == {"greet": ["吃了没"]}


def test_two_rows_that_contradict_each_other(project: Path) -> None:
    rows = [{"text": "吃了没", "intent": "greet"}, {"text": "吃了没？", "intent": "nlu_fallback"}]
    taken = labelling.read(jsonl(project, "rows.jsonl", *rows), project)
    assert [(item.index, item.reason) for item in taken.refused] == [(2, "训练数据里已经标为 greet")]


def test_lines_that_are_no_json(project: Path) -> None:
    file = project / "rows.jsonl"
    file.write_bytes(b'{\n{"text": "\xe9"}\n')
    assert [item.index for item in labelling.read(file, project).refused] == [1, 2]
    file.write_bytes(b"")
    with pytest.raises(UnreadableFile):
        labelling.read(file, project)
