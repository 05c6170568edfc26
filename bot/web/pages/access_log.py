"""Who looked at the company's data: when, what for, and whether he was let in."""

from aiohttp import web

from bot.web.keys import DATABASE
from bot.web.links import Page
from bot.web.pages import mine, rendering
from bot.web.pages.authorizations import listed
from bot.web.pages.forms import whole_number
from bot.web.pages.parts import city_of, visit_of
from domain.authorizations.labels import Category, Outcome, ReaderKind
from domain.authorizations.records import AccessEntry, access_log
from domain.identity import verifications

routes = web.RouteTableDef()

_PAGE = 20


@routes.get("/access-log", name=Page.ACCESS_LOG)
async def show(request: web.Request) -> web.Response:
    before = whole_number(request.query["before"]) if "before" in request.query else None
    async with request.app[DATABASE].reading() as session:
        found = await mine.chosen(request, session)
        if found is None or not await verifications.is_verified(session, visit_of(request).openid):
            return await rendering.page(
                request, "not_yet.html", title="查询记录", registered=found is not None
            )
        entries = await access_log(session, found.company.uscc, before=before, size=_PAGE + 1)
    return await rendering.page(
        request,
        "access_log.html",
        mine=found,
        entries=[_line(request, entry) for entry in entries[:_PAGE]],
        older=entries[_PAGE - 1].id if len(entries) > _PAGE else None,
        paged=before is not None,
    )


def _line(request: web.Request, entry: AccessEntry) -> dict[str, object]:
    return {
        "at": entry.at,
        "who": _who(request, entry),
        "what": listed(Category, entry.scope),
        "why": entry.purpose.label,
        "granted": entry.outcome is Outcome.GRANTED,
        "outcome": entry.outcome.label,
        "reason": entry.reason.label if entry.reason else "",
    }


def _who(request: web.Request, entry: AccessEntry) -> str:
    """People are not named to each other."""
    match entry.reader_kind:
        case ReaderKind.INSTITUTION:
            return entry.reader
        case ReaderKind.PLATFORM:
            return city_of(request).authorization.operator
        case _:
            return "您本人" if entry.actor == visit_of(request).openid else "另一位微信用户"
