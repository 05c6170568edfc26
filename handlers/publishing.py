"""From a confirmed draft to the market, and what is said about the request afterwards."""

from domain import admission as admissions
from domain import requests
from domain.companies import CompanyRow
from domain.errors import NotAllowedNow
from domain.recommending import queueing
from domain.requests import RequestRow, RequestStatus
from handlers import admission, asking, control, corrections, facts, form, offers, recommended
from handlers.facts import Heard
from handlers.turn import Field, Outcome, State, Turn

# The owner has done his part: with institutions it can be changed and added to, and with an adviser as well.
GIVEN = frozenset({RequestStatus.PUBLISHED, RequestStatus.REVIEWING})
_WHAT_NOW = "想改哪一项、补充公司情况，或者只找某家银行，直接说就行。"
_ALREADY = {
    RequestStatus.PUBLISHED: "您的需求（{id}）已经发布，有机构跟进我马上在微信里告诉您。",
    RequestStatus.REVIEWING: "您的需求（{id}）已经提交，融资顾问正在复核，发给机构后我马上在微信里告诉您。",
}
_TOO_LITTLE = "金额和用途都还空着，机构没法判断能不能做，发出去也等不到回音，两样至少说一样。"
_PLAINLY = "发布出去机构就看得到了，所以要您明确说一声：确定发布请只回复「确认」；还想改，直接说改哪一项。"
_NONE_FITS = (
    "需求已经挂出去了，机构也会主动来看；想多几家选择，可以试着放宽担保方式、期限或利率，改好我重新帮您对。"
)
_FOLLOW_UP = {
    "founded_months_min": "公司是哪年成立的",
    "revenue_min": "一年大概多少销售额",
    "revenue_max": "一年大概多少销售额",
    "employees_min": "有多少员工",
    "employees_max": "有多少员工",
    "qualifications_any": "有没有高新、专精特新这类资质",
    "qualifications_all": "有没有高新、专精特新这类资质",
}


def already_out(request: RequestRow) -> str:
    """What is said of a request that the owner has confirmed already."""
    said = _ALREADY.get(request.state, _ALREADY[RequestStatus.PUBLISHED])
    return said.format(id=request.id) + _WHAT_NOW


async def publish(turn: Turn, request: RequestRow) -> Outcome:
    """What others will see needs a yes that can mean nothing else."""
    if not form.enough(request.need):
        outcome = asking.ask_again(turn, request, Field.AMOUNT)
        return Outcome(facts.joined(_TOO_LITTLE, form.question(Field.AMOUNT)), outcome.state, asks_anew=True)
    if not control.plain_yes(turn.understanding):
        return Outcome(_PLAINLY, turn.state)
    found = await admission.standing(turn, request)
    if asked := admission.which_company(turn, found):
        return asked
    if found.lacks and turn.city.admission_first:
        return await admission.hold(turn, request, found)
    return await _published(turn, request, found.company, review_first=turn.city.review.first)


async def go_on(turn: Turn, request: RequestRow) -> Outcome:
    """A confirmed request that waits: out it goes once nothing is missing."""
    found = await admission.standing(turn, request)
    if found.lacks and turn.city.admission_first:
        return await admission.still_waiting(turn, request, found)
    return await _published(turn, request, found.company, review_first=request.review_first)


async def _published(
    turn: Turn, request: RequestRow, company: CompanyRow | None, *, review_first: bool
) -> Outcome:
    try:
        await admissions.publish(turn.session, request, company, turn.now, review_first=review_first)
    except NotAllowedNow as refusal:
        # Nothing was changed yet: an answer like any other, that can be asked for once more.
        return Outcome(refusal.sentence, turn.state)
    described, result = await offers.shown_for(turn, request)
    replaced = f"，原来那笔（{request.replaces}）已撤下" if request.replaces else ""
    under_review = request.state is RequestStatus.REVIEWING
    if under_review:
        said = [f"已为您提交，需求编号 {request.id}{replaced}。{recommended.looks_first(turn)}"]
    else:
        said = [
            f"已为您发布，需求编号 {request.id}{replaced}。有进展会第一时间在微信里通知您。",
            described,
            recommended.unreviewed(result) or _NONE_FITS,
        ]
    reply = recommended.paragraphs(*said, _follow_up(offers.open_conditions(result)))
    listing = None if under_review else offers.listing(result)
    return Outcome(reply, State(request_id=request.id), listing=listing, asks_anew=True)


def _follow_up(open_conditions: frozenset[str]) -> str:
    """What the owner could tell to settle open points; asked once, never insisted on."""
    asks = list(dict.fromkeys(ask for name, ask in _FOLLOW_UP.items() if name in open_conditions))
    return f"方便的话再告诉我{'、'.join(asks[:2])}，待核实的几项我马上帮您对一遍。" if asks else ""


async def add(turn: Turn, request: RequestRow, heard: Heard) -> Outcome:
    """More about the firm, or a change, after the request was published."""
    if heard.need or heard.refusals:
        return await amend(turn, request, heard)
    before = offers.describe(await offers.match_request(turn, request))
    request.set_facts(facts.merged_facts(request.facts, heard), turn.now)
    await queueing.renew(turn.session, request.id, turn.openid, turn.now)
    if request.state is RequestStatus.REVIEWING:
        return Outcome("记下了，融资顾问复核时会按新情况来看。", turn.state)
    result = await offers.match_request(turn, request)
    if offers.describe(result) == before:
        return Outcome("记下了，和银行对接时用得上。按新情况对了一遍，前面给您的结果没有变化。", turn.state)
    said = ("记下了，按新情况重新匹配：", offers.describe(result), recommended.unreviewed(result))
    return Outcome(recommended.paragraphs(*said), turn.state, listing=offers.listing(result))


async def amend(turn: Turn, request: RequestRow, heard: Heard, *wrong: Field) -> Outcome:
    """A changed request is a new draft that takes the old one's place once it is confirmed.

    `wrong` are fields that the owner called wrong without saying what is right: they are asked for.
    """
    need = facts.merged(request.need, heard, replacing=not corrections.adds(turn.text))
    if need == request.need and not wrong:
        said = facts.joined(*asking.refused(heard, request.need))
        return Outcome(said or f"您发布的需求（{request.id}）里就是这样写的，不用改。", turn.state)
    for field in wrong:
        need = form.cleared(need, field)
    draft = await requests.draft(
        turn.session,
        turn.openid,
        need,
        turn.now,
        facts=facts.merged_facts(request.facts, heard),
        product=request.product,
        replaces=request.id,
    )
    # What was left open when it was published is not asked anew.
    left_open = tuple(field for field in Field if field not in wrong and not form.value(need, field))
    state = State(topic="financing", request_id=draft.id, open=left_open)
    stands = "已经提交了" if request.state is RequestStatus.REVIEWING else "已经发布了"
    opening = f"您的需求（{request.id}）{stands}，我先按您说的改好，您确认后替换原来那笔。"
    said = facts.joined(opening, *asking.refused(heard, request.need))
    return await asking.advance(turn, draft, state, said)
