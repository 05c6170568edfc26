"""Scorecard and register put together: what makes scores, one or a hundred thousand of them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from domain.authorizations.gate import Access
from domain.authorizations.labels import Category
from domain.credit.registry import Registry
from domain.scores import columns, reading
from domain.scores.columns import Column
from domain.scores.explaining import Explainer
from domain.scores.scorecard import Read, Scorecard
from domain.scores.scoring import Table
from domain.scores.values import Score


class Scorer:
    """Scores companies by one scorecard.

    Raises:
        ScorecardError: the scorecard asks for indicators that the register does not have, or not so.
    """

    def __init__(self, scorecard: Scorecard, registry: Registry) -> None:
        columns.check(scorecard, registry)
        self.scorecard = scorecard
        self.registry = registry
        self._table = Table(scorecard)
        self._explainer = Explainer(self._table, registry)

    @property
    def scope(self) -> frozenset[Category]:
        """The categories of data that the scorecard looks at."""
        return frozenset(self.registry[read.indicator].category for read in self.scorecard.reads)

    def scores(
        self, usccs: Sequence[str], known: Mapping[Read, Column], as_of: date, at: datetime
    ) -> list[Score]:
        """In the order of `usccs`, which is that of every column."""
        figures = columns.figures(self.scorecard, self.registry, known, as_of)
        return list(self._explainer.scores(usccs, self._table.score(figures), as_of, at))

    async def read(self, access: Access, as_of: date, at: datetime) -> list[Score]:
        """The scores of all companies of the access, by what lies within its scope."""
        known = await reading.columns(access, self.registry, self.scorecard.reads, as_of)
        return self.scores(access.usccs, known, as_of, at)
