"""The reading rules of the data formats written down a second time, straight and slow, to compare with."""

from collections.abc import Sequence
from datetime import date, timedelta

from domain.companies import CompanyFacts
from domain.conditions import Conditions
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product


def months_between(founded: date, today: date) -> int:
    """Counts months one by one: each is whole on the first day that is not before its day number."""
    count = 0
    while True:
        index = founded.year * 12 + founded.month - 1 + count + 1
        year, month = divmod(index, 12)
        first = date(year, month + 1, 1)
        reached = first + timedelta(days=founded.day - 1)
        if reached.month != first.month:
            following = divmod(index + 1, 12)
            reached = date(following[0], following[1] + 1, 1)
        if reached > today:
            return count
        count += 1


def _inside(part: str, whole: str) -> bool:
    if whole[2:] == "0000":
        return part[:2] == whole[:2]
    if whole[4:] == "00":
        return part[:4] == whole[:4]
    return part == whole


def place(item: Product | Policy, company: CompanyFacts, need: Need, result: dict[str, str]) -> None:
    region = company.region if company.region is not None else need.region
    if item.regions:
        if region is None:
            result["region"] = "open"
        elif any(_inside(region, wanted) for wanted in item.regions):
            result["region"] = "met"
        elif any(_inside(wanted, region) for wanted in item.regions):
            result["region"] = "open"
        else:
            result["region"] = "failed"
    industry = company.industry if company.industry is not None else need.industry
    if item.industries:
        if industry is None:
            result["industry"] = "open"
        else:
            result["industry"] = "met" if industry in item.industries else "failed"


def _ranges(low: int | None, high: int | None, from_: int | None, to: int | None) -> str:
    if from_ is None and to is None:
        return "open"
    largest = 10**18
    start, end = max(low or 0, from_ or 0), min(high if high is not None else largest, largest)
    end = min(end, to if to is not None else largest)
    return "met" if start <= end else "failed"


def wish(product: Product, need: Need, result: dict[str, str]) -> None:
    if product.amount_min is not None or product.amount_max is not None:
        result["amount"] = _ranges(product.amount_min, product.amount_max, need.amount_min, need.amount_max)
    if product.term_min_months is not None or product.term_max_months is not None:
        from_ = need.term_min_months if need.term_min_months is not None else need.term_months
        result["term"] = _ranges(product.term_min_months, product.term_max_months, from_, need.term_months)
    if product.purposes:
        result["purpose"] = (
            "open" if need.purpose is None else "met" if need.purpose in product.purposes else "failed"
        )
    if product.guarantees:
        common = [kind for kind in need.guarantee if kind in product.guarantees]
        result["guarantee"] = "open" if not need.guarantee else "met" if common else "failed"
    if product.rate_min is not None and need.rate_max is not None:
        result["rate"] = "failed" if need.rate_max < product.rate_min else "met"
    if need.institutions:
        result["institution"] = "met" if product.institution in need.institutions else "failed"


def figures(rules: Conditions, company: CompanyFacts, today: date, result: dict[str, str]) -> None:
    months = None if company.founded is None else months_between(company.founded, today)
    for key, fact, bound, upper in (
        ("founded_months_min", months, rules.founded_months_min, False),
        ("revenue_min", company.revenue, rules.revenue_min, False),
        ("revenue_max", company.revenue, rules.revenue_max, True),
        ("employees_min", company.employees, rules.employees_min, False),
        ("employees_max", company.employees, rules.employees_max, True),
        ("registered_capital_min", company.registered_capital, rules.registered_capital_min, False),
        ("assets_max", company.assets, rules.assets_max, True),
        ("credit_score_min", company.credit_score, rules.credit_score_min, False),
    ):
        if bound is None:
            continue
        if fact is None:
            result[key] = "open"
        else:
            result[key] = "met" if (fact <= bound if upper else fact >= bound) else "failed"
    if rules.debt_ratio_max is not None:
        if not company.assets or company.liabilities is None:
            result["debt_ratio_max"] = "open"
        else:
            within = company.liabilities <= rules.debt_ratio_max * company.assets
            result["debt_ratio_max"] = "met" if within else "failed"


def _three(*, known: bool, met: bool) -> str:
    return ("met" if met else "failed") if known else "open"


def properties(rules: Conditions, company: CompanyFacts, need: Need, result: dict[str, str]) -> None:
    has = company.qualifications
    if rules.tax_grades:
        result["tax_grades"] = _three(
            known=company.tax_grade is not None, met=company.tax_grade in rules.tax_grades
        )
    if rules.qualifications_any:
        hit = any(title in (has or ()) for title in rules.qualifications_any)
        result["qualifications_any"] = _three(known=has is not None, met=hit)
    if rules.qualifications_all:
        all_held = all(title in (has or ()) for title in rules.qualifications_all)
        result["qualifications_all"] = _three(known=has is not None, met=all_held)
    if rules.collaterals_any:
        together = [*(company.collaterals or ()), *(need.collateral or ())]
        hit = any(kind in together for kind in rules.collaterals_any)
        known = company.collaterals is not None
        result["collaterals_any"] = _three(known=known or hit, met=hit)
    if rules.first_loan is not None:
        result["first_loan"] = _three(
            known=company.first_loan is not None, met=company.first_loan is rules.first_loan
        )
    if rules.no_overdue:
        result["no_overdue"] = _three(known=company.overdue is not None, met=company.overdue is False)


def read(item: Product | Policy, company: CompanyFacts, need: Need, today: date) -> dict[str, str]:
    """Condition → met, open or failed, for what the item asks."""
    result: dict[str, str] = {}
    place(item, company, need, result)
    if isinstance(item, Product):
        wish(item, need, result)
    figures(item.conditions, company, today, result)
    properties(item.conditions, company, need, result)
    return result


def offered(item: Product | Policy, today: date) -> bool:
    first, last = (
        (item.valid_from, item.valid_to) if isinstance(item, Product) else (item.published, item.deadline)
    )
    return not (first is not None and today < first) and not (last is not None and today > last)


def sorted_out(
    items: Sequence[Product | Policy], company: CompanyFacts, need: Need, today: date
) -> tuple[dict[str, set[str]], dict[str, str]]:
    """By code, what stands open with each item that fits, and the one failed condition of each near miss."""
    fits: dict[str, set[str]] = {}
    near: dict[str, str] = {}
    for item in items:
        if not offered(item, today):
            continue
        outcomes = read(item, company, need, today)
        failed = [condition for condition, outcome in outcomes.items() if outcome == "failed"]
        if not failed:
            fits[item.code] = {condition for condition, outcome in outcomes.items() if outcome == "open"}
        elif len(failed) == 1:
            near[item.code] = failed[0]
    return fits, near
