"""Applications for tests: a company of Kunshan, its people, its offices, and the rules of cities."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain.companies import CompanyMemberRow
from domain.database import Database
from domain.registrations import deciding, reading, submitting
from domain.registrations.deciding import Office
from domain.registrations.form import Form
from domain.registrations.rules import Review, Rules
from domain.registrations.tables import RegistrationRow
from domain.secrets import Cipher

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
USCC = "91110000600037341L"
KINDS = {"high_tech": "高新技术企业", "other": "其他企业"}
SUZHOU = Rules(frozenset(Review), activation=True, kinds=KINDS)
TRUSTING = Rules(frozenset(), activation=True, kinds=KINDS)
OPEN_DOOR = Rules(frozenset(), activation=False, kinds=KINDS)
KUNSHAN = Office("client:KS", ("320583",))
SUZHOU_CITY = Office("client:SZ", ("320500",))
WUJIANG = Office("client:WJ", ("320509",))
OPERATOR = Office("client:OP", None)
FILLED_IN: dict[str, Any] = {
    "uscc": USCC,
    "name": "苏州恒达精密机械有限公司",
    "kind": "high_tech",
    "region": "320583",
    "industry": "C",
    "role": "legal_representative",
    "contact": "张三",
    "phone": "138 1234 5678",
    "founded": "2016",
    "registered_capital": 5_000_000,
}


def form(**changes: Any) -> Form:
    return Form.model_validate(FILLED_IN | changes)


async def submitted(
    database: Database,
    cipher: Cipher,
    openid: str = "oZhang",
    *,
    rules: Rules = SUZHOU,
    now: datetime = NOW,
    **changes: Any,
) -> RegistrationRow:
    async with database.unit_of_work() as session:
        return await submitting.submit(session, openid, form(**changes), rules=rules, cipher=cipher, now=now)


async def approved(database: Database, row: RegistrationRow, office: Office) -> RegistrationRow:
    """Let go on by that office, from where it is now."""
    async with database.unit_of_work() as session:
        seen = (await session.get_one(RegistrationRow, row.id)).version
        return await deciding.approve(session, row.id, office, seen=seen, now=NOW)


async def returned(database: Database, row: RegistrationRow, office: Office, reason: str) -> RegistrationRow:
    async with database.unit_of_work() as session:
        seen = (await session.get_one(RegistrationRow, row.id)).version
        return await deciding.give_back(session, row.id, office, seen=seen, reason=reason, now=NOW)


async def activated(database: Database, openid: str = "oZhang", uscc: str = USCC) -> RegistrationRow | None:
    async with database.unit_of_work() as session:
        return await submitting.activate(session, openid, uscc, NOW)


async def registered(
    database: Database, cipher: Cipher, openid: str = "oZhang", **changes: Any
) -> RegistrationRow:
    """Somebody who has his account, in a city that asks for nothing."""
    return await submitted(database, cipher, openid, rules=OPEN_DOOR, **changes)


async def stored(database: Database, registration_id: str) -> RegistrationRow:
    async with database.reading() as session:
        return await session.get_one(RegistrationRow, registration_id)


async def statuses(database: Database, registration_id: str) -> list[tuple[str | None, str]]:
    async with database.reading() as session:
        return [(step.before, step.after) for step in await reading.steps_of(session, registration_id)]


async def member(session: AsyncSession, openid: str, uscc: str = USCC) -> CompanyMemberRow | None:
    return await session.get(CompanyMemberRow, (openid, uscc))
