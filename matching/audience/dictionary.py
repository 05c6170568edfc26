"""The distinct values of one fact about companies, numbered as they come."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.companies import CompanyFacts
from domain.needs import Need
from matching.rules import Rule
from matching.situation import Situation, situation

Codes = NDArray[np.int32]

# An audience knows companies and nothing of what they might ask for.
NO_REQUEST = Need()


class Dictionary:
    """Number 0 is what is not known. It only grows, so that whoever holds older codes can go on reading it.

    A city's companies have few distinct regions, days of foundation, or sets of qualifications: each is put
    before the rules themselves as the one thing known of a company, and the outcomes are spread over the
    companies.
    """

    def __init__(self, fact: str) -> None:
        self._fact = fact
        self._codes: dict[Any, int] = {None: 0}
        self._facts = [CompanyFacts()]
        self._known: tuple[date, list[Situation]] = (date.min, [])

    def encode(self, values: Iterable[Any]) -> Codes:
        """`values` are JSON values of the fact, None where it is not known."""
        return np.fromiter(map(self._code, values), dtype=np.int32)

    def _code(self, value: Any) -> int:
        key = tuple(value) if isinstance(value, list) else value
        code = self._codes.get(key)
        if code is None:
            self._facts.append(CompanyFacts.model_validate({self._fact: value}))
            code = self._codes[key] = len(self._facts) - 1
        return code

    def judge(self, rule: Rule, needs: Any, today: date) -> NDArray[np.uint8]:
        """The outcome for each number."""
        outcomes = [rule.judge(needs, at) for at in self._situations(today)]
        return np.asarray(outcomes, dtype=np.uint8)

    def _situations(self, today: date) -> list[Situation]:
        """Made once a day: ages change overnight, and making them takes longer than judging them."""
        day, known = self._known
        before = known if day == today else []
        new = [situation(facts, NO_REQUEST, today) for facts in self._facts[len(before) :]]
        if new:
            self._known = today, before + new
            return self._known[1]
        return before
