import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.records import NEUTRAL, Record, said, worth, worths

SWIFT = Record(asked=50, in_time=0.98, hours=30, decided=40, approved=0.7, ratings=20, stars=4.66)
shares = st.none() | st.floats(0, 1)
records = st.builds(
    Record,
    asked=st.integers(0, 1000),
    in_time=shares,
    hours=st.none() | st.floats(0, 10_000),
    decided=st.integers(0, 1000),
    approved=shares,
    ratings=st.integers(0, 1000),
    stars=st.none() | st.floats(1, 5),
)


@given(records)
def test_a_record_is_worth_between_nothing_and_all(record: Record) -> None:
    assert 0 <= worth(record) <= 1


def test_nothing_known_is_the_middle() -> None:
    assert worth(Record()) == pytest.approx(NEUTRAL)
    assert worths(["甲", "乙"], {"乙": SWIFT}).tolist() == [NEUTRAL, worth(SWIFT)]


def test_few_cases_weigh_less_than_many() -> None:
    once = Record(asked=1, in_time=1.0, hours=1, decided=1, approved=1.0, ratings=1, stars=5)
    often = Record(asked=300, in_time=1.0, hours=1, decided=300, approved=1.0, ratings=300, stars=5)
    assert NEUTRAL < worth(once) < 0.6 < worth(often)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (SWIFT, "这家机构一般2天内答复，企业评分4.7分"),
        (Record(asked=50, in_time=0.98, hours=24), "这家机构一般1天内答复"),
        (Record(asked=50, in_time=0.98, hours=0.2), "这家机构一般1天内答复"),
        (Record(asked=4, in_time=1.0, hours=2), ""),
        (Record(asked=50, in_time=0.6, hours=24), ""),
        (Record(asked=50, in_time=0.9, hours=100), ""),
        (Record(ratings=20, stars=3.0), ""),
        (Record(ratings=20, stars=4.5), "这家机构企业评分4.5分"),
        (None, ""),
    ],
)
def test_only_what_speaks_for_an_institution_is_told(record: Record | None, words: str) -> None:
    assert said(record) == words
