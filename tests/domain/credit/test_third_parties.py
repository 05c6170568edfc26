"""Credit services: they deliver within authorization, once, and are rated by those who may read it."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from domain.authorizations.gate import NotAuthorized
from domain.authorizations.labels import ALL_CATEGORIES, Category
from domain.authorizations.tables import AccessRow
from domain.credit import third_parties
from domain.credit.third_parties import Delivery, OtherReport, Rating, ReportKind, Standing
from domain.errors import NotFound
from tests.domain.credit.stage import BANK, NOW, OTHER, SERVICE, USCC, Stage


def delivery(report_id: str = "R-1", **more: Any) -> Delivery:
    fields = {
        "report_id": report_id,
        "uscc": USCC,
        "kind": "score",
        "title": "企业信用评分",
        "score": 78.5,
        "scale": "0-100",
        "grade": "AA-",
        "summary": "经营稳定，回款较慢。",
        "as_of": "2026-11-01",
    }
    return Delivery.model_validate(fields | more)


async def deliver(stage: Stage, given: Delivery, service: str = SERVICE, days: int = 0) -> bool:
    now = NOW + timedelta(days=days)
    return await third_parties.deliver(stage.database, service, "CL7", given, now=now)


async def rate(stage: Stage, stars: int, bank: str = BANK, of: str = USCC, report_id: str = "R-1") -> None:
    rating = Rating(uscc=of, report_id=report_id, stars=stars)
    await third_parties.rate(stage.database, SERVICE, bank, "CL9", rating, now=NOW)


async def standing(stage: Stage) -> Standing:
    async with stage.database.reading() as session:
        return await third_parties.standing_of(session, SERVICE)


async def test_a_delivery_stands_beside_ours_with_its_name(stage: Stage) -> None:
    await stage.authorize([USCC], SERVICE)
    assert await deliver(stage, delivery())
    assert await deliver(stage, delivery("R-2", kind="warning", score=None, scale=None, as_of="2026-11-20"))
    async with stage.own() as access:
        newest, oldest = await third_parties.third_party_of(access)
    assert (newest.kind, newest.report_id, newest.score) == (ReportKind.WARNING, "R-2", None)
    assert (oldest.service, oldest.score, oldest.scale, oldest.grade) == (SERVICE, 78.5, "0-100", "AA-")
    assert (oldest.as_of, oldest.received_at, oldest.standing) == (date(2026, 11, 1), NOW, Standing(None, 0))


async def test_without_authorization_nothing_is_taken_and_the_attempt_is_recorded(stage: Stage) -> None:
    await stage.authorize([USCC], "另一家征信")
    with pytest.raises(NotAuthorized):
        await deliver(stage, delivery())
    async with stage.own() as access:
        assert await third_parties.third_party_of(access) == []
    async with stage.database.reading() as session:
        rows = (await session.scalars(select(AccessRow).where(AccessRow.reader == SERVICE))).all()
    assert [(row.uscc, row.outcome) for row in rows] == [(USCC, "refused")]


async def test_sent_again_it_counts_once(stage: Stage) -> None:
    await stage.authorize([USCC], SERVICE)
    assert await deliver(stage, delivery())
    assert not await deliver(stage, delivery(), days=1)
    with pytest.raises(OtherReport):
        await deliver(stage, delivery(grade="C"))
    results = await asyncio.gather(*(deliver(stage, delivery("R-9"), days=n) for n in range(4)))
    assert sum(results) == 1
    async with stage.own() as access:
        assert len(await third_parties.third_party_of(access)) == 2


async def test_services_number_their_own(stage: Stage) -> None:
    for service in (SERVICE, "另一家征信"):
        await stage.authorize([USCC], service)
        assert await deliver(stage, delivery(summary=f"{service}的报告"), service)


async def test_who_may_not_see_base_data_sees_no_report(stage: Stage) -> None:
    await stage.authorize([USCC], SERVICE)
    await deliver(stage, delivery())
    async with stage.own(scope=ALL_CATEGORIES - {Category.BASE}) as access:
        assert await third_parties.third_party_of(access) == []
    async with stage.own(OTHER) as access:
        assert await third_parties.third_party_of(access) == []


async def test_one_rating_for_each_rater_and_report_which_may_change(stage: Stage) -> None:
    for reader in (SERVICE, BANK, "江苏银行"):
        await stage.authorize([USCC], reader)
    await deliver(stage, delivery())
    await deliver(stage, delivery("R-2"))
    await rate(stage, 1)
    await rate(stage, 5)
    assert await standing(stage) == Standing(5, 1)
    await rate(stage, 2, "江苏银行")
    await rate(stage, 3, report_id="R-2")
    assert await standing(stage) == Standing(3.33, 3)
    async with stage.own() as access:
        assert {report.standing for report in await third_parties.third_party_of(access)} == {
            Standing(3.33, 3)
        }


async def test_only_a_reader_rates_and_only_what_there_is(stage: Stage) -> None:
    await stage.authorize([USCC], SERVICE)
    await deliver(stage, delivery())
    with pytest.raises(NotAuthorized):
        await rate(stage, 1)
    await stage.authorize([USCC, OTHER], BANK)
    for wrong in ({"report_id": "R-5"}, {"of": OTHER}):
        with pytest.raises(NotFound):
            await rate(stage, 1, **wrong)
    assert await standing(stage) == Standing(None, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "score", "score": None, "grade": None},
        {"scale": None},
        {"score": float("nan")},
        {"url": "http://example.com"},
        {"url": "javascript:alert(1)"},
        {"report_id": "R 1"},
        {"summary": ""},
        {"kind": "gossip"},
    ],
)
def test_a_delivery_that_cannot_be_read_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        delivery(**wrong)


@pytest.mark.parametrize("stars", [0, 6])
def test_stars_are_one_to_five(stars: int) -> None:
    with pytest.raises(ValidationError):
        Rating(uscc=USCC, report_id="R-1", stars=stars)
