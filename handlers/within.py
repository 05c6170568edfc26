"""What a question tells besides what it asks: answers to the form, and facts of a request to come."""

import re
from dataclasses import replace

from handlers import choices, control, reference, short_answers
from handlers.turn import Choice, Turn
from nlu.understanding import FALLBACK, Entity, Understanding

_CLAUSE = re.compile(r"[^，。,;；!！?？\s]+[?？]?")
# What is asked about is not told; 「能不能用厂房抵押」 and 「三年行吗」 propose something.
_ASKS = re.compile(
    r"什么|啥|哪|多少|多久|几[个款家点]|怎么|咋|利[息率]|区别|需要|必须|一定|是否|"
    r"(?!能不能|行不行|可不可)(.)[不没]\1"
)
_YES_OR_NO = re.compile(r"[吗么嘛?？]$")
_PROPOSES = re.compile(r"行|可以|能|成|好")
_AT_MOST = re.compile(r"超过|高于|低于|以[内下]|控制在|[别不]要?超")
_ASKS_FOR_SOME = re.compile(r"有没|有[什啥哪吗么]|哪")
_APPLIES = re.compile(
    r"(?:[好行那就我想要请给帮替您你麻烦直接现在都可以了的吧，,\s]|麻烦)*(?:申请|办理?|贷|弄)(?:[一下个笔款了吧呗啊呀]|贷款)*[。！!]*"
)
# 「先看看有啥产品」 asks before it wants; 「先告诉我利息，再帮我申请」 wants all the same.
_ASKS_FIRST = re.compile(r"先(?!.*再)")
_WANTS = re.compile(r"[想要需]|申请|[贷借差缺]")
_APPLYING = frozenset({"apply_financing", "apply_product", "apply_policy", "inform", "affirm", FALLBACK})


def told(understanding: Understanding) -> Understanding | None:
    """The message with the facts alone of the clauses that ask about nothing; None if it is no question."""
    if understanding.intent.name not in reference.QUESTIONS:
        return None
    telling = _telling(understanding.text)
    if not bounds_rate(understanding):
        return replace(understanding, entities=_inside(understanding.entities, telling))
    rates = understanding.all("rate")
    return replace(understanding, entities=(*_inside(understanding.entities, telling), *rates))


def bounds_rate(understanding: Understanding) -> bool:
    """「利息能不能不超过4个点」: a wish for the rate, read as a question."""
    named = understanding.first("rate") and understanding.intent.name in reference.QUESTIONS
    text = understanding.text
    return bool(named and _AT_MOST.search(text)) and not _ASKS_FOR_SOME.search(text)


def kept(turn: Turn) -> Choice | None:
    """The facts told with questions before there is a request, as the wish that may follow."""
    before = turn.state.memory.told
    said = turn.understanding
    if turn.intent not in reference.QUESTIONS or not short_answers.hear(said, None).fields:
        return before
    names = {entity.name for entity in said.entities}
    if before:
        others = tuple(entity for entity in before.entities if entity.name not in names)
        said = choices.said_on(replace(before, entities=others), said)
    return Choice("申请贷款", "apply_financing", said.text, said.entities)


def with_told_before(turn: Turn) -> Turn:
    """The wish together with what was told in the questions before; what it says itself counts more."""
    before = turn.state.memory.told
    if before is None:
        return turn
    names = {entity.name for entity in turn.understanding.entities}
    others = tuple(entity for entity in before.entities if entity.name not in names)
    return replace(turn, understanding=choices.said_on(replace(before, entities=others), turn.understanding))


def applying(turn: Turn) -> Turn:
    """「那就帮我申请吧」 after such questions is the wish for money, whatever it was read as.

    So is a question with the sum that is wanted beside it: 「想贷200万买设备，有没有贴息」.
    """
    memory = turn.state.memory
    if turn.state.topic is None and _tells_a_wish(turn.understanding):
        return replace(turn, understanding=control.read_as(turn.understanding, "apply_financing"))
    of_policies = memory.listing is not None and memory.listing.kind == "policies"
    plain = turn.intent in _APPLYING and not turn.understanding.entities
    if memory.told is None or of_policies or not plain or not _APPLIES.fullmatch(turn.text.strip()):
        return turn
    return replace(turn, understanding=control.read_as(turn.understanding, "apply_financing"))


def _tells_a_wish(understanding: Understanding) -> bool:
    """Whether a clause that asks about nothing says that a sum is wanted."""
    said = told(understanding)
    if said is None or _ASKS_FIRST.search(said.text):
        return False
    sums = _inside(
        said.entities, [span for span in _telling(said.text) if _WANTS.search(said.text[slice(*span)])]
    )
    return any(entity.name == "amount" for entity in sums)


def _telling(text: str) -> list[tuple[int, int]]:
    """Where the clauses are that ask about nothing."""
    return [clause.span() for clause in _CLAUSE.finditer(text) if not _asks(clause[0])]


def _asks(clause: str) -> bool:
    return bool(_ASKS.search(clause) or (_YES_OR_NO.search(clause) and not _PROPOSES.search(clause)))


def _inside(entities: tuple[Entity, ...], spans: list[tuple[int, int]]) -> tuple[Entity, ...]:
    return tuple(entity for entity in entities if any(start <= entity.start < end for start, end in spans))
