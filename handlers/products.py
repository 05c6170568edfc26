"""Questions about products: which fit, what they cost, what they ask for."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal

from domain.labels import Guarantee
from domain.money import months, percent, yuan
from domain.needs import Need
from domain.products import Product
from domain.regions import region_name
from handlers import admission, facts, form, offers, rates, recommended, reference
from handlers.facts import Heard
from handlers.turn import Field, Outcome, Turn
from matching.results import MatchResult

_MATERIALS_SHOWN = 6
_USUAL_SHOWN = 4
_NO_FEES = "平台本身不收任何费用；担保类产品另有担保费，由担保机构按产品公示收取。"
_ASKS_FEES = re.compile(r"费用|收费|[续务介保]费|要钱|[要收]不[要收]费")
_HIGHEST = Decimal("Infinity")
_CHEAPEST = "利息最低"

# 「哪个利息最低」: what is compared, and how each product stands; the best has the lowest figure.
_COMPARED: tuple[tuple[re.Pattern[str], str, Callable[[Product], Decimal], Callable[[Product], str]], ...] = (
    (
        re.compile(r"(?:利息|利率|年化|成本).{0,4}(?:低|少|便宜|划算)|便宜|划算"),
        _CHEAPEST,
        lambda product: _HIGHEST if product.rate_min is None else product.rate_min,
        lambda product: f"年利率{percent(product.rate_min or Decimal(0))}起",
    ),
    (
        re.compile(r"(?:额度|金额|钱|贷).{0,4}(?:高|大|多)"),
        "额度最高",
        lambda product: _HIGHEST if product.amount_max is None else Decimal(-product.amount_max),
        lambda product: f"最高{yuan(product.amount_max or 0)}",
    ),
    (
        re.compile(r"(?:期限|时间|用).{0,4}(?:长|久)"),
        "期限最长",
        lambda product: _HIGHEST if product.term_max_months is None else Decimal(-product.term_max_months),
        lambda product: f"最长{months(product.term_max_months or 0)}",
    ),
    (
        re.compile(r"快"),
        "出结果最快",
        lambda product: Decimal(product.decision_days),
        lambda product: f"{product.decision_days}天内给结果",
    ),
)
_WHICH_MOST = re.compile(
    r"[哪那]\s*[个款家种].{0,8}(?:最|更|比较|划算|便宜|快)|最(?:低|便宜|划算|快|高)的?是?哪"
)


async def ask_products(turn: Turn) -> Outcome:
    if compared := await _compared(turn):
        return compared
    heard = _conditions_of(turn)
    request = await offers.current_request(turn)
    if request and not heard and (known := await recommended.answer(turn, request)):
        said, listing = known
        return Outcome(said, turn.state, listing=listing)
    result = await _match(turn, heard)
    head = _as_asked(heard)
    closing = (
        "" if request else "\n\n想申请的话，直接告诉我金额和用途，比如「想贷100万买设备」，我帮您发布需求。"
    )
    reply = facts.joined(head, offers.describe(result)) + closing
    return Outcome(reply, turn.state, listing=offers.listing(result))


async def ask_rate(turn: Turn) -> Outcome:
    if compared := await _compared(turn):
        return compared
    heard = _conditions_of(turn)
    if "rate_max" in heard.need:
        # 「有没有利息低于3%的」 asks for products, whatever it was read as.
        return await ask_products(turn)
    named = await reference.products_meant(turn) or await reference.product_under_way(turn)
    fitting = named or [match.product for match in (await _match(turn, heard)).products]
    said = _rates(named, fitting)
    about = named[0].code if named else None
    if _ASKS_FEES.search(turn.text):
        return Outcome(facts.joined(_NO_FEES, said), turn.state, about=about)
    example = await _example(turn, heard, fitting)
    if example:
        # It says so itself.
        said = said.replace("，具体以银行审批为准", "")
    reply = facts.joined(said, example or _NO_FEES)
    return Outcome(reply, turn.state, about=about)


def _rates(named: list[Product], fitting: list[Product]) -> str:
    rates_of = offers.rate_range(fitting)
    if named and rates_of:
        return f"「{named[0].name}」的年利率在{rates_of}，具体以银行审批为准。"
    if named:
        return f"「{named[0].name}」没有公示利率，要看{named[0].institution}的审批。"
    if not rates_of:
        return "目前还没有和您情况对得上的产品，利率说不准。"
    return f"按您目前的情况，能对上的产品年利率在{rates_of}，具体以银行审批为准。"


async def _example(turn: Turn, heard: Heard, fitting: list[Product]) -> str:
    """What the sum that was asked about, or the one of the request under way, would cost."""
    amount, term = await _sum_and_term(turn, heard)
    priced = [product for product in fitting if product.rate_min is not None]
    return rates.example(priced[0], amount, term) if amount and term and priced else ""


async def _sum_and_term(turn: Turn, heard: Heard) -> tuple[int | None, int | None]:
    request = await offers.current_request(turn)
    need = facts.merged(request.need if request else Need(), heard, replacing=True)
    return need.amount_max or need.amount_min, need.term_months or need.term_min_months


async def ask_requirements(turn: Turn) -> Outcome:
    if compared := await _compared(turn):
        return compared
    named = await reference.products_meant(turn) or await reference.product_under_way(turn)
    if named:
        return Outcome(await _conditions(turn, named), turn.state, about=named[0].code)
    result = await _match(turn, _conditions_of(turn))
    counted = Counter(material for match in result.products for material in match.product.materials)
    usual = [material for material, _ in counted.most_common(_USUAL_SHOWN)]
    materials = f"材料一般要准备：{'、'.join(usual)}。" if usual else ""
    return Outcome(
        "各家银行的条件不完全一样，主要看：在当地正常经营、没有逾期、收入稳定，要抵押的还看抵押物。"
        f"{materials}您说了需求，我按每家的条件帮您逐条对。",
        turn.state,
    )


async def _conditions(turn: Turn, named: list[Product]) -> str:
    """What the first of them asks for, who offers it, and what the present request lacks for it."""
    product = named[0]
    institutions = "、".join(
        dict.fromkeys(other.institution for other in named if other.name == product.name)
    )
    ways = "、".join(Guarantee(way).label for way in product.guarantees)
    request = await offers.current_request(turn)
    need = request.need.model_copy(update={"institutions": ()}) if request else Need()
    missing = await offers.gaps(turn, named, need, request)
    lines = [
        f"「{product.name}」由{institutions}办理，主要条件：",
        f"· 额度：最高{yuan(product.amount_max)}" if product.amount_max else "",
        f"· 期限：最长{product.term_max_months}个月" if product.term_max_months else "",
        f"· 担保方式：{ways}" if ways else "",
        f"· 地区：{'、'.join(region_name(code) for code in product.regions)}" if product.regions else "",
        f"· 材料：{'、'.join(product.materials[:_MATERIALS_SHOWN])}" if product.materials else "",
        f"您目前对不上的：{'；'.join(missing)}。" if missing else "",
        f"各家细则略有不同，以银行为准。想办的话说「我要申请{product.name}」，我逐条帮您对。",
        admission.link_to(turn, "product", "按我的企业对条件、算成本", code=product.code),
    ]
    return "\n".join(line for line in lines if line)


async def _compared(turn: Turn) -> Outcome | None:
    """「哪个利息最低」 of what was listed, or else of all that fits; None if nothing is compared."""
    if not _WHICH_MOST.search(turn.text):
        return None
    listing = turn.state.memory.listing
    codes = listing.codes if listing and listing.kind == "products" else ()
    offered = await reference.listed_products(turn, codes)
    if not offered:
        offered = [match.product for match in (await _match(turn, _conditions_of(turn))).products]
    for asked, most, figure, said in _COMPARED:
        known = [product for product in offered if figure(product) is not _HIGHEST]
        if asked.search(turn.text) and known:
            best = min(known, key=figure)
            place = f"第{codes.index(best.code) + 1}个" if best.code in codes else ""
            head = "刚才列的里面，" if place else "按您目前的情况，"
            reply = (
                f"{head}{place}{best.institution}「{best.name}」{most}，{said(best)}，具体以银行审批为准。"
                f"想办就说「我要申请{place or best.name}」。"
            )
            reply = facts.joined(reply, await _in_all(turn, known) if most == _CHEAPEST else "")
            return Outcome(reply, turn.state, about=best.code)
    return None


async def _in_all(turn: Turn, offered: Sequence[Product]) -> str:
    """What the sum under way, or the one just named, would cost with each of them."""
    amount, term = await _sum_and_term(turn, _conditions_of(turn))
    return rates.comparison(offered, amount, term) if amount and term else ""


def _conditions_of(turn: Turn) -> Heard:
    """What the question itself asks for; a bank that is named narrows it to that bank."""
    heard = facts.hear(turn.understanding)
    banks = tuple(dict.fromkeys(str(entity.value) for entity in turn.understanding.all("institution")))
    need = heard.need | ({"institutions": banks} if banks else {})
    rates_named = [entity.value for entity in turn.understanding.all("rate")]
    if rates_named and "rate_max" in need:
        # 「低于3%」 is an upper bound whatever role it was given.
        need["rate_max"] = Decimal(str(rates_named[-1]))
    return Heard(need, heard.facts, heard.fields, heard.refusals, heard.refused)


def _as_asked(heard: Heard) -> str:
    """The conditions of a question said back, so that it shows what the list was narrowed to."""
    need = facts.merged(Need(), heard, replacing=True)
    parts = [form.value(need, field) for field in (Field.AMOUNT, Field.TERM, Field.GUARANTEE)]
    if need.rate_max is not None:
        parts.append(f"年利率不超过{percent(need.rate_max)}")
    parts += need.institutions
    said = "、".join(part for part in parts if part)
    return facts.joined(*heard.refusals, f"按{said}帮您看了一下：" if said else "")


async def _match(turn: Turn, heard: Heard) -> MatchResult:
    """What fits the request under way and the question itself; what the question says comes first."""
    request = await offers.current_request(turn)
    need = facts.merged(request.need if request else Need(), heard, replacing=True)
    result = (
        await offers.match_request(turn, request, need) if request else await offers.match_need(turn, need)
    )
    return _priced(result) if "rate_max" in heard.need else result


def _priced(result: MatchResult) -> MatchResult:
    """Who asks for a rate is shown what has one."""
    products = tuple(match for match in result.products if match.product.rate_min is not None)
    return MatchResult(products, result.near_misses, result.policies)


async def listed_after(turn: Turn, codes: Sequence[str], already: int) -> list[str]:
    """The next products of a list, a line or two each, numbered on."""
    found = await reference.listed_products(turn, tuple(codes))
    return [
        offers.product_line(place, product, _short(product))
        for place, product in enumerate(found, start=already + 1)
    ]


def _short(product: Product) -> list[str]:
    parts = [
        f"额度最高{yuan(product.amount_max)}" if product.amount_max else "",
        f"年利率{percent(product.rate_min)}起" if product.rate_min is not None else "",
        f"期限最长{months(product.term_max_months)}" if product.term_max_months else "",
    ]
    return [part for part in parts if part]
