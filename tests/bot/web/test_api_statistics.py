"""Statistics over HTTP: who sees what."""

from typing import Any

import pytest

from domain import clients
from domain.base import utcnow
from domain.clients import NewClient, Role
from domain.market.rules import FollowState
from tests.bot.web.conftest import Api
from tests.domain.statistics.town import BANK, KUNSHAN, OTHER, WUZHONG, Town

CLIENTS = {
    "operator": NewClient(name="运营", role=Role.OPERATOR),
    "office": NewClient(name="昆山金融办", role=Role.GOVERNMENT, regions=(KUNSHAN,)),
    "bank": NewClient(name="支行", role=Role.INSTITUTION, institution=BANK),
}


@pytest.fixture
async def tokens(api: Api) -> dict[str, str]:
    town = Town()
    for number in range(1, 8):
        town.company(number, KUNSHAN if number < 7 else WUZHONG)
        town.lent(number, number * 10_000, to=number, bank=BANK if number == 1 else OTHER)
    town.asked(1, 10_000, by=1, follows=[(BANK, FollowState.APPROVED, 6)])
    town.registered(1)
    await town.build(api.database)
    async with api.database.unit_of_work() as session:
        return {
            who: clients.create(session, new, by="test", now=utcnow()).token for who, new in CLIENTS.items()
        }


async def ask(api: Api, token: str, **query: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    return await api.call("GET", "/statistics", params=query, headers=headers)


async def test_an_operator_sees_everything(api: Api, tokens: dict[str, str]) -> None:
    status, found = await ask(api, tokens["operator"], by="region")
    assert status == 200
    assert (found["by"], found["from"], found["to"]) == ("region", None, None)
    assert [(item["key"], item["name"], item["loans"]) for item in found["items"]] == [
        (WUZHONG, "苏州市吴中区", 1),
        (KUNSHAN, "苏州市昆山市", 6),
    ]
    assert (found["total"]["loans"], found["total"]["approval_hours_median"]) == (7, 6)
    assert "city" not in found
    _, found = await ask(api, tokens["operator"], by="institution", institution=OTHER)
    assert [item["key"] for item in found["items"]] == [OTHER]
    query = {"by": "month", "from": "2026-03-01", "to": "2026-03-31", "industry": "C", "region": "320500"}
    _, found = await ask(api, tokens["operator"], **query)
    assert [(item["key"], item["loans"]) for item in found["items"]] == [("2026-03", 7)]
    _, found = await ask(api, tokens["operator"], by="industry")
    assert [(item["key"], item["name"]) for item in found["items"]] == [("C", "制造业")]


async def test_an_office_sees_its_regions(api: Api, tokens: dict[str, str]) -> None:
    for by in ("region", "institution", "month", "industry"):
        _, found = await ask(api, tokens["office"], by=by)
        assert found["total"]["loans"] == 6, by
    _, found = await ask(api, tokens["office"], by="region", region=WUZHONG)
    assert (found["items"], found["total"]["loans"]) == ([], 0)


async def test_an_institution_sees_its_own_and_averages(api: Api, tokens: dict[str, str]) -> None:
    _, found = await ask(api, tokens["bank"], by="region")
    assert [(item["key"], item["loans"]) for item in found["items"]] == [(KUNSHAN, 1)]
    assert found["total"]["loan_amount"] == 10_000
    # Five other companies in the one district, one in the other.
    assert [item["key"] for item in found["city"]["items"]] == [KUNSHAN]
    assert found["city"]["items"][0]["loan_amount_mean"] == 35_000
    assert found["city"]["total"]["loan_amount_mean"] == 40_000
    assert found["city"]["total"]["approval_share"] is None, "nobody but its own company stands behind it"
    assert "loans" not in found["city"]["total"]
    _, found = await ask(api, tokens["bank"], by="institution")
    assert [item["key"] for item in found["items"]] == [BANK]
    assert found["city"]["items"] == []
    status, problem = await ask(api, tokens["bank"], by="month", institution=OTHER)
    assert (status, problem["field"]) == (403, "institution")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "by"),
        ({"by": "colour"}, "by"),
        ({"by": "region", "level": "street"}, "level"),
        ({"by": "month", "from": "gestern"}, "from"),
        ({"by": "month", "from": "0001-01-01"}, "from"),
        ({"by": "month", "to": "9999-12-31"}, "to"),
        ({"by": "month", "from": "2026-02-02", "to": "2026-02-01"}, "from"),
        ({"by": "month", "region": "999999"}, "region"),
        ({"by": "month", "industry": "Z"}, "industry"),
        ({"by": "month", "institution": "\x00"}, "institution"),
    ],
)
async def test_what_is_asked_wrongly_is_named(api: Api, query: dict[str, str], field: str) -> None:
    status, problem = await api.get("/statistics", **query)
    assert (status, problem["field"]) == (400, field)
