"""Why something fits, what is still to be checked and what is missing, in the owner's words."""

from collections.abc import Callable, Iterable
from typing import Any

from domain.labels import Collateral, Guarantee, Industry, Label, Purpose, Qualification, TaxGrade
from domain.money import months, percent, yuan
from domain.products import Product
from domain.regions import region_name
from matching.eligibility import Failure
from matching.rules import Offer
from matching.situation import Range, Situation


def _names(members: Iterable[Label], joint: str = "、") -> str:
    return joint.join(member.label for member in members)


def _labelled(kind: type[Label], values: Iterable[str], joint: str = "、") -> str:
    return _names((kind(value) for value in values), joint)


def _regions(codes: Iterable[str]) -> str:
    return "、".join(region_name(code) for code in codes)


_BEFORE_PRICE = 2


# --- Why it fits -------------------------------------------------------------------------------------------


def reasons(item: Offer, met: Iterable[str], at: Situation, extras: Iterable[str] = ()) -> tuple[str, ...]:
    """The conditions worth saying among those that are met, the weightiest first, and the price.

    `extras`, what speaks for it beyond its own terms, comes after the price: it touches the cost too.
    """
    fulfilled = set(met)
    said = [text(item, at) for name, text in _REASONS.items() if name in fulfilled]
    if isinstance(item, Product):
        said[_BEFORE_PRICE:_BEFORE_PRICE] = [_price(item, at), *extras]
    return tuple(text for text in said if text)


def _amount_reason(item: Any, at: Situation) -> str:
    wish = at.amount.high or at.amount.low
    if wish is None or item.amount_max is None:
        return f"额度{yuan(item.amount_min)}起" if item.amount_min else ""
    if wish > item.amount_max:
        return f"额度最高{yuan(item.amount_max)}，能满足您的一部分需要"
    return f"额度最高{yuan(item.amount_max)}，够您要的{yuan(wish)}"


def _term_reason(item: Any, at: Situation) -> str:
    wish = at.term.high or at.term.low
    if wish is None or item.term_max_months is None:
        return ""
    if wish > item.term_max_months:
        return f"期限最长{months(item.term_max_months)}"
    return f"期限最长{months(item.term_max_months)}，够您用{months(wish)}"


def _guarantee_reason(item: Any, at: Situation) -> str:
    common = [kind for kind in item.guarantees if kind in at.guarantees]
    if Guarantee.CREDIT in common:
        return "纯信用，不用抵押担保"
    return f"接受{_names(common)}"


def _region_reason(_: Any, at: Situation) -> str:
    return f"{region_name(at.region)}企业可办" if at.region else ""


def _industry_reason(_: Any, at: Situation) -> str:
    return f"面向{at.industry.label}企业" if at.industry else ""


def _qualification_reason(wanted: Iterable[Qualification], at: Situation) -> str:
    held = [title for title in wanted if title in (at.qualifications or ())]
    return f"您是{_names(held)}，符合要求"


def _price(item: Product, at: Situation) -> str:
    if item.rate_min is None:
        return ""
    price = f"年利率{percent(item.rate_min)}" + ("" if item.rate_min == item.rate_max else "起")
    return price if at.rate_max is None else f"{price}，您能接受{percent(at.rate_max)}以内"


_REASONS: dict[str, Callable[[Any, Situation], str]] = {
    "amount": _amount_reason,
    "purpose": lambda _, at: f"可用于{at.purpose.label}" if at.purpose else "",
    "guarantee": _guarantee_reason,
    "collaterals_any": lambda item, at: (
        f"接受{_names(c for c in item.conditions.collaterals_any if c in at.collaterals)}作押"
    ),
    "region": _region_reason,
    "industry": _industry_reason,
    "qualifications_all": lambda item, at: _qualification_reason(item.conditions.qualifications_all, at),
    "qualifications_any": lambda item, at: _qualification_reason(item.conditions.qualifications_any, at),
    "term": _term_reason,
    "first_loan": lambda item, _: "专为首次贷款的企业准备" if item.conditions.first_loan else "",
    "credit_score_min": lambda _, at: f"您的信用分{at.credit_score}，达到要求",
    "tax_grades": lambda _, at: f"纳税信用{at.tax_grade.label}，符合要求" if at.tax_grade else "",
    "founded_months_min": lambda item, _: f"成立已满{months(item.conditions.founded_months_min)}",
}


# --- What it asks for --------------------------------------------------------------------------------------


def requirement(condition: str, needs: Any) -> str:
    """A condition as a short demand, such as 「成立年限需满24个月」; `needs` is its JSON value."""
    return _REQUIREMENTS[condition](needs)


def open_text(condition: str, needs: Any) -> str:
    """An open point: the demand, and that it is still to be checked."""
    return f"{requirement(condition, needs)}，待核实"


def _span(needs: dict[str, int | None], least: str, most: str, unit: Callable[[int], str]) -> str:
    """A range in words; the name of the figure goes before it."""
    low, high = needs["min"], needs["max"]
    if low and high is not None:
        return f"需为{unit(low)}" if low == high else f"需在{unit(low)}到{unit(high)}之间"
    return f"{most}{unit(high)}" if high is not None else f"{least}{unit(low or 0)}"


