"""Numbers as people write and say them: 「一百二」, 「1.5」, 「壹佰」, 「两百五」, 「半」.

`cn2an` refuses what is spoken (an omitted last unit, capital and small numerals mixed), so this is our own.
"""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = {
    sign: value
    for value, signs in enumerate(
        ("零〇", "一壹幺", "二贰两俩", "三叁仨", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"),
    )
    for sign in signs
}
UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "廿": 20, "卅": 30}
SCALES = {"万": 10_000, "w": 10_000, "亿": 100_000_000}

ARABIC = r"(?:\d{1,3}(?:,\d{3}){1,5}(?!\d)|\d{1,3}(?: \d{3}){2,5}(?!\d)|\d+)(?:\.\d+)?"
# 「2千8百」, 「1.5千」: figures with the units of words.
MIXED = r"\d+(?:\.\d+)?[十拾百佰千仟](?:\d[十拾百佰千仟])*(?:\d(?![\d.]))?"
HAN_DIGIT = "[零〇一壹幺二贰两俩三叁仨四肆五伍六陆七柒八捌九玖]"
HAN = rf"(?:{HAN_DIGIT}|[十拾百佰千仟廿卅])+(?:点{HAN_DIGIT}+)?"
NUMBER = rf"(?:{MIXED}|{ARABIC}|{HAN})"
# After a figure or its unit a hyphen is no sign: it joins two ends, or goes on with a word.
_GOES_ON = r"0-9a-z零〇一二贰两三四五六七八九十百千万亿元块钱整个年月日天期周右度内多来几%点厘-"
MINUS = rf"(?:(?<!正)负|(?<![{_GOES_ON}])(?<![{_GOES_ON}]\s)[-−])"

# Identity and account numbers end here; a longer row of digits counts nothing.
LONGEST = 20
_ROW = re.compile(rf"(?:[0-9]|{HAN_DIGIT}|[十拾百佰千仟廿卅]){{{LONGEST + 1},}}")

_ARABIC = re.compile(ARABIC)
_MULTIPLE = re.compile(r"(\d+(?:\.\d+)?)([十拾百佰千仟])")
_TO_HAN = str.maketrans("0123456789", "零一二三四五六七八九")
# Said of what is about so much, not of the sum of its signs: 「百八十万」 is a million more or less.
ROUGH = {"百十": 100, "百八十": 100, "千八百": 1000}


def without_long_rows(text: str) -> str:
    """The text with every absurdly long figure made a shorter one, still beyond everything, in its place.

    Each pattern may look at a figure from each of its digits: a row of thousands would hold up the parser.
    """
    return _ROW.sub(lambda row: ("9" * LONGEST).rjust(len(row[0])), text)


def number(written: str) -> Decimal | None:
    """The value of one number, or nothing where the signs make no number."""
    if _ARABIC.fullmatch(written):
        return Decimal(written.replace(",", "").replace(" ", ""))
    multiple = _MULTIPLE.fullmatch(written)
    if multiple:
        return Decimal(multiple[1]) * UNITS[multiple[2]]
    if written in ROUGH:
        return Decimal(ROUGH[written])
    whole, _, fraction = written.partition("点")
    value = _han(whole.translate(_TO_HAN))
    fraction = fraction.translate(_TO_HAN)
    if value is None or any(sign not in DIGITS for sign in fraction):
        return None
    return Decimal(f"{value}.{''.join(str(DIGITS[sign]) for sign in fraction) or 0}")


def _han(written: str) -> int | None:
    if not written:
        return None
    if len(written) > 1 and all(sign in DIGITS for sign in written):
        return int("".join(str(DIGITS[sign]) for sign in written))
    total, digit, unit, gap = 0, 0, 0, False
    for sign in written:
        if sign in UNITS:
            step = UNITS[sign]
            if unit and step >= unit:
                return None
            total += step if step in (20, 30) else (digit or 1) * step
            digit, unit, gap = 0, min(step, 10) if step in (20, 30) else step, False
        elif DIGITS[sign] == 0:
            gap = True
        elif digit:
            return None
        else:
            digit = DIGITS[sign]
    # 「一百二」 is 120, 「一百零二」 is 102.
    return total + (digit * unit // 10 if unit > 10 and not gap else digit)  # noqa: PLR2004 - 「十二」 is 12


_NEIGHBOURS = re.compile(
    rf"(?P<more>(?:{HAN_DIGIT}?[十拾百佰千仟])*)(?P<low>{HAN_DIGIT})(?P<high>{HAN_DIGIT})(?P<unit>[十拾百佰千仟]?)"
)
_SAID_TOGETHER = frozenset({*((digit, digit + 1) for digit in range(1, 9)), (3, 5)})
# 「三两个月」, 「仨俩月」: the one pair that is said the other way round.
_BACKWARDS = {"三两", "仨俩"}


def spread(written: str) -> tuple[Decimal, Decimal] | None:
    """The two ends of 「二三十」, 「两三」, 「十五六」, 「一百二三十」, or nothing where it is one number."""
    found = _NEIGHBOURS.fullmatch(written)
    if not found:
        return None
    low, high = DIGITS[found["low"]], DIGITS[found["high"]]
    if found["low"] + found["high"] in _BACKWARDS:
        low, high = high, low
    more = _han(found["more"]) if found["more"] else 0
    if more is None or low < 1 or (low, high) not in _SAID_TOGETHER:
        return None
    unit = UNITS[found["unit"]] if found["unit"] else _next_lower(found["more"])
    return Decimal(more + low * unit), Decimal(more + high * unit)


def _next_lower(written: str) -> int:
    """What a digit counts behind 「一百」 when it goes without its unit: 「三百五六」."""
    return max(1, UNITS[written[-1]] // 10) if written else 1
