"""Which papers a claim usually asks for: by what the policy gives, and by the conditions that it sets.

The official notice decides; the list spares an owner to be sent home for what he could have known.
"""

from dataclasses import dataclass

from domain.labels import PolicyKind, Qualification
from domain.policies import Policy


@dataclass(frozen=True, slots=True)
class Material:
    """A paper; `key` stays the same when its words change."""

    key: str
    name: str


_ALWAYS = (
    Material("licence", "营业执照"),
    Material("form", "申报表（从官方页面下载，盖公章）"),
    Material("account", "企业对公账户信息"),
)
_LOAN = (
    Material("loan_contract", "借款合同"),
    Material("interest", "利息支付凭证"),
)
_BY_KIND: dict[PolicyKind, tuple[Material, ...]] = {
    PolicyKind.SUBSIDY: _LOAN,
    PolicyKind.RISK_COMPENSATION: (_LOAN[0],),
    PolicyKind.GUARANTEE_FUND: (Material("statements", "近两年财务报表"),),
    PolicyKind.BRIDGING: (_LOAN[0], Material("renewal_word", "银行同意续贷的证明")),
    PolicyKind.AWARD: (Material("achievement", "获奖、认定或业绩的证明"),),
    PolicyKind.FEE_RELIEF: (
        Material("fee_contract", "担保、保险或服务合同"),
        Material("fee_receipt", "费用发票"),
    ),
    PolicyKind.TAX_RELIEF: (Material("tax_return", "纳税申报表"),),
    PolicyKind.TALENT: (
        Material("talent_proof", "人才或资质认定证书"),
        Material("contract", "劳动合同和社保证明"),
    ),
}
_STATEMENTS = Material("statements", "近两年财务报表")
_CONDITIONS: dict[str, Material] = {
    "revenue_min": _STATEMENTS,
    "revenue_max": _STATEMENTS,
    "assets_max": _STATEMENTS,
    "debt_ratio_max": _STATEMENTS,
    "employees_min": Material("insured", "社保缴纳人数证明"),
    "employees_max": Material("insured", "社保缴纳人数证明"),
    "tax_grades": Material("tax_grade", "纳税信用等级证明"),
    "credit_score_min": Material("credit_report", "企业信用报告"),
    "first_loan": Material("credit_report", "企业信用报告"),
    "no_overdue": Material("credit_report", "企业信用报告"),
    "collaterals_any": Material("title", "抵质押物的权属证明"),
}


def materials(policy: Policy) -> tuple[Material, ...]:
    """Each once, the general ones first."""
    asked = policy.conditions.model_dump(exclude_defaults=True)
    by_condition = [material for name, material in _CONDITIONS.items() if name in asked]
    titles = (*policy.conditions.qualifications_all, *policy.conditions.qualifications_any)
    held = [Material(f"title_{title}", f"{Qualification(title).label}证书或认定文件") for title in titles]
    found = (*_ALWAYS, *_BY_KIND[policy.kind], *by_condition, *held)
    return tuple({material.key: material for material in found}.values())
