"""The register: what comes with the service, what a city adds, and what is wrong with a file."""

from pathlib import Path

import pytest

from domain.authorizations.labels import Category
from domain.credit.registry import Group, Indicator, Kind, Period, RegistryError, load, standard

HEADER = "code,category,group,name,type,unit,periodic,negative,personal,choices,explanation\n"
GOOD = "solar_12m,utilities,utilities,近12个月光伏发电量,number,千瓦时,month,,,,屋顶光伏的发电量\n"


def file(folder: Path, *rows: str, name: str = "本市.csv") -> Path:
    path = folder / name
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


def test_the_register_covers_the_categories_and_the_groups() -> None:
    indicators = standard()
    assert len(indicators) >= 130
    assert all(len(items) >= 10 for items in indicators.by_category.values())
    assert set(indicators.by_category) == set(Category)
    assert {item.group for item in indicators.values()} == set(Group)
    assert {item.type for item in indicators.values()} == set(Kind)


def test_names_are_told_apart_and_figures_have_units() -> None:
    indicators = list(standard().values())
    assert len({item.name for item in indicators}) == len(indicators)
    assert all(item.unit for item in indicators if item.type in {Kind.AMOUNT, Kind.COUNT})
    assert {item.unit for item in indicators if item.type is Kind.AMOUNT} == {"元"}
    assert not any(item.negative and item.category is Category.BASE for item in indicators)


def test_bad_records_can_be_told_from_none() -> None:
    """A bad choice or day has no «nothing of that kind»."""
    kinds = {item.type for item in standard().values() if item.negative}
    assert kinds <= {Kind.FLAG, Kind.COUNT, Kind.AMOUNT}


def test_a_city_adds_indicators_by_one_file(tmp_path: Path) -> None:
    registry = load((file(tmp_path, GOOD),))
    assert len(registry) == len(standard()) + 1
    assert registry["solar_12m"] == Indicator(
        code="solar_12m",
        category=Category.UTILITIES,
        group=Group.UTILITIES,
        name="近12个月光伏发电量",
        type=Kind.NUMBER,
        unit="千瓦时",
        periodic=Period.MONTH,
        explanation="屋顶光伏的发电量",
    )
    assert registry.by_category[Category.UTILITIES][-1].code == "solar_12m"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (GOOD.replace("utilities,utilities", "power,utilities"), "第 2 行，category：只能是"),
        (GOOD.replace(",number,", ",figure,"), "第 2 行，type：只能是"),
        (GOOD.replace("solar_12m", "Solar 12m"), "第 2 行，code：格式不对"),
        (GOOD.replace("屋顶光伏的发电量", ""), "第 2 行，explanation：缺少必填项"),
        (GOOD.replace("month,,,,", "month,maybe,,,"), "第 2 行，negative：应为 true 或 false"),
        (GOOD.replace("month,,,,", "month,,,多|少,"), "类型为 choice 时要填 choices"),
        (GOOD.replace(",number,", ",choice,"), "类型为 choice 时要填 choices"),
        (GOOD.replace("number,千瓦时,month,,,,", "choice,,month,,,多|多,"), "choices 里有重复的选项"),
        (GOOD.replace("solar_12m", "revenue"), "revenue 在 credit_indicators.csv 第"),
        (GOOD + GOOD, "第 3 行，code：solar_12m 在 本市.csv 第 2 行已经有了"),
    ],
)
def test_a_fault_is_named_with_file_row_and_field(tmp_path: Path, row: str, fault: str) -> None:
    with pytest.raises(RegistryError) as caught:
        load((file(tmp_path, row),))
    assert fault in str(caught.value)
    assert "本市.csv" in str(caught.value)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    bad = GOOD.replace("solar_12m", "A B")
    with pytest.raises(RegistryError) as caught:
        load((file(tmp_path, bad, bad), tmp_path / "没有.csv"))
    assert len(str(caught.value).splitlines()) == 3


def test_a_column_that_nobody_knows_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "本市.csv"
    path.write_text(HEADER.replace("unit", "units") + GOOD, encoding="utf-8")
    with pytest.raises(RegistryError, match="表头，units"):
        load((path,))
