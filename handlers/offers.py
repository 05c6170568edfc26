"""Products and policies as an adviser would write them into a chat: few, short, with reasons."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from domain import companies, products, requests
from domain.base import today_in_china
from domain.companies import CompanyFacts
from domain.money import percent, yuan
from domain.needs import Need
from domain.products import Product
from domain.requests import RequestRow
from handlers.turn import Listing, Turn
from matching.eligibility import judge
from matching.explanation import gap_text
from matching.mending import mend
from matching.results import MatchResult, NearMiss, PolicyMatch, ProductMatch
from matching.situation import situation

PRODUCTS_SHOWN = 3
_LISTED = 10
_REASONS_SHOWN = 4
_NEAR_MISSES_SHOWN = 2
_OPEN_SHOWN = 4
# Nobody moves his firm for a loan, and who chose an institution knows that he did.
_OUT_OF_REACH = frozenset({"region", "institution"})

_OPEN_LABELS = {
    "region": "经营地区",
    "industry": "所属行业",
    "amount": "金额",
    "term": "期限",
    "purpose": "用途",
    "guarantee": "担保方式",
    "rate": "利率",
    "founded_months_min": "成立年限",
    "revenue_min": "年销售额",
    "revenue_max": "年销售额",
    "employees_min": "员工人数",
    "employees_max": "员工人数",
    "registered_capital_min": "注册资本",
    "assets_max": "资产总额",
    "debt_ratio_max": "资产负债率",
    "credit_score_min": "信用评分",
    "tax_grades": "纳税信用等级",
    "qualifications_any": "企业资质",
    "qualifications_all": "企业资质",
    "collaterals_any": "抵质押物",
    "first_loan": "是否首次贷款",
    "no_overdue": "有无逾期",
}


async def known_facts(turn: Turn, request: RequestRow | None) -> CompanyFacts:
    """What is known of the owner's firm: its record on the platform, completed by what he said himself."""
    company = await companies.company_of(turn.session, turn.openid)
    recorded = company.facts if company else {}
    declared = request.declared if request else {}
    return CompanyFacts.model_validate(declared | recorded)


async def match_request(turn: Turn, request: RequestRow, need: Need | None = None) -> MatchResult:
    """What fits a request, or `need` in its place, said of the same firm.

    The product that the owner asked for by name stands first where it fits, or nearly does.
    """
    known = await known_facts(turn, request)
    day = today_in_china(turn.now)
    result = await turn.matcher.match_prepared(known, need or request.need, today=day)
    return replace(
        result,
        products=tuple(sorted(result.products, key=lambda match: match.product.name != request.product)),
        near_misses=tuple(sorted(result.near_misses, key=lambda miss: miss.product.name != request.product)),
    )


async def match_need(turn: Turn, need: Need) -> MatchResult:
    """For who has not asked for anything yet: by what is known of the firm alone."""
    return await turn.matcher.match_prepared(
        await known_facts(turn, None), need, today=today_in_china(turn.now)
    )


async def shown_for(turn: Turn, request: RequestRow) -> tuple[str, MatchResult]:
    """What fits, described; where the institution asked for has nothing, the others' products as well."""
    result = await match_request(turn, request)
    wished = request.need.institutions
    if result.products or not wished or request.product:
        return describe(result), result
    elsewhere = await match_request(turn, request, request.need.model_copy(update={"institutions": ()}))
    if not elsewhere.products:
        return describe(result), result
    said = f"{'、'.join(wished)}目前没有完全对得上的产品，别家有："
    return f"{said}\n{describe(elsewhere)}", elsewhere


async def current_request(turn: Turn) -> RequestRow | None:
    """The request that the conversation is about, draft or published."""
    if turn.state.request_id is None:
        return None
    return await requests.own(turn.session, turn.openid, turn.state.request_id)


async def gaps(turn: Turn, offered: Sequence[Product], need: Need, request: RequestRow | None) -> list[str]:
    """Why none of these products can be had, in the words for the owner; nothing if one can."""
    at = situation(await known_facts(turn, request), need, today_in_china(turn.now))
    failed = [judge(product, at).failed for product in offered]
    return [_with_mend(gap_text(gap), mend(gap, at)) for gap in min(failed, key=len, default=())]


