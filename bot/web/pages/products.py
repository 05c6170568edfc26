"""A product with its conditions judged, papers and cost; asking its institution for it by name."""

from collections.abc import Sequence

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.keys import DATABASE
from bot.web.links import Page
from bot.web.pages import figures, mine, rendering
from bot.web.pages.errors import NoSuchPage
from bot.web.pages.forms import Errors, Form, form_of
from bot.web.pages.judged import judged
from bot.web.pages.parts import city_of, visit_of
from bot.web.pages.work import unit_of_work
from domain import admission, institutions, limits, requests
from domain.base import storable, today_in_china, utcnow
from domain.companies import CompanyFacts, CompanyRow
from domain.errors import NotAllowedNow, ValueOutOfRange
from domain.exclusive import alone
from domain.labels import Guarantee, Label, Purpose
from domain.money import percent, span
from domain.needs import Need
from domain.products import Product, ProductRow
from domain.requests import RequestRow, RequestStatus
from handlers import rates

routes = web.RouteTableDef()

# What an example is worked out for where the product allows it.
_USUAL_AMOUNT, _USUAL_TERM = 1_000_000, 12
_ANSWERS = {
    RequestStatus.DRAFT: "申请已经确认好，办完下面的步骤就自动发出，不用重新填写。",
    RequestStatus.REVIEWING: (
        "已经提交，需求编号 {id}。融资顾问先审核，审核后发给{institution}，有进展会在微信里通知您。"
    ),
    RequestStatus.PUBLISHED: "已经发给{institution}，需求编号 {id}，有进展会在微信里通知您。",
}
_ON_ITS_WAY = frozenset(_ANSWERS)


@routes.get("/products/{code}", name=Page.PRODUCT)
async def show(request: web.Request) -> web.Response:
    return await _page(request, None, {})


@routes.post("/products/{code}")
async def apply(request: web.Request) -> web.Response:
    """A request to that institution alone, for that product; who is not admitted yet has it waiting."""
    form = form_of(request)
    openid, now = visit_of(request).openid, utcnow()
    try:
        async with unit_of_work(request) as session:
            product = await _product(session, request.match_info["code"])
            found = await mine.chosen(request, session)
            company = found.company if found else None
            # Two forms of one person may be sent at once: the second finds what the first asked for.
            await alone(session, f"product request of {openid}")
            await _check_open(session, openid, product)
            need = _need(form, product, _facts(company))
            row = await requests.draft(session, openid, need, now, product=product.name)
            await _send(request, session, row, company)
    except ValueOutOfRange as refusal:
        return await _page(request, form.values(), {refusal.field: refusal.sentence})
    except NotAllowedNow as refusal:
        return await _page(request, form.values(), {"": refusal.sentence})
    said = _ANSWERS[row.state].format(institution=product.institution, id=row.id)
    return await rendering.see(request, Page.HOME, said)


async def _send(
    request: web.Request, session: AsyncSession, row: RequestRow, company: CompanyRow | None
) -> None:
    """The same door as in chat: published where its owner is admitted, else it waits confirmed."""
    now, uscc, city = utcnow(), company.uscc if company else None, city_of(request)
    row.uscc, row.company = uscc, company.name if company else None
    found = await admission.standing(session, row.openid, now, uscc=uscc)
    if found.lacks and city.admission_first:
        requests.confirm(row, now, review_first=city.review.first)
    else:
        await admission.publish(session, row, found.company, now, review_first=city.review.first)


async def _check_open(session: AsyncSession, openid: str, product: Product) -> None:
    """Raises NotAllowedNow where nobody takes it on, or the same is on its way."""
    if not (product.on_offer(today_in_china()) and await institutions.active(session, product.institution)):
        raise NotAllowedNow(f"「{product.name}」现在不受理申请。")
    mine = [
        *await requests.open_requests(session, openid),
        *await requests.confirmed(session, openid),
    ]
    for row in mine:
        same = row.product == product.name and row.institutions == [product.institution]
        if same and row.state in _ON_ITS_WAY:
            raise NotAllowedNow(
                f"您已经向{product.institution}申请了「{product.name}」（{row.id}），不用重复申请。"
            )


async def _page(request: web.Request, values: dict[str, str] | None, errors: Errors) -> web.Response:
    today = today_in_china()
    async with request.app[DATABASE].reading() as session:
        product = await _product(session, request.match_info["code"])
        found = await mine.chosen(request, session)
    return await rendering.page(
        request,
        "product.html",
        status=422 if errors else 200,
        product=product,
        mine=found,
        open=product.on_offer(today),
        review_first=city_of(request).review.first,
        facts=_said(product),
        conditions=judged(product, _facts(found.company if found else None), today),
        example=_example(product),
        purposes=_options(Purpose, product.purposes),
        guarantees=_options(Guarantee, product.guarantees),
        values=values or {},
        errors=errors,
    )


def _said(product: Product) -> list[tuple[str, str]]:
    """What it offers."""
    amount = span(product.amount_min, product.amount_max)
    term = span(product.term_min_months, product.term_max_months, of_months=True)
    price = [percent(rate) for rate in (product.rate_min, product.rate_max) if rate is not None]
    rows = [
        ("机构", product.institution),
        ("额度", amount),
        ("期限", term),
        ("年利率", "到".join(dict.fromkeys(price))),
        ("答复", f"{product.decision_days} 天内"),
    ]
    return [(name, value) for name, value in rows if value]


def _example(product: Product) -> str:
    amount = min(_USUAL_AMOUNT, product.amount_max or _USUAL_AMOUNT)
    term = min(_USUAL_TERM, product.term_max_months or _USUAL_TERM)
    return rates.example(
        product, max(amount, product.amount_min or 0), max(term, product.term_min_months or 1)
    )


def _options(labels: type[Label], allowed: Sequence[Label]) -> list[tuple[str, str]]:
    """Those that the product takes; where it says nothing, all."""
    return [(one.value, one.label) for one in labels if not allowed or one in allowed]


def _need(form: Form, product: Product, facts: CompanyFacts) -> Need:
    """Raises ValueOutOfRange naming the field."""
    amount = figures.wan(form, "amount", "请填写金额，单位是万元，比如 100。")
    limits.check_amount(amount)
    term = figures.number(form, "term", "请填写几个月，比如 12。")
    if term != int(term):
        raise ValueOutOfRange("term", "请填写整月数，比如 12。")
    limits.check_term(int(term))
    purpose, guarantee = form.text("purpose"), form.text("guarantee")
    if purpose not in set(Purpose):
        raise ValueOutOfRange("purpose", "请选择用途。")
    if guarantee and guarantee not in set(Guarantee):
        raise ValueOutOfRange("guarantee", "请选择担保方式。")
    return Need(
        amount_min=amount,
        amount_max=amount,
        term_min_months=int(term),
        term_months=int(term),
        purpose=Purpose(purpose),
        guarantee=(Guarantee(guarantee),) if guarantee else (),
        region=facts.region,
        industry=facts.industry,
        institutions=(product.institution,),
    )


def _facts(company: CompanyRow | None) -> CompanyFacts:
    return CompanyFacts.model_validate(company.facts) if company else CompanyFacts()


async def _product(session: AsyncSession, code: str) -> Product:
    row = await session.get(ProductRow, code) if storable(code) else None
    if row is None:
        raise NoSuchPage
    return row.product
