"""Raising equity: the form, who follows, taking it back, and the consent that both sides see each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.keys import DATABASE
from bot.web.links import Page
from bot.web.pages import figures, mine, rendering
from bot.web.pages.errors import NoSuchPage
from bot.web.pages.forms import Errors, Form, form_of
from bot.web.pages.mine import Mine
from bot.web.pages.parts import visit_of
from bot.web.pages.work import unit_of_work
from domain import admission
from domain.admission import Lack
from domain.base import utcnow
from domain.companies import CompanyFacts, CompanyRow
from domain.equity import linking, raising, reading, terms
from domain.equity.labels import OPEN, EquityFollow, EquityRound, EquityStatus, PassReason
from domain.equity.tables import MOST_WORDS, EquityFollowRow, EquityRequestRow
from domain.equity.terms import EquityTerms
from domain.errors import NotAllowedNow, ValueOutOfRange
from domain.labels import Industry
from domain.money import percent, yuan

routes = web.RouteTableDef()

_WAN = 10_000
_COLOURS = {EquityStatus.INVESTED: "good", EquityStatus.WITHDRAWN: "", EquityStatus.CLOSED: ""}


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the person is, and what of the form he filled in before."""

    lacks: tuple[Lack, ...]
    draft: EquityRequestRow | None
    rows: Sequence[EquityRequestRow]
    follows: dict[str, list[EquityFollowRow]]
    linked: bool


@routes.get("/equity", name=Page.EQUITY)
async def show(request: web.Request) -> web.Response:
    return await _page(request, None, {})


@routes.post("/equity")
async def publish(request: web.Request) -> web.Response:
    """To all investment institutions, without the company's name."""
    form, found = form_of(request), await _company(request)
    openid, now = visit_of(request).openid, utcnow()
    try:
        offered = _offered(form, found.company)
        async with unit_of_work(request) as session:
            row = await raising.draft(session, openid, offered, now)
            await _check_known(session, openid, found.company.uscc, now)
            await raising.publish(session, row, found.company, now)
    except ValueOutOfRange as refusal:
        return await _page(request, form.values(), {refusal.field: refusal.sentence})
    except NotAllowedNow as refusal:
        return await _page(request, form.values(), {"": refusal.sentence})
    return await _seen(request, found, "股权融资需求发布好了，有投资机构跟进时会在微信里通知您。")


@routes.post("/equity/{id}/withdraw")
async def withdraw(request: web.Request) -> web.Response:
    async with unit_of_work(request) as session:
        await raising.withdraw(session, visit_of(request).openid, request.match_info["id"], utcnow())
    return await rendering.see(request, Page.EQUITY, "需求已经撤回，投资机构看不到了。")


@routes.post("/equity/{id}/close")
async def close(request: web.Request) -> web.Response:
    async with unit_of_work(request) as session:
        await raising.close(session, visit_of(request).openid, request.match_info["id"], utcnow())
    return await rendering.see(request, Page.EQUITY, "本轮融资已经结束。")


async def _check_known(session: AsyncSession, openid: str, uscc: str, now: datetime) -> None:
    """Raises NotAllowedNow where the company or its person is not known."""
    if lacks := raising.lacks(await admission.standing(session, openid, now, uscc=uscc)):
        raise NotAllowedNow(f"发布前还差：{'、'.join(lack.label for lack in lacks)}。")


def _offered(form: Form, company: CompanyRow) -> EquityTerms:
    """Raises ValueOutOfRange naming the field."""
    chosen, industry = form.text("round"), form.text("industry")
    if chosen not in set(EquityRound):
        raise ValueOutOfRange("round", "请选择轮次。")
    if industry not in set(Industry):
        raise ValueOutOfRange("industry", "请选择行业。")
    amount = figures.wan(form, "amount", "请填写融资金额，单位是万元，比如 500。")
    terms.check_amount(amount)
    share = None
    if form.text("share"):
        share = figures.number(form, "share", "请填写百分比，比如 10。")
        terms.check_share(share)
    words = form.text("words")
    if len(words) > MOST_WORDS:
        raise ValueOutOfRange("words", f"介绍请控制在{MOST_WORDS}字以内。")
    region = CompanyFacts.model_validate(company.facts).region
    return EquityTerms(
        round=EquityRound(chosen),
        amount=amount,
        share=share,
        industry=Industry(industry),
        region=region,
        words=words,
    )


