"""The conditions of a product or policy, judged for one company and said in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.companies import CompanyFacts
from domain.needs import Need
from matching.eligibility import Failure, as_json, judge, rules_for
from matching.explanation import gap_text, requirement
from matching.rules import Offer
from matching.situation import situation

# What the person says only when he asks for the product: it stands among what the product offers.
_OF_THE_REQUEST = frozenset({"amount", "term", "purpose", "guarantee", "rate", "institution"})


@dataclass(frozen=True, slots=True)
class Judged:
    """`mark` colours it: met, open or failed."""

    mark: str
    state: str
    words: str


def judged(item: Offer, facts: CompanyFacts, today: date) -> list[Judged]:
    """What it asks of a company, in the order of its rules; nothing where it asks for nothing."""
    at = situation(facts, Need(), today)
    verdict = judge(item, at)
    failed = {failure.condition: failure for failure in verdict.failed}
    asked = {
        rule.name: as_json(needs) for rule in rules_for(item) if (needs := rule.requirement(item)) is not None
    }
    return [
        _one(name, needs, verdict.open, failed)
        for name, needs in asked.items()
        if name not in _OF_THE_REQUEST
    ]


def _one(name: str, needs: object, unknown: tuple[str, ...], failed: Mapping[str, Failure]) -> Judged:
    if name in failed:
        return Judged("bad", "不符合", gap_text(failed[name]))
    if name in unknown:
        return Judged("wait", "待核实", requirement(name, needs))
    return Judged("good", "符合", requirement(name, needs))
