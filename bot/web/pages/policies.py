"""A policy with its conditions judged, the papers to be ticked off, and how far the company's claim is."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.keys import DATABASE
from bot.web.links import Page
from bot.web.pages import figures, mine, rendering
from bot.web.pages.errors import NoSuchPage
from bot.web.pages.forms import Errors, Form, form_of
from bot.web.pages.judged import judged
from bot.web.pages.mine import Mine
from bot.web.pages.parts import visit_of
from bot.web.pages.work import unit_of_work
from domain import companies
from domain.base import today_in_china, utcnow
from domain.claims import checklist, claiming, reading
from domain.claims.claiming import Decision
from domain.claims.labels import NEXT, ClaimState
from domain.claims.tables import MOST_REASON, ClaimRow
from domain.companies import CompanyFacts
from domain.errors import ValueOutOfRange

routes = web.RouteTableDef()

_COLOURS = {ClaimState.GRANTED: "good", ClaimState.REFUSED: "bad"}
_OUTCOMES = (ClaimState.ACCEPTED, ClaimState.GRANTED, ClaimState.REFUSED)
_A_DAY = "请填写日期。"


@routes.get("/policies", name=Page.POLICIES)
async def show(request: web.Request) -> web.Response:
    """The claims of all companies of the person."""
    async with request.app[DATABASE].reading() as session:
        bound = await companies.registered_by(session, visit_of(request).openid)
        rows = await reading.of_companies(session, [company.uscc for company in bound])
    names = {company.uscc: company.name for company in bound}
    return await rendering.page(
        request,
        "policies.html",
        items=[_shown(row) | {"company": names[row.uscc]} for row in rows],
        registered=bool(bound),
    )


@routes.get("/policies/{code}", name=Page.POLICY)
async def detail(request: web.Request) -> web.Response:
    return await _page(request, {}, {})


@routes.post("/policies/{code}/prepare")
async def prepare(request: web.Request) -> web.Response:
    """Begins the claim, or notes which papers lie ready."""
    form, found = form_of(request), await _company(request)
    openid, now = visit_of(request).openid, utcnow()
    async with unit_of_work(request) as session:
        row = await claiming.begin(session, openid, found.company.uscc, request.match_info["code"], now)
        await claiming.tick(session, openid, row.id, form.query.getall("material", []), now)
    return await _seen(request, found, "记下了，没备齐的随时回来接着勾。")


@routes.post("/policies/{code}/submitted")
async def submitted(request: web.Request) -> web.Response:
    """The owner handed it in at the official site."""
    form, found = form_of(request), await _company(request)
    try:
        on = figures.day(form, "on", _A_DAY)
        async with unit_of_work(request) as session:
            row = await _claim(request, session, found)
            await claiming.submit(session, visit_of(request).openid, row.id, on, utcnow())
    except ValueOutOfRange as refusal:
        return await _page(request, form.values(), {refusal.field: refusal.sentence})
    return await _seen(request, found, "记下了：已经提交。有结果时回来记一笔，方便以后查。")


@routes.post("/policies/{code}/outcome")
async def outcome(request: web.Request) -> web.Response:
    """What the office said, as the owner tells it."""
    form, found = form_of(request), await _company(request)
    try:
        async with unit_of_work(request) as session:
            await _decide(session, await _claim(request, session, found), form, visit_of(request).openid)
    except ValueOutOfRange as refusal:
        return await _page(request, form.values(), {refusal.field: refusal.sentence})
    return await _seen(request, found, "结果记下了。")


@routes.post("/policies/{code}/drop")
async def drop(request: web.Request) -> web.Response:
    found = await _company(request)
    async with unit_of_work(request) as session:
        row = await _claim(request, session, found)
        await claiming.drop(session, visit_of(request).openid, row.id)
    return await rendering.see(request, Page.POLICIES, f"「{row.title}」不再准备，记录已经删除。")


async def _decide(session: AsyncSession, row: ClaimRow, form: Form, openid: str) -> None:
    wanted = form.text("state")
    if wanted not in _OUTCOMES:
        raise ValueOutOfRange("state", "请选择结果。")
    granted = wanted == ClaimState.GRANTED
    decision = Decision(
        ClaimState(wanted),
        amount=figures.wan(form, "amount", "请填写兑现的金额，单位是万元。") if granted else None,
        reason=form.text("reason"),
        on=figures.day(form, "decided_on", _A_DAY),
    )
    await claiming.decide(session, row, decision, by=openid, now=utcnow())


async def _page(request: web.Request, values: dict[str, str], errors: Errors) -> web.Response:
    """The policy as it concerns the chosen company; who has none sees what it asks for all the same."""
    today = today_in_china()
    async with request.app[DATABASE].reading() as session:
        policy = await claiming.policy_of(session, request.match_info["code"])
        found = await mine.chosen(request, session)
        row = await claiming.of_company(session, found.company.uscc, policy.code) if found else None
    facts = CompanyFacts.model_validate(found.company.facts) if found else CompanyFacts()
    return await rendering.page(
        request,
        "policy.html",
        status=422 if errors else 200,
        policy=policy,
        mine=found,
        conditions=judged(policy, facts, today),
        materials=checklist.materials(policy),
        claim=_shown(row) if row else None,
        open=policy.on_offer(today),
        left=(policy.deadline - today).days if policy.deadline else None,
        today=today.isoformat(),
        most_reason=MOST_REASON,
        values=values,
        errors=errors,
    )


def _shown(row: ClaimRow) -> dict[str, object]:
    state = row.standing
    return {
        "policy": row.policy,
        "uscc": row.uscc,
        "title": row.title,
        "state": state.label,
        "colour": _COLOURS.get(state, "wait"),
        "ticked": frozenset(row.ticked),
        "preparing": state is ClaimState.PREPARING,
        "may_submit": ClaimState.SUBMITTED in NEXT[state],
        "outcomes": [(one.value, one.label) for one in _OUTCOMES if one in NEXT[state]],
        "submitted_on": row.submitted_on,
        "decided_on": row.decided_on,
        "amount": row.amount,
        "reason": row.reason,
    }


async def _company(request: web.Request) -> Mine:
    async with request.app[DATABASE].reading() as session:
        found = await mine.chosen(request, session)
    if found is None:
        raise NoSuchPage
    return found


async def _claim(request: web.Request, session: AsyncSession, found: Mine) -> ClaimRow:
    """The company's claim of the policy that the address names, held."""
    row = await claiming.of_company(session, found.company.uscc, request.match_info["code"])
    if row is None:
        raise NoSuchPage
    return await claiming.own(session, visit_of(request).openid, row.id)


async def _seen(request: web.Request, found: Mine, sentence: str) -> web.Response:
    return await rendering.see(
        request, Page.POLICY, sentence, code=request.match_info["code"], company=found.company.uscc
    )