def _with_mend(text: str, way: str) -> str:
    return f"{text}，{way}" if way else text


async def product_warning(turn: Turn, request: RequestRow) -> str:
    """What stands between the request and the product that it asks for by name."""
    if request.product is None:
        return ""
    day = today_in_china(turn.now)
    offered = [item for item in await products.named(turn.session, request.product) if item.on_offer(day)]
    missing = await gaps(turn, offered, request.need, request)
    return f"先提醒您，「{request.product}」有对不上的：{'；'.join(missing)}。" if missing else ""


def listing(result: MatchResult) -> Listing | None:
    """What 「第二个」 and 「更多」 refer to after `describe`."""
    codes = tuple(match.product.code for match in result.products[:_LISTED])
    if not codes:
        return None
    return Listing(kind="products", codes=codes, shown=min(len(codes), PRODUCTS_SHOWN))


def describe(result: MatchResult) -> str:
    """The best products with why, what is open, the nearest misses and a policy."""
    parts = [list_products(result.products)]
    if near := [miss for miss in result.near_misses if miss.gaps[0].condition not in _OUT_OF_REACH]:
        parts.append(_near_misses(near))
    if result.policies:
        parts.append(_policy(result.policies[0]))
    return "\n\n".join(parts)


def rate_range(offered: Iterable[Product]) -> str:
    """`3%到4.5%` over the products; empty if none names a rate."""
    rates = [rate for product in offered for rate in (product.rate_min, product.rate_max) if rate is not None]
    if not rates:
        return ""
    low, high = min(rates), max(rates)
    return percent(low) if low == high else f"{percent(low)}到{percent(high)}"


def open_conditions(result: MatchResult) -> frozenset[str]:
    """Conditions that stand open with the products that are shown."""
    return frozenset(name for match in result.products[:PRODUCTS_SHOWN] for name in match.open)


def list_products(matches: tuple[ProductMatch, ...]) -> str:
    if not matches:
        return "目前目录里还没有完全符合的产品。"
    head = f"为您匹配到{len(matches)}款产品"
    if len(matches) > PRODUCTS_SHOWN:
        head += f"，最合适的{PRODUCTS_SHOWN}款"
    lines = [f"{head}："]
    lines += [_product(place, match) for place, match in enumerate(matches[:PRODUCTS_SHOWN], start=1)]
    rest = min(len(matches), _LISTED) - PRODUCTS_SHOWN
    if rest > 0:
        lines.append(f"回复「更多」看另外{rest}款。")
    return "\n".join(lines)


def product_line(place: int, product: Product, reasons: Sequence[str]) -> str:
    return item(place, product.institution, product.name, reasons, ())


def _product(place: int, match: ProductMatch) -> str:
    return item(place, match.product.institution, match.product.name, match.reasons, match.open)


def item(place: int, institution: str, name: str, reasons: Sequence[str], to_check: Sequence[str]) -> str:
    """A product of a list: whose it is, why it fits, and what is to be checked."""
    said = "；".join(reasons[:_REASONS_SHOWN])
    lines = [f"{place}. {institution}「{name}」" + (f"\n   {said}" if said else "")]
    if to_check:
        labels = list(dict.fromkeys(_OPEN_LABELS.get(name, name) for name in to_check))
        lines.append(f"   待核实：{'、'.join(labels[:_OPEN_SHOWN])}")
    return "\n".join(lines)


def _near_misses(misses: Sequence[NearMiss]) -> str:
    return "\n".join(["还差一点的：", *map(_near_miss, misses[:_NEAR_MISSES_SHOWN])])


def _near_miss(miss: NearMiss) -> str:
    gap = miss.gaps[0]
    return f"· {miss.product.institution}「{miss.product.name}」：{_with_mend(gap.text, gap.mend)}"


def _policy(match: PolicyMatch) -> str:
    benefit = match.policy.benefit or (
        f"最高{yuan(match.policy.benefit_max)}" if match.policy.benefit_max else ""
    )
    return f"您还可以留意政策「{match.policy.title}」{'：' + benefit if benefit else ''}"
