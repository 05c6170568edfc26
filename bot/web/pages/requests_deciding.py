"""What the owner decides about his request: take an offer, say no to it, take the whole request back.

Each is asked once more on a page that names what it is about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aiohttp import web
from multidict import MultiMapping

from bot.web.keys import DATABASE
from bot.web.links import Page
from bot.web.pages import rendering
from bot.web.pages.errors import NoSuchPage
from bot.web.pages.forms import form_of, whole_number
from bot.web.pages.parts import city_of, visit_of
from bot.web.pages.requests import not_before, own
from bot.web.pages.requests_costs import repayment
from bot.web.pages.requests_shown import Follow, Shown
from bot.web.pages.work import unit_of_work
from domain import requests
from domain.base import utcnow
from domain.costs import Instalment
from domain.errors import NotAllowedNow
from domain.market import deciding
from domain.market.rules import FollowState

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Choice:
    """The institution that a page is about, with its request; `not_before` as in `requests.not_before`."""

    request: Shown
    follow: Follow
    repayment: Sequence[Instalment]
    not_before: date | None


@routes.get("/requests/{id}/accept", name=Page.REQUEST_ACCEPT)
async def ask_accept(request: web.Request) -> web.Response:
    choice = await _choice(request, request.query)
    if choice.follow.state is not FollowState.APPROVED or not choice.request.offers:
        return await _overtaken(request, choice)
    return await rendering.page(
        request,
        "request_accept.html",
        choice=choice,
        others=[one.institution for one in choice.request.offers if one != choice.follow],
    )


@routes.post("/requests/{id}/accept")
async def accept(request: web.Request) -> web.Response:
    """Only the offer that was shown: `seen` is its version."""
    form = form_of(request)
    institution, seen = form.text("institution"), whole_number(form.text("seen"))
    async with unit_of_work(request) as session:
        row = await deciding.accept(
            session,
            visit_of(request).openid,
            request.match_info["id"],
            institution,
            now=utcnow(),
            rules=city_of(request).market,
        )
        if row.version != seen + 1:
            raise NotAllowedNow("这份方案刚刚有了变化，请返回进度页面看过新的方案再选。")
    said = f"已经选定{institution}。接下来由它和您签合同、放款。"
    return await rendering.see(request, Page.REQUEST, said, id=row.request_id)


@routes.get("/requests/{id}/decline", name=Page.REQUEST_DECLINE)
async def ask_decline(request: web.Request) -> web.Response:
    choice = await _choice(request, request.query)
    if choice.follow.state not in {FollowState.APPROVED, FollowState.ACCEPTED}:
        return await _overtaken(request, choice)
    return await rendering.page(request, "request_decline.html", choice=choice)


@routes.post("/requests/{id}/decline")
async def decline(request: web.Request) -> web.Response:
    institution = form_of(request).text("institution")
    async with unit_of_work(request) as session:
        row = await deciding.decline(
            session,
            visit_of(request).openid,
            request.match_info["id"],
            institution,
            now=utcnow(),
            rules=city_of(request).market,
        )
    said = f"已经谢绝{institution}的方案，需求照旧有效。"
    return await rendering.see(request, Page.REQUEST, said, id=row.request_id)


@routes.get("/requests/{id}/withdraw", name=Page.REQUEST_WITHDRAW)
async def ask_withdraw(request: web.Request) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        shown = Shown.of(await own(request, session), utcnow())
    if not shown.may_withdraw:
        return await rendering.see(request, Page.REQUEST, "这笔需求现在不能撤回。", id=shown.id)
    return await rendering.page(request, "request_withdraw.html", shown=shown)


@routes.post("/requests/{id}/withdraw")
async def withdraw(request: web.Request) -> web.Response:
    async with unit_of_work(request) as session:
        found = await own(request, session)
        await requests.withdraw(session, found.request, utcnow())
    return await rendering.see(request, Page.REQUEST, "需求已经撤回，机构不再处理。", id=found.request.id)


async def _choice(request: web.Request, query: MultiMapping[str]) -> Choice:
    """Raises NoSuchPage for a request of somebody else's, or an institution that never followed it."""
    now = utcnow()
    async with request.app[DATABASE].reading() as session:
        found = await own(request, session)
    institution = query.get("institution")
    row = next((row for row in found.follows if row.institution == institution), None)
    if row is None:
        raise NoSuchPage
    return Choice(
        Shown.of(found, now),
        Follow.of(row, found.ratings.get(row.institution), now),
        repayment(row),
        not_before(request, found.request),
    )


async def _overtaken(request: web.Request, choice: Choice) -> web.Response:
    said = f"{choice.follow.institution}现在是「{choice.follow.state.label}」，下面是最新的进度。"
    return await rendering.see(request, Page.REQUEST, said, id=choice.request.id)
