"""What products, policies and needs say in words, for the comparison of meanings."""

from collections.abc import Iterable

from domain.companies import CompanyFacts
from domain.labels import Label
from domain.needs import Need
from domain.policies import Policy
from domain.products import Product

# The beginning says what an item is for: name or title, kind, benefit. The rest counts by its words; a
# sentence vector of all of it would cost four times as much (0.1 s of a core for 120 characters) and blur.
_GIST_CHARS = 120


def gist(text: str) -> str:
    """The part of a text that its vector stands for."""
    return text[:_GIST_CHARS]


def _labels(members: Iterable[Label]) -> str:
    return "、".join(member.label for member in members)


def _joined(parts: Iterable[str]) -> str:
    return "。".join(part for part in parts if part)


def product_text(product: Product) -> str:
    conditions = product.conditions
    return _joined(
        (
            product.name,
            product.kind.label,
            product.description,
            _labels(product.purposes),
            _labels(product.industries),
            _labels(product.guarantees),
            _labels((*conditions.qualifications_any, *conditions.qualifications_all)),
            _labels(conditions.collaterals_any),
        )
    )


def policy_text(policy: Policy) -> str:
    conditions = policy.conditions
    return _joined(
        (
            policy.title,
            policy.kind.label,
            policy.benefit,
            policy.text,
            _labels(policy.industries),
            _labels((*conditions.qualifications_any, *conditions.qualifications_all)),
        )
    )


def need_text(company: CompanyFacts, need: Need) -> str:
    """The owner's own words and the labels around them; empty if nothing was said of what for."""
    if not need.purpose_text and need.purpose is None:
        return ""
    industry = company.industry or need.industry
    return _joined(
        (
            need.purpose_text,
            need.purpose.label if need.purpose else "",
            industry.label if industry else "",
            _labels(company.qualifications or ()),
        )
    )
