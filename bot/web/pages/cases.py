"""What the owner turned to an adviser with: the answers, a place to say more, and taking it back."""

from aiohttp import web

from bot.web.keys import DATABASE
from bot.web.links import Page
from bot.web.pages import rendering, wording
from bot.web.pages.errors import NoSuchPage
from bot.web.pages.forms import Errors, form_of
from bot.web.pages.parts import visit_of
from bot.web.pages.work import unit_of_work
from domain.base import utcnow
from domain.cases import opening, reading
from domain.cases.rules import WORDS_LONGEST, CaseOutcome, CaseState
from domain.cases.tables import CaseRow, CaseStepRow
from domain.errors import ValueOutOfRange
from domain.loans import LoanRow
from domain.money import months, yuan

routes = web.RouteTableDef()

_COLOURS = {CaseOutcome.SOLVED: "good", CaseOutcome.PASSED_ON: "good"}


@routes.get("/cases/{id}", name=Page.CASE)
async def show(request: web.Request) -> web.Response:
    return await _page(request, {}, {})


@routes.post("/cases/{id}")
async def add(request: web.Request) -> web.Response:
    """The owner tells more."""
    form, case_id = form_of(request), request.match_info["id"]
    try:
        async with unit_of_work(request) as session:
            await opening.add(session, visit_of(request).openid, case_id, form.text("words"), now=utcnow())
    except ValueOutOfRange as refusal:
        return await _page(request, form.values(), {refusal.field: refusal.sentence})
    return await rendering.see(request, Page.CASE, "补充的情况已经转给顾问。", id=case_id)


@routes.get("/cases/{id}/withdraw", name=Page.CASE_WITHDRAW)
async def ask(request: web.Request) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        row = await reading.own(session, visit_of(request).openid, request.match_info["id"])
    if row is None:
        raise NoSuchPage
    if row.closed_at is not None:
        return await rendering.see(request, Page.CASE, "这件事已经办结，不用再撤回。", id=row.id)
    return await rendering.page(request, "case_withdraw.html", row=row)


@routes.post("/cases/{id}/withdraw")
async def withdraw(request: web.Request) -> web.Response:
    async with unit_of_work(request) as session:
        row = await opening.withdraw(
            session, visit_of(request).openid, request.match_info["id"], now=utcnow()
        )
    return await rendering.see(request, Page.CASE, "已经撤回，顾问不再处理。", id=row.id)


async def _page(request: web.Request, values: dict[str, str], errors: Errors) -> web.Response:
    openid = visit_of(request).openid
    async with request.app[DATABASE].reading() as session:
        row = await reading.own(session, openid, request.match_info["id"])
        if row is None:
            raise NoSuchPage
        steps = await reading.steps_of(session, row.id)
        loan = await session.get(LoanRow, row.loan_id) if row.loan_id else None
    return await rendering.page(
        request,
        "case.html",
        status=422 if errors else 200,
        row=row,
        colour=_colour(row),
        facts=_facts(row, loan),
        steps=[_step(row, step) for step in reversed(steps)],
        most=WORDS_LONGEST,
        values=values,
        errors=errors,
    )


def _colour(row: CaseRow) -> str:
    return _COLOURS.get(row.result, "") if row.result else "wait"


def _facts(row: CaseRow, loan: LoanRow | None) -> list[tuple[str, str]]:
    """What it is about; of the loan what was known when it was asked."""
    said = (
        ("企业", row.company or ""),
        ("放款机构", row.institution or ""),
        ("还剩", yuan(loan.balance) if loan else ""),
        ("到期日", wording.day(loan.due_on) if loan else ""),
        ("想续", yuan(row.amount) if row.amount else ""),
        ("再用", months(row.term_months) if row.term_months else ""),
        ("您说的", row.words),
        ("编号", row.id),
    )
    return [(name, words) for name, words in said if words]


def _step(row: CaseRow, step: CaseStepRow) -> dict[str, object]:
    """Who did what: the owner himself, or his adviser."""
    mine = step.actor == row.openid
    return {
        "at": step.at,
        "mine": mine,
        "who": "您" if mine else row.adviser or "顾问",
        "what": _what(step, mine=mine),
        "note": step.note,
    }


def _what(step: CaseStepRow, *, mine: bool) -> str:
    match CaseState(step.after):
        case CaseState.OPEN if step.before is None:
            return "交给顾问"
        case CaseState.CLOSED:
            return "撤回" if mine else "办结"
        case _ if step.note:
            return "补充" if mine else "答复"
        case _:
            return "接手"
