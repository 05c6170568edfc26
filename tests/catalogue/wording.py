"""How figures and conditions are said in Chinese, so that a text can be held against its fields."""

import re
from datetime import date
from decimal import Decimal

from domain.conditions import Conditions
from domain.labels import Collateral, Qualification

_DIGITS = "零一二三四五六七八九"
_UNITS = ((1000, "千"), (100, "百"), (10, "十"))

QUALIFICATIONS = {
    Qualification.HIGH_TECH: "高新",
    Qualification.SPECIALISED_NEW: "专精特新",
    Qualification.LITTLE_GIANT: "小巨人|专精特新",
    Qualification.GAZELLE: "瞪羚",
    Qualification.TECH_SME: "科技型|科技中小",
    Qualification.TALENT: "人才",
    Qualification.IP_OWNER: "自主知识产权",
    Qualification.CULTURAL_CREATIVE: "文化创意|文创",
    Qualification.FIRST_SET: "首台",
    Qualification.VC_BACKED: "创投|创业投资|获投|风险投资",
    Qualification.NEEQ: "新三板",
    Qualification.IPO_CANDIDATE: "上市",
    Qualification.AGRI: "涉农|三农|农业|农户|农产|合作社|龙头企业|种植",
}
COLLATERALS = {
    Collateral.REAL_ESTATE: "房|住宅|写字楼",
    Collateral.EQUIPMENT: "设备|农机|塔吊|贴片机",
    Collateral.PATENT: "专利",
    Collateral.RECEIVABLES: "应收|账款|账单|货款|工程款",
    Collateral.INVENTORY: "存货|库存|仓单|坯布",
    Collateral.EQUITY: "股权",
    Collateral.VEHICLE: "车辆",
    Collateral.ORDER: "订单|合同",
    Collateral.INVOICE: "发票|账单|应收",
    Collateral.LAND: "土地",
}
_RUNNING = "已有贷款|旧贷"
_FIRST = "首次|首贷|首笔|从未|从没|从来没|第一次|头一回|没在任何银行"


def in_words(number: int) -> str:
    """1 to 9999 as a bank writes it: 500 is 五百, 12 is 十二."""
    said = ""
    for unit, name in _UNITS:
        digit, number = divmod(number, unit)
        if digit:
            said += _DIGITS[digit] + name
    said += _DIGITS[number] if number else ""
    return said.removeprefix("一") if said.startswith("一十") else said


def yuan(amount: int) -> str:
    """A pattern for every way of writing the amount: 5000000 is 500万 or 五百万."""
    ways = [f"{amount}元", f"{Decimal(amount) / 10_000:f}万"]
    if amount >= 10**8:
        ways.append(f"{Decimal(amount) / 10**8:f}亿")
    if amount % 10_000 == 0 and amount < 10**8:
        ways.append(f"{in_words(amount // 10_000)}万")
    return _any(ways)


def months(count: int) -> str:
    years, rest = divmod(count, 12)
    ways = [f"{count}个月"]
    if not rest:
        ways += [f"{years}年", f"{in_words(years)}年", f"{years}周年"]
        ways += ["两年"] if years == 2 else []
    elif rest == 6:
        ways.append(f"{in_words(years)}年半" if years else "半年")
    return _any(ways)


def day(when: date) -> str:
    return _any([f"{when.year}年{when.month}月{when.day}日"])


def required(asked: Conditions) -> dict[str, list[str]]:
    """What a text must say, by condition: patterns that each have to occur."""
    said = {
        "founded_months_min": [months(asked.founded_months_min)] if asked.founded_months_min else [],
        "debt_ratio_max": [f"{asked.debt_ratio_max * 100:.0f}%"] if asked.debt_ratio_max else [],
        "credit_score_min": [f"{asked.credit_score_min}分"] if asked.credit_score_min else [],
        "tax_grades": [f"{grade}级" for grade in asked.tax_grades],
        "qualifications_any": [QUALIFICATIONS[name] for name in asked.qualifications_any],
        "qualifications_all": [QUALIFICATIONS[name] for name in asked.qualifications_all],
        "collaterals_any": [COLLATERALS[name] for name in asked.collaterals_any],
        "first_loan": [] if asked.first_loan is None else [_FIRST if asked.first_loan else _RUNNING],
        "no_overdue": ["逾期"] if asked.no_overdue else [],
    }
    for key in ("employees_min", "employees_max"):
        heads = getattr(asked, key)
        said[key] = [f"(?<!\\d){heads}名?(人|至)"] if heads else []
    for key in ("revenue_min", "revenue_max", "registered_capital_min", "assets_max"):
        amount = getattr(asked, key)
        said[key] = [yuan(amount)] if amount else []
    return {key: patterns for key, patterns in said.items() if patterns}


def unsaid(asked: Conditions, text: str) -> set[str]:
    """The conditions that the text leaves out or says with another figure."""
    return {
        key
        for key, patterns in required(asked).items()
        if not all(re.search(pattern, text) for pattern in patterns)
    }


def _any(ways: list[str]) -> str:
    """Any of these, as a whole figure: 50万 does not stand in 150万."""
    return r"(?<![\d.一二三四五六七八九十百千])(" + "|".join(map(re.escape, ways)) + ")"
