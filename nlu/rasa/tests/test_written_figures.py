"""Any sum, time and rate comes back from every way of writing it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from components.extraction import find_all
from components.slips import mend
from components.writing import normalise
from hypothesis import given
from hypothesis import strategies as st

HAN = "零一二三四五六七八九"
UNITS = ("", "十", "百", "千")
CAPITAL = str.maketrans("零一二三四五六七八九十百千", "零壹贰叁肆伍陆柒捌玖拾佰仟")
FULL_WIDTH = str.maketrans("0123456789.,%", "０１２３４５６７８９．，％")

SUMS = st.one_of(
    st.integers(1_000, 10**9),
    st.integers(1, 9_999).map(lambda count: count * 10_000),
    st.integers(10, 999).map(lambda count: count * 100_000),
)


def below_ten_thousand(count: int) -> str:
    written, gap = "", False
    for place in (3, 2, 1, 0):
        digit = count // 10**place % 10
        if digit:
            written += ("零" if gap and written else "") + HAN[digit] + UNITS[place]
        gap = not digit
    return written


def in_words(count: int) -> str:
    """「一亿两千万零三百」 as it is read aloud, 「零」 where places are left out."""
    written = ""
    for scale, sign in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part = count // scale % 10_000
        if part:
            written += ("零" if written and part < 1_000 else "") + below_ten_thousand(part) + sign
    return written


def in_unit(count: int, unit: int) -> str:
    return f"{(Decimal(count) / unit).normalize():f}"


SUM_FORMS: dict[str, Callable[[int], str]] = {
    "yuan": lambda count: f"{count}元",
    "thousands parted": lambda count: f"¥{count:,}",
    "full width": lambda count: f"{count}元".translate(FULL_WIDTH),
    "万": lambda count: f"{in_unit(count, 10**4)}万",
    "full width 万": lambda count: f"{in_unit(count, 10**4)}万".translate(FULL_WIDTH),
    "w": lambda count: f"{in_unit(count, 10**4)}w",
    "k": lambda count: f"{in_unit(count, 10**3)}K",
    "kw": lambda count: f"{in_unit(count, 10**7)}kw",
    "亿": lambda count: f"{in_unit(count, 10**8)}亿",
    "words": lambda count: f"{in_words(count)}元",
    "capital": lambda count: f"人民币{in_words(count).translate(CAPITAL)}元整",
}


def values(text: str, entity: str) -> list[object]:
    return [span.value for span in find_all(text) if span.entity == entity]


def roles(text: str, entity: str) -> dict[str | None, object]:
    return {span.role: span.value for span in find_all(text) if span.entity == entity}


@pytest.mark.parametrize("form", SUM_FORMS)
@given(count=SUMS, frame=st.sampled_from(["想贷{}", "{}", "需要{}，一年", "我们差{}左右"]))
def test_any_sum_comes_back(form: str, count: int, frame: str) -> None:
    assert values(frame.format(SUM_FORMS[form](count)), "amount") == [count]


@given(first=st.integers(1, 9), second=st.integers(1, 9), place=st.sampled_from("百千"))
def test_a_last_unit_may_be_left_out_before_ten_thousand(first: int, second: int, place: str) -> None:
    unit = {"百": 100, "千": 1_000}[place]
    sum_in_yuan = (first * unit + second * unit // 10) * 10_000
    spoken = f"想贷{HAN[first]}{place}{HAN[second]}"
    assert values(spoken, "amount") == [sum_in_yuan]
    assert values(f"{spoken}，一年", "amount") == [sum_in_yuan]


@given(first=st.integers(1, 9), second=st.integers(1, 9), scale=st.sampled_from("万亿"))
def test_a_last_unit_may_be_left_out_behind_a_scale(first: int, second: int, scale: str) -> None:
    whole = {"万": 10**4, "亿": 10**8}[scale]
    for text in (f"借{HAN[first]}{scale}{HAN[second]}", f"借{first}{scale}{second}"):
        assert values(text, "amount") == [first * whole + second * whole // 10]


@given(
    low=st.integers(10, 4_999), more=st.integers(1, 4_999), join=st.sampled_from(["到", "-", "~", "至", "—"])
)
def test_any_range_of_sums_comes_back(low: int, more: int, join: str) -> None:
    ends = {"min": low * 10_000, "max": (low + more) * 10_000}
    assert roles(f"想贷{low}{join}{low + more}万", "amount") == ends
    assert roles(f"想贷{low}万{join}{low + more}万", "amount") == ends
    assert roles(f"想贷{in_words(low)}万到{in_words(low + more)}万", "amount") == ends


UPPER = ["不超过{}", "最多{}", "顶多{}", "撑死{}", "{}以内", "{}以下", "{}封顶", "别超过{}"]
LOWER = ["至少{}", "起码{}", "最少{}", "{}以上", "{}往上", "{}起", "不低于{}", "少说{}"]


@pytest.mark.parametrize(("frames", "role"), [(UPPER, "max"), (LOWER, "min")])
@given(st.data())
def test_any_bound_has_its_role(frames: list[str], role: str, data: st.DataObject) -> None:
    frame = data.draw(st.sampled_from(frames))
    count = data.draw(st.integers(1, 9_999))
    months = data.draw(st.integers(1, 120))
    assert roles(frame.format(f"{count}万"), "amount") == {role: count * 10_000}
    assert roles(frame.format(f"{in_words(count)}万"), "amount") == {role: count * 10_000}
    assert roles("期限" + frame.format(f"{months}个月"), "term_months") == {role: months}
    assert roles("利息" + frame.format("4.5%"), "rate") == {role: 4.5}


@given(months=st.integers(1, 360))
def test_any_time_in_months_comes_back(months: int) -> None:
    for text in (
        f"{months}个月",
        f"期限{in_words(months)}个月",
        f"分{months}期还",
        f"用{months}个月".translate(FULL_WIDTH),
    ):
        assert values(text, "term_months") == [months]


@given(years=st.integers(1, 30))
def test_any_time_in_years_comes_back(years: int) -> None:
    for text in (f"{years}年", f"贷{in_words(years)}年", f"期限{years}年".translate(FULL_WIDTH)):
        assert values(text, "term_months") == [years * 12]
    assert values(f"借{in_words(years)}年半", "term_months") == [years * 12 + 6]
    assert values(f"借{years}年零三个月", "term_months") == [years * 12 + 3]
    assert roles(f"{years}到{years + 2}年", "term_months") == {"min": years * 12, "max": (years + 2) * 12}


@given(hundredths=st.integers(50, 3_000))
def test_any_rate_a_year_comes_back(hundredths: int) -> None:
    rate = hundredths / 100
    written = f"{rate:g}"
    whole, _, fraction = written.partition(".")
    spoken = in_words(int(whole)) or "零"
    spoken += "点" + "".join(HAN[int(sign)] for sign in fraction) if fraction else ""
    for text in (
        f"年化{written}%",
        f"利率{written}个点",
        f"年利率百分之{spoken}",
        f"利息{written}％以内",
        f"年化{written}%".translate(FULL_WIDTH),
    ):
        assert values(text, "rate") == [rate]


@given(count=st.integers(1, 5))
def test_parts_of_a_hundred_a_month_come_back_as_a_year_s(count: int) -> None:
    for text in (f"{HAN[count]}分利", f"月息{count}分", f"利息{HAN[count]}分"):
        assert values(text, "rate") == [count * 12.0]


@given(tenths=st.integers(1, 9), hundredths=st.integers(1, 9))
def test_any_rate_a_month_comes_back_as_a_year_s(tenths: int, hundredths: int) -> None:
    for text in (f"月息{HAN[tenths]}厘{HAN[hundredths]}", f"月息{tenths}厘{hundredths}"):
        assert values(text, "rate") == [pytest.approx((tenths + hundredths / 10) / 10 * 12)]


@given(st.text(alphabet="五十8oO玩完晚 万w带代款例息率短一点三个月好", max_size=12))
def test_mending_slips_moves_nothing(text: str) -> None:
    assert len(mend(normalise(text))) == len(text)
