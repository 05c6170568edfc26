"""Giving an authorization: first what and for whom, then the text of just that, with one tick."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web
from multidict import MultiMapping
from sqlalchemy import select

from bot.identity.representing import Word
from bot.web.keys import DATABASE
from bot.web.links import Page
from bot.web.pages import rendering
from bot.web.pages.errors import NoSuchPage
from bot.web.pages.evidence import act
from bot.web.pages.forms import Errors, form_of
from bot.web.pages.mine import Subject, subjects
from bot.web.pages.parts import REPRESENTING, city_of, visit_of
from bot.web.pages.work import go_on, unit_of_work
from domain import admission
from domain.authorizations import wording
from domain.authorizations.consents import Consent
from domain.authorizations.giving import TextChanged
from domain.authorizations.labels import PURPOSES, WITHOUT_SCOPE, Category, DataPurpose, Kind
from domain.base import utcnow
from domain.errors import ValueOutOfRange
from domain.identity import verifications
from domain.institutions import InstitutionRow
from domain.registrations import submitting
from domain.registrations.rules import RegistrationStatus

routes = web.RouteTableDef()

_GIVEN_FOR_COMPANIES = {Kind.CREDIT_DATA, Kind.PASSING_ON, Kind.LINKAGE}


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen so far; `institution` is empty where the recipient is the platform, or still open."""

    kind: Kind
    subject: Subject
    institution: str
    scope: tuple[Category, ...]
    purposes: tuple[DataPurpose, ...]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What the address or a form says of it."""
        one = [("kind", self.kind.value), ("company", self.subject.uscc), ("institution", self.institution)]
        many = [("scope", item.value) for item in self.scope]
        return one + many + [("purpose", item.value) for item in self.purposes]


@routes.get("/authorizations/new", name=Page.AUTHORIZATION_NEW)
async def ask(request: web.Request) -> web.Response:
    """The steps in their order: who he is, for which company, to whom, what; then the text."""
    kind = _kind(request.query)
    async with request.app[DATABASE].reading() as session:
        openid = visit_of(request).openid
        is_verified = await verifications.is_verified(session, openid)
        mine = await subjects(session, openid)
        institutions = (
            await session.scalars(select(InstitutionRow.name).order_by(InstitutionRow.name))
        ).all()
    if not (mine and is_verified):
        return await rendering.page(request, "authorizing_first.html", kind=kind, registered=bool(mine))
    if "company" not in request.query and len(mine) > 1:
        return await rendering.page(request, "authorizing_company.html", kind=kind, subjects=mine)
    choice = _choice(request.query, kind, mine)
    institution_open = kind is Kind.PASSING_ON and choice.institution not in institutions
    if institution_open or ("read" not in request.query and kind not in WITHOUT_SCOPE):
        return await _choose(request, choice, institutions if kind is Kind.PASSING_ON else [])
    try:
        return await _read(request, choice, _consent(request, choice))
    except ValueOutOfRange as refusal:
        errors = {refusal.field: refusal.sentence}
        return await _choose(request, choice, institutions if kind is Kind.PASSING_ON else [], errors)


@routes.post("/authorizations/new")
async def give(request: web.Request) -> web.Response:
    form = form_of(request)
    async with request.app[DATABASE].reading() as session:
        mine = await subjects(session, visit_of(request).openid)
    choice = _choice(form.query, _kind(form.query), mine)
    consent = _consent(request, choice)
    if not form.ticked("agree"):
        return await _read(request, choice, consent, {"agree": "请阅读后勾选，再点同意授权。"})
    try:
        return await _given(request, choice, consent)
    except TextChanged as changed:
        return await _read(request, choice, consent, {"": changed.sentence})


async def _given(request: web.Request, choice: Choice, consent: Consent) -> web.Response:
    """The consent, and what it sets going: an account that waited for it, a request that waited for both."""
    now, rules = utcnow(), city_of(request).authorization
    openid, uscc = visit_of(request).openid, choice.subject.uscc
    word = await _word(request, openid, uscc) if choice.subject.activates else None
    if word and word.against:
        return await _contradicted(request, openid, uscc, word.against)
    async with unit_of_work(request) as session:
        if choice.subject.activates:
            # First the account, without which nobody can agree for the company.
            note = f"四要素核验一致（{word.evidence}）" if word else ""
            row = await submitting.activate(session, openid, uscc, now, note=note)
            if row and row.state is not RegistrationStatus.REGISTERED:
                return await rendering.see(request, Page.REGISTRATION, id=row.id)
        agreed = act(request, form_of(request))
        given = await admission.authorize(session, consent, agreed, rules=rules, now=now)
        await go_on(request, session)
    said = "企业注册已经完成，授权生效。" if choice.subject.activates else "授权已经生效。"
    return await rendering.see(request, Page.AUTHORIZATION, said, id=given.id)


async def _word(request: web.Request, openid: str, uscc: str) -> Word | None:
    representing = request.app[REPRESENTING]
    return await representing.word(openid, uscc) if representing else None


async def _contradicted(request: web.Request, openid: str, uscc: str, reason: str) -> web.Response:
    """Nothing was agreed to: the registration is mended first."""
    async with unit_of_work(request) as session:
        row = await submitting.contradicted(session, openid, uscc, utcnow(), reason=reason)
    if row is None:
        return await rendering.see(request, Page.HOME)
    return await rendering.see(request, Page.REGISTRATION, reason, id=row.id)


def _kind(fields: MultiMapping[str]) -> Kind:
    """Raises NoSuchPage for what is not given for a company on a page of its own."""
    kind = fields.get("kind", Kind.CREDIT_DATA.value)
    if kind not in _GIVEN_FOR_COMPANIES:
        raise NoSuchPage
    return Kind(kind)


def _choice(fields: MultiMapping[str], kind: Kind, mine: list[Subject]) -> Choice:
    """Raises NoSuchPage for a company that is not the person's."""
    wanted = fields.get("company") or (mine[0].uscc if len(mine) == 1 else "")
    subject = next((item for item in mine if item.uscc == wanted), None)
    if subject is None or (subject.activates and kind is Kind.LINKAGE):
        raise NoSuchPage
    return Choice(
        kind,
        subject,
        fields.get("institution", "") if kind is Kind.PASSING_ON else "",
        tuple(item for item in Category if item in fields.getall("scope", [])),
        tuple(
            item for item in DataPurpose if item in fields.getall("purpose", []) and item in PURPOSES[kind]
        ),
    )


