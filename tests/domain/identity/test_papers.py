"""Names and ID numbers as people write them."""

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from domain.identity import papers
from domain.identity.papers import WrongPaper, masked_name, masked_number, person, same_name

TODAY = date(2026, 11, 23)
GOOD = "11010519491231002X"
ALPHABET = "0123456789X"


def number(place: str, born: date, serial: int) -> str:
    body = f"{place}{born:%Y%m%d}{serial:03}0"
    return body[:-1] + str(ric.calc_check_digit(body))


numbers = st.builds(
    number, st.from_regex(r"\A[1-8][0-9]{5}\Z"), st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999)
)


@given(numbers)
def test_every_number_with_its_check_character_is_taken(good: str) -> None:
    assert person("张三", good, TODAY).id_number == good
    spaced = f" {good[:6]} {good[6:14]}-{good[14:].lower()} "
    assert person("张三", spaced, TODAY).id_number == good


@given(numbers, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(good: str, place: int, other: str) -> None:
    """GB 11643 finds every single wrong character."""
    wrong = good[:place] + other + good[place + 1 :]
    if wrong == good:
        return
    with pytest.raises(WrongPaper) as refused:
        person("张三", wrong, TODAY)
    assert refused.value.field == "id_number"
    assert wrong not in refused.value.sentence


@given(numbers, st.integers(0, 16))
def test_neighbours_that_changed_places_are_noticed(good: str, place: int) -> None:
    swapped = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
    if swapped == good:
        return
    with pytest.raises(WrongPaper):
        person("张三", swapped, TODAY)


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "1", GOOD[:-1], GOOD + "1", "110105491231002", "1101051949123100一X", "１１０１０５", "X" * 18),
        number("110105", date(2026, 11, 24), 2),
        number("110105", date(1899, 12, 31), 2),
        "11010519490230002" + str(ric.calc_check_digit("110105194902300020")),
    ],
)
def test_what_cannot_be_a_number_is_refused(wrong: str) -> None:
    with pytest.raises(WrongPaper):
        person("张三", wrong, TODAY)


def test_full_width_digits_are_digits() -> None:
    wide = GOOD.translate({ord(narrow): ord(narrow) + 0xFEE0 for narrow in GOOD})
    assert person("张三", wide, TODAY).id_number == GOOD


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("张三", "张三"),
        (" 张 三 丰 ", "张三丰"),
        ("欧阳娜娜", "欧阳娜娜"),
        ("买买提·吐尔逊", "买买提·吐尔逊"),
        ("买买提•吐尔逊", "买买提·吐尔逊"),
        ("买买提．吐尔逊", "买买提·吐尔逊"),
        ("阿卜杜热合曼・阿卜力孜・库尔班", "阿卜杜热合曼·阿卜力孜·库尔班"),
        ("㛃𠮷", "㛃𠮷"),
        ("〇一", "〇一"),
    ],
)
def test_a_name_has_one_form(written: str, name: str) -> None:
    assert person(written, GOOD, TODAY).name == name
    assert same_name(written, name)


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "张", "张3", "Zhang San", "张三·", "·张三", "买买提··吐尔逊", "张三\u0000", "张" * 31),
        *("张三<script>", "先生？"),
    ],
)
def test_what_cannot_be_a_name_is_refused(wrong: str) -> None:
    with pytest.raises(WrongPaper) as refused:
        person(wrong, GOOD, TODAY)
    assert refused.value.field == "name"


def test_different_names_are_different() -> None:
    assert not same_name("张三", "张三丰")
    assert not same_name("买买提·吐尔逊", "买买提吐尔逊")


def test_masks_show_little() -> None:
    assert (masked_name("张三丰"), masked_name("")) == ("张**", "")
    assert masked_number(GOOD) == "1***************2X"
    assert "1949" not in masked_number(GOOD)


def test_a_person_in_a_log_line_is_nobody() -> None:
    someone = person("张三", GOOD, TODAY)
    assert "张三" not in repr(someone)
    assert GOOD not in repr(someone)
    assert dataclasses.asdict(someone) == {"name": "张三", "id_number": GOOD}
    assert papers.masked_name(someone.name) == "张*"
