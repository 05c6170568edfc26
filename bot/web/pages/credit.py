"""The credit report of one's own company."""

from aiohttp import web

from bot.web.keys import DATABASE, SCORER
from bot.web.links import Page
from bot.web.pages import mine, rendering
from bot.web.pages.mine import Mine
from bot.web.pages.parts import visit_of
from bot.web.plots.history import history
from bot.web.plots.radar import radar
from domain.authorizations.gate import authorized
from domain.authorizations.labels import ALL_CATEGORIES, DataPurpose
from domain.authorizations.readers import Reader
from domain.base import utcnow
from domain.identity import verifications
from domain.scores import report as reports
from domain.scores.values import Report

routes = web.RouteTableDef()


@routes.get("/credit", name=Page.CREDIT)
async def show(request: web.Request) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        found = await mine.chosen(request, session)
        is_verified = await verifications.is_verified(session, visit_of(request).openid)
    if found is None or not is_verified:
        return await rendering.page(request, "not_yet.html", title="信用报告", registered=found is not None)
    report = await _report(request, found)
    score = report.score
    return await rendering.page(
        request,
        "credit.html",
        mine=found,
        report=report,
        opened="all" in request.query,
        score=score,
        better=[reason for reason in score.reasons if reason.points > 0] if score else [],
        worse=[reason for reason in score.reasons if reason.points < 0] if score else [],
        radar=radar(score.dimensions) if score and score.dimensions else "",
        history=history(report.history, lowest=report.lowest, highest=report.highest, line=report.line),
    )


async def _report(request: web.Request, found: Mine) -> Report:
    """Through the gate like everybody; the owner's own look is in his log too."""
    reader = Reader.owner(visit_of(request).openid)
    async with authorized(
        request.app[DATABASE], reader, found.company.uscc, ALL_CATEGORIES, DataPurpose.OWN
    ) as access:
        return await reports.report(access, request.app[SCORER], now=utcnow())
