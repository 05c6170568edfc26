"""Registering a company: the form, its way through the reviews, and the people who ask to join."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.web.keys import CIPHER, DATABASE
from bot.web.links import Page
from bot.web.pages import register_form, rendering
from bot.web.pages.errors import NoSuchPage
from bot.web.pages.forms import Errors, form_of, whole_number
from bot.web.pages.parts import city_of, visit_of
from bot.web.pages.places import cities, districts, provinces
from bot.web.pages.register_form import Wrong
from bot.web.pages.work import go_on, unit_of_work
from domain.base import utcnow
from domain.companies import MemberRole
from domain.errors import Refusal, ValueOutOfRange
from domain.identity import verifications
from domain.labels import Industry
from domain.registrations import deciding, reading, submitting
from domain.registrations.errors import DoubtfulCreditCode
from domain.registrations.form import Form
from domain.registrations.register import RegisterEntry
from domain.registrations.rules import RegistrationStatus
from domain.registrations.tables import RegistrationRow

routes = web.RouteTableDef()


@routes.get("/register", name=Page.REGISTER)
async def show(request: web.Request) -> web.Response:
    """The person's registrations, and colleagues who wait for his word; without any of them the form."""
    openid = visit_of(request).openid
    async with request.app[DATABASE].reading() as session:
        registrations = await reading.all_of(session, openid)
        awaiting = await reading.awaiting(session, openid)
    if "new" in request.query or not (registrations or awaiting):
        return await _form(request, {})
    return await rendering.page(
        request,
        "registrations.html",
        registrations=registrations,
        awaiting=[_asking(row) for row in awaiting],
    )


@routes.post("/register")
async def submit(request: web.Request) -> web.Response:
    values = form_of(request).values()
    if "pick" in values:
        return await _form(request, values)
    try:
        form = register_form.read(values)
        row = await _submitted(request, form)
    except Wrong as wrong:
        return await _form(request, values, wrong.errors)
    except Refusal as refusal:
        return await _form(request, values, _errors(refusal), doubtful=_is_doubtful(refusal))
    return await rendering.see(request, Page.REGISTRATION, id=row.id)


async def _submitted(request: web.Request, form: Form) -> RegistrationRow:
    openid, entry = visit_of(request).openid, await _entry(request, form.uscc)
    async with unit_of_work(request) as session:
        row = await submitting.submit(
            session,
            openid,
            form,
            rules=city_of(request).registration,
            cipher=request.app[CIPHER],
            now=utcnow(),
            entry=entry,
        )
        await go_on(request, session)
    return row


@routes.get("/registrations/{id}", name=Page.REGISTRATION)
async def follow(request: web.Request) -> web.Response:
    row = await _own(request)
    if row.state is RegistrationStatus.RETURNED and "mend" in request.query:
        before = reading.form_of(row, request.app[CIPHER])
        reason = await _reason(request, row)
        return await _form(request, register_form.shown(before), mends=row, reason=reason)
    return await _timeline(request, row)


@routes.post("/registrations/{id}")
async def mend(request: web.Request) -> web.Response:
    row, values = await _own(request), form_of(request).values()
    reason = await _reason(request, row)
    if "pick" in values:
        return await _form(request, values, mends=row, reason=reason)
    try:
        await _mended(request, row, register_form.read(values))
    except Wrong as wrong:
        return await _form(request, values, wrong.errors, mends=row, reason=reason)
    except Refusal as refusal:
        return await _form(
            request, values, _errors(refusal), doubtful=_is_doubtful(refusal), mends=row, reason=reason
        )
    return await rendering.see(request, Page.REGISTRATION, "已经重新提交，有结果会通知您。", id=row.id)


async def _mended(request: web.Request, row: RegistrationRow, form: Form) -> None:
    entry = await _entry(request, form.uscc)
    async with unit_of_work(request) as session:
        await submitting.mend(
            session,
            visit_of(request).openid,
            row.id,
            form,
            rules=city_of(request).registration,
            cipher=request.app[CIPHER],
            now=utcnow(),
            entry=entry,
        )
        await go_on(request, session)


@routes.get("/registrations/{id}/withdraw", name="registration_withdraw")
async def ask_withdrawal(request: web.Request) -> web.Response:
    return await rendering.page(request, "registration_withdraw.html", row=await _own(request))


@routes.post("/registrations/{id}/withdraw")
async def withdraw(request: web.Request) -> web.Response:
    async with unit_of_work(request) as session:
        await submitting.withdraw(session, visit_of(request).openid, request.match_info["id"], utcnow())
    return await rendering.see(request, Page.REGISTER, "这笔注册申请已经撤回。")


