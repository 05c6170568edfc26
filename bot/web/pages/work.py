"""A page's unit of work, and what it sets going."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.keys import DATABASE
from bot.web.pages.parts import PUBLISHED, city_of, visit_of
from domain import admission, events
from domain.base import utcnow


@asynccontextmanager
async def unit_of_work(request: web.Request) -> AsyncIterator[AsyncSession]:
    async with request.app[DATABASE].unit_of_work() as session:
        yield session
    if events.recorded(session):
        city_of(request).on_events()


async def go_on(request: web.Request, session: AsyncSession, openid: str | None = None) -> None:
    """Publish what the person confirmed before, if nothing else is missing now; his next page says so."""
    me = visit_of(request).openid
    published = await admission.go_on(session, utcnow(), openid=openid or me)
    if published and openid in {None, me}:
        request[PUBLISHED] = published[-1].state
