"""The scorer that the configuration asks for."""

from bot.config import Settings
from domain.credit import registry
from domain.scores import scorecard
from domain.scores.scorer import Scorer


def scorer_of(settings: Settings) -> Scorer:
    """The scorer of the configuration.

    Raises:
        ScorecardError, RegistryError: one of the files cannot be used.
    """
    credit = settings.credit
    return Scorer(scorecard.load(credit.scorecard_file), registry.load(credit.indicator_files))
