# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""When to call: `datetime`, ISO 8601 in Asia/Shanghai, or a date where no hour is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from components import lunar
from components.numerals import NUMBER, number, spread
from components.spans import Span, after, before

DAYS = {
    "今天": 0,
    "今日": 0,
    "今晚": 0,
    "今早": 0,
    "今儿": 0,
    "今朝": 0,
    "今个": 0,
    "当天": 0,
    "明天": 1,
    "明日": 1,
    "明晚": 1,
    "明早": 1,
    "明儿": 1,
    "明朝": 1,
    "听日": 1,
    "赶明儿": 1,
    "明个": 1,
    "隔天": 1,
    "后天": 2,
    "后日": 2,
    "后儿": 2,
    "后个": 2,
    "大后天": 3,
    "大后日": 3,
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
    "午前": 0,
    "早": 0,
    "朝早": 0,
    "晏昼": 12,
    "夜晚": 12,
    "夜头": 12,
    "早起": 0,
    "一早": 0,
    "一大早": 0,
    "清晨": 0,
    "夜里": 12,
    "晚间": 12,
    "中午": 11,
    "头晌": 0,
    "前晌": 0,
    "上半晌": 0,
    "晌午": 11,
    "下晌": 12,
    "后晌": 12,
    "下半晌": 12,
    "下午": 12,
    "午后": 12,
    "傍晚": 12,
    "晚上": 12,
    "晚": 12,
}

DAY = (
    r"(?:(?P<day>大后天|大后日|赶明儿|听日|今朝|明朝|后日|今天|今日|今晚|今早|今儿|今个|明天|明日|明晚|明早|明儿|明个|(?<!明)后天|后儿|后个|隔天|当天)(?:儿|个)?"
    r"|(?P<week>下下个?|下个?|这个?|本)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末1-6])"
    rf"|(?:(?P<year>20\d\d)[年/.-])?(?P<month>{NUMBER})(?:月(?:份)?|/|(?<=\d)-)(?P<date>{NUMBER})(?:[号日]|(?=\s|上|下|早|晚|中|$))"
    rf"|{lunar.DAY}"
    rf"|(?P<next>下个月|下月|这个月|本月)?(?P<only_date>{NUMBER})[号日])"
)
PART = r"(?P<part>凌晨|朝早|晏昼|夜晚|夜头|早起|清早|清晨|一大早|一早|早上|早晨|上午|午前|头晌|前晌|上半晌|晌午|下半晌|下晌|后晌|中午|下午|午后|傍晚|晚上|晚间|夜里|早|晚)"
# 「四点五个点」 is a rate.
NO_CLOCK = r"(?!\s*(?:个|%|厘|分利|几|多|万|亿|以内的利|的利|年化))"
CLOCK = rf"(?P<hour>{NUMBER})(?:点钟?|时(?!间|候|常)|:(?=\d\d))(?:过)?(?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<minute>{NUMBER})分?)?{NO_CLOCK}"


def _numbered(pattern: str, number: int) -> str:
    """The same pattern a second time: a group's name may stand only once in an expression."""
    return re.sub(r"\(\?P<(\w+)>", rf"(?P<\g<1>{number}>", pattern)


