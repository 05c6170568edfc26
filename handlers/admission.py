"""A confirmed request whose owner is not admitted yet: what is still to be done, and going on by itself."""

from dataclasses import replace

from domain import admission, requests
from domain.admission import Lack, Standing
from domain.companies import CompanyRow
from domain.identity import verifications
from domain.identity.tables import State as IdentityState
from domain.registrations import reading
from domain.registrations.rules import ENDED, RegistrationStatus
from domain.registrations.tables import RegistrationRow
from domain.requests import RequestRow
from handlers import form
from handlers.turn import LABEL_LONGEST, Choice, Outcome, State, Turn
from nlu.understanding import Entity

_PAGES = {
    Lack.REGISTRATION: "register",
    Lack.IDENTITY: "identity",
    Lack.AUTHORIZATION: "authorization_new",
}
_UNTIL_THEN = "办好后自动发布，不用再回来确认；想改内容，现在直接告诉我就行。"
_WHY = "银行要先知道是谁在借，手机上就能办。"
PAPERS_LIE_WITH_US = "您的身份材料已经收到，工作人员正在核对，有结果会在微信里通知您。"
_COMPANIES_SHOWN = 9


async def standing(turn: Turn, request: RequestRow | None = None) -> Standing:
    """How far the owner has come, for the company that he picked where he has several.

    A registration that his authorization completes is nothing that he has to do himself any more.
    """
    picked = turn.understanding.first("uscc") if turn.understanding.source == "button" else None
    uscc = str(picked.value) if picked else request.uscc if request else None
    found = await admission.standing(turn.session, turn.openid, turn.now, uscc=uscc)
    row = await under_way(turn) if Lack.REGISTRATION in found.lacks else None
    if row is None or row.state is not RegistrationStatus.ACTIVATION:
        return found
    return replace(found, lacks=tuple(lack for lack in found.lacks if lack is not Lack.REGISTRATION))


async def under_way(turn: Turn) -> RegistrationRow | None:
    """The registration that the owner submitted last and that has not ended."""
    rows = await reading.all_of(turn.session, turn.openid)
    return next((row for row in rows if row.state not in ENDED), None)


async def papers_lie_with_us(turn: Turn) -> bool:
    """Whether the owner sent papers of who he is, that nobody has decided on yet."""
    row = await verifications.open_of(turn.session, turn.openid)
    return row is not None and row.state == IdentityState.IN_REVIEW


async def registering(turn: Turn, row: RegistrationRow) -> str:
    """Where a registration stands that others look at, and the way to its page."""
    if row.state is not RegistrationStatus.RETURNED:
        return f"{_reviewed(row)}\n{link_to(turn, 'register', '看注册进度')}"
    steps = await reading.steps_of(turn.session, row.id)
    link = link_to(turn, "register", "点这里修改后再交")
    return f"「{row.name}」的注册申请被退回了：{steps[-1].note}\n{link}"


def which_company(turn: Turn, found: Standing) -> Outcome | None:
    """Who acts for several companies says for which one he asks; None where there is nothing to ask."""
    picked = turn.understanding.source == "button" and turn.understanding.first("uscc")
    if picked or not found.others or found.company is None:
        return None
    choices = tuple(_company(company) for company in (found.company, *found.others)[:_COMPANIES_SHOWN])
    return Outcome("您名下有几家企业，这笔以哪一家的名义发布？", turn.state, choices=choices, asks_anew=True)


async def hold(turn: Turn, request: RequestRow, found: Standing) -> Outcome:
    """Keep what was confirmed, and lead to the first of what is missing."""
    requests.confirm(request, turn.now, review_first=turn.city.review.first)
    said = f"需求已经确认好了，发布前还差{len(found.lacks)}步：{_named(found)}。{_WHY}"
    return Outcome(
        f"{said}\n{await _way(turn, found)}\n{_UNTIL_THEN}", State(request_id=request.id), asks_anew=True
    )


async def still_waiting(turn: Turn, request: RequestRow, found: Standing) -> Outcome:
    """「办好了」「继续」 where something is still to be done."""
    brief = form.brief(request.need)
    said = f"您的融资需求{f'（{brief}）' if brief else ''}已经确认好，还差：{_named(found)}。"
    return Outcome(f"{said}\n{await _way(turn, found)}\n{_UNTIL_THEN}", turn.state)


def line(request: RequestRow, found: Standing) -> str:
    """The waiting request among those under way."""
    brief = form.brief(request.need)
    return f"· {request.id}{f'（{brief}）' if brief else ''}：已确认，还差{_named(found)}，办好后自动发布"


def link_to(turn: Turn, page: str, words: str, **about: str) -> str:
    """Words that lead to one of our pages, as WeChat draws them in a text."""
    return f'<a href="{turn.link(page, **about)}">{words}</a>'


def _named(found: Standing) -> str:
    return "、".join(lack.label for lack in found.lacks)


async def _way(turn: Turn, found: Standing) -> str:
    """Links to what can be done now; while others look at the registration, to what can be done meanwhile."""
    first = found.lacks[0]
    if first is Lack.IDENTITY and await papers_lie_with_us(turn):
        return PAPERS_LIE_WITH_US
    row = await under_way(turn) if first is Lack.REGISTRATION else None
    if row is None:
        return _link(turn, first)
    if row.state is RegistrationStatus.RETURNED or Lack.IDENTITY not in found.lacks:
        return await registering(turn, row)
    return f"{_reviewed(row)}等的时候可以先{_link(turn, Lack.IDENTITY)}。"


def _reviewed(row: RegistrationRow) -> str:
    return f"「{row.name}」的注册申请已提交，现在是「{row.state.label}」，有结果会通知您。"


def _link(turn: Turn, lack: Lack) -> str:
    return link_to(turn, _PAGES[lack], f"点这里办{lack.label}")


def _company(company: CompanyRow) -> Choice:
    named = (Entity("uscc", company.uscc, 0, 0),)
    return Choice(company.name[:LABEL_LONGEST], "affirm", "确认", named)
