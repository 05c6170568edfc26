"""The financing topic: from 「我想贷款」 to a published request with matched products.

start ──▶ asking ──(nothing missing)──▶ confirming ──affirm──▶ published
            │ ▲                           │
            └─┴── inform, correct, skip, back ◀──┘        cancel: the draft is kept
"""

import re
from dataclasses import replace

from domain import products, requests
from domain.base import today_in_china
from domain.companies import CompanyFacts
from domain.needs import Need
from domain.requests import RequestRow, RequestStatus
from handlers import facts, form, offers, short_answers
from handlers.facts import Heard
from handlers.turn import Field, Outcome, State, Turn
from nlu.understanding import FALLBACK

_OWN_INTENTS = frozenset(
    {"apply_financing", "inform", "correct", "affirm", "deny", "skip", "back", "cancel", "goodbye", FALLBACK}
)
# Below this a guess about the wish counts less than a clear answer to the question asked.
_UNSURE = 0.6
_PATIENCE = 2
# So short a message that names a field does nothing else.
_BARE_LABEL = 5

_FIELD_WORDS = {
    Field.AMOUNT: re.compile(r"金额|额度|数额|钱数"),
    Field.TERM: re.compile(r"期限|时间|年限|多久"),
    Field.PURPOSE: re.compile(r"用途|用来"),
    Field.GUARANTEE: re.compile(r"担保|抵押|质押|抵押物"),
    Field.REGION: re.compile(r"地区|城市|地址|地方|区域"),
    Field.INDUSTRY: re.compile(r"行业|行当|干什么的"),
}

_NOTHING_TO_FILL = "好的。您是想融资吗？告诉我金额和用途就行，比如「想贷100万买设备」，我帮您发布需求。"
_ALREADY_OUT = (
    "您的需求（{id}）已经发布，有机构跟进我马上在微信里告诉您。"
    "想改哪一项、补充公司情况，或者只找某家银行，直接说就行。"
)
_WHAT_TO_CHANGE = "好的，哪一项要改？直接告诉我新的就行，比如「金额改成100万」「期限两年」。"

_TOO_LITTLE = "金额和用途都还空着，机构没法判断能不能做，发出去也等不到回音，两样至少说一样。"
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


async def start(turn: Turn) -> Outcome:
    """The owner wants money: take up the paused draft, or begin a request with what was said."""
    heard = short_answers.hear(turn.understanding, turn.state.asking)
    draft = await _draft(turn)
    if draft and not heard.fields:
        state = turn.state.model_copy(update={"topic": "financing"})
        said = _joined("您上次填到一半的融资需求还在，我们接着填。", *heard.refusals)
        return await _advance(turn, draft, state, said)
    if draft:
        requests.discard(turn.session, draft, turn.now)
    return await _begin(turn, heard, "好的，我来帮您发布融资需求。")


async def start_or_add(turn: Turn) -> Outcome:
    """Facts without a form: they complete or change the published request, or begin one."""
    heard = short_answers.hear(turn.understanding, None)
    request = await offers.current_request(turn)
    if request and request.state is RequestStatus.PUBLISHED and heard:
        return await _add(turn, request, heard)
    if request and request.state is RequestStatus.DRAFT and heard:
        state = turn.state.model_copy(update={"topic": "financing"})
        return await _take_in(replace(turn, state=state), request, heard)
    if heard.fields or heard.refusals:
        return await start(turn)
    if request and request.state is RequestStatus.PUBLISHED:
        return Outcome(f"好的。{_ALREADY_OUT.format(id=request.id)}", turn.state)
    return Outcome(_NOTHING_TO_FILL, turn.state)