async def _page(request: web.Request, values: dict[str, str] | None, errors: Errors) -> web.Response:
    now = utcnow()
    async with request.app[DATABASE].reading() as session:
        found = await mine.chosen(request, session)
        standing = await _standing(session, visit_of(request).openid, found, now)
    return await rendering.page(
        request,
        "equity.html",
        status=422 if errors else 200,
        mine=found,
        lacks=standing.lacks,
        may_raise=not any(row.state in OPEN for row in standing.rows),
        items=[_shown(row, standing.follows[row.id]) for row in standing.rows],
        linked=standing.linked,
        rounds=[(one.value, one.label) for one in EquityRound],
        industries=[(one.value, one.label) for one in Industry],
        most_words=MOST_WORDS,
        values=_values(standing.draft, found) if values is None else values,
        errors=errors,
    )


async def _standing(session: AsyncSession, openid: str, found: Mine | None, now: datetime) -> Standing:
    uscc = found.company.uscc if found else None
    known = await admission.standing(session, openid, now, uscc=uscc)
    rows = [row for row in await reading.of_person(session, openid) if row.uscc == uscc]
    return Standing(
        raising.lacks(known),
        await raising.draft_of(session, openid),
        rows,
        await reading.follows_of(session, [row.id for row in rows]),
        uscc is not None and await linking.consent_stands(session, uscc, now),
    )


def _values(draft: EquityRequestRow | None, found: Mine | None) -> dict[str, str]:
    """The form as it was left in chat, or what the company's record says."""
    if draft is None:
        industry = CompanyFacts.model_validate(found.company.facts).industry if found else None
        return {"industry": industry.value} if industry else {}
    return {
        "round": draft.round or "",
        "amount": f"{draft.amount / _WAN:g}" if draft.amount else "",
        "share": f"{draft.share.normalize():f}" if draft.share else "",
        "industry": draft.industry or "",
        "words": draft.words,
    }


def _shown(row: EquityRequestRow, follows: list[EquityFollowRow]) -> dict[str, object]:
    offered = terms.of(row)
    return {
        "id": row.id,
        "title": f"{offered.round.label if offered.round else ''}{yuan(offered.amount or 0)}",
        "state": row.state.label,
        "colour": _COLOURS.get(row.state, "wait"),
        "facts": [
            ("出让股份", percent(offered.share) if offered.share else "面谈"),
            ("行业", Industry(offered.industry).label if offered.industry else "未填"),
        ],
        "published_at": row.published_at,
        "words": row.words,
        "follows": [_follow(one) for one in follows],
        "may_withdraw": row.state in OPEN,
        "may_close": row.state is EquityStatus.INVESTED,
    }


def _follow(row: EquityFollowRow) -> tuple[str, str, datetime]:
    """Institution, how far it is, and since when."""
    said = row.state.label
    if row.state is EquityFollow.INVESTED and row.amount:
        said = f"{said}{yuan(row.amount)}"
    if row.state is EquityFollow.PASSED and row.reason:
        said = f"{said}：{PassReason(row.reason).label}"
    return row.institution, said, row.updated_at


async def _company(request: web.Request) -> Mine:
    async with request.app[DATABASE].reading() as session:
        found = await mine.chosen(request, session)
    if found is None:
        raise NoSuchPage
    return found


async def _seen(request: web.Request, found: Mine, sentence: str) -> web.Response:
    return await rendering.see(request, Page.EQUITY, sentence, company=found.company.uscc)
