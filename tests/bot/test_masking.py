"""What is masked in a line of the log, and what must not be."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.masking import mask_event, masked

OPENID = "oHSKN08abmGIyV0DNZA27_gVdyau"
TRACE = "12345678901234567890123456789012"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("电话13812345678，谢谢", "电话138****5678，谢谢"),
        ("138-1234-5678", "138****5678"),
        ("138 1234 5678", "138****5678"),
        ("+8613812345678", "+861****5678"),
        ("0512-87654321", "051****4321"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("32058319800101123X", "320****123X"),
        ("身份证 320583198001011234", "身份证 320****1234"),
        ("320583800101123", "320****1123"),
        ("信用代码91320583MA1MXXXX0X", "信用代码913****XX0X"),
        ("91320583ma1mxxxx0x", "913****xx0x"),
        ("卡号6222021234567890123", "卡号622****0123"),
        ("6222 0212 3456 7890 123", "622**** 123"),
        ("tel13812345678", "tel138****5678"),
        ("13812345678a", "138****5678a"),
        ("tel+8613812345678home", "tel+861****5678home"),
        ("x0086-tel８６１３８１２３４５６７８y", "x0086-tel８６１****５６７８y"),
        ("tel138-1234-5678home", "tel138****5678home"),
        ("id32058319800101123Xname", "id320****123Xname"),
        ("id320583800101123name", "id320****1123name"),
        ("two: 13812345678 13987654321", "two: 138****5678 139****4321"),
        (f"from {OPENID}.", "from oHSK****dyau."),
    ],
)
def test_figures_of_people(said: str, kept: str) -> None:
    assert masked(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "RQ261123-7F3K2MPX",
        "1500000元",
        "errcode 40003",
        "2026-11-23T14:20:31Z",
        "b91d570c204379ed.tar.gz",
        "a1234567890123456789",
        "t1763907631123",
        "b13812345678901",
        "/cgi-bin/message/template/send",
        "oauth",
    ],
)
def test_what_is_no_figure_of_a_person(said: str) -> None:
    assert masked(said) == said


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("trace", TRACE, TRACE),
        ("msg_id", "1763907631123456789", "1763907631123456789"),
        ("key", "msg:7520456789012345678", "msg:7520456789012345678"),
        ("key", f"event:{OPENID}:1763907631:click:ab12", "event:oHSK****dyau:1763907631:click:ab12"),
        ("openid", OPENID, "oHSK****dyau"),
        ("openid", "short", "****"),
        ("text", TRACE, "123****9012"),
        ("text", "line\n13812345678", "line\\u000a138****5678"),
        ("msg_id", "13812345678 is mine", "138****5678 is mine"),
        ("contact", "张三丰", "张**"),
        ("real_name", "张", "张*"),
        ("person", " 欧阳\n修 ", "欧***"),
        (
            "row",
            {"contact": "张三丰", "id_number": "11010519491231002X"},
            {"contact": "张**", "id_number": "110****002X"},
        ),
        ("contact", None, None),
        ("count", 3, 3),
        ("ready", True, True),
        ("ms", 1.25, 1.25),
        ("nothing", None, None),
        ("phone", 13812345678, "138****5678"),
        ("deep", {"list": ["13812345678", ("13812345678",)]}, {"list": ["138****5678", ["138****5678"]]}),
        ("error", ValueError("13812345678"), "138****5678"),
    ],
)
def test_by_what_the_key_stands_for(key: str, value: Any, kept: Any) -> None:
    assert mask_event(None, "", {key: value}) == {key: kept}


@given(st.text())
def test_no_text_makes_a_second_line(text: str) -> None:
    event = mask_event(None, "", {"event": text, "key": text, "openid": text, text: 1})
    assert all(len(str(value).splitlines()) <= 1 for value in [*event, *event.values()])
    str(event).encode()


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", "：", " ", "，", "\n", "手机"]))
def test_no_phone_gets_through(phone: str, around: str) -> None:
    assert phone not in masked(f"{around}{phone}{around}")


@given(
    st.from_regex(r"(0|(00)?86)?1[3-9][0-9]{9}", fullmatch=True)
    | st.from_regex(r"[1-9][0-9]{5}(19|20)[0-9]{9}[0-9X]", fullmatch=True),
    st.text(st.characters(exclude_categories=["Nd"])),
    st.text(st.characters(exclude_categories=["Nd"])),
)
def test_no_phone_and_no_id_number_gets_through_whatever_but_a_digit_is_beside(
    figure: str, before: str, after: str
) -> None:
    assert figure[-11:] not in masked(f"{before}{figure}{after}")


def test_an_escape_of_the_terminal_is_shown_and_not_obeyed() -> None:
    assert masked("\x1b[2Jgone\u202e") == "\\u001b[2Jgone\\u202e"
