"""`GET /authorizations`: an institution sees what was given to it and holds, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from domain import clients
from domain.authorizations.consents import Consent
from domain.authorizations.labels import Category
from domain.base import utcnow
from domain.clients import NewClient, Role
from tests.bot.web.conftest import Api
from tests.domain.authorizations.scene import (
    BANK,
    NAMES,
    OTHER,
    RULES,
    SECOND_BANK,
    STRANGER,
    USCC,
    Scene,
    passing_on,
)


@pytest.fixture
async def scene(api: Api) -> Scene:
    scene = Scene(api.database)
    await scene.set_up()
    return scene


async def token_of(api: Api, role: Role, institution: str | None = None) -> dict[str, str]:
    async with api.database.unit_of_work() as session:
        new = NewClient(name="测试", role=role, institution=institution)
        issued = clients.create(session, new, by="test", now=utcnow())
    return {"Authorization": f"Bearer {issued.token}"}


async def seen(api: Api, headers: dict[str, str], **query: str) -> list[dict[str, Any]]:
    status, body = await api.call("GET", "/authorizations", headers=headers, params=query)
    assert status == 200
    assert body["next_cursor"] is None
    items: list[dict[str, Any]] = body["items"]
    return items


async def test_what_is_given_to_it(api: Api, scene: Scene) -> None:
    now = utcnow()
    row = await scene.give(passing_on(Category.LENDING, Category.BASE), at=now)
    bank = await token_of(api, Role.INSTITUTION, BANK)
    assert await seen(api, bank) == [
        {
            "id": row.id,
            "kind": "passing_on",
            "uscc": USCC,
            "company": NAMES[USCC],
            "recipient": BANK,
            "scope": ["base", "lending"],
            "purposes": ["pre_loan"],
            "given_at": now.isoformat(),
            "until": (now + timedelta(days=90)).isoformat(),
        }
    ]
    assert await seen(api, bank, uscc=OTHER) == []


async def test_nothing_that_is_another_institutions_revoked_or_over(api: Api, scene: Scene) -> None:
    now = utcnow()
    await scene.give(Consent.credit_data(USCC, RULES), at=now)
    await scene.give(passing_on(institution=SECOND_BANK), at=now)
    await scene.give(passing_on(uscc=OTHER, days=1), openid=STRANGER, at=now - timedelta(days=1))
    await scene.revoke(await scene.give(passing_on(), at=now), at=now)
    assert await seen(api, await token_of(api, Role.INSTITUTION, BANK)) == []
    assert len(await seen(api, await token_of(api, Role.INSTITUTION, SECOND_BANK))) == 1


async def test_a_credit_service_sees_its_own(api: Api, scene: Scene) -> None:
    await scene.give(passing_on(institution=SECOND_BANK), at=utcnow())
    assert len(await seen(api, await token_of(api, Role.CREDIT_SERVICE, SECOND_BANK))) == 1
    assert await seen(api, await token_of(api, Role.CREDIT_SERVICE, BANK)) == []


async def test_an_operator_sees_all_with_masked_codes_and_nobody_who_gave_them(
    api: Api, scene: Scene
) -> None:
    now = utcnow()
    await scene.give(Consent.credit_data(USCC, RULES), at=now)
    await scene.give(passing_on(institution=SECOND_BANK), at=now)
    _, body = await api.get("/authorizations")
    assert {item["recipient"] for item in body["items"]} == {"platform", SECOND_BANK}
    assert {item["uscc"] for item in body["items"]} == {f"{USCC[:4]}**********{USCC[-4:]}"}
    assert "oOwner" not in str(body)
    assert "203.0.113.7" not in str(body)


@pytest.mark.parametrize("role", [Role.GOVERNMENT, Role.ADVISER, Role.DATA_SOURCE])
async def test_others_have_no_business_here(api: Api, role: Role) -> None:
    async with api.database.unit_of_work() as session:
        regions = ("320583",) if role is Role.GOVERNMENT else ()
        new = NewClient(name="测试", role=role, regions=regions)
        issued = clients.create(session, new, by="test", now=utcnow())
    headers = {"Authorization": f"Bearer {issued.token}"}
    assert (await api.call("GET", "/authorizations", headers=headers))[0] == 403


async def test_in_pages(api: Api, scene: Scene) -> None:
    now = utcnow()
    ids = {(await scene.give(passing_on(institution=name), at=now)).id for name in (BANK, SECOND_BANK)}
    ids.add((await scene.give(Consent.credit_data(USCC, RULES), at=now)).id)
    found, cursor = [], {}
    while True:
        _, body = await api.get("/authorizations", page_size="1", **cursor)
        found += [item["id"] for item in body["items"]]
        if body["next_cursor"] is None:
            break
        cursor = {"cursor": body["next_cursor"]}
    assert found == sorted(ids, reverse=True)
    assert (await api.get("/authorizations", cursor="x'; --"))[0] == 400
