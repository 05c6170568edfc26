"""A running loan to be renewed: which, how much and for how long; once confirmed, an adviser has it.

renew_loan ──▶ which loan ──▶ words (unknown loan) ──▶ amount ──▶ term ──▶ confirming ──affirm──▶ a case
                                     └───────── cancel, deny: nothing is kept ─────────┘
"""

from collections.abc import Sequence

from domain.cases import opening, reading
from domain.cases.opening import NewCase
from domain.cases.rules import WORDS_LONGEST, CaseKind, CasePriority
from domain.loans import LoanRow
from domain.money import months, yuan
from handlers import admission, control, facts, loans, short_answers
from handlers.turn import CaseDraft, Choice, Field, Outcome, State, Turn
from nlu.understanding import FALLBACK, Entity, Understanding

_OWN = frozenset({"inform", "correct", "affirm", "deny", "cancel", "back", "skip", "goodbye", FALLBACK})
_FIELDS = {"amount": Field.AMOUNT, "term": Field.TERM}
_STEPS = ("words", "amount", "term")
_TERMS = (("半年", 6), ("一年", 12), ("两年", 24))
_WHICH = "好的，续贷我帮您交给融资顾问。先看看是哪一笔？"
_UNKNOWN = "平台上没查到这笔贷款，不要紧。是哪家银行的、还剩多少、什么时候到期？一句话说就行。"
_HOW_LONG = "想再用多久？直接说也行，比如「18个月」。"
_HOW_TO_CONFIRM = "没问题请回复「确认」，不办了回复「取消」。"
_DROPPED = "好的，续贷先不办。想办的时候，再跟我说「续贷」就行。"
_HONEST = "能不能续由放款银行定，批下来之前，到期的钱先备着。"


async def start(turn: Turn) -> Outcome:
    """The owner wants a loan renewed: find out which one, with what the message says already."""
    known = await loans.under_way(turn)
    meant = loans.meant(turn, known)
    if len(meant) > 1:
        return loans.which(turn, meant, _WHICH, "renew_loan", "不是这几笔")
    loan = meant[0] if meant else None
    found = await reading.under_way(
        turn.session, turn.openid, CaseKind.RENEWAL, loan.loan_id if loan else None
    )
    if found and found.openid == turn.openid:
        return loans.already(turn, found)
    before = turn.state
    state = State(
        topic="renewing",
        request_id=before.request_id,
        interrupted=before if before.topic == "financing" else before.interrupted,
    )
    return _next(state, _heard(turn.understanding, _begun(turn, loan)), loan, after="")


def _begun(turn: Turn, loan: LoanRow | None) -> CaseDraft:
    named = turn.understanding.all("institution")
    return CaseDraft(
        kind=CaseKind.RENEWAL,
        loan_id=loan.loan_id if loan else None,
        institution=loan.institution if loan else str(named[0].value) if named else None,
        words=turn.text[:WORDS_LONGEST],
    )


def _heard(said: Understanding, draft: CaseDraft, asking: Field | None = None) -> CaseDraft:
    """What the message tells of amount and term; of a range what the owner would have at most."""
    need = short_answers.hear(said, asking).need
    amount, term = _most(need, "amount_max", "amount_min"), _most(need, "term_months", "term_min_months")
    return draft.model_copy(
        update={"amount": amount or draft.amount, "term_months": term or draft.term_months}
    )


def _most(need: dict[str, int | None], upper: str, lower: str) -> int | None:
    return need.get(upper) or need.get(lower)


def _next(state: State, draft: CaseDraft, loan: LoanRow | None, *, after: str, said: str = "") -> Outcome:
    """Ask for what is missing behind the question `after`, or whether it is all right so."""
    known = {
        # Of a loan that the platform does not know, the owner says what he knows.
        "words": loan is not None or draft.institution is not None,
        "amount": draft.amount is not None,
        "term": draft.term_months is not None,
    }
    ahead = _STEPS[_STEPS.index(after) + 1 :] if after else _STEPS
    asking = next((step for step in ahead if not known[step]), None)
    draft = CaseDraft.model_validate(draft.model_dump() | {"asking": asking})
    state = state.model_copy(update={"case": draft})
    question, choices = _question(draft, loan)
    return Outcome(facts.joined(said, question), state, choices=choices, asks_anew=True)


def _question(draft: CaseDraft, loan: LoanRow | None) -> tuple[str, tuple[Choice, ...]]:
    match draft.asking:
        case "words":
            return _UNKNOWN, ()
        case "amount" if loan:
            whole = Choice(
                f"全部续，{yuan(loan.balance)}", "inform", entities=(_fact("amount", loan.balance),)
            )
            return f"这笔是{loans.described(loan)}。想续多少？少续一些，直接说金额。", (whole,)
        case "amount":
            return "想续多少？比如「80万」；还没想好，回复「跳过」。", ()
        case "term":
            terms = (Choice(word, "inform", entities=(_fact("term_months", term),)) for word, term in _TERMS)
            return _HOW_LONG, tuple(terms)
        case _:
            return _summary(draft, loan), ()


def _fact(name: str, value: int) -> Entity:
    return Entity(name, value, 0, 0)