async def apply_product(turn: Turn) -> Outcome:
    """The owner names a product: a request for it, to the institutions that offer it."""
    named = [str(entity.value) for entity in turn.understanding.all("product")]
    day = today_in_china(turn.now)
    found = [
        product
        for name in named
        for product in await products.named(turn.session, name)
        if product.on_offer(day)
    ]
    request = await offers.current_request(turn)
    if not named and request and request.state is RequestStatus.PUBLISHED:
        return Outcome(
            f"不用逐款申请，匹配上的机构都看得到这笔需求。{_ALREADY_OUT.format(id=request.id)}", turn.state
        )
    if not found:
        subject = f"目录里现在没有「{named[0]}」这款产品。" if named else "您想申请哪款产品？"
        return Outcome(f"{subject}您可以说出产品全名，或者把金额和用途告诉我，我帮您找合适的。", turn.state)
    heard = short_answers.hear(turn.understanding, None)
    institutions = tuple(dict.fromkeys(product.institution for product in found))
    wished = heard.need.get("institutions", institutions)
    heard = replace(heard, need=heard.need | {"institutions": wished})
    if draft := await _draft(turn):
        requests.discard(turn.session, draft, turn.now)
    return await _begin(turn, heard, f"好的，我来帮您申请「{found[0].name}」。", product=found[0].name)


async def _begin(turn: Turn, heard: Heard, opening: str, *, product: str | None = None) -> Outcome:
    request = requests.draft(
        turn.session,
        turn.openid,
        facts.merged(Need(), heard, replacing=False),
        turn.now,
        facts=facts.merged_facts(CompanyFacts(), heard),
        product=product,
    )
    state = State(topic="financing", request_id=request.id)
    return await _advance(turn, request, state, _joined(opening, *heard.refusals))


async def takes(turn: Turn) -> bool:
    """Whether the message belongs to the form, or is something in between that others answer."""
    if turn.intent in _OWN_INTENTS:
        return True
    if turn.intent == "withdraw_request":
        # 「不贷了」 in a form that replaces nothing is said of the form.
        draft = await _draft(turn)
        return draft is not None and draft.replaces is None
    unsure = turn.understanding.intent.confidence < _UNSURE
    return unsure and short_answers.answers(turn.understanding, turn.state.asking)


async def go_on(turn: Turn) -> Outcome:
    """One message of an owner who is filling in the form."""
    request = await _draft(turn)
    if request is None:
        return await start(replace(turn, state=State()))
    heard = short_answers.hear(turn.understanding, turn.state.asking)
    if short_answers.unknown(turn.text) and not heard:
        return await _skip(turn, request)
    if heard and turn.intent not in {"cancel", "back", "withdraw_request"}:
        return await _take_in(turn, request, heard)
    if turn.state.asking and turn.intent != "skip" and short_answers.leaves_open(turn.text):
        return await _leave_open(turn, request, turn.state.asking, "好的，都可以考虑。")
    if (outcome := await _steer(turn, request)) is not None:
        return outcome
    return await _not_understood(turn, request)


async def _steer(turn: Turn, request: RequestRow) -> Outcome | None:
    """A message that moves through the form and adds nothing to it."""
    match turn.intent:
        case "cancel" | "withdraw_request":
            outcome = _pause(turn, request, "好的，先不弄了。")
        case "goodbye":
            outcome = _pause(turn, request, "好的，您先忙。")
        case "back":
            outcome = await _back(turn, request)
        case "affirm" if turn.state.confirming:
            outcome = await _publish(turn, request)
        case "affirm" if short_answers.finished(turn.text) and form.enough(request.need):
            outcome = await _leave_rest_open(turn, request)
        case "affirm" | "apply_financing":
            outcome = _remind(turn, request)
        case "skip":
            outcome = await _skip(turn, request)
        case _:
            return await _change(turn, request)
    return outcome


async def _change(turn: Turn, request: RequestRow) -> Outcome | None:
    """A wish to change something, without what it is to become."""
    changing = turn.intent in {"correct", "deny"}
    field = _field_named(turn.text)
    if field and (changing or len(turn.text.strip()) <= _BARE_LABEL):
        return await _ask_again(turn, request, field)
    if not changing:
        return None
    if turn.state.asking and (turn.intent == "correct" or short_answers.objects(turn.text)):
        standing = form.question(turn.state.asking)
        return Outcome(f"{_WHAT_TO_CHANGE}\n要是都没错，我们接着填：{standing}", turn.state)
    return Outcome(_WHAT_TO_CHANGE, turn.state) if turn.state.confirming else None


async def prompt(turn: Turn) -> str:
    """The question that stands, for leading back after something in between."""
    request = await _draft(turn)
    if request is None:
        return ""
    if turn.state.asking:
        return f"回到您的融资需求：{form.question(turn.state.asking)}"
    return f"回到您的融资需求，{form.summary(request)}"


