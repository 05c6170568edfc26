"""Credit-service institutions: what they deliver, shown beside ours, and what readers think of it."""

import hashlib
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Self, TypeVar

from pydantic import Field, StringConstraints, model_validator
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.authorizations.gate import Access, NotAuthorized, Reader, authorized_within
from domain.authorizations.labels import Category, DataPurpose
from domain.base import Value
from domain.bulk import upsert
from domain.companies import Uscc
from domain.credit.tables import CreditServiceRatingRow, CreditServiceReportRow
from domain.database import Database
from domain.errors import NotFound, Refusal
from domain.labels import Label

# What a delivery counts as: there is none that does not begin with who the company is.
_COUNTS_AS = Category.BASE

Result = TypeVar("Result")
ReportId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https://\S{1,480}$")]


class ReportKind(Label):
    """What is delivered."""

    REPORT = "report", "信用报告"
    SCORE = "score", "信用评分"
    WARNING = "warning", "风险提示"


class Delivery(Value):
    """A report, score or warning; `report_id` is the sender's, `scale` says how to read the score."""

    report_id: ReportId
    uscc: Uscc
    kind: ReportKind
    title: Annotated[str, Field(min_length=1, max_length=120)]
    score: Annotated[float, Field(ge=-(10**6), le=10**6, allow_inf_nan=False)] | None = None
    scale: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    grade: Annotated[str, Field(min_length=1, max_length=20)] | None = None
    summary: Annotated[str, Field(min_length=1, max_length=2000)]
    url: Url | None = None
    as_of: date

    @model_validator(mode="after")
    def _a_score_can_be_read(self) -> Self:
        if self.kind is ReportKind.SCORE and self.score is None and self.grade is None:
            raise ValueError("评分要填 score 或 grade")
        if self.score is not None and self.scale is None:
            raise ValueError("填了 score 就要填 scale，如 0-100")
        return self


class Rating(Value):
    """What an institution thinks of a report that it may read."""

    uscc: Uscc
    report_id: ReportId
    stars: Annotated[int, Field(ge=1, le=5)]
    words: Annotated[str, Field(max_length=300)] = ""


class OtherReport(Refusal):
    """The number of this report was used for another one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The average of a service's ratings, None without any, and their number."""

    stars: float | None
    ratings: int


@dataclass(frozen=True, slots=True)
class ThirdPartyReport:
    """What a service delivered, with what its readers think of the service."""

    service: str
    report_id: str
    uscc: str
    kind: ReportKind
    title: str
    score: float | None
    scale: str | None
    grade: str | None
    summary: str
    url: str | None
    as_of: date
    received_at: datetime
    standing: Standing


async def deliver(
    database: Database, service: str, client: str, delivery: Delivery, *, now: datetime
) -> bool:
    """Keep it; False if it is there already. The company must have authorized the service by its name.

    Raises:
        NotAuthorized: it has not, or does no more.
        OtherReport: the service used this number for something else.
    """
    digest = hashlib.sha256(delivery.model_dump_json().encode()).hexdigest()
    fields = delivery.model_dump() | {"service": service, "content_hash": digest, "received_at": now}

    async def store(access: Access) -> CreditServiceReportRow:
        # Two that come at once: the second waits here, and then finds the first.
        await upsert(access.session, CreditServiceReportRow, [fields], update=[])
        return await access.session.get_one(CreditServiceReportRow, (service, delivery.report_id))

    stored = await _behind_gate(database, service, client, delivery.uscc, store, now)
    if stored.content_hash != digest:
        raise OtherReport(f"编号 {delivery.report_id} 已经用于另一份报告，请换一个编号。")
    return stored.received_at == now


async def rate(
    database: Database, service: str, institution: str, client: str, rating: Rating, *, now: datetime
) -> None:
    """One rating for each institution and report; a later one takes the place of the former.

    Raises:
        NotAuthorized: the institution may not read about this company.
        NotFound: there is no such report about it.
    """
    fields = rating.model_dump(exclude={"uscc"}) | {"service": service, "rater": institution, "rated_at": now}

    async def store(access: Access) -> bool:
        report = await access.session.get(CreditServiceReportRow, (service, rating.report_id))
        if report is None or report.uscc != access.uscc:
            return False
        await upsert(access.session, CreditServiceRatingRow, [fields])
        return True

    if not await _behind_gate(database, institution, client, rating.uscc, store, now):
        raise NotFound("没有这份报告。")


async def third_party_of(access: Access) -> list[ThirdPartyReport]:
    """Deliveries about the companies of the access, newest first; they count as base data."""
    if _COUNTS_AS not in access.scope:
        return []
    query = (
        select(CreditServiceReportRow)
        .where(CreditServiceReportRow.uscc.in_(access.usccs))
        .order_by(CreditServiceReportRow.as_of.desc(), CreditServiceReportRow.received_at.desc())
    )
    rows = (await access.session.scalars(query)).all()
    standings = await _standings(access.session, {row.service for row in rows})
    return [_report(row, standings[row.service]) for row in rows]


async def standing_of(session: AsyncSession, service: str) -> Standing:
    return (await _standings(session, {service}))[service]


async def ratings_of(session: AsyncSession, service: str, size: int) -> Sequence[CreditServiceRatingRow]:
    """The newest ones, at most `size`."""
    query = (
        select(CreditServiceRatingRow)
        .where(CreditServiceRatingRow.service == service)
        .order_by(CreditServiceRatingRow.rated_at.desc(), CreditServiceRatingRow.report_id)
        .limit(size)
    )
    return (await session.scalars(query)).all()


async def _behind_gate(
    database: Database,
    name: str,
    client: str,
    uscc: str,
    work: Callable[[Access], Awaitable[Result]],
    now: datetime,
) -> Result:
    """One unit of work behind the gate; a refusal is recorded before it is raised."""
    async with database.unit_of_work() as session:
        reader = Reader.institution(name, client)
        try:
            async with authorized_within(
                session, reader, uscc, {_COUNTS_AS}, DataPurpose.PRE_LOAN, now=now
            ) as access:
                return await work(access)
        except NotAuthorized as error:
            refused = error
    raise refused


async def _standings(session: AsyncSession, services: Collection[str]) -> dict[str, Standing]:
    query = (
        select(
            CreditServiceRatingRow.service,
            func.avg(CreditServiceRatingRow.stars),
            func.count(),
        )
        .where(CreditServiceRatingRow.service.in_(services))
        .group_by(CreditServiceRatingRow.service)
    )
    found = {
        service: Standing(round(float(stars), 2), count)
        for service, stars, count in (await session.execute(query))
    }
    return {service: found.get(service, Standing(None, 0)) for service in services}


def _report(row: CreditServiceReportRow, standing: Standing) -> ThirdPartyReport:
    return ThirdPartyReport(
        service=row.service,
        report_id=row.report_id,
        uscc=row.uscc,
        kind=ReportKind(row.kind),
        title=row.title,
        score=row.score,
        scale=row.scale,
        grade=row.grade,
        summary=row.summary,
        url=row.url,
        as_of=row.as_of,
        received_at=row.received_at,
        standing=standing,
    )
