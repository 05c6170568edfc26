"""A small project's sentences on disk, for tests of what reads and writes them."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

DOMAIN = """\
version: "3.1"
intents:
- greet
- ask_rate
- ask_progress
- nlu_fallback
entities:
- amount:
    roles: [min, max]
- region
"""
SERVICE = """\
# Questions of owners.
version: "3.1"

nlu:
- lookup: bank
  examples: |
    - 农行

- intent: ask_rate   # interest and fees
  examples: |
    - 利息一个月要付多少
    - 利息怎么算

- intent: ask_progress
  examples: |
    - 我的申请到哪一步了
"""


def write(project: Path, name: str, content: str) -> Path:
    file = project / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return file


def training(project: Path, name: str, sentences: Mapping[str, Iterable[str]]) -> Path:
    blocks = (
        f"- intent: {intent}\n  examples: |\n" + "".join(f"    - {text}\n" for text in texts)
        for intent, texts in sentences.items()
    )
    return write(project, f"nlu/rasa/data/{name}", 'version: "3.1"\n\nnlu:\n' + "\n".join(blocks))


def jsonl(project: Path, name: str, *rows: Mapping[str, object]) -> Path:
    return write(project, name, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def small_project(folder: Path) -> Path:
    """One training file, one development sentence, one sealed sentence."""
    write(folder, "nlu/rasa/domain.yml", DOMAIN)
    write(folder, "nlu/rasa/data/service.yml", SERVICE)
    jsonl(folder, "tests/nlu/dev.jsonl", {"text": "贷款的事情有没有进展", "intent": "ask_progress"})
    jsonl(folder, "tests/nlu/sealed/first.jsonl", {"text": "一万块钱一年利息多少", "intent": "ask_rate"})
    return folder