async def _add(turn: Turn, request: RequestRow, heard: Heard) -> Outcome:
    """More about the firm, or a change, after the request was published."""
    if heard.need or heard.refusals:
        return await _amend(turn, request, heard)
    before = offers.describe(await offers.match_request(turn, request))
    request.set_facts(facts.merged_facts(request.facts, heard), turn.now)
    result = await offers.match_request(turn, request)
    if offers.describe(result) == before:
        return Outcome("记下了，和银行对接时用得上。按新情况对了一遍，前面给您的结果没有变化。", turn.state)
    return Outcome(f"记下了，按新情况重新匹配：\n\n{offers.describe(result)}", turn.state)


async def _amend(turn: Turn, request: RequestRow, heard: Heard) -> Outcome:
    """A changed request is a new draft that takes the old one's place once it is confirmed."""
    if not heard.need:
        return Outcome(_joined(*heard.refusals), turn.state)
    draft = requests.draft(
        turn.session,
        turn.openid,
        facts.merged(request.need, heard, replacing=True),
        turn.now,
        facts=facts.merged_facts(request.facts, heard),
        product=request.product,
        replaces=request.id,
    )
    # What was left open when it was published is not asked anew.
    left_open = tuple(field for field in Field if not form.value(draft.need, field))
    state = State(topic="financing", request_id=draft.id, open=left_open)
    opening = f"您的需求（{request.id}）已经发布了，我先按您说的改好，您确认后替换原来那笔。"
    return await _advance(turn, draft, state, _joined(opening, *heard.refusals))


async def _take_in(turn: Turn, request: RequestRow, heard: Heard) -> Outcome:
    """New facts: write them down, say so, go on with what is missing."""
    before = request.need
    replacing = turn.intent == "correct" or turn.state.confirming
    request.set_need(facts.merged(before, heard, replacing=replacing), turn.now)
    request.set_facts(facts.merged_facts(request.facts, heard), turn.now)
    answered = turn.state.answered
    if turn.state.asking in heard.fields:
        answered = (*answered, turn.state.asking)
    state = turn.state.model_copy(
        update={
            "answered": answered,
            "open": tuple(field for field in turn.state.open if field not in heard.fields),
        }
    )
    said = _joined(_acknowledgement(before, request.need, heard), *heard.refusals)
    return await _advance(turn, request, state, said)


def _acknowledgement(before: Need, after: Need, heard: Heard) -> str:
    changed = [field for field in Field if field in heard.fields and form.value(after, field)]
    if not changed:
        return "好的，记下了。" if heard.need or heard.facts else ""
    corrected = [
        field for field in changed if form.value(before, field) not in {"", form.value(after, field)}
    ]
    if corrected:
        return f"好的，{'，'.join(f'{field.label}改为{form.value(after, field)}' for field in corrected)}。"
    return f"记下了：{'，'.join(form.value(after, field) for field in changed)}。"


async def _advance(turn: Turn, request: RequestRow, state: State, said: str) -> Outcome:
    """Ask for the first thing that is missing, or show the summary."""
    missing = form.next_field(request.need, state)
    state = state.model_copy(update={"asking": missing, "confirming": missing is None, "misunderstood": 0})
    await turn.session.flush()
    return Outcome(_joined(said, form.question(missing) if missing else form.summary(request)), state)


async def _publish(turn: Turn, request: RequestRow) -> Outcome:
    if not form.enough(request.need):
        outcome = await _ask_again(turn, request, Field.AMOUNT)
        return replace(outcome, reply=_joined(_TOO_LITTLE, form.question(Field.AMOUNT)))
    await requests.publish(turn.session, request, turn.now)
    result = await offers.match_request(turn, request)
    replaced = f"，原来那笔（{request.replaces}）已撤下" if request.replaces else ""
    parts = [
        f"已为您发布，需求编号 {request.id}{replaced}。有进展会第一时间在微信里通知您。",
        offers.describe(result),
        "" if result.products else _NONE_FITS,
        _follow_up(offers.open_conditions(result)),
    ]
    return Outcome("\n\n".join(part for part in parts if part), State(request_id=request.id))


