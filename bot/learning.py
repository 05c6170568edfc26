"""Learning from use: what was not understood well is kept for people to label, masked and without its person.

It costs a turn some microseconds: sentences wait in memory, and a loop writes them together. A process that
is killed loses at most the last second's.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.anonymous import anonymised
from domain import unlabelled
from domain.base import today_in_china, utcnow
from domain.database import Database
from domain.unlabelled import LONGEST, Reason, Sighting
from nlu.cache import RecentCache
from nlu.understanding import FALLBACK, Intent, Understanding

# Below it the reading is a guess.
_SURE = 0.6
_CORRECTION = "correct"
# Topics that ask for nothing personal; what is said in any other is never kept.
_HARMLESS = frozenset({None, "financing", "withdrawing"})
# So much of one person's speech says nothing new, or he tries out what the machine can do.
_A_DAY = 20
# While the database is away, and of a person's sentence before.
_MOST_WAITING = 1000
_MOST_PEOPLE = 4096
_REMEMBERED_SECONDS = 600.0
_SHORTEST = 2


@dataclass(frozen=True, slots=True)
class _Last:
    """What a person said last; `settled` when it is kept already, or must not be."""

    understanding: Understanding
    settled: bool


class Learning:
    """Of one process. `model` tells which model reads at present."""

    def __init__(self, database: Database, model: Callable[[], Awaitable[str]]) -> None:
        self._database = database
        self._model = model
        self._last: RecentCache[_Last] = RecentCache(_MOST_PEOPLE, _REMEMBERED_SECONDS)
        self._waiting: dict[str, Sighting] = {}
        self._day = date.min
        self._of_person: Counter[str] = Counter()

    def note(self, openid: str, understanding: Understanding, topic: str | None, now: datetime) -> None:
        """A message was answered; `topic` is what was open when it came.

        Only Rasa's readings teach: the keyword reader finds no names that could be masked.
        """
        last = self._last.get(openid)
        if understanding.source != "rasa" or (last and last.understanding is understanding):
            # The very object: the same turn once more.
            return
        settled = topic not in _HARMLESS
        if not settled:
            if last and not last.settled and _corrects(understanding):
                self._take(openid, last.understanding, Reason.CORRECTED, now)
            if reason := _doubt(understanding):
                self._take(openid, understanding, reason, now)
                settled = True
        self._last.put(openid, _Last(understanding, settled))

    async def flush(self) -> int:
        """Write down what waits; how many sentences. What cannot be written is let go."""
        if not self._waiting:
            return 0
        # Forgotten first: a database that is away must not fill the memory, and most will be said again.
        sightings, self._waiting = self._waiting, {}
        model = await self._model()
        async with self._database.unit_of_work() as session:
            await unlabelled.keep(session, sightings.values(), model, utcnow())
        return len(sightings)

    def _take(self, openid: str, understanding: Understanding, reason: Reason, now: datetime) -> None:
        # Looked at before it is masked too: the patterns are quick on sentences, not on documents.
        if len(understanding.text) > LONGEST or not self._allowed(openid, now):
            return
        text = anonymised(understanding).strip()
        if not _SHORTEST <= len(text) <= LONGEST:
            return
        guess = _guess(understanding)
        earlier = self._waiting.get(text)
        if earlier is None and len(self._waiting) >= _MOST_WAITING:
            return
        sighting = Sighting(text, reason, guess.name, guess.confidence)
        self._waiting[text] = replace(sighting, count=earlier.count + 1) if earlier else sighting

    def _allowed(self, openid: str, now: datetime) -> bool:
        """Counted in memory, each process for itself: nothing that names a person is stored for it."""
        if (today := today_in_china(now)) != self._day:
            self._day = today
            self._of_person.clear()
        self._of_person[openid] += 1
        return self._of_person[openid] <= _A_DAY


def _doubt(understanding: Understanding) -> Reason | None:
    if understanding.intent.name == FALLBACK:
        return Reason.FALLBACK
    return Reason.UNSURE if understanding.intent.confidence < _SURE else None


def _corrects(understanding: Understanding) -> bool:
    return understanding.intent.name == _CORRECTION and understanding.intent.confidence >= _SURE


def _guess(understanding: Understanding) -> Intent:
    """The likeliest wish: where nothing was understood, what came next to it."""
    wishes = (intent for intent in understanding.ranking if intent.name != FALLBACK)
    return next(wishes, understanding.intent)