MOMENT = re.compile(
    rf"(?:{DAY}\s*[的,，]?\s*{PART}?\s*(?:{CLOCK})?|{_numbered(PART, 2)}\s*{_numbered(CLOCK, 2)}"
    rf"|(?<![\d.:一二三四五六七八九十个百]){_numbered(CLOCK, 3)}(?!几|多|五|[\d]))"
)
LATER = re.compile(
    rf"(?P<number>半|{NUMBER})\s*个?(?P<half>半)?(?P<unit>小时|钟头|分钟|天)(?:以|之)?后|过(?P<number2>半|{NUMBER})\s*个?(?P<half2>半)?(?P<unit2>小时|钟头|分钟|天)(?!了)"
)
CONTACT = re.compile(
    r"电话|来电|打给|打过来|打来|拨|喊我|再打|才打|打吧|打也|打就|打$|回电|回访|联系|联络|上门|到公司|到厂|到店|过来|见面|(?<![再意听看])见(?!效|过|谅|笑|天|票|索)|来一趟|来厂|来我|来看|来公司|来店|聊|谈|约|找我|有空|方便|有时间|得空|得闲|拜访|视频|沟通|回复我|给我打|打我|回我|回个|碰面|碰头|叫我|通话|打畀|打俾|揾我|电我|来个?电|致电|呼我|call|接(?:得|听)|座机|手机"
)
# A date of the story, or of something that falls due.
PAST = re.compile(
    r"(?:昨天|昨日|昨晚|前天|前日|上周[一二三四五六日]?|上个?星期[一二三四五六日天]?|上个?礼拜[一二三四五六日天]?|上个?月|去年|那天|刚才|之前)[^,，。]{0,3}$"
)
# 「利率三点六」
PRICE = re.compile(r"(?:利率|利息|年化|月息|年息|百分之|成本)[^,，。]{0,5}$")
NOT_A_CALL = re.compile(
    r"^(?:就|要|得|前|之前|以前|左右|的)*(?:到期|放款|发工资|还款|还钱|还(?!可以)|开庭|截止|交货|成立|注册|申请的|提交|办的|打的|打过(?!来)|没人|给我打了|有人|开的?工|的?账|的?贷款|结账|付)"
)
NOT_FREE = re.compile(
    r"^[^,，。]{0,7}(?:(?<!行)不行|没空|没时间|不方便|有事|不在|忙|开会(?!聊|谈)|改成|改到|改为|换成|挪到|推到|不要打|别打|勿扰|不接|接不了|不成)"
)
# 「三点到五点」: the first says from when.
UNTIL = re.compile(r"(?:\d|点|半|刻|分|钟)\s*(?:到|至|-|~|—|–)+$")
# Behind or before a moment that is all its clause says.
ONLY = re.compile(
    r"(?:再|吧|可以|行|都行|都可以|行不行|行[吗么不]|可以[吗么不]|可不可以|成不成|成[吗不]?|中不中|中|好不好|好[吗么]|咋样|怎么样|如何|一整天|全天|整天|好了|好|的|左右|以后|之后|以前|之前|前|后|就|那|嗯|改|改到|改成|改为|换|换到|换成|大概|差不多|在|到|等|点|半|[到至~-]\s*\d{1,2}|[到至][一二两三四五六七八九十]{1,2}|[\s])*"
)
NOON = 12
LUNAR_GROUPS = ("lunar_month", "lunar_day", "lunar_named", "lunar_date")
DAY_GROUPS = frozenset(
    {"day", "week", "weekday", "year", "month", "date", "next", "only_date", *LUNAR_GROUPS}
)


def find_moments(text: str, now: datetime) -> Iterator[Span]:
    """Times at which somebody may be called; other dates are left alone."""
    contact = bool(CONTACT.search(text))
    found: list[Span] = []
    day: dict[str, str] = {}
    for match in [*MOMENT.finditer(text), *LATER.finditer(text)]:
        said = _plain(match)
        has_day = bool(said.keys() & DAY_GROUPS)
        is_meant = _is_for_a_call(text, match, contact=contact)
        value = _value(match, said if has_day else {**day, **said}, now) if is_meant else None
        if value:
            # 「明天打给我，下午三点」 is one time, not two.
            if day and "hour" in said and not has_day and found and "T" not in str(found[-1].value):
                found.pop()
            found.append(Span("datetime", match.start(), match.end(), value))
        if has_day:
            # 「明天上午没空，三点打」: the day goes on, the part of it only where it was meant.
            kept = DAY_GROUPS | {"part"} if is_meant else DAY_GROUPS
            day = {name: said[name] for name in said.keys() & kept}
    yield from found


def _is_for_a_call(text: str, match: re.Match[str], *, contact: bool) -> bool:
    left, right = before(text, match.start()), after(text, match.end())
    if (
        PAST.search(left)
        or PRICE.search(left)
        or NOT_A_CALL.match(right)
        or NOT_FREE.match(right)
        or UNTIL.search(left)
    ):
        return False
    return contact or bool(ONLY.fullmatch(left) and ONLY.fullmatch(right) and _says_when(match))


