"""Prometheus hears which model answers, and how well it does."""

from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from bot.embedded import ports
from bot.sections import PROJECT
from nlu import in_use, record, training
from nlu.client import RasaClient
from nlu.record import Record, SetFigures


def samples(name: str) -> dict[tuple[str, ...], float]:
    return {
        tuple(sample.labels[label] for label in sorted(sample.labels)): sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == name
    }


def recorded(project: Path, model: Path) -> None:
    folder = project / training.MODELS
    folder.mkdir(parents=True)
    figures = SetFigures(
        sentences=600,
        intent_accuracy=0.97,
        intent_macro_f1=0.96,
        out_of_scope_recall=None,
        refused=0.01,
        entities=None,
    )
    known = Record(model=record.name_of(model), data="d4ta").with_set("sealed", figures)
    record.write(folder / model.name, known)


async def test_the_model_of_each_server_and_its_figures(rasa_url: str, tmp_path: Path) -> None:
    model = training.model_path(PROJECT)
    name, server = record.name_of(model), rasa_url.removeprefix("http://")
    recorded(tmp_path, model)
    silent = f"http://127.0.0.1:{ports.any_free()}"
    client = RasaClient([rasa_url, silent], timeout=30)
    try:
        await in_use.observe(client, tmp_path)
        assert samples("rongqiao_nlu_model") == {("d4ta", name, server): 1}
        assert samples("rongqiao_nlu_model_figure") == {
            ("intent_accuracy", name, "sealed"): 0.97,
            ("intent_macro_f1", name, "sealed"): 0.96,
            ("refused", name, "sealed"): 0.01,
        }
        assert await in_use.model(client) == name
        await in_use.observe(client, tmp_path / "elsewhere")
        assert samples("rongqiao_nlu_model") == {("unknown", name, server): 1}
        assert samples("rongqiao_nlu_model_figure") == {}
    finally:
        await client.aclose()


async def test_nobody_answers(tmp_path: Path) -> None:
    client = RasaClient([f"http://127.0.0.1:{ports.any_free()}"])
    try:
        await in_use.observe(client, tmp_path)
        assert samples("rongqiao_nlu_model") == {}
        assert await in_use.model(client) == "unknown"
    finally:
        await client.aclose()


@pytest.mark.parametrize("content", ["", "{}", '{"model": "a", "data": "b", "sets": {"sealed": {}}}'])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    model = tmp_path / "abc.tar.gz"
    assert record.read(model) is None
    record.path_of(model).write_text(content, encoding="utf-8")
    assert record.read(model) is None
