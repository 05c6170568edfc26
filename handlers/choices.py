"""Choices that were offered: which of them a message picks."""

import re
import unicodedata
from dataclasses import replace

from handlers import control, reference
from handlers.turn import Choice, Memory, Turn, choice_id
from nlu.understanding import Intent, Understanding

EXPIRED = "expired_choice"
"""The intent of a tap on a menu that is no longer the newest."""

_TAP = re.compile(r"choice:\d+\.\d+")
_PADDING = re.compile(r"[\s，。！!、,.~～…？?]+")
_DIGITS = {character: place for place, character in enumerate("一二三四五六七八九", start=1)}
_PLACE = re.compile(
    r"(?:我?[选要]|就|那就|就选|就要)?第?(?P<place>[1-9一二三四五六七八九])(?:个|号|项|条|种|款|笔|家)?(?:那个|吧|的|好了)*"
)
_FIRST = re.compile(
    r"(?:我?[选要]|就|那就|就选|就要)?(?:前面?|前一|上面|头一)(?:那|的那)?(?:个|项|种|笔|者)?(?:吧|的)*"
)
_LAST = re.compile(
    r"(?:我?[选要]|就|那就|就选|就要)?(?:后面?|后一|下面|最后一?)(?:那|的那)?(?:个|项|种|笔|者)?(?:吧|的)*"
)
_THAT_ONE = re.compile(r"[那这][一]?[个笔]")
_CHANGES = re.compile(r"[改换变]|[再另]")
_WITHDRAWAL = "withdraw_request"
# A longer message says more than which of the lines it means.
_LONGEST_NAME = 12


def resolved(turn: Turn) -> Turn:
    """The turn as if the chosen wish had been said; the same turn where nothing is picked."""
    offered = turn.state.memory.choices
    # Who names a fact has said more than which line he means.
    by_name = not turn.understanding.entities
    choice = _tapped(turn) or picked(turn.text, offered, by_name=by_name) or _by_facts(turn)
    if choice is not None:
        return replace(turn, understanding=_as_said(choice))
    if _of_withdrawal(offered) and _points(turn):
        # Whatever it was read as, it says which one is to be taken back, and changes nothing.
        return replace(turn, understanding=control.read_as(turn.understanding, _WITHDRAWAL))
    if _TAP.fullmatch(turn.intent):
        return replace(turn, understanding=control.read_as(turn.understanding, EXPIRED))
    return turn


def picked(text: str, choices: tuple[Choice, ...], *, by_name: bool = True) -> Choice | None:
    """By its number, its place or words of its label: 「1」「第一个」「前面那个」「贷款」."""
    word = _PADDING.sub("", unicodedata.normalize("NFKC", text))
    if not choices or not word:
        return None
    place = _place(word, len(choices))
    if place is not None:
        return choices[place - 1] if place <= len(choices) else None
    if not by_name or not 1 < len(word) <= _LONGEST_NAME:
        return None
    meant = [choice for choice in choices if word in choice.label or choice.label in word]
    return meant[0] if len(meant) == 1 else None


def _by_facts(turn: Turn) -> Choice | None:
    """「100万那个」: the only line that stands for everything that the message names."""
    told = {(entity.name, entity.value) for entity in turn.understanding.entities}
    # What secures a loan is read by the form, which hears a denial too.
    if not told or not _of_withdrawal(turn.state.memory.choices) or not _points(turn):
        return None
    meant = [
        choice
        for choice in turn.state.memory.choices
        if told <= {(entity.name, entity.value) for entity in choice.entities}
    ]
    return meant[0] if len(meant) == 1 else None


def _of_withdrawal(offered: tuple[Choice, ...]) -> bool:
    return bool(offered) and all(choice.intent == _WITHDRAWAL for choice in offered)


def _points(turn: Turn) -> bool:
    """Short enough to point at a line, by facts or by 「那笔」, and no wish to change anything."""
    word = _PADDING.sub("", turn.text)
    points = turn.understanding.entities or _THAT_ONE.search(word)
    if turn.intent in reference.QUESTIONS or len(word) > _LONGEST_NAME:
        return False
    return bool(points) and not _CHANGES.search(word)


def said_on(choice: Choice, more: Understanding) -> Understanding:
    """The sentence that a choice stands for and what was said after it, as one message."""
    begun = f"{choice.text}，"
    later = tuple(
        replace(entity, start=entity.start + len(begun), end=entity.end + len(begun))
        for entity in more.entities
    )
    return replace(more, text=begun + more.text, entities=choice.entities + later)


def _place(word: str, count: int) -> int | None:
    if found := _PLACE.fullmatch(word):
        place = found["place"]
        return _DIGITS.get(place) or int(place)
    if _FIRST.fullmatch(word):
        return 1
    return count if _LAST.fullmatch(word) else None


def _tapped(turn: Turn) -> Choice | None:
    memory: Memory = turn.state.memory
    if turn.understanding.source != "button":
        return None
    ids = {choice_id(memory.serial, place): choice for place, choice in enumerate(memory.choices, start=1)}
    return ids.get(turn.intent)


def _as_said(choice: Choice) -> Understanding:
    certain = Intent(choice.intent, 1.0)
    return Understanding(choice.text or choice.label, certain, (certain,), choice.entities, "button")
