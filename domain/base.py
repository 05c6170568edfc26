"""What every table and every use case stands on: metadata, value base, ids and time."""

import re
import secrets
from datetime import UTC, date, datetime
from typing import Annotated, Any, cast
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, field_validator, model_validator
from pydantic_core import PydanticKnownError
from sqlalchemy import JSON, BigInteger, DateTime, Integer, MetaData, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

SHANGHAI = ZoneInfo("Asia/Shanghai")

# Crockford's alphabet: an id can be read out on the telephone.
_ID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")

_FIRST_YEAR, _LAST_YEAR = 1900, 2199

# SQLite numbers rows by itself only in a column of exactly this type.
Serial = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")


def storable(text: str) -> bool:
    """Whether PostgreSQL keeps it: neither its text nor its JSON takes NUL or half a surrogate pair."""
    return _NOT_STORABLE.search(text) is None


def _kept(text: str) -> str:
    """The same answer on both databases to what only SQLite would keep."""
    if not storable(text):
        raise PydanticKnownError("string_unicode")
    return text


# A text in a dictionary: fields, and texts in their lists, are looked at by `Value`.
StorableText = Annotated[str, AfterValidator(_kept)]


def _countable(moment: datetime) -> datetime:
    """At the calendar's ends another zone's time is no time at all."""
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"应为 {_FIRST_YEAR} 年到 {_LAST_YEAR} 年之间的时间")
    return moment


# A point in time as others state it.
Moment = Annotated[AwareDatetime, AfterValidator(_countable)]


class Value(BaseModel):
    """An immutable record of one of the data formats; unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_not_stated(cls, data: Any) -> Any:
        """A JSON null says no more than a missing key."""
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data

    @field_validator("*", mode="before")
    @classmethod
    def _can_be_stored(cls, value: Any) -> Any:
        """Texts, and those in lists; a record in a record looks at its own, and names the field."""
        for text in value if isinstance(value, list | tuple) else (value,):
            if isinstance(text, str):
                _kept(text)
        return value


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time: aware UTC in Python, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> datetime | None:
        del dialect
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without zone cannot be stored")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Row(AsyncAttrs, DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def table_of(row: type[Row]) -> Table:
    """The table behind a class, for statements that load no objects."""
    return cast("Table", row.__table__)


def utcnow() -> datetime:
    return datetime.now(UTC)


def today_in_china(now: datetime | None = None) -> date:
    """The calendar day in Asia/Shanghai, by which all deadlines and validities count."""
    return (now or utcnow()).astimezone(SHANGHAI).date()


def new_id(prefix: str, now: datetime | None = None) -> str:
    """A readable, unguessable id such as `RQ261123-7F3K2MPX`; sorts by day of creation."""
    day = today_in_china(now).strftime("%y%m%d")
    return f"{prefix}{day}-{''.join(secrets.choice(_ID_ALPHABET) for _ in range(8))}"
