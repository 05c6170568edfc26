"""Numbers as people write them in chat: 80, 1.5, ８０, 八十, 一千二, 两千五百, 半, 负五十."""

import re
import unicodedata
from typing import Final

_DIGITS: Final = {character: value for value, character in enumerate("零一二三四五六七八九")} | {
    "两": 2,
    "〇": 0,
}
_WEIGHTS: Final = {"十": 10, "百": 100, "千": 1000, "万": 10_000}

NUMBER: Final = r"(?:\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千]+|半)"
# After a figure or its unit a hyphen is no sign: it joins two ends, or goes on with a word.
_GOES_ON: Final = r"\da-zA-Z零〇一二两三四五六七八九十百千万亿元块钱整个年月日天期右内多来几%点厘-"
MINUS: Final = rf"(?:(?<!正)负|(?<![{_GOES_ON}])(?<![{_GOES_ON}]\s)[-－−])"

# Identity and account numbers end here; a longer row of digits counts nothing.
_LONGEST: Final = 20
_ROW: Final = re.compile(rf"[\d零〇一二两三四五六七八九十百千]{{{_LONGEST + 1},}}")


def without_long_rows(text: str) -> str:
    """The text with every absurdly long figure made a shorter one, still beyond everything, in its place."""
    return _ROW.sub(lambda row: ("9" * _LONGEST).rjust(len(row[0])), text)


def number(text: str) -> float:
    """The value of what `NUMBER` matched; 一千二 is 1200, as it is said."""
    text = unicodedata.normalize("NFKC", text)
    if text == "半":
        return 0.5
    if re.fullmatch(r"[\d.]+", text):
        return float(text)
    if len(text) > 1 and all(character in _DIGITS for character in text):
        return float("".join(str(_DIGITS[character]) for character in text))
    total, digit, weight = 0, 0, 10
    for character in text:
        if character in _WEIGHTS:
            weight = _WEIGHTS[character]
            total += (digit or 1) * weight
            digit = 0
        else:
            digit = _DIGITS[character]
            # After a 零 the place is spoken out: 一百零二 is 102, but 一百二 is 120.
            weight = 10 if digit == 0 else weight
    return float(total + digit * (weight // 10))
