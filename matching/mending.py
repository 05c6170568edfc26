"""What would close the one gap of a near miss, in the owner's words; nothing where he cannot close it.

Figures are taken from the requirement and the facts, dates from the calendar. Nobody is told to move his
firm, to change trade, to shrink, or to say that the money is for something else.
"""

import math
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from domain.labels import Collateral, Guarantee, Label, Qualification, TaxGrade
from domain.money import yuan
from matching.eligibility import Failure
from matching.situation import Situation

_MONTHS_A_YEAR = 12
# The grades that a firm earns by how it pays its taxes, the least first; M is a new firm's.
_EARNED = (TaxGrade.C, TaxGrade.B, TaxGrade.A)


def mend(gap: Failure, at: Situation) -> str:
    """Such as 「把金额降到300万元以内即可」; empty if nothing can be done."""
    written = _MENDS.get(gap.condition)
    return written(gap.needs, gap.has, at) if written else ""


def reached_on(since: date, count: int) -> date:
    """The first day on which `count` months since then are whole: from 31 January the first is on 1 March."""
    years, month = divmod(since.month - 1 + count, _MONTHS_A_YEAR)
    first = date(since.year + years, month + 1, 1)
    return first + timedelta(days=min(since.day - 1, monthrange(first.year, first.month)[1]))


def _labelled(kind: type[Label], values: Iterable[str]) -> str:
    return "或".join(kind(value).label for value in values)


def _older(needs: int, has: int, at: Situation) -> str:
    if at.founded is None:
        return ""
    day = reached_on(at.founded, needs)
    return f"再满{needs - has}个月即可申请（{day.year}年{day.month}月{day.day}日起）"


def _range(name: str, down: str, unit: Callable[[int], str]) -> Callable[[Any, Any, Situation], str]:
    """Less where the wish lies above what is offered; more is only said to be possible, never advised."""

    def written(needs: dict[str, int | None], has: dict[str, int | None], _: Situation) -> str:
        most, least = needs["max"], has["min"]
        if most is not None and least is not None and least > most:
            return f"把{name}{down}到{unit(most)}以内即可"
        return f"{name}在{unit(needs['min'] or 0)}以上即可申请"

    return written


def _more(before: str, unit: Callable[[int], str]) -> Callable[[int, int, Situation], str]:
    return lambda needs, has, _: f"{before}再增加{unit(needs - has)}即可"


def _less_debt(needs: float, _: float, at: Situation) -> str:
    """Of the debts that the present assets are set against; rounded up to the yuan, so that it is enough."""
    if at.debt_ratio is None or at.assets is None:
        return ""
    surplus = (at.debt_ratio - Fraction(str(needs))) * at.assets
    return f"按现有资产，负债再减少{yuan(math.ceil(surplus))}即可"


def _better_grade(needs: list[str], _: str, __: Situation) -> str:
    earned = [grade for grade in _EARNED if grade in needs]
    return f"下次纳税信用评价达到{earned[0].label}即可" if earned else ""


_MENDS: dict[str, Callable[[Any, Any, Situation], str]] = {
    "amount": _range("金额", "降", yuan),
    "term": _range("期限", "缩短", lambda count: f"{count}个月"),
    "rate": lambda needs, *_: f"能接受年利率{needs:g}%起即可",
    "guarantee": lambda needs, *_: f"能接受{_labelled(Guarantee, needs)}即可",
    "institution": lambda needs, *_: f"愿意由{needs}办理即可",
    "founded_months_min": _older,
    "revenue_min": _more("年营业收入", yuan),
    "employees_min": _more("员工", lambda heads: f"{heads}人"),
    "registered_capital_min": _more("注册资本", yuan),
    "debt_ratio_max": _less_debt,
    "credit_score_min": _more("信用分", lambda points: f"{points}分"),
    "tax_grades": _better_grade,
    "qualifications_any": lambda needs, *_: f"取得{_labelled(Qualification, needs)}资格即可",
    "qualifications_all": lambda needs, has, _: (
        f"再取得{'、'.join(Qualification(need).label for need in needs if need not in has)}资格即可"
    ),
    "collaterals_any": lambda needs, *_: f"能提供{_labelled(Collateral, needs)}即可",
    "no_overdue": lambda *_: "结清逾期后即可申请",
}