def _summary(draft: CaseDraft, loan: LoanRow | None) -> str:
    lines = [f"· 贷款：{loans.described(loan) if loan else draft.institution or '您刚才说的那笔'}"]
    lines.append(f"· 想续：{yuan(draft.amount) if draft.amount else '金额再商量'}")
    lines.append(f"· 再用：{months(draft.term_months) if draft.term_months else '期限再商量'}")
    return "\n".join(["请您核对，确认后我交给融资顾问：", *lines, _HOW_TO_CONFIRM])


async def takes(turn: Turn) -> bool:
    """Whether the message belongs to it: an answer, a step, or the same wish said again."""
    if loans.picked(turn):
        return False
    draft = turn.state.case
    if turn.intent in _OWN or draft is None:
        return True
    asking = _FIELDS.get(draft.asking or "")
    if turn.intent == "renew_loan":
        # 「续一年」 answers; the bare wish, or another bank, begins anew.
        return short_answers.answers(turn.understanding, asking)
    return turn.intent == "apply_financing" and short_answers.answers(turn.understanding, asking)


async def go_on(turn: Turn) -> Outcome:
    """One message of an owner who wants a loan renewed."""
    draft = turn.state.case
    if draft is None:
        return await start(turn)
    loan = await _loan(turn, draft)
    if turn.intent in {"cancel", "goodbye"} or (turn.intent == "deny" and draft.asking is None):
        return Outcome(_DROPPED, _after(turn))
    if turn.intent == "back":
        return await _back(turn, draft, loan)
    if draft.asking is None:
        return await _confirming(turn, draft, loan)
    if draft.asking == "words":
        return _next(turn.state, _with_words(turn, draft), loan, after="words")
    return await _figure(turn, draft, loan)


async def _confirming(turn: Turn, draft: CaseDraft, loan: LoanRow | None) -> Outcome:
    """Only a yes that can mean nothing else; another figure is taken over, other words are kept."""
    if control.plain_yes(turn.understanding):
        return await _submitted(turn, draft)
    heard = _heard(turn.understanding, draft)
    changed = heard if heard != draft else _with_words(turn, draft)
    said = "好的，改过来了。" if heard != draft else "记下了，会一起转给顾问。"
    if turn.intent == "affirm":
        changed, said = draft, "交给顾问前，要您明确说一声。"
    return _next(turn.state, changed, loan, after="term", said=said)


async def _figure(turn: Turn, draft: CaseDraft, loan: LoanRow | None) -> Outcome:
    """The answer to how much, or for how long; who cannot say leaves it to be talked over."""
    step = draft.asking or "amount"
    heard = short_answers.hear(turn.understanding, _FIELDS[step])
    if heard.refusals:
        return _again(turn, draft, loan, heard.refusals[0])
    told = _heard(turn.understanding, draft, _FIELDS[step])
    if told != draft:
        return _next(turn.state, told, loan, after="")
    leaves = turn.intent == "skip" or short_answers.unknown(turn.text) or short_answers.leaves_open(turn.text)
    if leaves:
        return _next(turn.state, draft, loan, after=step, said="好的，这一项和顾问商量。")
    return _again(turn, draft, loan, "不好意思，我没听明白。")


def _again(turn: Turn, draft: CaseDraft, loan: LoanRow | None, said: str) -> Outcome:
    question, choices = _question(draft, loan)
    return Outcome(facts.joined(said, question), turn.state, choices=choices)


async def _back(turn: Turn, draft: CaseDraft, loan: LoanRow | None) -> Outcome:
    """One question back; before the first there is none."""
    at_term = draft.asking == "term"
    blank = {"amount": None, "term_months": None} if at_term else {"term_months": None}
    known_before = draft.asking in {"words", "amount"}
    changed = draft if known_before else draft.model_copy(update=blank)
    return _next(turn.state, changed, loan, after="" if draft.asking == "words" else "words")


def _with_words(turn: Turn, draft: CaseDraft) -> CaseDraft:
    named = turn.understanding.all("institution")
    words = "\n".join(part for part in (draft.words, turn.text) if part)[:WORDS_LONGEST]
    bank = draft.institution or (str(named[0].value) if named else None)
    return _heard(turn.understanding, draft.model_copy(update={"words": words, "institution": bank}))


async def _submitted(turn: Turn, draft: CaseDraft) -> Outcome:
    new = NewCase(**draft.model_dump(exclude={"asking"}))
    row = await opening.open_case(turn.session, turn.openid, new, rules=turn.city.cases, now=turn.now)
    pressing = "标为紧急，" if row.urgency is CasePriority.HIGH else ""
    link = admission.link_to(turn, "case", "看答复、补充情况", id=row.id)
    said = f"已经交给融资顾问，{pressing}最晚{loans.by_when(row)}前答复，会推到您微信里。"
    return Outcome(f"{said}\n{link}\n{_HONEST}", _after(turn))


def _after(turn: Turn) -> State:
    return turn.state.interrupted or State(request_id=turn.state.request_id)


async def prompt(turn: Turn) -> Outcome:
    """The question that stands, for leading back after something in between."""
    draft = turn.state.case
    if draft is None:
        return Outcome("", turn.state)
    question, choices = _question(draft, await _loan(turn, draft))
    return Outcome(f"回到您的续贷：{question}", turn.state, choices=choices)


async def _loan(turn: Turn, draft: CaseDraft) -> LoanRow | None:
    known: Sequence[LoanRow] = await loans.under_way(turn) if draft.loan_id else []
    return next((row for row in known if row.loan_id == draft.loan_id), None)
