"""Moves within the financing form: what is asked next, how it is asked again, what is taken down."""

from dataclasses import replace

from domain.money import percent
from domain.needs import Need
from domain.requests import RequestRow, RequestStatus
from handlers import corrections, facts, form, offers
from handlers.facts import Heard
from handlers.turn import Field, Outcome, State, Turn

# Asked more often than this without an answer, a question is put off: nobody likes to be pressed.
ASKED_AT_MOST = 2
_CONFIRM = "没问题请回复「确认」，要改哪一项直接告诉我，先不办了回复「取消」。"


async def draft_of(turn: Turn) -> RequestRow | None:
    """The request that is being filled in, if the conversation is about one."""
    request = await offers.current_request(turn)
    return request if request and request.state is RequestStatus.DRAFT else None


def standing(turn: Turn, request: RequestRow, *, anew: bool = False) -> Outcome:
    """The question of the turn's state, or the summary; in other words where it was put often enough."""
    state = turn.state
    often = not anew and state.memory.asked >= ASKED_AT_MOST
    if state.asking is None:
        return Outcome(_CONFIRM if often else form.summary(request), state)
    if often:
        later = f"{state.asking.label}想好了再告诉我；先不填回复「跳过」，不想填了回复「取消」。"
        return Outcome(later, state)
    return Outcome(form.question(state.asking), state, choices=form.choices(state.asking))


def asked(
    turn: Turn, request: RequestRow, said: str, state: State | None = None, *, anew: bool = False
) -> Outcome:
    """What is said, and below it the question of the state (the turn's own, if no other is given).

    `anew`: the owner tried to answer, so that asking once more is no pressing.
    """
    at = state or turn.state
    other = _question(at) != _question(turn.state)
    put = standing(replace(turn, state=at), request, anew=anew or other)
    return replace(put, reply=facts.joined(said, put.reply), asks_anew=anew or other)


def _question(state: State) -> tuple[object, ...]:
    return state.topic, state.request_id, state.asking


async def advance(turn: Turn, request: RequestRow, state: State, said: str, *, anew: bool = False) -> Outcome:
    """Ask for the first thing that is missing, or show the summary.

    Who was asked twice for one thing and tells others is asked for another first.
    """
    missing = form.missing(request.need, state)
    pressed = not anew and turn.state.memory.asked >= ASKED_AT_MOST and turn.state.asking in missing[:1]
    following = missing[1:] if pressed and len(missing) > 1 else missing
    field = following[0] if following else None
    state = state.model_copy(update={"asking": field, "confirming": field is None, "misunderstood": 0})
    await turn.session.flush()
    warning = await offers.product_warning(turn, request) if field is None else ""
    return asked(turn, request, facts.joined(said, warning), state, anew=anew)


async def take_in(turn: Turn, request: RequestRow, heard: Heard) -> Outcome:
    """New facts: write them down, say so, go on with what is missing."""
    before = request.need
    replacing = (turn.intent == "correct" or turn.state.confirming) and not corrections.adds(turn.text)
    need = facts.merged(before, heard, replacing=replacing)
    wrong = [field for field in corrections.said_wrong(turn.text) if not heard.tells_of(field)]
    for field in wrong:
        need = form.cleared(need, field)
    request.set_need(need, turn.now)
    request.set_facts(facts.merged_facts(request.facts, heard), turn.now)
    answered = turn.state.answered
    if turn.state.asking in heard.fields:
        answered = (*answered, turn.state.asking)
    settled = {*heard.fields, *wrong}
    still_open = tuple(field for field in turn.state.open if field not in settled)
    state = turn.state.model_copy(update={"answered": answered, "open": still_open})
    said = facts.joined(
        acknowledgement(before, request.need, heard), wished_bank(heard), *refused(heard, before)
    )
    # A summary that has changed is another one.
    anew = bool(heard.refusals) or (turn.state.confirming and need != before)
    return await advance(turn, request, state, said, anew=anew)


