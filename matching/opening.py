"""What a change of its facts opened up for a company."""

from dataclasses import dataclass
from datetime import date

from domain.companies import CompanyFacts
from domain.needs import Need
from matching.situation import situation
from matching.snapshot import Snapshot

_NO_REQUEST = Need()


@dataclass(frozen=True, slots=True)
class Opened:
    """The codes of what did not admit the company before and does now, in their order."""

    products: tuple[str, ...]
    policies: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.products or self.policies)


def newly_open(before: CompanyFacts, after: CompanyFacts, snapshot: Snapshot, today: date) -> Opened:
    """Of what is on offer `today` (the day in Asia/Shanghai), whatever the company may ask for.

    What has something open admits it: a fact that is not known any more opens up as well.
    """
    was, is_now = (situation(facts, _NO_REQUEST, today) for facts in (before, after))
    products, policies = snapshot.opened(was, is_now, today)
    return Opened(products, policies)
