"""Questions about products: which fit, what they cost, what they ask for."""

from collections import Counter

from domain import products
from domain.base import today_in_china
from domain.labels import Guarantee
from domain.money import yuan
from domain.needs import Need
from domain.products import Product
from domain.regions import region_name
from handlers import facts, offers
from handlers.turn import Outcome, Turn
from matching.results import MatchResult

_MATERIALS_SHOWN = 6


async def ask_products(turn: Turn) -> Outcome:
    result = await _match(turn)
    closing = (
        ""
        if turn.state.topic
        else "\n\n想申请的话，直接告诉我金额和用途，比如「想贷100万买设备」，我帮您发布需求。"
    )
    return Outcome(offers.describe(result) + closing, turn.state)


async def ask_rate(turn: Turn) -> Outcome:
    named = await _named(turn)
    rates = offers.rate_range(named or [match.product for match in (await _match(turn)).products])
    if rates and named:
        said = f"「{named[0].name}」的年利率在{rates}，具体以银行审批为准。"
    elif not rates:
        said = "目前还没有和您情况对得上的产品，利率说不准。"
    else:
        said = f"按您目前的情况，能对上的产品年利率在{rates}，具体以银行审批为准。"
    return Outcome(
        f"{said}平台本身不收任何费用；担保类产品另有担保费，由担保机构按产品公示收取。", turn.state
    )


async def ask_requirements(turn: Turn) -> Outcome:
    if named := await _named(turn):
        return Outcome(_conditions(named), turn.state)
    result = await _match(turn)
    counted = Counter(material for match in result.products for material in match.product.materials)
    usual = [material for material, _ in counted.most_common(_MATERIALS_SHOWN)]
    materials = f"材料一般要准备：{'、'.join(usual)}。" if usual else ""
    return Outcome(
        "各家银行的条件不完全一样，主要看：企业在当地正常经营、没有逾期、有稳定的收入，"
        f"要抵押的还看抵押物。{materials}您把需求告诉我，我按每家的条件逐条帮您对，差在哪一项会直接告诉您。",
        turn.state,
    )


async def _named(turn: Turn) -> list[Product]:
    """The products on offer that the question names; one name may stand with several banks."""
    day = today_in_china(turn.now)
    found = [
        await products.named(turn.session, str(entity.value)) for entity in turn.understanding.all("product")
    ]
    return [product for rows in found for product in rows if product.on_offer(day)]


def _conditions(named: list[Product]) -> str:
    """What the first of them asks for, and who offers it."""
    product = named[0]
    institutions = "、".join(
        dict.fromkeys(other.institution for other in named if other.name == product.name)
    )
    ways = "、".join(Guarantee(way).label for way in product.guarantees)
    lines = [
        f"「{product.name}」由{institutions}办理，主要条件：",
        f"· 额度：最高{yuan(product.amount_max)}" if product.amount_max else "",
        f"· 期限：最长{product.term_max_months}个月" if product.term_max_months else "",
        f"· 担保方式：{ways}" if ways else "",
        f"· 地区：{'、'.join(region_name(code) for code in product.regions)}" if product.regions else "",
        f"· 材料：{'、'.join(product.materials[:_MATERIALS_SHOWN])}" if product.materials else "",
        f"各家细则略有不同，以银行为准。想办的话说「我要申请{product.name}」，我逐条帮您对。",
    ]
    return "\n".join(line for line in lines if line)


async def _match(turn: Turn) -> MatchResult:
    """What fits the request under way, or else what the question itself says."""
    if request := await offers.current_request(turn):
        return await offers.match_request(turn, request)
    heard = facts.hear(turn.understanding)
    return await offers.match_need(turn, facts.merged(Need(), heard, replacing=False))
