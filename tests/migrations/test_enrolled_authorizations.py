"""Companies that are there as enrolled get the consent that they came with; nobody else does."""

from sqlalchemy import insert, select

from bot import schema
from domain.authorizations.labels import ALL_CATEGORIES, PLATFORM, DataPurpose, Kind, State
from domain.authorizations.tables import AuthorizationRow
from domain.base import utcnow
from domain.companies import CompanyRow
from tests.domain.databases import opened

ENROLLED, OTHER = "91320583MA1MABCD5X", "91320583MA1MABCE3P"


def company(uscc: str, *, enrolled: bool) -> dict[str, object]:
    return {
        "uscc": uscc,
        "name": "恒达",
        "facts": {},
        "enrolled": enrolled,
        "notices": [],
        "updated_at": utcnow(),
    }


async def test_who_was_enrolled_keeps_the_consent_to_matching(empty_database_url: str) -> None:
    async with opened(empty_database_url) as database:
        await schema.migrate(database, "0010")
        async with database.unit_of_work() as session:
            rows = [company(ENROLLED, enrolled=True), company(OTHER, enrolled=False)]
            await session.execute(insert(CompanyRow), rows)
        await schema.migrate(database, "0011")
        async with database.reading() as session:
            (row,) = await session.scalars(select(AuthorizationRow))
    now = utcnow()
    assert (row.id, row.uscc) == (f"AUIMPORT-{ENROLLED}", ENROLLED)
    assert (row.kind, row.recipient, row.state(now)) == (Kind.CREDIT_DATA, PLATFORM, State.GIVEN)
    assert (row.scope, row.purposes) == (ALL_CATEGORIES, frozenset({DataPurpose.MATCHING}))
    assert ((row.until - now).days, row.evidence, row.openid) == (364, "import", None)
    assert row.next_notice_at is not None
    assert (row.until - row.next_notice_at).days == 7
