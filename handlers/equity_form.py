"""The questions of the equity form, and what an answer to them means."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import cn2an

from domain.equity import terms
from domain.equity.labels import EquityField, EquityRound
from domain.equity.tables import MOST_WORDS
from domain.equity.terms import EquityTerms
from domain.errors import ValueOutOfRange
from domain.labels import Industry
from domain.money import percent, yuan
from handlers import facts
from handlers.turn import Choice
from nlu.understanding import Entity, Understanding

ROUND = "round"
"""The entity by which a choice of ours names a round: the model knows none."""

_QUESTIONS = {
    EquityField.ROUND: "这次融的是哪一轮？",
    EquityField.AMOUNT: "这一轮打算融多少？比如「500万」。",
    EquityField.SHARE: "打算出让多少股份？比如「10%」，没想好回复「跳过」。",
    EquityField.INDUSTRY: "公司是做什么的？比如「做工业软件」「做医疗器械」。",
    EquityField.WORDS: "用一两句话说说公司的优势和这笔钱的用处，投资机构最先看这个；公司名称和电话先别写。",
}
_EXAMPLES = {
    EquityField.ROUND: "您可以说「天使轮」「A轮」这样的",
    EquityField.AMOUNT: "您可以只回一个数，比如「500万」",
    EquityField.SHARE: "您可以说「10%」或「一成」，没想好回复「跳过」",
    EquityField.INDUSTRY: "您可以说「做工业软件的」「做医疗器械的」这样的",
    EquityField.WORDS: "一两句话就行，不想写回复「跳过」",
}
# The first that is found counts: 「Pre-A」 is spoken of as an A, 「Pre-IPO」 as itself.
_ROUNDS: tuple[tuple[re.Pattern[str], EquityRound], ...] = (
    (re.compile(r"pre[-\s]?ipo|(?:ipo|上市)之?前", re.IGNORECASE), EquityRound.PRE_IPO),
    (re.compile(r"种子轮"), EquityRound.SEED),
    (re.compile(r"天使轮|天使投资"), EquityRound.ANGEL),
    (re.compile(r"(?<![a-z])a\+?\s*轮", re.IGNORECASE), EquityRound.A),
    (re.compile(r"(?<![a-z])b\+?\s*轮", re.IGNORECASE), EquityRound.B),
    (re.compile(r"(?<![a-z])[c-f]\+?\s*轮", re.IGNORECASE), EquityRound.C),
)
_BARE_ROUNDS: tuple[tuple[re.Pattern[str], EquityRound], ...] = (
    (re.compile(r"种子"), EquityRound.SEED),
    (re.compile(r"天使"), EquityRound.ANGEL),
    (re.compile(r"(?:pre-?)?a\+?", re.IGNORECASE), EquityRound.A),
    (re.compile(r"b\+?", re.IGNORECASE), EquityRound.B),
    (re.compile(r"[c-f]\+?", re.IGNORECASE), EquityRound.C),
)
_FIGURE = (
    r"[0-9]{1,12}(?:\.[0-9]{1,6})?|[零一二两三四五六七八九十百千]{1,9}(?:点[零一二两三四五六七八九]{1,4})?"
)
_SHARE = re.compile(rf"百分之(?P<of_hundred>{_FIGURE})|(?P<percent>{_FIGURE})\s*(?:%|个百分点|个点)")
_TENTHS = re.compile(r"(?P<tenths>[一二两三四五六七八九1-9])成(?P<half>半)?(?=$|股|的?股|左右|吧|[，,。])")
_BARE = re.compile(rf"(?:大概|大约|差不多|就)?\s*(?P<figure>{_FIGURE})\s*(?:左右|吧|就行|就好)?")
_AROUND = " ，。！,.!~"
_WAN = 10_000
# Nobody raises less than this: a figure below it stands for 万.
_YUAN_WRITTEN_OUT = 10_000
_FEWEST_WORDS = 6
_WORDS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class EquityHeard:
    """What a message says: changes of `EquityTerms`, and the sentences on figures that were refused."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    refusals: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes or self.refusals)


def question(asked: EquityField) -> str:
    return _QUESTIONS[asked]


def example(asked: EquityField) -> str:
    return _EXAMPLES[asked]


def choices(asked: EquityField | None) -> tuple[Choice, ...]:
    """Of rounds there are few, and their names are jargon."""
    if asked is not EquityField.ROUND:
        return ()
    return tuple(
        Choice(one.label, "inform", entities=(Entity(ROUND, one.value, 0, 0),)) for one in EquityRound
    )


