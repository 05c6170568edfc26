"""An owner who cannot pay back: calm words, what to do now, and an adviser, once he says yes.

report_difficulty ──▶ which loan ──▶ confirming ──affirm──▶ a case
                                        │  ▲ └── deny, cancel: nothing is kept
                                        └──┘ whatever else he says is told along
"""

from domain.cases import opening, reading
from domain.cases.opening import NewCase
from domain.cases.rules import WORDS_LONGEST, CaseKind, CasePriority
from handlers import admission, control, facts, loans, wording
from handlers.turn import CaseDraft, Choice, Outcome, State, Turn
from nlu.understanding import FALLBACK

_OWN = frozenset(
    {
        "inform",
        "correct",
        "affirm",
        "deny",
        "cancel",
        "back",
        "skip",
        "goodbye",
        "report_difficulty",
        FALLBACK,
    }
)
_CALM = (
    "您先别急，这种事越早说办法越多。现在先做三件事：\n"
    "· 主动给放款银行的客户经理打电话，问能不能展期、分期或无还本续贷，别等扣款失败\n"
    "· 把流水、订单、没收回的货款单据备好，谈的时候用得上\n"
    "· 别借高利贷，也别信收费「修复征信」的"
)
_WHICH = "是哪一笔贷款有困难？"
_ASK = "要我把您的情况转给融资顾问吗？他最晚{when}前答复，帮您一起和银行商量。想多说几句也行，我一起转给他。"
_CHOICES = (Choice("转给顾问", "affirm", "确认"), Choice("先不用", "deny", "先不用"))
_DROPPED = "好的，先不转。什么时候想找顾问，跟我说一声「还款有困难」就行。"


async def start(turn: Turn) -> Outcome:
    """First what helps at once; then which loan, if there are several, and whether an adviser is wanted."""
    known = await loans.under_way(turn)
    meant = loans.meant(turn, known)
    if len(meant) > 1:
        return loans.which(
            turn, meant, facts.joined(_CALM, _WHICH), "report_difficulty", "不止一笔，或是别的"
        )
    loan = meant[0] if meant else None
    found = await reading.under_way(
        turn.session, turn.openid, CaseKind.DIFFICULTY, loan.loan_id if loan else None
    )
    if found and found.openid == turn.openid:
        return loans.already(turn, found)
    named = turn.understanding.all("institution")
    draft = CaseDraft(
        kind=CaseKind.DIFFICULTY,
        loan_id=loan.loan_id if loan else None,
        institution=loan.institution if loan else str(named[0].value) if named else None,
        words=turn.text[:WORDS_LONGEST],
    )
    before = turn.state
    state = State(
        topic="reporting",
        request_id=before.request_id,
        case=draft,
        interrupted=before if before.topic == "financing" else before.interrupted,
    )
    # Who chose among his loans has read it already.
    return _asked(turn, state, "好的。" if loans.picked(turn) else _CALM)


def _asked(turn: Turn, state: State, said: str) -> Outcome:
    by = turn.city.cases.answer_by(CasePriority.HIGH, turn.now)
    question = _ASK.format(when=wording.moment(by))
    return Outcome(facts.joined(said, question), state, choices=_CHOICES, asks_anew=True)


async def takes(turn: Turn) -> bool:
    return turn.intent in _OWN and not loans.picked(turn)


async def go_on(turn: Turn) -> Outcome:
    """A plain yes turns to the adviser, a no leaves it; all else is what happened."""
    draft = turn.state.case
    if draft is None:
        return await start(turn)
    if control.plain_yes(turn.understanding):
        return await _submitted(turn, draft)
    if turn.intent in {"deny", "cancel", "goodbye", "back", "skip"}:
        return Outcome(_DROPPED, turn.state.interrupted or State(request_id=turn.state.request_id))
    words = "\n".join(part for part in (draft.words, turn.text) if part)[:WORDS_LONGEST]
    state = turn.state.model_copy(update={"case": draft.model_copy(update={"words": words})})
    return _asked(turn, state, "记下了，会一起转给顾问。")


async def _submitted(turn: Turn, draft: CaseDraft) -> Outcome:
    new = NewCase(**draft.model_dump(exclude={"asking"}))
    row = await opening.open_case(turn.session, turn.openid, new, rules=turn.city.cases, now=turn.now)
    link = admission.link_to(turn, "case", "看答复、补充情况", id=row.id)
    said = f"已经转给融资顾问，标为紧急，最晚{loans.by_when(row)}前答复，会推到您微信里。"
    after = turn.state.interrupted or State(request_id=turn.state.request_id)
    return Outcome(f"{said}\n{link}\n等的时候，先和银行客户经理通个电话，别断了联系。", after)


async def prompt(turn: Turn) -> Outcome:
    by = turn.city.cases.answer_by(CasePriority.HIGH, turn.now)
    return Outcome(
        f"刚才说的还款困难，要转给融资顾问吗？他最晚{wording.moment(by)}前答复。",
        turn.state,
        choices=_CHOICES,
    )
