"""Requests, institutions with officers, and what the relay made of it: for tests of the market's notices."""

from datetime import datetime
from string import ascii_lowercase
from typing import Any

from sqlalchemy import select

from domain import events, institutions, requests
from domain.database import Database
from domain.institutions import Branch, Institution, Officer
from domain.labels import Purpose
from domain.market import deciding, following
from domain.market.rules import MarketRules
from domain.market.tables import FollowRow
from domain.needs import Need
from domain.requests import RequestRow
from notify.deliveries import DeliveryRow, DeliveryState
from notify.relay import Relay
from tests.domain.market.fair import NOW, OWNER, TERMS, USCC

BANK, OTHER, THIRD, FOURTH = "苏州银行", "中国农业银行", "江苏银行", "宁波银行"
KUNSHAN_OFFICER, WUJIANG_OFFICER, OTHER_OFFICER = "oKunshan", "oWujiang", "oAbc"
RULES = MarketRules()
NEED = Need(amount_max=800_000, purpose=Purpose.EQUIPMENT, region="320583")

_LETTERS = f"{ascii_lowercase}_"
INSTITUTIONS = (
    Institution(
        name=BANK,
        branches=(Branch(name="昆山支行", region="320583"), Branch(name="吴江支行", region="320509")),
        officers=(
            Officer(openid=KUNSHAN_OFFICER, name="陈", branch="昆山支行"),
            Officer(openid=WUJIANG_OFFICER, name="吴", branch="吴江支行"),
        ),
    ),
    Institution(name=OTHER, officers=(Officer(openid=OTHER_OFFICER, name="周"),)),
    Institution(name=THIRD),
    Institution(name=FOURTH),
)


async def publish(database: Database, need: Need = NEED, at: datetime = NOW, **more: Any) -> str:
    async with database.unit_of_work() as session:
        await institutions.save_all(session, INSTITUTIONS, NOW)
        request = await requests.draft(session, OWNER, need, at, **more)
        await requests.publish(session, request, at)
        request.uscc = USCC
        return request.id


async def recommend(database: Database, request_id: str, institution: str = BANK) -> None:
    """As when the list goes out."""
    async with database.unit_of_work() as session:
        payload = {"request_id": request_id, "institution": institution, "product": None}
        events.record(session, events.REQUEST_RECOMMENDED, payload, NOW)


async def follow(
    database: Database, request_id: str, institution: str = BANK, at: datetime = NOW
) -> FollowRow:
    async with database.unit_of_work() as session:
        return await following.follow(session, request_id, institution, by="client:B", now=at, rules=RULES)


async def approve(database: Database, request_id: str, institution: str = BANK, at: datetime = NOW) -> None:
    async with database.unit_of_work() as session:
        await deciding.approve(session, request_id, institution, TERMS, by="client:B", now=at, rules=RULES)


async def withdraw(database: Database, request_id: str) -> None:
    async with database.unit_of_work() as session:
        await requests.withdraw(session, await session.get_one(RequestRow, request_id), NOW)


async def relayed(relay: Relay) -> None:
    while await relay.run_once():
        pass


async def letters(database: Database, *notices: str, openid: str | None = None) -> list[DeliveryRow]:
    """Those that wait or were sent, of these notices, in their order."""
    query = select(DeliveryRow).where(DeliveryRow.state != DeliveryState.SKIPPED).order_by(DeliveryRow.id)
    if notices:
        query = query.where(DeliveryRow.notice.in_(notices))
    if openid:
        query = query.where(DeliveryRow.openid == openid)
    async with database.reading() as session:
        return list(await session.scalars(query))


def said(row: DeliveryRow) -> tuple[str, ...]:
    """The fields in the order of their numbers."""
    data = row.content["data"]
    return tuple(data[name] for name in sorted(data, key=lambda name: int(name.lstrip(_LETTERS))))