def hear(understanding: Understanding, asked: EquityField | None) -> EquityHeard:
    """Every fact in one message, read with the question that stands, if any."""
    changes: dict[str, Any] = {}
    refusals: list[str] = []
    for reader in (_round, _amount, _share, _industry):
        try:
            changes |= reader(understanding, asked)
        except ValueOutOfRange as refusal:
            refusals.append(refusal.sentence)
    if asked is EquityField.WORDS and len(understanding.text.strip()) >= _FEWEST_WORDS:
        # What else the words tell is a detail of theirs: 「拿下了500万的订单」 is not what is raised.
        return EquityHeard({"words": understanding.text.strip()[:MOST_WORDS]})
    return EquityHeard(changes, tuple(refusals))


def value(offered: EquityTerms, asked: EquityField) -> str:
    """What is known, as people say it; empty if nothing is."""
    match asked:
        case EquityField.ROUND:
            return offered.round.label if offered.round else ""
        case EquityField.AMOUNT:
            return yuan(offered.amount) if offered.amount else ""
        case EquityField.SHARE:
            return _share_said(offered)
        case EquityField.INDUSTRY:
            return Industry(offered.industry).label if offered.industry else ""
        case EquityField.WORDS:
            short = len(offered.words) <= _WORDS_SHOWN
            return offered.words if short else f"{offered.words[:_WORDS_SHOWN]}…"


def summary(offered: EquityTerms, company: str) -> str:
    """Everything that will be published, to be confirmed."""
    lines = ["请您核对一下股权融资需求：", f"· 企业：{company}" if company else ""]
    lines += [f"· {one.label}：{value(offered, one) or '先不填'}" for one in EquityField]
    lines.append(
        "发布后投资机构先看到不含企业名称的内容，来跟进的才看到名称。"
        "没问题请回复「确认」；要改哪一项直接说，比如「金额改成800万」。"
    )
    return "\n".join(line for line in lines if line)


def _share_said(offered: EquityTerms) -> str:
    if offered.share is None:
        return ""
    worth = offered.valuation
    # Rounded to 万: a valuation to the yuan would feign to be known.
    about = f"（按此算投后估值约{yuan(round(worth, -4))}）" if worth else ""
    return f"{percent(offered.share)}{about}"


def _round(understanding: Understanding, asked: EquityField | None) -> dict[str, Any]:
    if chosen := understanding.first(ROUND):
        return {"round": EquityRound(str(chosen.value))}
    text = unicodedata.normalize("NFKC", understanding.text)
    found = next((one for pattern, one in _ROUNDS if pattern.search(text)), None)
    if found is None and asked is EquityField.ROUND:
        bare = text.strip(_AROUND)
        found = next((one for pattern, one in _BARE_ROUNDS if pattern.fullmatch(bare)), None)
    return {"round": found} if found else {}


def _amount(understanding: Understanding, asked: EquityField | None) -> dict[str, Any]:
    known = facts.bounds(understanding, "amount")
    amount = known and (known[1] or known[0])
    if amount is None and asked is EquityField.AMOUNT and (bare := _bare(understanding.text)) is not None:
        amount = int(bare if bare >= _YUAN_WRITTEN_OUT else bare * _WAN)
    if amount is None:
        return {}
    terms.check_amount(amount)
    return {"amount": amount}


def _share(understanding: Understanding, asked: EquityField | None) -> dict[str, Any]:
    text = unicodedata.normalize("NFKC", understanding.text)
    share = None
    if found := _SHARE.search(text):
        share = _number(found["of_hundred"] or found["percent"])
    elif tenths := _TENTHS.search(text):
        share = (_number(tenths["tenths"]) + (Decimal("0.5") if tenths["half"] else 0)) * 10
    elif asked is EquityField.SHARE:
        share = _bare(text)
    if share is None:
        return {}
    terms.check_share(share)
    return {"share": share}


def _industry(understanding: Understanding, _: EquityField | None) -> dict[str, Any]:
    named = understanding.all("industry")
    return {"industry": Industry(str(named[-1].value))} if named else {}


def _bare(text: str) -> Decimal | None:
    found = _BARE.fullmatch(unicodedata.normalize("NFKC", text).strip(_AROUND))
    return _number(found["figure"]) if found else None


def _number(figure: str) -> Decimal:
    return Decimal(str(cn2an.cn2an(figure, "smart")))
