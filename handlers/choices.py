"""Choices that were offered: which of them a message picks."""

import re
import unicodedata
from dataclasses import replace

from handlers import control
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
# A longer message says more than which of the lines it means.
_LONGEST_NAME = 12


def resolved(turn: Turn) -> Turn:
    """The turn as if the chosen wish had been said; the same turn where nothing is picked."""
    # Who names a fact has said more than which line he means.
    by_name = not turn.understanding.entities
    choice = _tapped(turn) or picked(turn.text, turn.state.memory.choices, by_name=by_name)
    if choice is not None:
        return replace(turn, understanding=_as_said(choice))
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
