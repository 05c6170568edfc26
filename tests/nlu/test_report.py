"""Figures of a report: counted by hand on made-up readings, and once through a real server."""

from collections.abc import Sequence
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from bot.embedded import ports
from nlu.examples import Expected, Sentence
from nlu.report import tables
from nlu.report.asking import Reading, ask
from nlu.report.scores import figures_of
from nlu.server import RasaUnreachableError
from nlu.understanding import Entity, Intent, Understanding

FALLBACK = "nlu_fallback"


def reading(
    true: str,
    read: str,
    expected: Sequence[dict[str, Any]] | None = (),
    found: Sequence[Entity] = (),
    style: str = "plain",
) -> Reading:
    facts = None if expected is None else tuple(Expected(**fact) for fact in expected)
    intent = Intent(read, 0.9)
    understanding = Understanding("x", intent, (intent,), tuple(found), "rasa")
    return Reading(Sentence(text="x", intent=true, style=style, entities=facts), understanding)


def entity(name: str, value: Any, role: Any = None) -> Entity:
    return Entity(name, value, 0, 1, role)


def test_intents() -> None:
    figures = figures_of(
        [
            reading("greet", "greet"),
            reading("greet", "help", style="voice"),
            reading("deny", "deny", style="voice"),
            reading("deny", FALLBACK, style="voice"),
            reading(FALLBACK, FALLBACK),
            reading(FALLBACK, "greet"),
        ]
    )
    assert figures.intent_accuracy == pytest.approx(3 / 6)
    # greet: 1 of 2 found, 1 of 2 right; deny: 1 of 2 found, 1 of 1 right; fallback: 1 of 2 and 1 of 2.
    assert figures.intent_macro_f1 == pytest.approx((1 / 2 + 2 / 3 + 1 / 2) / 3)
    assert figures.out_of_scope_recall == pytest.approx(1 / 2)
    assert figures.refused == pytest.approx(1 / 4)
    assert {name: (item.sentences, item.accuracy) for name, item in figures.by_style.items()} == {
        "plain": (3, pytest.approx(2 / 3)),
        "voice": (3, pytest.approx(1 / 3)),
    }
    assert [(item.true, item.predicted, item.count) for item in figures.confusions] == [
        ("deny", FALLBACK, 1),
        ("greet", "help", 1),
        (FALLBACK, "greet", 1),
    ]


def test_facts_count_by_name_value_and_role() -> None:
    low, high = {"entity": "amount", "value": 500000, "role": "min"}, {"entity": "region", "value": "320583"}
    figures = figures_of(
        [
            reading("inform", "inform", [low], [entity("amount", 500000.0, "min")]),
            reading("inform", "inform", [low], [entity("amount", 500000)]),  # without its role
            reading("inform", "inform", [high], []),
            reading("inform", "inform", [], [entity("amount", 3)]),
            reading("inform", "inform", [high, high], [entity("region", "320583")]),
            reading(FALLBACK, FALLBACK, [], [entity("region", "110000")]),  # does not matter there
        ]
    )
    assert figures.entities is not None
    assert (figures.entities.precision, figures.entities.recall) == pytest.approx((2 / 4, 2 / 5))
    assert figures.entities.f1 == pytest.approx(4 / 9)
    amount, region = figures.by_entity["amount"], figures.by_entity["region"]
    assert (amount.precision, amount.recall, amount.support) == (pytest.approx(1 / 3), 1 / 2, 2)
    assert (region.precision, region.recall, region.support) == (1, pytest.approx(1 / 3), 3)


@pytest.mark.parametrize("value", ["relative:+1d", "-3y"])
def test_relative_times_count_by_name(value: str) -> None:
    exact = {"entity": "founded", "value": "2016"}
    relative = {"entity": "founded", "value": value}
    found = [entity("founded", "2016"), entity("founded", "2023")]
    figures = figures_of([reading("inform", "inform", [relative, exact], found)])
    assert figures.entities is not None
    assert figures.entities.f1 == 1
    missed = figures_of([reading("inform", "inform", [relative], [entity("datetime", "2023")])])
    assert missed.entities is not None
    assert missed.entities.f1 == 0


def test_a_set_without_facts_or_foreign_sentences() -> None:
    figures = figures_of([reading("greet", "greet", None, [entity("amount", 1)])])
    assert (figures.entities, figures.by_entity, figures.out_of_scope_recall) == (None, {}, None)
    assert figures.headline() == {"intent_accuracy": 1, "intent_macro_f1": 1, "refused": 0}


def test_the_tables_show_it() -> None:
    readings = [
        reading("greet", "greet", [{"entity": "region", "value": "1"}], [entity("region", "1")]),
        reading("deny", "[b]", []),
    ]
    file = StringIO()
    out = Console(file=file, width=100)
    tables.show(out, "模型", figures_of(readings))
    tables.show_sentences(out, readings)
    shown = file.getvalue()
    assert all(
        word in shown for word in ("意图准确率", "0.500", "region", "合计", "plain", "[b]", "误认的句子")
    )


async def test_a_real_server_is_asked_in_order(rasa_url: str) -> None:
    sentences = [Sentence(text=text, intent="inform") for text in ("80万", "/昆山", "一年", "你好", "80万")]
    readings = await ask(rasa_url, sentences)
    assert [item.sentence for item in readings] == sentences
    values = [[entity.value for entity in item.read.entities] for item in readings]
    assert values == [[800000], ["320583"], [12], [], [800000]]


async def test_no_figures_of_a_server_that_fails() -> None:
    with pytest.raises(RasaUnreachableError):
        await ask(f"http://127.0.0.1:{ports.any_free()}", [Sentence(text="你好", intent="greet")])
