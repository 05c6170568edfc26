"""The place that an address lies in."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.places import place_of_address

REGIONS = Path(__file__).resolve().parents[2] / "reference" / "regions.csv"


def rows() -> list[dict[str, str]]:
    with REGIONS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


NAMES = {row["code"]: row["name"] for row in rows()}
DISTRICTS = [code for code in NAMES if not code.endswith("00")]


def in_full(code: str) -> str:
    """As a map writes it: province, city, district."""
    return "".join(NAMES.get(outer, "") for outer in (f"{code[:2]}0000", f"{code[:4]}00", code))


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("江苏省苏州市昆山市前进东路88号", "320583", "江苏省苏州市昆山市"),
        ("中国江苏省苏州市吴中区", "320506", "江苏省苏州市吴中区"),
        ("上海市黄浦区南京东路", "310101", "上海市黄浦区"),
        ("南京东路上海市黄浦区", "310101", "上海市黄浦区"),
        ("北京市北京市朝阳区", "110105", "北京市北京市朝阳区"),
        ("江苏省苏州市", "320500", "江苏省苏州市"),
        ("苏州昆山前进东路", "320583", "苏州昆山"),
        (" 昆山 ", "320583", "昆山"),
        ("新疆维吾尔自治区伊犁哈萨克自治州伊宁市", "654002", "新疆维吾尔自治区伊犁哈萨克自治州伊宁市"),
    ],
)
def test_an_address_names_its_place(address: str, code: str, words: str) -> None:
    place = place_of_address(address)
    assert place is not None
    assert (place.name, place.value, address[place.start : place.end]) == ("region", code, words)


@pytest.mark.parametrize(
    "address",
    ["", "市民服务中心", "中山路100号", "上海路地铁站", "成都小吃(人民路店)", "北京烤鸭", "长安街", "朝阳区"],
)
def test_names_of_streets_and_shops_are_no_places(address: str) -> None:
    assert place_of_address(address) is None


@given(st.sampled_from(DISTRICTS), st.sampled_from(["人民路1号", "中山路北京大厦3楼", "(上海银行旁)", ""]))
def test_every_district_is_found_in_its_full_address(code: str, street: str) -> None:
    place = place_of_address(in_full(code) + street)
    assert place is not None
    assert place.value == code
