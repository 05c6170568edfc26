"""A confirmed request whose owner is not admitted yet: what is still to be done, and going on by itself."""

from domain import admission, requests
from domain.admission import Lack, Standing
from domain.companies import CompanyRow
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
_COMPANIES_SHOWN = 9


async def standing(turn: Turn, request: RequestRow | None = None) -> Standing:
    """How far the owner has come, for the company that he picked where he has several."""
    picked = turn.understanding.first("uscc") if turn.understanding.source == "button" else None
    uscc = str(picked.value) if picked else request.uscc if request else None
    return await admission.standing(turn.session, turn.openid, turn.now, uscc=uscc)


def which_company(turn: Turn, found: Standing) -> Outcome | None:
    """Who acts for several companies says for which one he asks; None where there is nothing to ask."""
    picked = turn.understanding.source == "button" and turn.understanding.first("uscc")
    if picked or not found.others or found.company is None:
        return None
    choices = tuple(_company(company) for company in (found.company, *found.others)[:_COMPANIES_SHOWN])
    return Outcome("您名下有几家企业，这笔以哪一家的名义发布？", turn.state, choices=choices, asks_anew=True)


def hold(turn: Turn, request: RequestRow, found: Standing) -> Outcome:
    """Keep what was confirmed, and lead to the first of what is missing."""
    requests.confirm(request, turn.now)
    said = f"需求已经确认好了，发布前还差{len(found.lacks)}步：{_named(found)}。"
    return Outcome(
        f"{said}\n{_way(turn, found)}\n{_UNTIL_THEN}", State(request_id=request.id), asks_anew=True
    )


def still_waiting(turn: Turn, request: RequestRow, found: Standing) -> Outcome:
    """「办好了」「继续」 where something is still to be done."""
    brief = form.brief(request.need)
    said = f"您的融资需求{f'（{brief}）' if brief else ''}已经确认好，还差：{_named(found)}。"
    return Outcome(f"{said}\n{_way(turn, found)}\n{_UNTIL_THEN}", turn.state)


def line(request: RequestRow, found: Standing) -> str:
    """The waiting request among those under way."""
    brief = form.brief(request.need)
    return f"· {request.id}{f'（{brief}）' if brief else ''}：已确认，还差{_named(found)}，办好后自动发布"


def link_to(turn: Turn, page: str, words: str) -> str:
    """Words that lead to one of our pages, as WeChat draws them in a text."""
    return f'<a href="{turn.link(page)}">{words}</a>'


def _named(found: Standing) -> str:
    return "、".join(lack.label for lack in found.lacks)


def _way(turn: Turn, found: Standing) -> str:
    first = found.lacks[0]
    return link_to(turn, _PAGES[first], f"点这里办{first.label}")


def _company(company: CompanyRow) -> Choice:
    named = (Entity("uscc", company.uscc, 0, 0),)
    return Choice(company.name[:LABEL_LONGEST], "affirm", "确认", named)
