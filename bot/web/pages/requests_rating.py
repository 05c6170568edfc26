"""The owner's opinion of an institution that answered him: stars, and words if he likes."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.keys import DATABASE
from bot.web.links import Page
from bot.web.pages import rendering
from bot.web.pages.errors import NoSuchPage
from bot.web.pages.forms import Errors, form_of
from bot.web.pages.parts import visit_of
from bot.web.pages.requests import own
from bot.web.pages.requests_shown import title
from bot.web.pages.work import unit_of_work
from domain.base import utcnow
from domain.errors import ValueOutOfRange
from domain.market import rating
from domain.market.tables import WORDS_CHARS
from domain.progress import Progress

routes = web.RouteTableDef()

_STARS = {
    "5": "5 星，很满意",
    "4": "4 星，满意",
    "3": "3 星，一般",
    "2": "2 星，不满意",
    "1": "1 星，很不满意",
}


@routes.get("/requests/{id}/rate", name=Page.REQUEST_RATE)
async def ask(request: web.Request) -> web.Response:
    """With what the owner said before, if he did."""
    institution = request.query.get("institution", "")
    async with request.app[DATABASE].reading() as session:
        found = await _rateable(request, session, institution)
    before = found.ratings.get(institution)
    values = {"stars": str(before.stars), "words": before.words} if before else {}
    return await _form(request, found, institution, values, {})


@routes.post("/requests/{id}/rate")
async def rate(request: web.Request) -> web.Response:
    form = form_of(request)
    institution, stars, words = form.text("institution"), form.text("stars"), form.text("words")
    async with request.app[DATABASE].reading() as session:
        found = await _rateable(request, session, institution)
    if stars not in _STARS:
        return await _form(request, found, institution, form.values(), {"stars": "请选择几颗星。"})
    try:
        async with unit_of_work(request) as session:
            await rating.rate(
                session, visit_of(request).openid, found.request.id, institution, int(stars), words, utcnow()
            )
    except ValueOutOfRange as refusal:
        return await _form(request, found, institution, form.values(), {refusal.field: refusal.sentence})
    return await rendering.see(request, Page.REQUEST, "谢谢您的评价，已经记下了。", id=found.request.id)


async def _rateable(request: web.Request, session: AsyncSession, institution: str) -> Progress:
    """Raises NoSuchPage where there is nothing of this institution's that could be judged."""
    found = await own(request, session)
    if institution not in {row.institution for row in found.rateable}:
        raise NoSuchPage
    return found


async def _form(
    request: web.Request, found: Progress, institution: str, values: dict[str, str], errors: Errors
) -> web.Response:
    return await rendering.page(
        request,
        "request_rate.html",
        status=422 if errors else 200,
        id=found.request.id,
        title=title(found.request),
        institution=institution,
        stars=list(_STARS.items()),
        most=WORDS_CHARS,
        values=values,
        errors=errors,
    )
