"""The words of equity: rounds, steps of a request and of an institution, reasons."""

from enum import StrEnum

from domain.labels import Label


class EquityRound(Label):
    """How far a company is when it raises."""

    SEED = "seed", "种子轮"
    ANGEL = "angel", "天使轮"
    A = "a", "A轮"
    B = "b", "B轮"
    C = "c", "C轮及以后"
    PRE_IPO = "pre_ipo", "Pre-IPO轮"


class EquityField(StrEnum):
    """What is asked for, in the order in which it is asked."""

    ROUND = "round"
    AMOUNT = "amount"
    SHARE = "share"
    INDUSTRY = "industry"
    WORDS = "words"

    @property
    def label(self) -> str:
        return _FIELD_LABELS[self]


_FIELD_LABELS = {
    EquityField.ROUND: "轮次",
    EquityField.AMOUNT: "融资金额",
    EquityField.SHARE: "出让股份",
    EquityField.INDUSTRY: "行业",
    EquityField.WORDS: "公司介绍",
}


class EquityStatus(Label):
    """The furthest step that any institution reached; labels of at most five Han characters."""

    DRAFT = "draft", "填写中"
    PUBLISHED = "published", "已发布"
    FOLLOWED = "followed", "机构跟进"
    MET = "met", "已约见"
    TERM_SHEET = "term_sheet", "已出意向书"
    INVESTED = "invested", "已投资"
    WITHDRAWN = "withdrawn", "已撤回"
    CLOSED = "closed", "已结束"


class EquityFollow(Label):
    """Where one institution stands with one request."""

    FOLLOWING = "following", "跟进中"
    MET = "met", "已约见"
    TERM_SHEET = "term_sheet", "已出意向书"
    INVESTED = "invested", "已投资"
    PASSED = "passed", "机构未投"
    ENDED = "ended", "已结束"


class PassReason(Label):
    """Why an institution does not invest, as the owner reads it."""

    STAGE = "stage", "发展阶段不合适"
    SECTOR = "sector", "不在关注的行业"
    VALUATION = "valuation", "估值谈不拢"
    TEAM = "team", "团队还需完善"
    MARKET = "market", "市场空间有顾虑"
    FINANCIALS = "financials", "经营数据未达要求"
    OTHER = "other", "其他原因"


OPEN = frozenset({EquityStatus.PUBLISHED, EquityStatus.FOLLOWED, EquityStatus.MET, EquityStatus.TERM_SHEET})
"""On the market, with nobody's money in it yet: of these a company has one at a time."""
ON_THE_MARKET = OPEN | {EquityStatus.INVESTED}
"""What institutions see: who leads a round is joined by others."""
ENDED = frozenset({EquityStatus.WITHDRAWN, EquityStatus.CLOSED})
