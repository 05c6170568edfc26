"""Clients of the API: other systems, and people who work with it, each with a role and a token of its own."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator
from sqlalchemy import String, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain import regions
from domain.base import Json, Moment, Row, UtcDateTime, Value, new_id
from domain.errors import NotFound, ValueOutOfRange
from domain.labels import Label
from domain.products import RegionCode

_PREFIX = "rq_"
_TOKEN_BYTES = 32
_USE_NOTED_EVERY = timedelta(minutes=1)


class Role(Label):
    """What a client may do; which calls that are stands at each call."""

    OPERATOR = "operator", "运营人员"
    GOVERNMENT = "government", "政府部门"
    ADVISER = "adviser", "融资顾问"
    INSTITUTION = "institution", "金融机构"
    CREDIT_SERVICE = "credit_service", "信用服务机构"
    DATA_SOURCE = "data_source", "数据来源"


class Scope(Label):
    """What an institution's token is good for."""

    READ = "read", "查看"
    FOLLOW = "follow", "跟进"
    DECIDE = "decide", "审批放款"
    WEBHOOKS = "webhooks", "推送订阅"


_OF_A_HOUSE = frozenset({Role.INSTITUTION, Role.CREDIT_SERVICE})
_OF_REGIONS = frozenset({Role.GOVERNMENT, Role.ADVISER})


class NewClient(Value):
    """A client to be.

    `institution` is the house that it works for, `regions` those of a government office, or of an adviser,
    who without any works everywhere.

    A province's or a city's code covers what is in it. `scopes` narrow an institution's token; not stated,
    it is good for all of them.
    """

    name: Annotated[str, Field(min_length=1, max_length=60)]
    role: Role
    institution: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    branch: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    regions: tuple[RegionCode, ...] = ()
    scopes: tuple[Scope, ...] | None = Field(default=None, min_length=1)
    expires_at: Moment | None = None

    @model_validator(mode="after")
    def _as_its_role_asks(self) -> Self:
        if (self.institution is not None) != (self.role in _OF_A_HOUSE):
            raise ValueError(
                "institution 是 institution 和 credit_service 两种角色的机构名称，必填；其他角色不填"
            )
        if self.branch and self.role is not Role.INSTITUTION:
            raise ValueError("只有 institution 角色可以填 branch")
        if self.scopes is not None and self.role is not Role.INSTITUTION:
            raise ValueError("只有 institution 角色可以填 scopes")
        if (self.regions and self.role not in _OF_REGIONS) or (
            self.role is Role.GOVERNMENT and not self.regions
        ):
            raise ValueError(
                "regions 是 government 角色管辖的地区，必填；adviser 角色负责的地区，不填为全部；其他角色不填"
            )
        if strange := [code for code in self.regions if not regions.exists(code)]:
            raise ValueError(f"没有这个行政区划代码：{'、'.join(strange)}")
        return self


class ClientRow(Row):
    """A client of the API. Of its token only the SHA-256 hash is kept: it can be recognised, and not told.

    `last_used_at` is true to the minute; `scopes` is empty where the token is good for all.
    """

    __tablename__ = "api_clients"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    role: Mapped[str] = mapped_column(String(16))
    institution: Mapped[str | None] = mapped_column(String(60))
    branch: Mapped[str | None] = mapped_column(String(60))
    regions: Mapped[list[str]] = mapped_column(Json)
    scopes: Mapped[list[str] | None] = mapped_column(Json)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(80))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new client with its token, which nobody can read again."""

    row: ClientRow
    token: str


def create(session: AsyncSession, new: NewClient, *, by: str, now: datetime) -> Issued:
    """Write the client down; `by` says who made it.

    Raises:
        ValueOutOfRange: it would have expired already.
    """
    if new.expires_at and new.expires_at <= now:
        raise ValueOutOfRange("expires_at", "到期时间应晚于现在。")
    token = _PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    row = ClientRow(
        id=new_id("CL", now),
        name=new.name,
        role=new.role,
        institution=new.institution,
        branch=new.branch,
        regions=list(new.regions),
        scopes=None if new.scopes is None else [scope for scope in Scope if scope in new.scopes],
        token_hash=_hash(token),
        created_at=now,
        created_by=by,
        expires_at=new.expires_at,
        revoked_at=None,
        last_used_at=None,
    )
    session.add(row)
    return Issued(row, token)


async def by_token(session: AsyncSession, token: str, now: datetime) -> ClientRow | None:
    """The client whose token this is, unless it was revoked or has expired.

    Looked up by its hash, a token needs no comparison in constant time: how long an index takes tells at most
    about the hash, and nobody can choose a token by the hash that it will have. Nor need the hash be a slow
    one with salt: 32 random bytes cannot be guessed, unlike a password.
    """
    if not token.startswith(_PREFIX):
        return None
    row = await session.scalar(select(ClientRow).where(ClientRow.token_hash == _hash(token)))
    if row is None or row.revoked_at or (row.expires_at and row.expires_at <= now):
        return None
    return row


def use_is_news(row: ClientRow, now: datetime) -> bool:
    """Whether the client's use is worth a write: once a minute is enough."""
    return row.last_used_at is None or row.last_used_at <= now - _USE_NOTED_EVERY


async def note_use(session: AsyncSession, client_id: str, now: datetime) -> None:
    """Write down that the client called; of several calls at once the first is written."""
    await session.execute(
        update(ClientRow)
        .where(ClientRow.id == client_id)
        .where(or_(ClientRow.last_used_at.is_(None), ClientRow.last_used_at <= now - _USE_NOTED_EVERY))
        .values(last_used_at=now)
    )


async def revoke(session: AsyncSession, client_id: str, now: datetime) -> ClientRow:
    """Its token is void from the next call on; revoked twice, the first time stands.

    Raises:
        NotFound: there is no such client.
    """
    row = await session.get(ClientRow, client_id, with_for_update=True)
    if row is None:
        raise NotFound("没有这个客户端。")
    row.revoked_at = row.revoked_at or now
    return row


async def page(
    session: AsyncSession, *, after: tuple[datetime, str] | None = None, size: int
) -> Sequence[ClientRow]:
    """Clients newest first, at most `size`, behind the one with that time of creation and id."""
    place = (ClientRow.created_at, ClientRow.id)
    query = select(ClientRow)
    if after is not None:
        query = query.where(tuple_(*place) < after)
    return (await session.scalars(query.order_by(*(column.desc() for column in place)).limit(size))).all()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
