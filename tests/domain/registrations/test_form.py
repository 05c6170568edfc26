"""What may stand in the form of a registration."""

from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from stdnum.cn import uscc as credit_code

from domain.importing import rejections
from domain.registrations.register import RegisterEntry
from domain.registrations.rules import RegistrationKind, RegistrationStatus, Review, Rules
from tests.domain.registrations.applicants import KINDS, SUZHOU, USCC, form


def wrong(**changes: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as refusal:
        form(**changes)
    return {item.field: item.reason for item in rejections(0, refusal.value)}


def test_a_good_form() -> None:
    filled = form()
    assert (filled.uscc, filled.phone, str(filled.founded)) == (USCC, "13812345678", "2016-01-01")
    assert not filled.doubtful


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("13812345678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("0086 13812345678", "13812345678"),
        ("0512-57301234", "051257301234"),
        ("（0512）57301234", "051257301234"),
        ("１３８１２３４５６７８", "13812345678"),
        ("+852 2345 6789", "+85223456789"),
        ("400-820-8820", "4008208820"),
    ],
)
def test_phones_are_kept_in_one_form(written: str, kept: str) -> None:
    assert form(phone=written).phone == kept
    assert form(phone=kept).phone == kept


@pytest.mark.parametrize(
    "written", ["", "1381234567", "138123456789", "12345678901", "微信同号", "+1 23", "1" * 33]
)
def test_what_is_no_phone_is_refused(written: str) -> None:
    assert wrong(phone=written).keys() == {"phone"}


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_mobile_phones_stay_as_they_are(number: str) -> None:
    known = phonenumbers.is_valid_number(phonenumbers.parse(number, "CN"))
    assert (form(phone=number).phone if known else wrong(phone=number).keys()) == (
        number if known else {"phone"}
    )


@pytest.mark.parametrize("code", ["1" * 17, "1" * 19, "91110000600037341I", "9111000060003734-L", ""])
def test_a_credit_code_of_another_form_is_refused(code: str) -> None:
    assert wrong(uscc=code)["uscc"].startswith("格式不对")


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=18, max_size=18))
def test_a_wrong_check_character_is_doubtful_and_no_more(code: str) -> None:
    assert form(uscc=code.lower()).uscc == code
    assert form(uscc=code).doubtful == (not credit_code.is_valid(code))


@given(st.text("0123456789", min_size=8, max_size=8), st.text("0123456789ABCDEFGH", min_size=9, max_size=9))
def test_exactly_one_check_character_is_right(head: str, tail: str) -> None:
    codes = [head + tail + last for last in "0123456789ABCDEFGHJKLMNPQRTUWXY"]
    assert sum(not form(uscc=code).doubtful for code in codes) == 1


@pytest.mark.parametrize(
    ("region", "words"), [("320599", "没有"), ("320000", "市或区县"), ("3205", "格式"), ("苏州", "格式")]
)
def test_a_place_that_no_office_looks_after(region: str, words: str) -> None:
    assert words in wrong(region=region)["region"]


def test_other_fields_that_are_wrong_are_named() -> None:
    assert wrong(name="厂", industry="Z", role="boss", contact="", registered_capital=-1, stars=5).keys() == {
        "name",
        "industry",
        "role",
        "contact",
        "registered_capital",
        "stars",
    }


@pytest.mark.parametrize(
    ("state", "gone"),
    [("存续（在营、开业、在册）", False), ("吊销，未注销", True), ("注销", True), (None, False)],
)
def test_who_was_struck_off(state: str | None, *, gone: bool) -> None:
    assert RegisterEntry(uscc=USCC, name="恒达", state=state).is_gone == gone


DISTRICT, CITY = RegistrationStatus.DISTRICT_REVIEW, RegistrationStatus.CITY_REVIEW
ACTIVATION = RegistrationStatus.ACTIVATION


@pytest.mark.parametrize(
    ("reviews", "activation", "route"),
    [
        ({Review.CITY, Review.DISTRICT}, True, (DISTRICT, CITY, ACTIVATION)),
        ({Review.DISTRICT}, True, (DISTRICT, ACTIVATION)),
        ({Review.CITY}, False, (CITY,)),
        ((), True, (ACTIVATION,)),
        ((), False, ()),
    ],
)
def test_the_way_that_a_city_chose(
    reviews: set[Review], *, activation: bool, route: tuple[RegistrationStatus, ...]
) -> None:
    assert Rules(frozenset(reviews), activation, KINDS).route(RegistrationKind.COMPANY) == route


def test_who_joins_is_let_in_by_the_company() -> None:
    assert SUZHOU.route(RegistrationKind.JOIN) == (RegistrationStatus.MEMBER_REVIEW,)
