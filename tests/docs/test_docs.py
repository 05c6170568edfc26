"""The documentation says what the code does: keys, routes, commands, intents, files and links."""

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from bot.cli import _parser
from bot.config import Settings
from bot.sections import PROJECT, Templates
from bot.web import callback, health
from bot.web.api.app import api_app
from domain.companies import Company
from domain.conditions import Conditions
from domain.institutions import Institution
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product
from handlers.registry import INTENTS, TOPICS
from handlers.turn import Field
from notify.registry import NOTICES

README, CHINESE = PROJECT / "README.md", PROJECT / "README.zh.md"
DOCS = PROJECT / "docs"
PAGES = sorted([README, CHINESE, PROJECT / "CHANGELOG.md", *DOCS.rglob("*.md")])
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) +(.+?)$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_ROUTE = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`?]*)")
_FILE = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|md|yml|jsonl|csv|toml|lock|sh|mako))`")
_API = "/api/v1"


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def without_fences(page: str) -> str:
    return _FENCE.sub("", page)


def all_text() -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


def settings_in(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every key of the configuration; the templates count as one key a notice."""
    for name, field in model.model_fields.items():
        kind, key = field.annotation, f"{prefix}{name}"
        if isinstance(kind, type) and issubclass(kind, BaseModel) and model is not Templates:
            yield from settings_in(kind, f"{key}.")
        else:
            yield key


def rows_of(page: str) -> Iterator[list[str]]:
    for line in page.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def documented_settings() -> dict[str, str]:
    """Key and default as the table has them."""
    return {row[0].strip("` "): row[1].strip("` ") for row in rows_of(text("configuration.md"))}


def test_every_key_of_the_configuration_is_in_the_table_and_no_other() -> None:
    assert sorted(documented_settings()) == sorted(settings_in(Settings))


def test_the_defaults_in_the_table_are_those_of_the_file() -> None:
    tree = yaml.safe_load((PROJECT / "config.yml").read_text(encoding="utf-8"))
    for key, default in documented_settings().items():
        value: Any = tree
        for part in key.split("."):
            value = value[part]
        if not key.startswith("wechat.templates."):
            assert default == shown(value), key
        else:
            assert default == value["id"], key


def shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {inner}" for key, inner in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)


def api_routes() -> set[str]:
    found = set()
    for route in api_app().router.routes():
        assert route.resource is not None
        if route.method != "HEAD":
            found.add(f"{route.method} {_API}{route.resource.canonical}")
    return found


def test_every_call_of_the_api_is_described_and_no_other() -> None:
    described = {f"{method} {path}" for method, path in _ROUTE.findall(text("api.md"))}
    outside = {f"{route.method} {route.path}" for route in [*callback.routes, *health.routes]}
    assert {call for call in described if _API in call} == api_routes()
    assert {call for call in described if _API not in call} <= outside
    for call in outside:
        assert call in described or call.split()[1] in text("operations.md"), call


def test_every_field_of_the_formats_is_in_the_table() -> None:
    described = {
        row[0]: set(re.findall(r"\w+", row[1]))
        for row in (line.strip("| ").split(" | ") for line in text("api.md").splitlines() if line[:2] == "| ")
    }
    formats: dict[str, type[BaseModel]] = {
        "product": Product,
        "policy": Policy,
        "company": Company,
        "institution": Institution,
        "request in a match": Need,
        "conditions": Conditions,
    }
    for name, model in formats.items():
        assert model.model_fields.keys() <= described[name], name


def commands() -> dict[str, argparse.ArgumentParser]:
    (action,) = (item for item in _parser()._actions if isinstance(item, argparse._SubParsersAction))
    return dict(action.choices)


def test_every_command_and_option_is_described() -> None:
    operations = text("operations.md")
    for name, parser in commands().items():
        assert f"run.py {name}" in operations, name
        for option in (word for item in parser._actions for word in item.option_strings if word[:2] == "--"):
            assert option == "--help" or option in operations, f"{name} {option}"


def test_no_command_is_described_that_does_not_exist() -> None:
    assert set(re.findall(r"run\.py ([a-z][a-z-]*)", all_text())) <= commands().keys()
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", all_text(), re.MULTILINE)) <= targets


def test_the_dialogue_page_names_every_intent_topic_and_question() -> None:
    page = text("dialogue.md")
    missing = [name for name in [*INTENTS, *TOPICS, *Field] if f"`{name}`" not in page]
    assert not missing


def test_the_dialogue_page_puts_each_intent_where_the_registry_puts_it() -> None:
    rooms = {row[0].strip("` "): row[1].strip("` ") for row in rows_of(text("dialogue.md"))}
    assert rooms == {intent: handler.__module__ for intent, handler in INTENTS.items()}


def test_every_notice_is_described() -> None:
    for notice in NOTICES:
        assert f"`{notice.name}`" in text("operations.md")


def slugs(page: Path) -> set[str]:
    """Anchors as GitHub makes them: lower case, punctuation gone, blanks to hyphens, repeats numbered."""
    seen: Counter[str] = Counter()
    found = set()
    for _, title in _HEADING.findall(without_fences(page.read_text(encoding="utf-8"))):
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(without_fences(page.read_text(encoding="utf-8"))):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in slugs(file), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_files_that_are_named_exist(page: Path) -> None:
    for name in _FILE.findall(page.read_text(encoding="utf-8")):
        assert (PROJECT / name).exists(), name


def test_both_readmes_have_the_same_sections_commands_and_links() -> None:
    english, chinese = README.read_text(encoding="utf-8"), CHINESE.read_text(encoding="utf-8")
    levels = [
        [len(marks) for marks, _ in _HEADING.findall(without_fences(page))] for page in (english, chinese)
    ]
    assert levels[0] == levels[1]
    blocks = [_FENCE.findall(page) for page in (english, chinese)]
    assert [kind for kind, _ in blocks[0]] == [kind for kind, _ in blocks[1]]
    shell = [[_commands_of(body) for kind, body in found if kind == "sh"] for found in blocks]
    assert shell[0] == shell[1]
    links = [
        [link for link in _LINK.findall(page) if not link.startswith("README")] for page in (english, chinese)
    ]
    assert links[0] == links[1]


def _commands_of(block: str) -> list[str]:
    """The lines without their comments, which differ by language."""
    return [line.partition("#")[0].rstrip() for line in block.splitlines()]


def test_every_decision_is_in_the_index() -> None:
    index = text("decisions/README.md")
    records = [file.name for file in (DOCS / "decisions").glob("[0-9]*.md")]
    assert len({name[:4] for name in records}) == len(records), "two records share a number"
    assert [name for name in records if f"({name})" not in index] == []