@routes.post("/joining/{id}")
async def decide(request: web.Request) -> web.Response:
    """A colleague asks to join; `seen` is what the person who decides looked at."""
    openid, form = visit_of(request).openid, form_of(request)
    head, seen = deciding.CompanyHead(openid), whole_number(form.text("seen"))
    async with unit_of_work(request) as session:
        if form.text("answer") == "yes":
            row = await deciding.approve(session, request.match_info["id"], head, seen=seen, now=utcnow())
            await go_on(request, session, row.openid)
            return await rendering.see(request, Page.REGISTER, "已经同意，对方会收到通知。")
        await deciding.give_back(
            session,
            request.match_info["id"],
            head,
            seen=seen,
            reason=form.text("reason") or "企业没有同意加入",
            now=utcnow(),
        )
    return await rendering.see(request, Page.REGISTER, "没有同意加入，对方会收到通知。")


@routes.get("/places", name="places")
async def places(request: web.Request) -> web.Response:
    """The next list of the region picker, for the script; without it the page does the same by a button."""
    of = request.query.get("of", "")
    below = cities(of) or districts(of)
    return web.json_response([[place.code, place.name] for place in below])


async def _form(
    request: web.Request,
    values: Mapping[str, str],
    errors: Errors | None = None,
    *,
    doubtful: bool = False,
    mends: RegistrationRow | None = None,
    reason: str = "",
) -> web.Response:
    return await rendering.page(
        request,
        "register.html",
        status=web.HTTPUnprocessableEntity.status_code if errors else web.HTTPOk.status_code,
        values=values,
        errors=errors or {},
        doubtful=doubtful or "uscc_confirmed" in values,
        mends=mends,
        reason=reason,
        reviewed=bool(city_of(request).registration.reviews),
        kinds=list(city_of(request).registration.kinds.items()),
        provinces=[place for place in provinces() if cities(place.code)],
        cities=cities(values.get("province", "")),
        districts=districts(values.get("city", "")),
        industries=[(item.value, item.label) for item in Industry],
        roles=[(item.value, item.label) for item in MemberRole],
    )


async def _timeline(request: web.Request, row: RegistrationRow) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        steps = await reading.steps_of(session, row.id)
        is_verified = await verifications.is_verified(session, row.openid)
    return await rendering.page(
        request,
        "registration.html",
        row=row,
        is_verified=is_verified,
        steps=[(step.at, RegistrationStatus(step.after), step.note) for step in reversed(steps)],
        route=_route(row),
        reason=await _reason(request, row),
        kind=city_of(request).registration.kinds.get(row.company_kind, ""),
        industry=Industry(row.industry).label,
        role=MemberRole(row.role).label,
    )


def _route(row: RegistrationRow) -> list[tuple[str, RegistrationStatus]]:
    """The steps of its way with their marks: behind it, at it, or still to come."""
    route = [*(RegistrationStatus(step) for step in row.route), RegistrationStatus.REGISTERED]
    here = route.index(row.state) if row.state in route else -1
    if row.state is RegistrationStatus.REGISTERED:
        here = len(route)
    marks = ["good" if place < here else "now" if place == here else "" for place in range(len(route))]
    return list(zip(marks, route, strict=True))


async def _reason(request: web.Request, row: RegistrationRow) -> str:
    """Why it was returned; empty where it is on its way."""
    if row.state is not RegistrationStatus.RETURNED:
        return ""
    async with request.app[DATABASE].reading() as session:
        steps = await reading.steps_of(session, row.id)
    return steps[-1].note if steps else ""


async def _own(request: web.Request) -> RegistrationRow:
    async with request.app[DATABASE].reading() as session:
        row = await reading.own(session, visit_of(request).openid, request.match_info["id"])
    if row is None:
        raise NoSuchPage
    return row


async def _entry(request: web.Request, uscc: str) -> RegisterEntry | None:
    """What the register of companies says; asked before the transaction opens."""
    register = city_of(request).register
    return await register.look_up(uscc) if register is not None else None


def _asking(row: RegistrationRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "version": row.version,
        "company": row.name,
        "role": MemberRole(row.role).label,
        "at": row.submitted_at,
    }


def _errors(refusal: Refusal) -> dict[str, str]:
    return {refusal.field if isinstance(refusal, ValueOutOfRange) else "": refusal.sentence}


def _is_doubtful(refusal: Refusal) -> bool:
    return isinstance(refusal, DoubtfulCreditCode)