def _follow_up(open_conditions: frozenset[str]) -> str:
    """What the owner could tell to settle open points; asked once, never insisted on."""
    asks = list(dict.fromkeys(ask for name, ask in _FOLLOW_UP.items() if name in open_conditions))
    return f"方便的话再告诉我{'、'.join(asks[:2])}，待核实的几项我马上帮您对一遍。" if asks else ""


def _remind(turn: Turn, request: RequestRow) -> Outcome:
    """Yes, or the wish once more, where something is still to be said."""
    if turn.state.asking is None:
        return Outcome(form.summary(request), turn.state)
    return Outcome(f"好的，我们接着填。{form.question(turn.state.asking)}", turn.state)


def _pause(turn: Turn, request: RequestRow, said: str) -> Outcome:
    """What was answered and left open is kept with the draft: it is not asked again."""
    state = turn.state.model_copy(
        update={"topic": None, "asking": None, "confirming": False, "misunderstood": 0}
    )
    kept = f"已发布的那笔（{request.replaces}）照旧有效，" if request.replaces else ""
    return Outcome(f"{said}{kept}填好的内容给您留着，想接着填时说一声「继续」就行。", state)


async def _back(turn: Turn, request: RequestRow) -> Outcome:
    if not turn.state.answered:
        standing = form.question(turn.state.asking) if turn.state.asking else form.summary(request)
        return Outcome(f"前面没有问题可以返回了。{standing}", turn.state)
    *earlier, field = turn.state.answered
    state = turn.state.model_copy(update={"answered": tuple(earlier)})
    return await _ask_again(replace(turn, state=state), request, field)


async def _ask_again(turn: Turn, request: RequestRow, field: Field) -> Outcome:
    request.set_need(form.cleared(request.need, field), turn.now)
    still_open = tuple(other for other in turn.state.open if other is not field)
    state = turn.state.model_copy(
        update={"asking": field, "confirming": False, "open": still_open, "misunderstood": 0}
    )
    return Outcome(f"好的，重新说一下{field.label}。{form.question(field)}", state)


async def _skip(turn: Turn, request: RequestRow) -> Outcome:
    field = turn.state.asking
    if field is None:
        return Outcome(form.summary(request), turn.state)
    if field is Field.AMOUNT and not turn.state.misunderstood:
        state = turn.state.model_copy(update={"misunderstood": 1})
        return Outcome(
            "金额是银行最先看的一项，给个大概的范围也行，比如「50到80万」。实在定不下来，再回复「跳过」。",
            state,
        )
    return await _leave_open(turn, request, field, "好的，这一项先不填。")


async def _leave_open(turn: Turn, request: RequestRow, field: Field, said: str) -> Outcome:
    state = turn.state.model_copy(
        update={"open": (*turn.state.open, field), "answered": (*turn.state.answered, field)}
    )
    return await _advance(turn, request, state, said)


async def _leave_rest_open(turn: Turn, request: RequestRow) -> Outcome:
    """「就这些，提交」: who is done is not asked any further."""
    unsaid = tuple(field for field in Field if not form.value(request.need, field))
    state = turn.state.model_copy(update={"open": unsaid})
    return await _advance(turn, request, state, "好的，没说到的先不填。")


async def _not_understood(turn: Turn, request: RequestRow) -> Outcome:
    """First an example, then other ways out."""
    count = turn.state.misunderstood + 1
    state = turn.state.model_copy(update={"misunderstood": count})
    field = turn.state.asking
    if field is None:
        return Outcome(
            f"我没太听明白。{form.summary(request)}"
            if count < _PATIENCE
            else "我还是没听明白。可以发布请回复「确认」，要改请直接说新的内容，不办了回复「取消」。",
            state,
        )
    if count < _PATIENCE:
        return Outcome(f"不好意思，我没听明白。{form.example(field)}。{form.question(field)}", state)
    return Outcome(
        f"我还是没听明白您的意思。{form.example(field)}；不方便说就回复「跳过」，"
        "不想填了回复「取消」，想看我能办什么回复「菜单」。",
        state,
    )


async def _draft(turn: Turn) -> RequestRow | None:
    request = await offers.current_request(turn)
    return request if request and request.state is RequestStatus.DRAFT else None


def _field_named(text: str) -> Field | None:
    return next((field for field, word in _FIELD_WORDS.items() if word.search(text)), None)


def _joined(*parts: str) -> str:
    return "\n".join(part for part in parts if part)
