"""Offers are worked out and compared by what they cost in all."""

from typing import Any

import pytest

from tests.bot.web.conftest import Api

PRODUCT = {
    "code": "A",
    "name": "设备贷",
    "institution": "苏州银行",
    "amount_min": 100_000,
    "amount_max": 5_000_000,
    "term_max_months": 36,
    "rate_min": 3.6,
}
OFFER = {"amount": 120_000, "term_months": 12, "rate": 6}


async def quotes(api: Api, *offers: dict[str, Any]) -> tuple[int, Any]:
    return await api.post("/quotes", {"offers": list(offers)})


async def test_the_cheapest_in_all_comes_first(api: Api) -> None:
    status, body = await quotes(
        api,
        OFFER | {"repayment": "interest_first"},
        OFFER | {"repayment": "interest_first", "rate": 5, "fee": 2000},
        OFFER | {"repayment": "interest_first", "subsidy": {"share": 50, "most": 3000}},
    )
    assert status == 200
    assert [(item["index"], item["total_cost"]) for item in body["items"]] == [
        (2, 4200.0),
        (0, 7200.0),
        (1, 8000.0),
    ]
    dear = body["items"][2]
    assert (dear["interest"], dear["fees"], dear["subsidy"]) == (6000.0, 2000.0, 0.0)
    assert body["items"][1]["effective_rate"] == 6.17
    assert body["items"][1]["instalments"][-1] == {
        "month": 12,
        "payment": 120_600.0,
        "principal": 120_000.0,
        "interest": 600.0,
        "owed": 0.0,
    }


async def test_a_product_lends_its_lowest_rate(api: Api) -> None:
    await api.post("/products", {"items": [PRODUCT]})
    _, body = await quotes(api, {"product": "A", "amount": 120_000, "term_months": 12})
    (item,) = body["items"]
    assert (item["product"], item["rate"], item["repayment"]) == ("A", 3.6, "equal_instalment")
    assert len(item["instalments"]) == 12
    assert round(sum(part["principal"] for part in item["instalments"]), 2) == 120_000


@pytest.mark.parametrize(
    ("offer", "field"),
    [
        ({"product": "A", "amount": 99_999, "term_months": 12}, "offers.0.amount"),
        ({"product": "A", "amount": 120_000, "term_months": 48}, "offers.0.term_months"),
        ({"product": "Z", "amount": 120_000, "term_months": 12}, "offers.0.product"),
        ({"amount": 120_000, "term_months": 12}, "offers.0.rate"),
    ],
)
async def test_what_a_product_does_not_offer_is_refused(api: Api, offer: dict[str, Any], field: str) -> None:
    await api.post("/products", {"items": [PRODUCT]})
    status, body = await quotes(api, offer)
    assert (status, body["field"]) == (400, field)


@pytest.mark.parametrize(
    "offer",
    [
        OFFER | {"amount": 0},
        OFFER | {"term_months": 361},
        OFFER | {"repayment": "never"},
        OFFER | {"fees": 1},
        OFFER | {"rate": 1e-300},
        OFFER | {"rate": 4.12345},
        OFFER | {"fee_rate": 1e-300},
        OFFER | {"subsidy": {"share": 1e-300}},
    ],
)
async def test_what_makes_no_sense_is_named(api: Api, offer: dict[str, Any]) -> None:
    status, body = await quotes(api, offer)
    assert status == 400
    assert body["errors"][0]["field"].startswith("offers.0.")


async def test_nothing_to_compare_is_refused(api: Api) -> None:
    assert (await quotes(api))[0] == 400
