"""What reviewers do: say yes, or give it back with a reason. Of two at once one wins, the other is told."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from domain import regions
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from domain.registrations import reading
from domain.registrations.errors import Changed, NotYourReview
from domain.registrations.moving import advance, held, move
from domain.registrations.rules import REVIEWS, RegistrationKind, RegistrationStatus
from domain.registrations.tables import RegistrationRow

_WORDS_LONGEST = 200


class Reviewer(Protocol):
    """Somebody who decides about registrations; `actor` is what is written down."""

    @property
    def actor(self) -> str: ...

    async def sees(self, session: AsyncSession, row: RegistrationRow) -> bool:
        """Whether he may know of it."""

    def decides(self, row: RegistrationRow) -> bool:
        """Whether its present review, one that he sees, is his."""


@dataclass(frozen=True, slots=True)
class Office:
    """A government office with its regions; None: an operator, who stands in for all of them.

    The first review is the district's own, the second that of a city or province around it.
    """

    actor: str
    regions: Collection[str] | None

    async def sees(self, session: AsyncSession, row: RegistrationRow) -> bool:
        del session
        return self.regions is None or bool(self._around(row))

    def decides(self, row: RegistrationRow) -> bool:
        if self.regions is None or row.state is RegistrationStatus.MEMBER_REVIEW:
            return True
        if row.state is RegistrationStatus.CITY_REVIEW:
            return any(code.endswith("00") for code in self._around(row))
        # Cities without districts have one office for both.
        return row.region in self.regions or row.region.endswith("00")

    def _around(self, row: RegistrationRow) -> list[str]:
        return [code for code in self.regions or () if regions.contains(code, row.region)]


@dataclass(frozen=True, slots=True)
class CompanyHead:
    """A legal representative, or a company's first member, who lets others join."""

    actor: str

    async def sees(self, session: AsyncSession, row: RegistrationRow) -> bool:
        joins = row.kind == RegistrationKind.JOIN
        return joins and self.actor in await reading.deciders(session, row.uscc)

    def decides(self, row: RegistrationRow) -> bool:
        return row.state is RegistrationStatus.MEMBER_REVIEW


async def approve(
    session: AsyncSession, registration_id: str, by: Reviewer, *, seen: int, now: datetime, note: str = ""
) -> RegistrationRow:
    """Let it go on to its next step; `seen` is the version that the reviewer looked at.

    Raises:
        ValueOutOfRange: the note is too long.
        NotFound: there is none that he may know of.
        Changed: somebody was faster.
        NotAllowedNow: it waits for nobody's review.
        NotYourReview: it waits for another office's.
    """
    note = _words("note", note, at_least=0)
    row = await _under_review(session, registration_id, by, seen)
    await advance(session, row, by.actor, now, note)
    return row


async def give_back(
    session: AsyncSession, registration_id: str, by: Reviewer, *, seen: int, reason: str, now: datetime
) -> RegistrationRow:
    """Return it to the applicant, who reads the reason, mends it and sends it again.

    Raises:
        ValueOutOfRange: no reason, or one that is too long.
        NotFound, Changed, NotAllowedNow, NotYourReview: as for `approve`.
    """
    reason = _words("reason", reason, at_least=1)
    row = await _under_review(session, registration_id, by, seen)
    move(session, row, RegistrationStatus.RETURNED, by.actor, now, reason)
    return row


async def _under_review(
    session: AsyncSession, registration_id: str, by: Reviewer, seen: int
) -> RegistrationRow:
    row = await held(session, registration_id)
    if row is None or not await by.sees(session, row):
        raise NotFound("没有这笔注册申请。")
    if row.version != seen:
        raise Changed
    if row.state not in REVIEWS:
        raise NotAllowedNow(f"这笔注册申请现在是「{row.state.label}」，不在审核中。")
    if not by.decides(row):
        raise NotYourReview(f"现在是「{row.state.label}」，不由您这一级审核。")
    return row


def _words(field: str, text: str, *, at_least: int) -> str:
    """What a reviewer wrote, in one line."""
    line = " ".join(text.split())
    if not at_least <= len(line) <= _WORDS_LONGEST:
        raise ValueOutOfRange(field, f"请写明原因，{at_least} 到 {_WORDS_LONGEST} 个字。")
    return line
