"""One writing for all: full-width, traditional and capital forms of the same sign.

Every sign becomes exactly one sign, so a position in the result is the same position in what was written.
"""

from __future__ import annotations

import unicodedata

from components.spelling import mended

# Only what decides about amounts, places and security; simplified writing is the norm here.
TRADITIONAL = str.maketrans(
    "萬億兩貸張個錢廠業園區縣廣東蘇這還沒無證設備車開產買賣質農銀機資號營辦電話來為過",
    "万亿两贷张个钱厂业园区县广东苏这还没无证设备车开产买卖质农银机资号营办电话来为过",
)


def normalise(text: str) -> str:
    """The text in half-width, simplified, lower-case signs and rightly spelt key words, as long as it was."""
    return mended("".join(_one(sign) for sign in text).translate(TRADITIONAL))


def _one(sign: str) -> str:
    if "\u4e00" <= sign <= "\u9fff":
        return sign
    plain = unicodedata.normalize("NFKC", sign).lower()
    return plain if len(plain) == 1 else sign