def _month_count(count: int) -> str:
    """Never in years: two figures side by side compare best in one unit."""
    return f"{count}个月"


_REQUIREMENTS: dict[str, Callable[[Any], str]] = {
    "region": lambda needs: f"仅限{_regions(needs)}的企业",
    "industry": lambda needs: f"仅限{_labelled(Industry, needs)}企业",
    "amount": lambda needs: f"额度{_span(needs, '最低', '最高', yuan)}",
    "term": lambda needs: f"期限{_span(needs, '最短', '最长', _month_count)}",
    "purpose": lambda needs: f"用途限{_labelled(Purpose, needs)}",
    "guarantee": lambda needs: f"担保方式限{_labelled(Guarantee, needs)}",
    "rate": lambda needs: f"年利率{needs:g}%起",
    "institution": lambda needs: f"由{needs}办理",
    "founded_months_min": lambda needs: f"成立年限需满{needs}个月",
    "revenue_min": lambda needs: f"年营业收入需达到{yuan(needs)}",
    "revenue_max": lambda needs: f"年营业收入需在{yuan(needs)}以内",
    "employees_min": lambda needs: f"员工需满{needs}人",
    "employees_max": lambda needs: f"员工需在{needs}人以内",
    "registered_capital_min": lambda needs: f"注册资本需达到{yuan(needs)}",
    "assets_max": lambda needs: f"资产总额需在{yuan(needs)}以内",
    "debt_ratio_max": lambda needs: f"资产负债率不能超过{needs * 100:.4g}%",
    "credit_score_min": lambda needs: f"信用分需达到{needs}",
    "tax_grades": lambda needs: f"纳税信用需为{_labelled(TaxGrade, needs, '或')}",
    "qualifications_any": lambda needs: f"需是{_labelled(Qualification, needs, '或')}",
    "qualifications_all": lambda needs: f"需同时是{_labelled(Qualification, needs)}",
    "collaterals_any": lambda needs: f"需提供{_labelled(Collateral, needs, '或')}",
    "first_loan": lambda needs: "仅限首次贷款的企业" if needs else "仅限有过贷款记录的企业",
    "no_overdue": lambda _: "当前不能有逾期",
}


# --- What is missing ---------------------------------------------------------------------------------------


def gap_text(gap: Failure) -> str:
    """A near miss: what is asked for and what there is."""
    standing = _STANDINGS[gap.condition](gap.needs, gap.has)
    return f"{requirement(gap.condition, gap.needs)}，{standing}"


def _yours(prefix: str, unit: Callable[[Any], str]) -> Callable[[Any, Any], str]:
    return lambda _, has: f"{prefix}{unit(has)}"


def _wish(has: dict[str, int | None], unit: Callable[[int], str]) -> str:
    low, high = Range(has["min"], has["max"])
    if low is None or high is None:
        return f"您至少要{unit(low)}" if low is not None else f"您最多要{unit(high or 0)}"
    return f"您要{unit(high)}" if low == high else f"您要{unit(low)}到{unit(high)}"


def _lacking(needs: Iterable[str], has: Iterable[str]) -> str:
    return f"您还缺{_labelled(Qualification, [need for need in needs if need not in set(has)])}"


_STANDINGS: dict[str, Callable[[Any, Any], str]] = {
    "region": _yours("您的企业在", region_name),
    "industry": _yours("您的企业属于", lambda has: Industry(has).label),
    "amount": lambda _, has: _wish(has, yuan),
    "term": lambda _, has: _wish(has, _month_count),
    "purpose": _yours("您要用于", lambda has: Purpose(has).label),
    "guarantee": _yours("您希望", lambda has: _labelled(Guarantee, has, "或")),
    "rate": _yours("您希望不超过", lambda has: f"{has:g}%"),
    "institution": _yours("您指定的是", "、".join),
    "founded_months_min": _yours("您已满", _month_count),
    "revenue_min": _yours("您是", yuan),
    "revenue_max": _yours("您是", yuan),
    "employees_min": _yours("您有", lambda has: f"{has}人"),
    "employees_max": _yours("您有", lambda has: f"{has}人"),
    "registered_capital_min": _yours("您是", yuan),
    "assets_max": _yours("您是", yuan),
    "debt_ratio_max": _yours("您是", lambda has: f"{has * 100:.4g}%"),
    "credit_score_min": _yours("您是", lambda has: f"{has}分"),
    "tax_grades": _yours("您是", lambda has: TaxGrade(has).label),
    "qualifications_any": lambda *_: "您目前还没有这项资质",
    "qualifications_all": _lacking,
    "collaterals_any": lambda _, has: (
        f"您有的是{_labelled(Collateral, has)}" if has else "您目前没有可抵押质押的"
    ),
    "first_loan": lambda needs, _: "您以前贷过款" if needs else "您还没有贷过款",
    "no_overdue": lambda *_: "您目前有逾期",
}
