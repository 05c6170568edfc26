"""Taking over a city's companies from another platform: what they agreed to there counts here, once."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from domain.authorizations.labels import ALL_CATEGORIES, PLATFORM, DataPurpose, Kind
from domain.authorizations.tables import AuthorizationRow
from domain.base import table_of
from domain.bulk import look_up_by_keys

# From when it is taken over: then the platform has to ask for itself.
_TERM = timedelta(days=365)
_REMINDED_BEFORE = timedelta(days=7)


async def take_over_enrolled(session: AsyncSession, usccs: Collection[str], now: datetime) -> None:
    """Have the companies' consent to matching, where nothing is known of any consent of theirs.

    One that was given, revoked or has run out stays as it is: an import does not bring it back. Nobody is
    sent a receipt for what he did elsewhere.
    """
    if not usccs:
        return
    await look_up_by_keys(session)
    known = select(AuthorizationRow.uscc).where(
        AuthorizationRow.uscc.in_(usccs), AuthorizationRow.kind == Kind.CREDIT_DATA.value
    )
    new = set(usccs).difference(await session.scalars(known))
    if not new:
        return
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    # Somebody may give or import the same at this moment: whoever is first stays.
    statement = insert(table_of(AuthorizationRow)).on_conflict_do_nothing()
    rows = [_fields(uscc, now) for uscc in sorted(new)]
    await session.run_sync(lambda sync: sync.connection().execute(statement, rows))


def _fields(uscc: str, now: datetime) -> dict[str, Any]:
    return {
        "id": f"AUIMPORT-{uscc}",
        "kind": Kind.CREDIT_DATA,
        "uscc": uscc,
        "recipient": PLATFORM,
        "scope": ALL_CATEGORIES,
        "purposes": frozenset({DataPurpose.MATCHING}),
        "given_at": now,
        "until": now + _TERM,
        "next_notice_at": now + _TERM - _REMINDED_BEFORE,
        "ticket": f"import:{uscc}",
        "evidence": "import",
    }
