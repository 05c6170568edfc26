"""The lines of a report: each with its rule, basis, figures, cap, result and source."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain.labels import Label

_WHOLE = 100


class Unit(Label):
    """What a result is: money that is paid, or money that is placed or lent."""

    AWARD = "award", "奖励"
    DEPOSIT = "deposit", "财政存款"
    PURCHASE = "purchase", "再贷款资金"


class Gap(Label):
    """What is not known of a record, so that it does not count in the line."""

    SECURITY = "security", "产品目录中没有这个产品，或它的担保方式不能说明这笔是否为信用贷款（无反担保）"
    PRODUCT = "product", "没有登记产品"
    SCORE = "score", "没有放款时的信用评分记录，或企业没有授权使用"
    FIRST = "first", "不能确定这家企业此前是否有过贷款或担保"
    INDUSTRY = "industry", "企业的行业不明"
    BALANCE = "balance", "年末余额不明：记录在年末以后有变动，且不是分文未还"
    RATE = "rate", "没有登记利率或费率"
    BENCHMARK = "benchmark", "没有放款时同期限的基准利率"
    INTEREST = "interest", "当年实际收取的利息不明：本金已有偿还，或贷款逾期"
    KIND = "kind", "机构的类别不明"
    CENTRE = "centre", "平台没有登记该机构的企业支持中心（专营团队）"
    OPENING = "opening", "年初在保余额不明"
    INVESTED = "invested", "没有登记投资金额、日期或企业"


@dataclass(frozen=True, slots=True)
class Open:
    """A record that does not count until somebody knows: what is missing, and how much is at stake."""

    record: str
    gap: Gap
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One result for one institution.

    `basis` says in words what was counted and how; `figures` are the numbers, by name, in the order in which
    they are read; `uncapped` is what the rule gives before its `cap`.
    """

    institution: str
    rule: str
    title: str
    unit: Unit
    basis: str
    figures: tuple[tuple[str, int], ...]
    uncapped: int
    cap: int | None
    result: int
    source: str
    open: tuple[Open, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "title": self.title,
            "unit": self.unit,
            "basis": self.basis,
            "figures": [{"name": name, "value": value} for name, value in self.figures],
            "uncapped": self.uncapped,
            "cap": self.cap,
            "result": self.result,
            "source": self.source,
            "open": [
                {"record": item.record, "gap": item.gap, "reason": item.gap.label, "amount": item.amount}
                for item in self.open
            ],
        }


def part_of(amount: int, percent: Decimal) -> int:
    """So many per cent of an amount, rounded down to yuan: a fraction is never paid."""
    return int(amount * percent / _WHOLE)


def gaps(found: Iterable[Open]) -> tuple[Open, ...]:
    """In an order of their own, so that the same report always looks the same."""
    return tuple(sorted(found, key=lambda item: (item.gap, item.record)))
