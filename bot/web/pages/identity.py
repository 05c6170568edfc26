"""Verifying who a person is: with his face at a provider, or with papers that an adviser looks at."""

from datetime import datetime, time

from aiohttp import web
from sqlalchemy import func, select

from bot.identity.checking import ProviderTrouble
from bot.identity.material import BadPaper, Upload
from bot.identity.results import Result
from bot.web.keys import CIPHER, DATABASE
from bot.web.links import Page
from bot.web.pages import rendering
from bot.web.pages.evidence import act
from bot.web.pages.forms import Errors, Form, form_of
from bot.web.pages.parts import CHECKING, SESSIONS, city_of, visit_of
from bot.web.pages.work import go_on, unit_of_work
from domain.authorizations import giving, wording
from domain.authorizations.consents import Consent
from domain.base import SHANGHAI, today_in_china, utcnow
from domain.errors import Refusal
from domain.identity import papers, verifications
from domain.identity.papers import WrongPaper
from domain.identity.tables import State, VerificationRow

routes = web.RouteTableDef()

_FACE, _PAPERS = "face", "papers"
# Where the provider waits for the person; it forgets him after two hours.
_ADDRESS, _ADDRESS_SECONDS = "identity", 7200
# What providers call their token when they send a person back.
_TOKENS = ("BizToken", "token")


@routes.get("/identity", name=Page.IDENTITY)
async def show(request: web.Request) -> web.Response:
    """Where the person stands; the form when there is something to do."""
    openid = visit_of(request).openid
    async with request.app[DATABASE].reading() as session:
        is_verified = await verifications.is_verified(session, openid)
        person = await verifications.verified(session, openid, cipher=request.app[CIPHER])
    if is_verified:
        name = papers.masked_name(person.name) if person else ""
        return await rendering.page(request, "identity_passed.html", name=name)
    latest = await request.app[CHECKING].latest(openid)
    if latest and latest.state in {State.BEGUN, State.IN_REVIEW} and "again" not in request.query:
        return await _waiting(request, latest)
    return await _form(request, {}, latest=latest)


@routes.post("/identity")
async def begin(request: web.Request) -> web.Response:
    form = form_of(request)
    with_face = request.app[CHECKING].needs_face and form.text("way") != _PAPERS
    if errors := _missing(request, form, with_face=with_face):
        return await _form(request, form.values(), errors)
    try:
        address = await _begun(request, form, with_face=with_face)
    except WrongPaper as wrong:
        return await _form(request, form.values(), {wrong.field: wrong.sentence})
    except Refusal as refusal:
        return await _form(request, form.values(), {"": refusal.sentence})
    await request.app[SESSIONS].keep(visit_of(request), _ADDRESS, address, _ADDRESS_SECONDS)
    if with_face:
        return await rendering.see(request, Page.IDENTITY)
    latest = await request.app[CHECKING].latest(visit_of(request).openid)
    return await rendering.see(request, Page.IDENTITY_MATERIAL, id=latest.id if latest else "")


def _missing(request: web.Request, form: Form, *, with_face: bool) -> dict[str, str]:
    if request.app[CHECKING].needs_face and form.text("way") not in {_FACE, _PAPERS}:
        return {"way": "请选择一种认证方式。"}
    if with_face and not form.ticked("face"):
        return {"face": "刷脸需要您单独勾选同意；不想刷脸，可以选择上传材料。"}
    return {}


async def _begun(request: web.Request, form: Form, *, with_face: bool) -> str:
    name, number = form.text("name"), form.text("id_number")
    # First what may be wrong with it: nobody should consent in vain.
    papers.person(name, number, today_in_china())
    evidence = await _consent_to_face(request, form) if with_face else None
    return await request.app[CHECKING].begin(
        visit_of(request).openid, name, number, evidence, without_face=not with_face
    )


async def _consent_to_face(request: web.Request, form: Form) -> str:
    consent = _face_consent(request)
    async with unit_of_work(request) as session:
        row = await giving.give(
            session, consent, act(request, form), rules=city_of(request).authorization, now=utcnow()
        )
    return row.id


