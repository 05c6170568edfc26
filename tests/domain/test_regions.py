"""Containment and names of administrative divisions."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sections import PROJECT
from domain import regions

with (PROJECT / "reference" / "regions.csv").open(encoding="utf-8", newline="") as table:
    CODES = [row["code"] for row in csv.DictReader(table)]

codes = st.sampled_from(CODES)


@pytest.mark.parametrize(
    ("outer", "inner", "lies_in"),
    [
        ("320000", "320583", True),
        ("320500", "320583", True),
        ("320583", "320583", True),
        ("320583", "320500", False),
        ("320500", "320000", False),
        ("320500", "320600", False),
        ("110000", "110105", True),
        ("330000", "320583", False),
    ],
)
def test_a_region_covers_what_lies_in_it(outer: str, inner: str, lies_in: bool) -> None:  # noqa: FBT001 - a table
    assert regions.contains(outer, inner) is lies_in


@given(codes, codes, codes)
def test_containment_is_an_order(one: str, two: str, three: str) -> None:
    assert regions.contains(one, one)
    if regions.contains(one, two) and regions.contains(two, three):
        assert regions.contains(one, three)
    if regions.contains(one, two) and regions.contains(two, one):
        assert one == two


@given(codes)
def test_each_lies_in_its_province_and_has_a_name(code: str) -> None:
    assert regions.exists(code)
    assert regions.contains(code[:2] + "0000", code)
    assert regions.region_name(code) != code


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("320583", "苏州市昆山市"),
        ("320500", "苏州市"),
        ("320000", "江苏省"),
        ("110105", "朝阳区"),
        ("999999", "999999"),
    ],
)
def test_names_as_people_say_them(code: str, name: str) -> None:
    assert regions.region_name(code).endswith(name)


def test_an_unknown_code_does_not_exist() -> None:
    assert not regions.exists("999999")
