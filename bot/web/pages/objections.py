"""Objections of owners to what is known about their companies."""

from aiohttp import web

from bot.web.keys import DATABASE, SCORER
from bot.web.links import Page
from bot.web.pages import mine, rendering
from bot.web.pages.errors import NoSuchPage
from bot.web.pages.forms import form_of, whole_number
from bot.web.pages.mine import Mine
from bot.web.pages.parts import city_of, visit_of
from bot.web.pages.work import unit_of_work
from domain.authorizations.gate import NotAuthorized, authorized
from domain.authorizations.labels import ALL_CATEGORIES, Category, DataPurpose
from domain.authorizations.readers import Reader
from domain.base import utcnow
from domain.credit import objections, reading
from domain.credit.objections import MOST_TEXT, ObjectionState
from domain.credit.reading import Known
from domain.credit.tables import CreditObjectionRow
from domain.errors import Refusal, ValueOutOfRange
from domain.identity import verifications
from domain.scores import report as reports
from domain.scores.values import Figure

routes = web.RouteTableDef()

_COLOURS = {
    ObjectionState.CORRECTED: "good",
    ObjectionState.UPHELD: "",
    ObjectionState.WITHDRAWN: "",
}


@routes.get("/objections", name=Page.OBJECTIONS)
async def show(request: web.Request) -> web.Response:
    found = await _company(request)
    if found is None:
        return await _not_yet(request)
    reader = Reader.owner(visit_of(request).openid)
    async with authorized(
        request.app[DATABASE], reader, found.company.uscc, ALL_CATEGORIES, DataPurpose.OWN
    ) as access:
        rows = await objections.of_company(access)
    return await rendering.page(
        request, "objections.html", mine=found, items=[_shown(request, row) for row in rows]
    )


@routes.get("/objections/new", name=Page.OBJECTION_NEW)
async def ask(request: web.Request) -> web.Response:
    return await _form(request, {}, {})


@routes.post("/objections/new")
async def raise_one(request: web.Request) -> web.Response:
    form, found = form_of(request), await _company(request)
    if found is None:
        raise NoSuchPage
    try:
        await _raised(request, found, whole_number(form.text("value")), form.text("text"))
    except ValueOutOfRange as refusal:
        return await _form(request, form.values(), {refusal.field: refusal.sentence})
    except Refusal as refusal:
        return await _form(request, form.values(), {"": refusal.sentence})
    said = f"异议已经提交，{city_of(request).objection_days} 天内答复，处理期间这条信息不影响评分。"
    return await rendering.see(request, Page.OBJECTIONS, said, company=found.company.uscc)


async def _raised(request: web.Request, found: Mine, value: int, text: str) -> None:
    """What the gate refuses is recorded before it is raised."""
    openid = visit_of(request).openid
    async with unit_of_work(request) as session:
        try:
            await objections.raise_objection(
                session,
                openid,
                found.company.uscc,
                value,
                text,
                days=city_of(request).objection_days,
                now=utcnow(),
            )
        except NotAuthorized as error:
            refused = error
        else:
            return
    raise refused


@routes.post("/objections/{id}/withdraw")
async def withdraw(request: web.Request) -> web.Response:
    async with unit_of_work(request) as session:
        row = await objections.withdraw(
            session, visit_of(request).openid, request.match_info["id"], now=utcnow()
        )
    return await rendering.see(request, Page.OBJECTIONS, "异议已经撤回。", company=row.uscc)


async def _form(request: web.Request, values: dict[str, str], errors: dict[str, str]) -> web.Response:
    found = await _company(request)
    if found is None:
        return await _not_yet(request)
    known, figure = await _figure(request, found)
    return await rendering.page(
        request,
        "objection_new.html",
        status=422 if errors else 200,
        mine=found,
        figure=figure,
        value=known.id,
        days=city_of(request).objection_days,
        most=MOST_TEXT,
        values=values,
        errors=errors,
    )


async def _figure(request: web.Request, found: Mine) -> tuple[Known, Figure]:
    """What is to be objected to, as it stands. Raises NoSuchPage where nothing is known of the indicator."""
    reader, registry = Reader.owner(visit_of(request).openid), request.app[SCORER].registry
    indicator = registry.get(request.query.get("indicator", ""))
    if indicator is None:
        raise NoSuchPage
    async with authorized(
        request.app[DATABASE], reader, found.company.uscc, {indicator.category}, DataPurpose.OWN
    ) as access:
        known = await reading.latest(access, registry)
        report = await reports.report(access, request.app[SCORER], now=utcnow())
    figures = {item.indicator: item for part in report.categories for item in part.figures}
    for item in known:
        if item.indicator.code == indicator.code:
            return item, figures[indicator.code]
    raise NoSuchPage


async def _company(request: web.Request) -> Mine | None:
    """The company that the page is about; None where the person has none, or is not verified."""
    async with request.app[DATABASE].reading() as session:
        found = await mine.chosen(request, session)
        is_verified = await verifications.is_verified(session, visit_of(request).openid)
    return found if is_verified else None


async def _not_yet(request: web.Request) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        found = await mine.chosen(request, session)
    return await rendering.page(request, "not_yet.html", title="信用信息", registered=found is not None)


def _shown(request: web.Request, row: CreditObjectionRow) -> dict[str, object]:
    state = ObjectionState(row.state)
    indicator = request.app[SCORER].registry.get(row.indicator)
    return {
        "id": row.id,
        "name": indicator.name if indicator else Category(row.category).label,
        "source": row.source,
        "text": row.text,
        "answer": row.answer or "",
        "state": state.label,
        "colour": _COLOURS.get(state, "wait"),
        "is_open": row.closed_at is None,
        "at": row.created_at,
        "due_on": row.due_on,
    }