def _says_when(match: re.Match[str]) -> bool:
    """An hour, or a day by its name; 「25号」 in a clause of its own may be anything."""
    said = _plain(match)
    return bool(said.keys() & {"hour", "part", "day", "weekday", "unit", *LUNAR_GROUPS})


def _value(match: re.Match[str], groups: dict[str, str], now: datetime) -> str | None:
    if match.re is LATER:
        return _later(groups, now)
    try:
        day = _day(groups, now)
        return _at(day, groups, now)
    except (ValueError, OverflowError):
        return None


def _later(groups: dict[str, str], now: datetime) -> str | None:
    count = 0.5 if groups["number"] == "半" else float(number(groups["number"]) or 0)
    count += 0.5 if "half" in groups else 0
    if not 0 < count < 1000:  # noqa: PLR2004 - beyond this nobody makes an appointment
        return None
    if groups["unit"] == "天":
        return (now + timedelta(days=count)).date().isoformat()
    step = timedelta(minutes=count) if groups["unit"] == "分钟" else timedelta(hours=count)
    return (now + step).replace(second=0, microsecond=0).isoformat()


def _plain(match: re.Match[str]) -> dict[str, str]:
    """What was said, by the plain names of the groups."""
    return {name.rstrip("23"): text for name, text in match.groupdict().items() if text is not None}


def _day(groups: dict[str, str], now: datetime) -> datetime | None:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if "day" in groups:
        return midnight + timedelta(days=DAYS[groups["day"]])
    if lunar.is_named(groups):
        found = lunar.next_day(groups, now.date())
        return midnight.replace(year=found.year, month=found.month, day=found.day) if found else None
    if "weekday" in groups:
        return _weekday(groups, midnight)
    if "date" in groups or "only_date" in groups:
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
    day = int(number(groups.get("date") or groups["only_date"]) or 0)
    if not 0 < day <= 31:  # noqa: PLR2004 - days of a month
        return None
    if "month" in groups:
        moment = midnight.replace(month=int(number(groups["month"]) or 0), day=day)
        if "year" in groups:
            return moment.replace(year=int(groups["year"]))
        return moment if moment >= midnight else moment.replace(year=moment.year + 1)
    first = midnight.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    if groups.get("next", "").startswith("下"):
        return following.replace(day=day)
    return midnight.replace(day=day) if day >= midnight.day else following.replace(day=day)


def _at(day: datetime | None, groups: dict[str, str], now: datetime) -> str | None:
    if "hour" not in groups:
        return day.date().isoformat() if day else None
    hour, minute = _first(groups["hour"]), _minute(groups)
    if hour is None or hour > 24 or minute is None:  # noqa: PLR2004 - hours of a day
        return None
    base = day or now.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = base + timedelta(hours=_hour(int(hour), groups), minutes=minute)
    if moment < now and base.date() == now.date():
        moment += _next_turn(day, groups)
    return moment.isoformat()


def _first(written: str) -> Decimal | None:
    """Of 「两三点」 the earlier hour."""
    ends = spread(written)
    return ends[0] if ends else number(written)


def _next_turn(day: datetime | None, groups: dict[str, str]) -> timedelta:
    """An hour that is over means the same of tomorrow, or, where 「今天」 is said, of this evening."""
    if day is None:
        return timedelta(days=1)
    over = "part" not in groups and int(_first(groups["hour"]) or 0) < NOON
    return timedelta(hours=NOON) if over else timedelta(0)


def _hour(hour: int, groups: dict[str, str]) -> int:
    """「三点」 alone is the afternoon: nobody is called at three in the night."""
    part = groups.get("part", "") or ("晚" if groups.get("day", "").endswith("晚") else "")
    part = part or ("早" if groups.get("day", "").endswith("早") else "")
    if PARTS.get(part) == NOON - 1:
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
