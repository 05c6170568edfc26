"""What institutions look through: which requests are meant for them, and how they narrow them down."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from sqlalchemy import ColumnElement, String, and_, cast, exists, or_
from sqlalchemy.orm import InstrumentedAttribute

from domain import regions
from domain.addressees import AddresseeRow
from domain.base import Moment, Value
from domain.conditions import Months, Yuan
from domain.institutions import InstitutionRow
from domain.labels import Guarantee, Industry, Purpose
from domain.market.tables import FollowRow
from domain.products import RegionCode
from domain.requests import RequestRow, RequestStatus

# Those that more institutions may follow: the owner has not chosen.
OFFERED = (RequestStatus.PUBLISHED, RequestStatus.FOLLOWED, RequestStatus.APPROVED)
_CHOICES = 50
_OPEN = 0, 10**14


class RequestFilter(Value):
    """What a request must be like; what is not stated is no condition.

    A region covers what is in it. Amounts and terms need to meet the request's own range, and one that the
    owner left open meets all. So does a guarantee: who named none accepts what is usual.
    """

    regions: Annotated[tuple[RegionCode, ...], Field(max_length=_CHOICES)] = ()
    industries: Annotated[tuple[Industry, ...], Field(max_length=_CHOICES)] = ()
    purposes: Annotated[tuple[Purpose, ...], Field(max_length=_CHOICES)] = ()
    guarantees: Annotated[tuple[Guarantee, ...], Field(max_length=_CHOICES)] = ()
    statuses: Annotated[tuple[RequestStatus, ...], Field(max_length=_CHOICES)] = ()
    amount_min: Yuan | None = None
    amount_max: Yuan | None = None
    term_min: Months | None = None
    term_max: Months | None = None
    published_since: Moment | None = None

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        for low, high in (("amount_min", "amount_max"), ("term_min", "term_max")):
            lower, upper = getattr(self, low), getattr(self, high)
            if lower is not None and upper is not None and lower > upper:
                raise ValueError(f"{low} 大于 {high}")
        if strange := [code for code in self.regions if not regions.exists(code)]:
            raise ValueError(f"没有这个行政区划代码：{'、'.join(strange)}")
        return self


def conditions(wanted: RequestFilter) -> list[ColumnElement[bool]]:
    """The filter as conditions on requests; `holds` asks the same of one."""
    found: list[ColumnElement[bool]] = []
    if wanted.regions:
        inside = [RequestRow.region.startswith(regions.prefix(code)) for code in wanted.regions]
        found.append(or_(*inside))
    for column, choices in (
        (RequestRow.industry, wanted.industries),
        (RequestRow.purpose, wanted.purposes),
        (RequestRow.status, wanted.statuses),
    ):
        if choices:
            found.append(column.in_(choices))
    if wanted.guarantees:
        # Of labels none is part of another once it stands between quotes.
        listed = cast(RequestRow.guarantee, String)
        found.append(or_(listed == "[]", *(listed.contains(f'"{label}"') for label in wanted.guarantees)))
    found += _meets(RequestRow.amount_min, RequestRow.amount_max, wanted.amount_min, wanted.amount_max)
    found += _meets(RequestRow.term_min_months, RequestRow.term_months, wanted.term_min, wanted.term_max)
    if wanted.published_since is not None:
        found.append(RequestRow.published_at >= wanted.published_since)
    return found


def _meets(
    lowest: InstrumentedAttribute[int | None],
    highest: InstrumentedAttribute[int | None],
    low: int | None,
    high: int | None,
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if low is not None:
        found.append(or_(highest.is_(None), highest >= low))
    if high is not None:
        found.append(or_(lowest.is_(None), lowest <= high))
    return found


def holds(wanted: RequestFilter, row: RequestRow) -> bool:
    """Whether the request passes the filter."""
    since = wanted.published_since
    return (
        (not wanted.regions or any(regions.contains(code, row.region or "") for code in wanted.regions))
        and (not wanted.industries or row.industry in wanted.industries)
        and (not wanted.purposes or row.purpose in wanted.purposes)
        and (not wanted.statuses or row.status in wanted.statuses)
        and (not wanted.guarantees or not row.guarantee or bool({*wanted.guarantees} & {*row.guarantee}))
        and _overlaps((row.amount_min, row.amount_max), (wanted.amount_min, wanted.amount_max))
        and _overlaps((row.term_min_months, row.term_months), (wanted.term_min, wanted.term_max))
        and (since is None or (row.published_at is not None and row.published_at >= since))
    )


def _overlaps(asked: tuple[int | None, int | None], wanted: tuple[int | None, int | None]) -> bool:
    (lowest, highest), (low, high) = _bounded(asked), _bounded(wanted)
    return lowest <= high and low <= highest


def _bounded(ends: tuple[int | None, int | None]) -> tuple[int, int]:
    lower, upper = ends
    return _OPEN[0] if lower is None else lower, _OPEN[1] if upper is None else upper


def followed_by(institution: str) -> ColumnElement[bool]:
    """Requests that the institution follows, followed, or waits for."""
    own = (FollowRow.request_id == RequestRow.id, FollowRow.institution == institution)
    return exists().where(*own).correlate(RequestRow)


def offered_to(institution: str) -> ColumnElement[bool]:
    """Requests on the market that are addressed to the institution, or to nobody in particular."""
    is_its_own = AddresseeRow.institution == institution
    addressed = exists().where(AddresseeRow.request_id == RequestRow.id, is_its_own)
    # Of the two tables the request's alone is the page's: a page of one institution asks the other too.
    addressed = addressed.correlate(RequestRow)
    # By the list itself: what was addressed to a name that no institution has is not meant for all.
    to_all = cast(RequestRow.institutions, String) == "[]"
    left = exists().where(InstitutionRow.name == institution, InstitutionRow.exited_at.is_not(None))
    return and_(RequestRow.status.in_(OFFERED), or_(addressed, to_all), ~left)


def seen_by(institution: str) -> ColumnElement[bool]:
    """What is offered to it, and what it follows, whatever became of that."""
    return or_(offered_to(institution), followed_by(institution))