def _consent(request: web.Request, choice: Choice) -> Consent:
    rules, uscc = city_of(request).authorization, choice.subject.uscc
    if choice.kind is Kind.PASSING_ON:
        return Consent.passing_on(
            uscc, choice.institution, rules, scope=choice.scope, purposes=choice.purposes
        )
    if choice.kind is Kind.LINKAGE:
        return Consent.linkage(uscc, rules)
    return Consent.credit_data(uscc, rules, scope=choice.scope, purposes=choice.purposes)


async def _choose(
    request: web.Request, choice: Choice, institutions: Sequence[str], errors: Errors | None = None
) -> web.Response:
    return await rendering.page(
        request,
        "authorizing_choose.html",
        status=422 if errors else 200,
        choice=choice,
        institutions=institutions,
        categories=list(Category),
        purposes=[item for item in DataPurpose if item in PURPOSES[choice.kind]],
        operator=city_of(request).authorization.operator,
        days=city_of(request).authorization.days(choice.kind),
        errors=errors or {},
    )


async def _read(
    request: web.Request, choice: Choice, consent: Consent, errors: Errors | None = None
) -> web.Response:
    rules = city_of(request).authorization
    return await rendering.page(
        request,
        "authorizing_read.html",
        status=422 if errors else 200,
        choice=choice,
        facts=_facts(choice, consent, choice.institution or rules.operator),
        text=wording.shown(consent, rules, company=choice.subject.name),
        errors=errors or {},
    )


def _facts(choice: Choice, consent: Consent, recipient: str) -> list[tuple[str, str]]:
    """What is agreed to, in a few lines above the text."""
    scope = "、".join(item.label for item in Category if item in consent.scope)
    return [
        ("企业", choice.subject.name),
        ("给谁", recipient if consent.kind is not Kind.LINKAGE else consent.recipient),
        ("信息", scope or "办到哪一步，不含名称、金额和条件"),
        ("用途", "、".join(item.label for item in DataPurpose if item in consent.purposes)),
        ("期限", f"{consent.days} 天，随时可以撤回"),
    ]
