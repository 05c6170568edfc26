"""Slips of the keyboard and of voice recognition around figures: 「五十玩」, 「8O w」, 「代款」, 「例息」.

Each correction keeps the length, so positions stay those of what was written.
"""

from __future__ import annotations

import re

# 「万」 as a pinyin keyboard or a recogniser hears it, behind a number too long for what these words count.
TEN_THOUSAND = re.compile(r"(?<=[十百千\d])(\s?)[玩完弯湾丸](?=$|[^成善具整工全结毕])")
# 「十万快」 of money; 「十万快到期」 says something else.
YUAN = re.compile(r"(?<=[万千百])快(?=$|[\s,，。])")
# The letter for the figure, among figures or before a unit of money.
ZERO = re.compile(r"(?<=\d)o+(?=\d|\s*(?:[万亿w%k]|个|元|块))")
WORDS = {
    "带款": "贷款",
    "争箱": "蒸箱",
    "代款": "贷款",
    "例息": "利息",
    "历息": "利息",
    "例率": "利率",
    "年话": "年化",
    "个典": "个点",
    "月西": "月息",
    "营业鹅": "营业额",
}
# 「短一点三个月」 is no 1.3: the word before makes 「一点」 a little.
_A_LITTLE = re.compile(r"(?<=[短长低高快早晚多少好大小便松])一点(?=[零一二两三四五六七八九十])")
_WORD = re.compile("|".join(WORDS))


def mend(text: str) -> str:
    """The text, normalised before, with slips around figures put right, as long as it was."""
    text = _WORD.sub(lambda slip: WORDS[slip[0]], text)
    text = _A_LITTLE.sub("一些", text)
    text = ZERO.sub(lambda slip: "0" * len(slip[0]), text)
    text = YUAN.sub("块", text)
    return TEN_THOUSAND.sub(lambda slip: slip[1] + "万", text)
