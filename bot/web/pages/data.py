"""What is held about a person: shown, handed out, deleted."""

import io
import json
import zipfile
from typing import Any

from aiohttp import web

from bot.web.keys import CIPHER, DATABASE
from bot.web.links import Page
from bot.web.pages import login, rendering
from bot.web.pages.forms import form_of
from bot.web.pages.parts import SESSIONS, visit_of
from bot.web.pages.work import unit_of_work
from domain.base import utcnow
from domain.personal_data import deleting, exporting

routes = web.RouteTableDef()

DELETED = "data_deleted"
_NAME = "rongqiao-data"


@routes.get("/data", name=Page.DATA)
async def show(request: web.Request) -> web.Response:
    return await rendering.page(request, "data.html")


@routes.post("/data")
async def hand_out(request: web.Request) -> web.Response:
    """On the page, since WeChat's browser saves no files; as a file for whoever opens it elsewhere."""
    async with unit_of_work(request) as session:
        found = await exporting.export(session, visit_of(request).openid, request.app[CIPHER], utcnow())
    match form_of(request).text("form"):
        case "json":
            return _file(_json(found), "application/json", "json")
        case "zip":
            return _file(_zipped(found), "application/zip", "zip")
        case _:
            return await rendering.page(request, "data_shown.html", found=found)


@routes.get("/data/delete", name=Page.DATA_DELETE)
async def ask(request: web.Request) -> web.Response:
    return await _plan(request, {})


@routes.post("/data/delete")
async def delete(request: web.Request) -> web.Response:
    """At once; the session ends with it."""
    if not form_of(request).ticked("sure"):
        return await _plan(request, {"sure": "请先勾选确认，再点删除。"})
    async with unit_of_work(request) as session:
        await deleting.delete(session, visit_of(request).openid, utcnow())
    await request.app[SESSIONS].end(request.cookies.get(login.SESSION_COOKIE, ""))
    return rendering.redirect(str(request.app.router[DELETED].url_for()))


@routes.get("/data/deleted", name=DELETED)
async def deleted(request: web.Request) -> web.Response:
    del request
    return rendering.bare("data_deleted.html", status=200)


async def _plan(request: web.Request, errors: dict[str, str]) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        plans = await deleting.deletion_plan(session, visit_of(request).openid, utcnow())
    return await rendering.page(
        request,
        "data_delete.html",
        status=422 if errors else 200,
        going=[plan for plan in plans if plan.goes != 0],
        # Where the gate keeps the rows uncounted, they go unless others act for the company.
        staying=[plan for plan in plans if plan.stays or (plan.stays is None and plan.goes == 0)],
        ending=sum(plan.ends_first for plan in plans),
        errors=errors,
    )


def _json(found: dict[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False, indent=2).encode()


def _zipped(found: dict[str, Any]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{_NAME}.json", _json(found))
    return packed.getvalue()


def _file(content: bytes, kind: str, ending: str) -> web.Response:
    disposition = f'attachment; filename="{_NAME}.{ending}"'
    return web.Response(body=content, content_type=kind, headers={"Content-Disposition": disposition})
