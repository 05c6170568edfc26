"""The table of regions: complete by level, current, and with usable aliases."""

import csv

import pytest

from tests.catalogue.seed import ROOT


def _region_rows() -> list[dict[str, str]]:
    with (ROOT / "reference" / "regions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = _region_rows()
BY_CODE = {row["code"]: row for row in ROWS}


def _codes_of(alias: str) -> set[str]:
    return {row["code"] for row in ROWS if alias in row["aliases"].split("|")}


def test_regions_are_sorted_unique_and_well_formed() -> None:
    raw = (ROOT / "reference" / "regions.csv").read_bytes()
    codes = [row["code"] for row in ROWS]
    assert raw.startswith(b"code,name,aliases\n")
    assert b"\r" not in raw
    assert codes == sorted(set(codes))
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert all(row["name"] and None not in row for row in ROWS)


def test_the_table_is_complete_by_level() -> None:
    provinces = {code for code in BY_CODE if code.endswith("0000")}
    cities = {code for code in BY_CODE if code.endswith("00")} - provinces
    assert (len(provinces), len(cities), len(BY_CODE)) == (34, 333, 3214)
    assert {code[:2] + "0000" for code in BY_CODE} == provinces


def test_no_pseudo_divisions() -> None:
    assert not {row["name"] for row in ROWS} & {"市辖区", "县"}
    assert not [row for row in ROWS if "直辖县级" in row["name"] or "开发区" in row["name"]]
    assert not [code for code in BY_CODE if 71 <= int(code[4:]) <= 79]


def test_aliases_are_usable() -> None:
    for row in ROWS:
        aliases = row["aliases"].split("|") if row["aliases"] else []
        assert len(set(aliases)) == len(aliases)
        assert row["name"] not in aliases
        assert all(len(alias) > 1 and alias == alias.strip() for alias in aliases)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("320614", "海门区"),
        ("330113", "临平区"),
        ("330114", "钱塘区"),
        ("370116", "莱芜区"),
        ("429004", "仙桃市"),
        ("440606", "顺德区"),
        ("500157", "两江新区"),
        ("540481", "米林市"),
        ("659013", "草湖市"),
        ("820000", "澳门特别行政区"),
    ],
)
def test_current_divisions(code: str, name: str) -> None:
    assert BY_CODE[code]["name"] == name


@pytest.mark.parametrize("code", ["330103", "330104", "320684", "371200", "500112", "410381", "620201"])
def test_abolished_divisions_are_gone(code: str) -> None:
    assert code not in BY_CODE


@pytest.mark.parametrize(
    ("alias", "code"),
    [
        ("昆山", "320583"),
        ("吴中", "320506"),
        ("浦东", "310115"),
        ("内蒙", "150000"),
        ("恩施", "422800"),
        ("恩施州", "422800"),
        ("苏州工业园区", "320500"),
        ("光谷", "420111"),
        ("中关村", "110108"),
        ("雄安", "130600"),
        ("吉林", "220000"),
        ("河北", "130000"),
        ("海南", "460000"),
    ],
)
def test_aliases_mean_one_place(alias: str, code: str) -> None:
    assert _codes_of(alias) == {code}


def test_shared_short_names_are_carried_by_all() -> None:
    assert {"320106", "320302", "350102", "410204"} <= _codes_of("鼓楼")
    assert {"110105", "211300", "220104"} <= _codes_of("朝阳")
    assert {"130105", "130902", "410402"} <= _codes_of("新华")


@pytest.mark.parametrize("word", ["平安", "合作", "公安", "三元", "万全", "个旧", "江南", "光明"])
def test_everyday_words_are_no_alias(word: str) -> None:
    assert not _codes_of(word)
