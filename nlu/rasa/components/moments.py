# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""When to call: `datetime`, ISO 8601 in Asia/Shanghai, or a date where no hour is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from components.numerals import NUMBER, number
from components.spans import Span

DAYS = {
    "今天": 0,
    "今日": 0,
    "今晚": 0,
    "今早": 0,
    "今儿": 0,
    "明天": 1,
    "明日": 1,
    "明晚": 1,
    "明早": 1,
    "明儿": 1,
    "后天": 2,
    "大后天": 3,
}
WEEKDAYS = {
    sign: number
    for number, signs in enumerate(("一1", "二2", "三3", "四4", "五5", "六6", "日天末7"))
    for sign in signs
}
PARTS = {
    "凌晨": 0,
    "清早": 0,
    "早上": 0,
    "早晨": 0,
    "上午": 0,
    "早": 0,
    "中午": 11,
    "下午": 12,
    "午后": 12,
    "傍晚": 12,
    "晚上": 12,
    "晚": 12,
}

DAY = (
    r"(?P<day>大后天|今天|今日|今晚|今早|今儿|明天|明日|明晚|明早|明儿|后天)"
    r"|(?P<week>下下个?|下个?|这个?|本)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末1-6])"
    rf"|(?:(?P<month>{NUMBER})月(?:份)?|(?P<next>下个月|下月|这个月|本月)?)(?P<date>{NUMBER})[号日]"
)
PART = r"(?P<part>凌晨|清早|早上|早晨|上午|中午|下午|午后|傍晚|晚上|早|晚)"
CLOCK = rf"(?P<hour>{NUMBER})(?:点钟?|时|:(?=\d\d)|：)(?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<minute>{NUMBER})分?)?"


def _numbered(pattern: str, number: int) -> str:
    """The same pattern a second time: a group's name may stand only once in an expression."""
    return re.sub(r"\(\?P<(\w+)>", rf"(?P<\g<1>{number}>", pattern)


MOMENT = re.compile(
    rf"(?:(?:{DAY})\s*的?\s*{PART}?\s*(?:{CLOCK})?|{_numbered(PART, 2)}\s*{_numbered(CLOCK, 2)}"
    rf"|(?<![\d.一二三四五六七八九十个]){_numbered(CLOCK, 3)}(?!几|多|五|[\d]))"
)
LATER = re.compile(rf"(?P<number>半|{NUMBER})\s*(?:个)?(?P<unit>小时|钟头|分钟|天)(?:以|之)?后")
CONTACT = re.compile(
    r"电话|来电|打给|打过来|回电|联系|上门|到公司|到厂|到店|过来|见面|来一趟|来厂|来公司|聊|谈|约|找我|有空|方便|有时间|拜访|视频|沟通|回复我|给我打|打我|碰面|叫我|通话|呼我"
)
BARE = 2
NOON = 12


def find_moments(text: str, now: datetime) -> Iterator[Span]:
    """Times at which somebody may be called; other dates are left alone."""
    for match in [*MOMENT.finditer(text), *LATER.finditer(text)]:
        said_to_call = CONTACT.search(text) or len(text) - len(match[0]) <= BARE
        value = _value(match, now) if said_to_call else None
        if value:
            yield Span("datetime", match.start(), match.end(), value)


def _value(match: re.Match[str], now: datetime) -> str | None:
    if match.re is LATER:
        return _later(match, now)
    groups = {name.rstrip("23"): text for name, text in match.groupdict().items() if text is not None}
    try:
        day = _day(groups, now)
        return _at(day, groups, now)
    except (ValueError, OverflowError):
        return None


def _later(match: re.Match[str], now: datetime) -> str | None:
    count = 0.5 if match["number"] == "半" else float(number(match["number"]) or 0)
    if not 0 < count < 1000:  # noqa: PLR2004 - beyond this nobody makes an appointment
        return None
    if match["unit"] == "天":
        return (now + timedelta(days=count)).date().isoformat()
    step = timedelta(minutes=count) if match["unit"] == "分钟" else timedelta(hours=count)
    return (now + step).replace(second=0, microsecond=0).isoformat()


def _day(groups: dict[str, str], now: datetime) -> datetime | None:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if "day" in groups:
        return midnight + timedelta(days=DAYS[groups["day"]])
    if "weekday" in groups:
        return _weekday(groups, midnight)
    if "date" in groups:
        return _date(groups, midnight)
    return None


def _weekday(groups: dict[str, str], midnight: datetime) -> datetime:
    ahead = WEEKDAYS[groups["weekday"]] - midnight.weekday()
    if groups["weekday"] == "末":
        ahead = 5 - midnight.weekday()
    week = groups.get("week", "")
    if week.startswith("下"):
        return midnight + timedelta(days=ahead + 7 * week.count("下"))
    return midnight + timedelta(days=ahead if ahead >= 0 else ahead + 7)


def _date(groups: dict[str, str], midnight: datetime) -> datetime | None:
    day = int(number(groups["date"]) or 0)
    if not 0 < day <= 31:  # noqa: PLR2004 - days of a month
        return None
    if "month" in groups:
        moment = midnight.replace(month=int(number(groups["month"]) or 0), day=day)
        return moment if moment >= midnight else moment.replace(year=moment.year + 1)
    first = midnight.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    if groups.get("next", "").startswith("下"):
        return following.replace(day=day)
    return midnight.replace(day=day) if day >= midnight.day else following.replace(day=day)


def _at(day: datetime | None, groups: dict[str, str], now: datetime) -> str | None:
    if "hour" not in groups:
        return day.date().isoformat() if day else None
    hour, minute = number(groups["hour"]), _minute(groups)
    if hour is None or hour > 24 or minute is None:  # noqa: PLR2004 - hours of a day
        return None
    base = day or now.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = base + timedelta(hours=_hour(int(hour), groups), minutes=minute)
    if day is None and moment < now:
        moment += timedelta(days=1)
    return moment.isoformat()


def _hour(hour: int, groups: dict[str, str]) -> int:
    """「三点」 alone is the afternoon: nobody is called at three in the night."""
    part = groups.get("part", "") or ("晚" if groups.get("day", "").endswith("晚") else "")
    part = part or ("早" if groups.get("day", "").endswith("早") else "")
    if part == "中午":
        return hour + NOON if hour < 3 else hour  # noqa: PLR2004 - 「中午一点」
    if PARTS.get(part) == NOON and hour < NOON:
        return hour + NOON
    return hour + NOON if not part and 0 < hour < 7 else hour  # noqa: PLR2004 - one to six o'clock


def _minute(groups: dict[str, str]) -> int | None:
    if "half" in groups:
        return 30
    if "quarter" in groups:
        return 15 if groups["quarter"] == "一" else 45
    minute = number(groups["minute"]) if "minute" in groups else 0
    return None if minute is None or minute >= 60 else int(minute)  # noqa: PLR2004 - minutes of an hour
