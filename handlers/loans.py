"""The owner's running loans in chat: which there are, and which one is meant."""

from collections.abc import Sequence

from domain import companies, loans
from domain.cases.rules import CaseState
from domain.cases.tables import CaseRow
from domain.identity import verifications
from domain.loans import LoanRow, LoanState
from domain.money import yuan
from handlers import admission, wording
from handlers.turn import LABEL_LONGEST, Choice, Outcome, Turn
from nlu.understanding import Entity

ANOTHER = "another"
"""The choice of a loan that is not among those that the platform knows."""

_SHOWN = 6
_NAME_SHOWN = 8


async def under_way(turn: Turn) -> Sequence[LoanRow]:
    """Loans that are not paid back, the one due next first.

    Whose loans they are is told to nobody who has not proven who he is.
    """
    if not await verifications.is_verified(turn.session, turn.openid):
        return []
    own = await companies.registered_by(turn.session, turn.openid)
    return await loans.under_way(turn.session, [company.uscc for company in own])


def picked(turn: Turn) -> str | None:
    """The id that a choice of ours names, or `ANOTHER`: what is typed names none."""
    named = turn.understanding.first("loan") if turn.understanding.source == "button" else None
    return str(named.value) if named else None


def meant(turn: Turn, known: Sequence[LoanRow]) -> Sequence[LoanRow]:
    """Those that a choice or the message points at; empty where it names an institution without any."""
    chosen = picked(turn)
    if chosen is not None:
        return [row for row in known if row.loan_id == chosen]
    named = {entity.value for entity in turn.understanding.all("institution")}
    return [row for row in known if not named or row.institution in named]


def which(turn: Turn, known: Sequence[LoanRow], question: str, intent: str, another: str) -> Outcome:
    """Ask for one of several, and go on with all that the message said."""
    said = turn.understanding
    ids = [(_label(row), row.loan_id) for row in known[:_SHOWN]]
    choices = tuple(
        Choice(label, intent, said.text, (*said.entities, Entity("loan", loan_id, 0, 0)))
        for label, loan_id in (*ids, (another, ANOTHER))
    )
    return Outcome(question, turn.state, choices=choices, asks_anew=True)


def described(row: LoanRow) -> str:
    """Whose, how much is left, and until when."""
    overdue = "，已逾期" if row.state == LoanState.OVERDUE else ""
    return f"{row.institution}，还剩{yuan(row.balance)}，{row.due_on.month}月{row.due_on.day}日到期{overdue}"


def _label(row: LoanRow) -> str:
    due = f"{row.due_on.month}月{row.due_on.day}日"
    return f"{row.institution[:_NAME_SHOWN]}·{yuan(row.balance)}·{due}"[:LABEL_LONGEST]


def case_line(row: CaseRow) -> str:
    """A case among those under way: what it is about, who has it, and by when he answers."""
    about = f"（{row.institution}）" if row.institution else ""
    adviser = f"，{row.adviser}在处理" if row.standing is CaseState.TAKEN and row.adviser else ""
    said = f"，{by_when(row)}前答复" if row.answered_at is None else "，已有答复"
    return f"· {row.what.label}{about}：{row.standing.label}{adviser}{said}"


def by_when(row: CaseRow) -> str:
    """By when an adviser answers it."""
    return wording.moment(row.answer_by)


def already(turn: Turn, row: CaseRow) -> Outcome:
    """The case is under way: where it stands, and where more can be said."""
    link = admission.link_to(turn, "case", "看答复、补充情况", id=row.id)
    return Outcome(f"这件事已经交给顾问了：\n{case_line(row)}\n{link}", turn.state)
