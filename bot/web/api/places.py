"""The cursor of a list that is ordered by a time and an id: where a page ended."""

import base64
import binascii
from datetime import UTC, datetime

from bot.web.api.queries import bad_cursor
from domain.base import storable

Place = tuple[datetime, str]


def cursor_of(at: datetime, last_id: str) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {last_id}".encode()).decode()


def place_of(cursor: str | None) -> Place | None:
    """What `cursor_of` was given; None without a cursor, a Problem (400) if it is none of ours."""
    if cursor is None:
        return None
    try:
        time, _, last_id = base64.urlsafe_b64decode(cursor).decode().partition(" ")
        if not storable(last_id):
            raise bad_cursor()
        return _aware(datetime.fromisoformat(time)), last_id
    except (binascii.Error, ValueError, OverflowError) as error:
        raise bad_cursor() from error


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without zone")
    return at.astimezone(UTC)
