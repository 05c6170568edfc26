"""The file: what it must hold, and how a fault is told."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.sections import PROJECT
from domain.credit.registry import Registry
from domain.scores import columns
from domain.scores.scorecard import ScorecardError, load
from tests.domain.scores.people import REGISTRY, SCORECARD

FILE = PROJECT / "reference" / "scorecard.yml"


@pytest.fixture
def data() -> Any:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def written(folder: Path, data: object) -> Path:
    file = folder / "scorecard.yml"
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return file


def faults(file: Path) -> str:
    with pytest.raises(ScorecardError) as caught:
        load(file)
    assert all(line.startswith(f"{file}: ") for line in str(caught.value).splitlines())
    return str(caught.value)


def test_every_indicator_is_in_the_register_with_a_fitting_type() -> None:
    columns.check(SCORECARD, REGISTRY)


def test_the_six_dimensions_are_there_with_their_names() -> None:
    names = [dimension.name for dimension in SCORECARD.dimensions]
    assert names == ["经营环境", "管理水平", "经营能力", "财务状况", "信用记录", "社会责任"]


def test_personal_data_play_no_part() -> None:
    assert not [read for read in SCORECARD.reads if REGISTRY[read.indicator].personal]


def test_the_bands_are_named_up_to_both_ends_of_the_scale() -> None:
    assert [SCORECARD.band_of(score) for score in (300, 519, 520, 599, 600, 679, 680, 749, 750, 850)] == [
        "偏弱", "偏弱", "一般", "一般", "较好", "较好", "良好", "良好", "优秀", "优秀",
    ]  # fmt: skip


def test_the_checksum_is_that_of_the_bytes(tmp_path: Path) -> None:
    copy = tmp_path / "copy.yml"
    copy.write_bytes(FILE.read_bytes())
    assert load(copy).checksum == SCORECARD.checksum
    copy.write_bytes(FILE.read_bytes() + b"# one more line\n")
    assert load(copy).checksum != SCORECARD.checksum


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"a: [", "is no YAML"), (b"- 1", "must be a mapping"), (b"\xff\xfe\xfa", "is no YAML")],
)
def test_what_is_no_scorecard_at_all(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "broken.yml"
    file.write_bytes(content)
    assert said in faults(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read" in faults(tmp_path / "none.yml")


def test_a_fault_names_the_key_by_its_dimension_and_indicator(tmp_path: Path, data: Any) -> None:
    data["dimensions"][3]["indicators"][0]["weight"] = 0
    data["dimensions"][4]["indicators"][0]["lookback"] = 12
    del data["scale"]["line"]
    said = faults(written(tmp_path, data))
    assert "dimensions[finance].indicators[debt_ratio].weight: Input should be greater than 0" in said
    assert "dimensions[credit_record].indicators[overdue_now].lookback: Extra inputs" in said
    assert "scale.line: Field required" in said


def test_weights_must_add_up(tmp_path: Path, data: Any) -> None:
    data["dimensions"][0]["weight"] = 0.2
    assert "the weights of the dimensions must add up to 1" in faults(written(tmp_path, data))


BINS: list[tuple[list[dict[str, Any]], str]] = [
    ([{"below": 2}, {"below": 1}, {}], "the bounds of bins must rise"),
    ([{"below": 1}, {"below": 2}], "the last of the bins takes the rest"),
    ([{"below": 1}, {"equals": True}, {}], "bins must all use below, or all equals, or all among"),
    ([{"equals": True}, {"equals": True}], "one bin for true and one for false"),
    ([{"among": ["A"]}, {"among": ["A", "B"]}], "a choice stands in two bins"),
    ([{"below": 1}, {"among": ["A"]}], "the last of the bins mixes"),
    ([{"below": 1}], "at least 2 items"),
]


@pytest.mark.parametrize(("bins", "said"), BINS, ids=[said for _, said in BINS])
def test_bins_that_cannot_be_read(tmp_path: Path, data: Any, bins: list[dict[str, Any]], said: str) -> None:
    rest = {"points": 50, "text": "一般"}
    data["dimensions"][0]["indicators"][0]["bins"] = [step | rest for step in bins]
    assert said in faults(written(tmp_path, data))


def test_a_ratio_needs_what_it_is_measured_by(tmp_path: Path, data: Any) -> None:
    data["dimensions"][0]["indicators"][0]["per"] = "revenue"
    assert "per belongs to transform: ratio" in faults(written(tmp_path, data))


def misfit(tmp_path: Path, data: Any, registry: Registry = REGISTRY) -> str:
    with pytest.raises(ScorecardError) as caught:
        columns.check(load(written(tmp_path, data)), registry)
    return str(caught.value)


def test_an_indicator_that_is_not_in_the_register(tmp_path: Path, data: Any) -> None:
    data["dimensions"][3]["indicators"][0]["indicator"] = "debts"
    assert misfit(tmp_path, data) == "debts: is not in the register of indicators"


def test_a_type_that_does_not_fit(tmp_path: Path, data: Any) -> None:
    data["dimensions"][3]["indicators"][0]["indicator"] = "overdue_now"
    assert re.search("overdue_now: its type flag does not fit", misfit(tmp_path, data))


def test_choices_must_be_those_of_the_register(tmp_path: Path, data: Any) -> None:
    tax_grade = data["dimensions"][5]["indicators"][0]
    tax_grade["bins"][0]["among"] = ["AAA"]
    assert misfit(tmp_path, data) == "tax_grade: there is no choice AAA"
    tax_grade["bins"][0]["among"] = ["B"]
    tax_grade["bins"][1]["among"] = ["M"]
    tax_grade["bins"][2]["among"] = ["C"]
    tax_grade["bins"][3]["among"] = ["D"]
    del tax_grade["bins"][4]
    assert misfit(tmp_path, data) == "tax_grade: a value has no bin"


def test_a_ratio_stays_within_one_category(tmp_path: Path, data: Any) -> None:
    ratio = next(item for item in data["dimensions"][3]["indicators"] if "per" in item)
    ratio["per"] = "loan_balance"
    assert "belongs to another category" in misfit(tmp_path, data)
