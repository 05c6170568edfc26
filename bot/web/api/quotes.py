"""`POST /api/v1/quotes`: what offers cost in all, the cheapest first, each with its repayment table."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from bot.web.api.access import allowed
from bot.web.api.bodies import json_object, validated
from bot.web.keys import DATABASE
from bot.web.problems import bad_request
from domain import products
from domain.clients import Role
from domain.conditions import ExactRate
from domain.costs import Cost, Fees, Instalment, Loan, Repayment, Subsidy, cost
from domain.products import Code, Product
from matching.situation import Range

routes = web.RouteTableDef()

_MOST_OFFERS = 20
_LONGEST = 360

Yuan = Annotated[int, Field(ge=1, le=10**11)]
Sum = Annotated[Decimal, Field(ge=0, le=10**11, decimal_places=2)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AskedSubsidy(_Asked):
    """As a policy grants it: a share of the interest in per cent, or points a year."""

    share: ExactRate = Decimal(0)
    points: ExactRate = Decimal(0)
    months: Annotated[int, Field(ge=0, le=_LONGEST)] | None = None
    most: Annotated[int, Field(ge=0)] | None = None


class AskedOffer(_Asked):
    """Terms to be worked out; a `product` lends its lowest rate where none is given, and its bounds."""

    product: Code | None = None
    amount: Yuan
    term_months: Annotated[int, Field(ge=1, le=_LONGEST)]
    rate: ExactRate | None = None
    repayment: Repayment = Repayment.EQUAL_INSTALMENT
    fee: Sum = Decimal(0)
    fee_rate: ExactRate = Decimal(0)
    subsidy: AskedSubsidy = AskedSubsidy()


class AskedQuotes(_Asked):
    """Offers to be compared."""

    offers: Annotated[tuple[AskedOffer, ...], Field(min_length=1, max_length=_MOST_OFFERS)]


@routes.post("/quotes")
@allowed(Role.OPERATOR, Role.ADVISER, Role.INSTITUTION)
async def quote(request: web.Request) -> web.Response:
    """Ordered by what they cost; `index` is the place in the question."""
    asked = validated(AskedQuotes, await json_object(request), "")
    async with request.app[DATABASE].reading() as session:
        named = await _named(session, asked)
    rates = [_rate(index, offer, named) for index, offer in enumerate(asked.offers)]
    # Thousands of instalments take a tenth of a second: callbacks go on meanwhile.
    items = await asyncio.to_thread(_worked_out, asked.offers, rates)
    return web.json_response({"items": items})


def _worked_out(offers: Sequence[AskedOffer], rates: Sequence[Decimal]) -> list[dict[str, Any]]:
    answers = [
        _answer(index, offer, rate) for index, (offer, rate) in enumerate(zip(offers, rates, strict=True))
    ]
    return sorted(answers, key=lambda answer: answer["total_cost"])


async def _named(session: AsyncSession, asked: AskedQuotes) -> dict[str, Product]:
    codes = sorted({offer.product for offer in asked.offers if offer.product is not None})
    stored = await products.known(session, codes)
    return {code: Product.model_validate(fields) for code, fields in stored.items()}


def _rate(index: int, offer: AskedOffer, named: dict[str, Product]) -> Decimal:
    """The rate to reckon with; a Problem (400) where there is none, or the product does not offer this."""
    product = None
    if offer.product is not None:
        product = named.get(offer.product)
        if product is None:
            raise bad_request(f"没有代码为 {offer.product} 的产品", field=f"offers.{index}.product")
        _check(index, offer, product)
    rate = offer.rate if offer.rate is not None or product is None else product.rate_min
    if rate is None:
        raise bad_request("没有利率：产品没有公示，请自行给出", field=f"offers.{index}.rate")
    return rate


def _check(index: int, offer: AskedOffer, product: Product) -> None:
    for field, asked, low, high in (
        ("amount", offer.amount, product.amount_min, product.amount_max),
        ("term_months", offer.term_months, product.term_min_months, product.term_max_months),
    ):
        if not Range(low, high).meets(Range(asked, asked)):
            raise bad_request(f"{product.name}不提供这个数", field=f"offers.{index}.{field}")


def _answer(index: int, offer: AskedOffer, rate: Decimal) -> dict[str, Any]:
    subsidy = Subsidy(**offer.subsidy.model_dump())
    loan = Loan(offer.amount, rate, offer.term_months, offer.repayment)
    return {
        "index": index,
        "product": offer.product,
        "rate": float(rate),
        "repayment": offer.repayment.value,
        **_figures(cost(loan, Fees(offer.fee, offer.fee_rate), subsidy)),
    }


def _figures(worked_out: Cost) -> dict[str, Any]:
    """Sums in yuan with at most two decimals, which a JSON number holds exactly."""
    effective = worked_out.effective_rate
    return {
        "interest": float(worked_out.interest),
        "fees": float(worked_out.fees),
        "subsidy": float(worked_out.subsidy),
        "total_cost": float(worked_out.total),
        "effective_rate": None if effective is None else float(effective),
        "instalments": [_instalment(part) for part in worked_out.instalments],
    }


def _instalment(part: Instalment) -> dict[str, Any]:
    return {
        "month": part.month,
        "payment": float(part.payment),
        "principal": float(part.principal),
        "interest": float(part.interest),
        "owed": float(part.owed),
    }
