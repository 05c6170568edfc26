"""To which institutions requests are addressed, so that each finds its own among a million."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, insert
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Row, UtcDateTime, table_of

_NAME_LONGEST = 60


class AddresseeRow(Row):
    """One institution that a request names; the key is the order in which it reads its requests."""

    __tablename__ = "request_institutions"

    institution: Mapped[str] = mapped_column(String(_NAME_LONGEST), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    request_id: Mapped[str] = mapped_column(
        ForeignKey("financing_requests.id", ondelete="CASCADE"), primary_key=True, index=True
    )


_ADDRESSEES = table_of(AddresseeRow)


def write(connection: Connection, request_id: str, created_at: datetime, institutions: Iterable[str]) -> None:
    """Write down the addressees of a new request; what is too long is no institution's name."""
    names = [name for name in dict.fromkeys(institutions) if len(name) <= _NAME_LONGEST]
    if names:
        connection.execute(
            insert(_ADDRESSEES),
            [{"institution": name, "created_at": created_at, "request_id": request_id} for name in names],
        )


def rewrite(
    connection: Connection, request_id: str, created_at: datetime, institutions: Iterable[str]
) -> None:
    """Put these in the place of the request's addressees."""
    connection.execute(delete(_ADDRESSEES).where(_ADDRESSEES.c.request_id == request_id))
    write(connection, request_id, created_at, institutions)
