"""The owner's requests: all of them, and one with who looks at it until when, and what was approved."""

from datetime import date

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.keys import DATABASE
from bot.web.links import Page
from bot.web.pages import rendering
from bot.web.pages.errors import NoSuchPage
from bot.web.pages.parts import city_of, visit_of
from bot.web.pages.requests_shown import Line, Shown, lent, timeline
from domain import progress, requests
from domain.authorizations.labels import Category, DataPurpose
from domain.base import today_in_china, utcnow
from domain.cases import reading as cases
from domain.loans import LoanRow
from domain.market import deciding
from domain.market import reading as market
from domain.market.rules import FollowState
from domain.progress import Progress
from domain.requests import OPEN, RequestRow, RequestStatus

routes = web.RouteTableDef()


@routes.get("/requests", name=Page.REQUESTS)
async def show_all(request: web.Request) -> web.Response:
    openid, now = visit_of(request).openid, utcnow()
    async with request.app[DATABASE].reading() as session:
        rows = await progress.requests_of(session, openid)
        found = await progress.progress_of(session, rows)
        asked = await cases.of_person(session, openid)
    return await rendering.page(
        request,
        "requests.html",
        under_way=[Line.of(one, now) for one in found if one.request.state in OPEN],
        waiting=[Line.of(one, now) for one in found if _waits(one.request)],
        drafts=[Line.of(one, now) for one in found if _half_filled(one.request)],
        over=[Line.of(one, now) for one in found if _is_over(one.request)],
        cases=[row for row in asked if row.closed_at is None],
        cases_over=[row for row in asked if row.closed_at is not None],
    )


def _waits(row: RequestRow) -> bool:
    return row.state is RequestStatus.DRAFT and row.confirmed_at is not None


def _half_filled(row: RequestRow) -> bool:
    return row.state is RequestStatus.DRAFT and row.confirmed_at is None


def _is_over(row: RequestRow) -> bool:
    """A draft that was not gone on with never was a request."""
    return row.state not in OPEN and row.state is not RequestStatus.DRAFT and row.published_at is not None


@routes.get("/requests/{id}", name=Page.REQUEST)
async def show(request: web.Request) -> web.Response:
    now = utcnow()
    async with request.app[DATABASE].reading() as session:
        found = await own(request, session)
        steps = await progress.request_steps(session, found.request.id)
        moves = await market.steps_of(session, found.request.id)
        informed = await progress.informed(session, found.request, now)
        paid_out = await _lent(session, found)
    return await rendering.page(
        request,
        "request.html",
        shown=Shown.of(found, now),
        informed=informed,
        base=Category.BASE.label,
        pre_loan=DataPurpose.PRE_LOAN.label,
        timeline=timeline(steps, moves),
        not_before=not_before(request, found.request),
        lent=paid_out,
    )


def not_before(request: web.Request, row: RequestRow) -> date | None:
    """The first day of a payout by the city's rules, if it is still to come."""
    earliest = deciding.earliest_grant(row, city_of(request).market)
    return earliest if earliest and earliest > today_in_china() else None


async def _lent(session: AsyncSession, found: Progress) -> list[tuple[str, str]]:
    """What was paid out in the end, which need not be what was approved."""
    for row in found.of(FollowState.GRANTED):
        loan = await session.get(LoanRow, row.loan_id) if row.loan_id else None
        return lent(loan) if loan else []
    return []


async def own(request: web.Request, session: AsyncSession) -> Progress:
    """The person's request that the address names. Raises NoSuchPage for any other."""
    row = await requests.own(session, visit_of(request).openid, request.match_info["id"])
    if row is None or (row.state is RequestStatus.CLOSED and row.published_at is None):
        raise NoSuchPage
    (found,) = await progress.progress_of(session, [row])
    return found