@routes.get("/identity/return/{id}", name=Page.IDENTITY_BACK)
async def come_back(request: web.Request) -> web.Response:
    """Where the provider sends the person, and where he asks how it went; the provider itself is asked."""
    token = next((value for name in _TOKENS if (value := request.query.get(name))), None)
    verification = request.match_info["id"]
    checking, openid = request.app[CHECKING], visit_of(request).openid
    try:
        result = await checking.finish(openid, verification, token)
    except ProviderTrouble as trouble:
        result = await checking.result(openid, verification)
        return await _waiting(request, result, trouble.sentence)
    if result.state is State.PASSED:
        async with unit_of_work(request) as session:
            await go_on(request, session)
        return await rendering.see(request, Page.IDENTITY)
    if token is not None:
        return await rendering.see(request, Page.IDENTITY_BACK, id=verification)
    if result.state in {State.BEGUN, State.IN_REVIEW}:
        return await _waiting(request, result)
    return await rendering.page(
        request, "identity_failed.html", result=result, tries_left=await _tries_left(request)
    )


@routes.get("/identity/material/{id}", name=Page.IDENTITY_MATERIAL)
async def ask_papers(request: web.Request) -> web.Response:
    result = await request.app[CHECKING].result(visit_of(request).openid, request.match_info["id"])
    if result.state not in {State.BEGUN, State.IN_REVIEW} or not result.without_face:
        return await rendering.see(request, Page.IDENTITY)
    return await _papers_form(request, result, {})


@routes.post("/identity/material/{id}")
async def hand_in(request: web.Request) -> web.Response:
    checking, openid, verification = (
        request.app[CHECKING],
        visit_of(request).openid,
        request.match_info["id"],
    )
    uploads = [Upload(file.data) for file in form_of(request).files("papers")]
    try:
        await checking.hand_in(openid, verification, uploads)
    except BadPaper as bad:
        result = await checking.result(openid, verification)
        return await _papers_form(request, result, {"papers": bad.sentence})
    return await rendering.see(request, Page.IDENTITY)


async def _papers_form(request: web.Request, result: Result, errors: Errors) -> web.Response:
    return await rendering.page(
        request,
        "identity_material.html",
        status=422 if errors else 200,
        result=result,
        limits=city_of(request).identity.limits,
        errors=errors,
    )


async def _form(
    request: web.Request,
    values: dict[str, str],
    errors: Errors | None = None,
    *,
    latest: Result | None = None,
) -> web.Response:
    consent = _face_consent(request)
    return await rendering.page(
        request,
        "identity.html",
        status=422 if errors else 200,
        # What somebody wrote stays on his own screen alone, but an ID number need not.
        values={name: value for name, value in values.items() if name != "id_number"},
        errors=errors or {},
        latest=latest,
        needs_face=request.app[CHECKING].needs_face,
        text=wording.shown(consent, city_of(request).authorization),
        checker=consent.recipient,
        tries_left=await _tries_left(request),
    )


async def _waiting(request: web.Request, result: Result, sentence: str = "") -> web.Response:
    address = await request.app[SESSIONS].kept(visit_of(request), _ADDRESS)
    return await rendering.page(
        request, "identity_waiting.html", result=result, sentence=sentence or result.sentence, address=address
    )


def _face_consent(request: web.Request) -> Consent:
    city = city_of(request)
    return Consent.face(city.face_checker, city.authorization)


async def _tries_left(request: web.Request) -> int:
    midnight = datetime.combine(today_in_china(), time(), SHANGHAI)
    query = (
        select(func.count())
        .select_from(VerificationRow)
        .where(VerificationRow.openid == visit_of(request).openid, VerificationRow.begun_at >= midnight)
    )
    async with request.app[DATABASE].reading() as session:
        return max(0, city_of(request).identity.tries_per_day - int(await session.scalar(query) or 0))
