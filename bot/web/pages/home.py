"""The home page: what is still to be done, in its order, and the way to everything else."""

from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.keys import DATABASE
from bot.web.links import MOUNT, Page
from bot.web.pages import rendering
from bot.web.pages.parts import visit_of
from domain import admission, companies, requests
from domain.admission import Lack, Standing
from domain.base import utcnow
from domain.registrations import reading
from domain.registrations.rules import ENDED, RegistrationStatus
from domain.registrations.tables import RegistrationRow

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Step:
    """`mark` colours it; `href` is where it is done, empty where there is nothing to do now."""

    title: str
    words: str
    mark: str
    href: str = ""
    action: str = ""


@routes.get("", name="front_door")
@routes.get("/", name=Page.HOME)
async def show(request: web.Request) -> web.Response:
    openid = visit_of(request).openid
    async with request.app[DATABASE].reading() as session:
        standing = await admission.standing(session, openid, utcnow())
        waiting = await requests.confirmed(session, openid)
        under_way = await _under_way(session, openid)
        mine = await companies.registered_by(session, openid)
        asking = await reading.awaiting(session, openid)
    return await rendering.page(
        request,
        "home.html",
        steps=_steps(standing, under_way),
        done=not standing.lacks,
        waiting=waiting,
        # The steps are about one company; a registration of another one stands beside them.
        besides=under_way if standing.company else None,
        companies=mine,
        asking=len(asking),
    )


async def _under_way(session: AsyncSession, openid: str) -> RegistrationRow | None:
    rows = await reading.all_of(session, openid)
    return next((row for row in rows if row.state not in ENDED), None)


def _steps(standing: Standing, under_way: RegistrationRow | None) -> list[Step]:
    """The three of them; the first that can be done now is marked so."""
    steps = [_registration(standing, under_way), _identity(standing), _authorization(standing, under_way)]
    doable = next((step for step in steps if step.href and step.mark != "good"), None)
    return [
        step
        if step.mark or step is not doable
        else Step(step.title, step.words, "now", step.href, step.action)
        for step in steps
    ]


def _registration(standing: Standing, under_way: RegistrationRow | None) -> Step:
    title = Lack.REGISTRATION.label
    if Lack.REGISTRATION not in standing.lacks and standing.company:
        return Step(title, standing.company.name, "good")
    if under_way is None:
        return Step(title, "准备好营业执照，大约三分钟。", "", f"{MOUNT}/register", "去注册企业")
    href = f"{MOUNT}/registrations/{under_way.id}"
    match under_way.state:
        case RegistrationStatus.RETURNED:
            return Step(title, "申请被退回，改好后可以重新提交。", "bad", href, "看原因并修改")
        case RegistrationStatus.ACTIVATION:
            return Step(title, "资料已通过，完成下面的步骤后自动生效。", "good")
        case state:
            return Step(title, f"现在是「{state.label}」，有结果会通知您。", "wait", href, "看进度")


def _identity(standing: Standing) -> Step:
    title = Lack.IDENTITY.label
    if Lack.IDENTITY not in standing.lacks:
        return Step(title, "已通过，不用再做。", "good")
    return Step(title, "确认是您本人，刷脸或者上传材料都可以。", "", f"{MOUNT}/identity", "去实名认证")


def _authorization(standing: Standing, under_way: RegistrationRow | None) -> Step:
    title = Lack.AUTHORIZATION.label
    if Lack.AUTHORIZATION not in standing.lacks:
        return Step(title, "平台可以为您匹配产品，随时可以撤回。", "good")
    activates = under_way is not None and under_way.state is RegistrationStatus.ACTIVATION
    if Lack.IDENTITY in standing.lacks or not (standing.company or activates):
        return Step(title, "前面两步办好后，在这里授权。", "")
    href = f"{MOUNT}/authorizations/new?kind=credit_data"
    return Step(title, "阅读授权书，决定用哪些信息。", "", href, "去授权")
