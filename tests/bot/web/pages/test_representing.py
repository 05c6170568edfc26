"""A would-be legal representative is compared with the register before his registration takes effect."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot import config
from domain.authorizations import reading as authorizations
from domain.companies import acts_for
from domain.errors import ValueOutOfRange
from domain.registrations import reading
from domain.registrations.rules import RegistrationStatus
from domain.registrations.tables import RegistrationRow
from tests.bot.identity.cloud import SECRET_ID, SECRET_KEY, FaceCloud
from tests.bot.identity.test_enterprise import ALL_WELL
from tests.bot.web.pages import town
from tests.bot.web.pages.test_authorizing import CHOSEN, CREDIT_DATA, agree
from tests.bot.web.pages.town import JINGGONG, NAMES, PERSON
from tests.bot.web.pages.world import WITH_REVIEWS, Answer, Phone, World, world_of
from tests.domain.databases import SqliteFiles, opened

WITHOUT_REVIEWS = WITH_REVIEWS.model_copy(update={"reviews": frozenset()})


@pytest.fixture
def cloud() -> FaceCloud:
    return FaceCloud(enterprise=dict(ALL_WELL))


@pytest.fixture
async def world(
    sqlite_files: SqliteFiles, tmp_path: Path, shared_valkey: str, cloud: FaceCloud
) -> AsyncIterator[World]:
    async with TestServer(cloud.app()) as server:
        identity = config.load().identity.model_copy(
            update={
                "enterprise": "tencent",
                "enterprise_url": str(server.make_url("/")).rstrip("/"),
                "secret_id": SecretStr(SECRET_ID),
                "secret_key": SecretStr(SECRET_KEY),
            }
        )
        url = await sqlite_files.migrated(tmp_path / "rongqiao.db")
        sections = {"registration": WITHOUT_REVIEWS, "identity": identity}
        async with opened(url) as database, world_of(database, shared_valkey, **sections) as world:
            yield world


@pytest.fixture
async def phone(world: World) -> Phone:
    """In the hands of a verified person who registers as legal representative."""
    phone = world.phone()
    await town.applied(world, phone.openid)
    await town.verified(world, phone.openid)
    return phone


async def authorizes(phone: Phone) -> Answer:
    return await agree(phone, f"{CREDIT_DATA}{CHOSEN}&purpose=matching")


async def registration(world: World, phone: Phone) -> tuple[RegistrationRow, str]:
    """As it stands, with the note of its last step."""
    async with world.database.reading() as session:
        row = await reading.latest_of(session, phone.openid)
        assert row is not None
        steps = await reading.steps_of(session, row.id)
    return row, steps[-1].note


async def test_four_that_belong_together_register(world: World, phone: Phone, cloud: FaceCloud) -> None:
    assert "企业注册已经完成" in (await authorizes(phone)).text
    question = {
        "CreditCode": JINGGONG,
        "EntName": NAMES[JINGGONG],
        "LrName": PERSON.name,
        "IdNum": PERSON.id_number,
    }
    assert cloud.asked == [("VerifyBizLicenseEnterprise4", question)]
    row, note = await registration(world, phone)
    assert (row.state, "of-the-call" in note) == (RegistrationStatus.REGISTERED, True)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"VerifyResult": 0, "IsLrNameConsistent": False}, "法定代表人姓名"),
        ({"VerifyResult": 0, "IsEntNameConsistent": False}, "企业名称"),
        ({"OperatingStatus": "3"}, "注销或吊销"),
    ],
)
async def test_what_the_register_denies_is_given_back_and_nothing_agreed_to(
    world: World, phone: Phone, cloud: FaceCloud, said: dict[str, Any], reason: str
) -> None:
    cloud.enterprise |= said
    assert reason in (await authorizes(phone)).text
    row, note = await registration(world, phone)
    assert (row.state, reason in note) == (RegistrationStatus.RETURNED, True)
    async with world.database.reading() as session:
        assert await authorizations.of_company(session, JINGGONG) == []
        assert not await acts_for(session, phone.openid, JINGGONG)


async def test_a_register_that_does_not_answer_decides_nothing(
    world: World, phone: Phone, cloud: FaceCloud
) -> None:
    cloud.enterprise["StatusCode"] = 1
    assert (await authorizes(phone)).status == 409
    assert (await registration(world, phone))[0].state is RegistrationStatus.ACTIVATION
    cloud.enterprise["StatusCode"] = 0
    assert "企业注册已经完成" in (await authorizes(phone)).text


async def test_without_reviews_nobody_else_registers_a_company(world: World) -> None:
    with pytest.raises(ValueOutOfRange, match="法定代表人本人") as refused:
        await town.applied(world, world.phone().openid, role="agent")
    assert refused.value.field == "role"


async def test_who_joins_is_let_in_by_his_company(world: World, phone: Phone, cloud: FaceCloud) -> None:
    await authorizes(phone)
    cloud.asked.clear()
    row = await town.applied(world, world.phone().openid, role="agent")
    assert row.state is RegistrationStatus.MEMBER_REVIEW
    assert cloud.asked == []
