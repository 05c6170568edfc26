"""Clients of the API: their roles, and tokens that nobody can read again."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from domain import clients
from domain.clients import ClientRow, Issued, NewClient, Role
from domain.database import Database
from domain.errors import NotFound, ValueOutOfRange
from domain.importing import rejections

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BANK = NewClient(name="苏州银行", role=Role.INSTITUTION, institution="苏州银行", branch="昆山支行")


async def made(database: Database, new: NewClient = BANK, now: datetime = NOW) -> Issued:
    async with database.unit_of_work() as session:
        return clients.create(session, new, by="client:CL1", now=now)


async def found(database: Database, token: str, now: datetime = NOW) -> str | None:
    async with database.reading() as session:
        row = await clients.by_token(session, token, now)
        return row.id if row else None


async def test_a_client_is_found_by_its_token_alone(database: Database) -> None:
    issued, other = await made(database), await made(database)
    assert issued.token != other.token
    assert issued.token.startswith("rq_")
    assert len(issued.token) == len("rq_") + 43, "32 bytes"
    assert await found(database, issued.token) == issued.row.id
    for wrong in ("", "rq_", issued.token.upper(), issued.token + " ", issued.row.token_hash, "rq_\udcff"):
        assert await found(database, wrong) is None


async def test_of_the_token_a_hash_is_kept_and_nothing_else(database: Database) -> None:
    issued = await made(database)
    async with database.reading() as session:
        row = (await session.execute(select(*ClientRow.__table__.columns))).one()
    assert row.token_hash == hashlib.sha256(issued.token.encode()).hexdigest()
    assert issued.token.removeprefix("rq_") not in str(row)
    assert (row.name, row.role, row.institution, row.branch, row.regions) == (
        "苏州银行",
        "institution",
        "苏州银行",
        "昆山支行",
        [],
    )
    assert (row.created_by, row.created_at, row.last_used_at) == ("client:CL1", NOW, None)


async def test_until_when_a_token_counts(database: Database) -> None:
    issued = await made(database, BANK.model_copy(update={"expires_at": NOW + MINUTE}))
    assert await found(database, issued.token, NOW + MINUTE - timedelta.resolution)
    assert await found(database, issued.token, NOW + MINUTE) is None
    with pytest.raises(ValueOutOfRange) as refusal:
        await made(database, BANK.model_copy(update={"expires_at": NOW}))
    assert refusal.value.field == "expires_at"


async def test_revoked_it_is_void_and_stays_so(database: Database) -> None:
    issued = await made(database)
    for later in range(2):
        async with database.unit_of_work() as session:
            row = await clients.revoke(session, issued.row.id, NOW + later * MINUTE)
        assert row.revoked_at == NOW
    assert await found(database, issued.token) is None
    with pytest.raises(NotFound):
        async with database.unit_of_work() as session:
            await clients.revoke(session, "CL000000-00000000", NOW)


async def test_its_use_is_written_down_once_a_minute(database: Database) -> None:
    issued = await made(database)
    used = []
    for seconds in (0, 1, 59, 60, 61, 119, 130):
        now = NOW + timedelta(seconds=seconds)
        async with database.unit_of_work() as session:
            await clients.note_use(session, issued.row.id, now)
        async with database.reading() as session:
            row = await session.get_one(ClientRow, issued.row.id)
        used.append((row.last_used_at or NOW) - NOW)
        assert not clients.use_is_news(row, now)
        assert clients.use_is_news(row, now + MINUTE)
    assert [int(at.total_seconds()) for at in used] == [0, 0, 0, 60, 60, 60, 130]


async def test_many_calls_at_once_write_one_time(database: Database) -> None:
    issued = await made(database)

    async def use(place: int) -> None:
        async with database.unit_of_work() as session:
            await clients.note_use(session, issued.row.id, NOW + timedelta(milliseconds=place))

    await asyncio.gather(*(use(place) for place in range(8)))
    async with database.reading() as session:
        row = await session.get_one(ClientRow, issued.row.id)
    assert row.last_used_at is not None
    assert NOW <= row.last_used_at < NOW + timedelta(milliseconds=8)


async def test_pages_of_clients_newest_first(database: Database) -> None:
    ids = [(await made(database, now=NOW + place // 2 * MINUTE)).row.id for place in range(7)]
    listed, after = [], None
    async with database.reading() as session:
        while rows := await clients.page(session, after=after, size=3):
            listed += [row.id for row in rows]
            after = (rows[-1].created_at, rows[-1].id)
    assert sorted(listed) == sorted(ids)
    assert listed[0] == ids[-1]


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"role": "institution"}, "机构名称"),
        ({"role": "credit_service"}, "机构名称"),
        ({"role": "adviser", "institution": "苏州银行"}, "机构名称"),
        ({"role": "credit_service", "institution": "苏州征信", "branch": "昆山"}, "branch"),
        ({"role": "government"}, "管辖的地区"),
        ({"role": "government", "regions": ["320583", "320599"]}, "320599"),
        ({"role": "operator", "regions": ["320583"]}, "管辖的地区"),
        ({"role": "boss"}, "只能是"),
        ({"role": "operator", "name": ""}, "不能为空"),
    ],
)
def test_each_role_says_what_it_works_for(stated: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        NewClient.model_validate({"name": "客户端"} | stated)
    assert words in " ".join(item.reason for item in rejections(0, refusal.value))


def test_an_adviser_may_work_everywhere_or_in_some_regions() -> None:
    for regions in ((), ("320583", "320509")):
        new = NewClient.model_validate({"name": "王顾问", "role": "adviser", "regions": regions})
        assert new.regions == regions


def test_a_city_s_code_is_one_region() -> None:
    new = NewClient.model_validate({"name": "苏州市金融局", "role": "government", "regions": ["320500"]})
    assert new.regions == ("320500",)


def test_an_expiry_without_zone_is_refused() -> None:
    with pytest.raises(ValidationError):
        NewClient.model_validate({"name": "x", "role": "operator", "expires_at": "2027-01-01T00:00:00"})