def acknowledgement(before: Need, after: Need, heard: Heard) -> str:
    changed = [field for field in Field if field in heard.fields and form.value(after, field)]
    if not changed:
        return "好的，记下了。" if heard.need.keys() - {"institutions"} or heard.facts else ""
    corrected = [
        field for field in changed if form.value(before, field) not in {"", form.value(after, field)}
    ]
    if corrected:
        return f"好的，{'，'.join(f'{field.label}改为{form.value(after, field)}' for field in corrected)}。"
    return f"记下了：{'，'.join(form.value(after, field) for field in changed)}。"


def wished_bank(heard: Heard) -> str:
    """The wish for a bank, said back; empty if there is none."""
    banks = heard.need.get("institutions", ())
    return f"优先帮您找{'、'.join(banks)}。" if banks else ""


def refused(heard: Heard, before: Need) -> list[str]:
    """Why figures were not taken, and what stands in their place."""
    stands = [
        f"{Field(name).label}先按原来的{form.value(before, Field(name))}。"
        for name in heard.refused
        if name in set(Field) and form.value(before, Field(name))
    ]
    if "rate" in heard.refused and before.rate_max is not None:
        stands.append(f"期望年利率先按原来的不超过{percent(before.rate_max)}。")
    return [*heard.refusals, *stands]


def ask_again(turn: Turn, request: RequestRow, *fields: Field) -> Outcome:
    """What was wrong is cleared, and the first of it asked for; the rest comes in its order."""
    need = request.need
    for field in fields:
        need = form.cleared(need, field)
    request.set_need(need, turn.now)
    first = min(fields, key=list(Field).index)
    still_open = tuple(other for other in turn.state.open if other not in fields)
    state = turn.state.model_copy(
        update={
            "topic": "financing",
            "asking": first,
            "confirming": False,
            "open": still_open,
            "misunderstood": 0,
        }
    )
    labels = "和".join(field.label for field in Field if field in fields)
    return asked(turn, request, f"好的，重新说一下{labels}。", state)


def remind(turn: Turn, request: RequestRow) -> Outcome:
    """Yes, or the wish once more, where something is still to be said."""
    return asked(turn, request, "好的，我们接着填。" if turn.state.asking else "")


def pause(turn: Turn, request: RequestRow, said: str) -> Outcome:
    """What was answered and left open is kept with the draft: it is not asked again."""
    state = turn.state.model_copy(
        update={"topic": None, "asking": None, "confirming": False, "misunderstood": 0}
    )
    kept = f"已发布的那笔（{request.replaces}）照旧有效，" if request.replaces else ""
    return Outcome(f"{said}{kept}填好的内容给您留着，想接着填时说一声「继续」就行。", state)


def back(turn: Turn, request: RequestRow) -> Outcome:
    if not turn.state.answered:
        return asked(turn, request, "前面没有问题可以返回了。")
    *earlier, field = turn.state.answered
    state = turn.state.model_copy(update={"answered": tuple(earlier)})
    return ask_again(replace(turn, state=state), request, field)


async def skip(turn: Turn, request: RequestRow) -> Outcome:
    field = turn.state.asking
    if field is None:
        return asked(turn, request, "")
    if field is Field.AMOUNT and not turn.state.misunderstood:
        state = turn.state.model_copy(update={"misunderstood": 1})
        return Outcome(
            "金额是银行最先看的一项，给个大概的范围也行，比如「50到80万」。实在定不下来，再回复「跳过」。",
            state,
        )
    return await leave_open(turn, request, field, "好的，这一项先不填。")


async def leave_open(turn: Turn, request: RequestRow, field: Field, said: str) -> Outcome:
    state = turn.state.model_copy(
        update={"open": (*turn.state.open, field), "answered": (*turn.state.answered, field)}
    )
    return await advance(turn, request, state, said)


async def leave_rest_open(turn: Turn, request: RequestRow) -> Outcome:
    """「就这些，提交」: who is done is not asked any further."""
    unsaid = tuple(field for field in Field if not form.value(request.need, field))
    state = turn.state.model_copy(update={"open": unsaid})
    return await advance(turn, request, state, "好的，没说到的先不填。")


def explained(turn: Turn, request: RequestRow, explanation: str) -> Outcome:
    """What was asked about, in everyday words, and then the question once more."""
    return asked(turn, request, explanation)


def next_missing(need: Need) -> Field | None:
    """The first field that is not known."""
    return next(iter(form.missing(need, State())), None)
