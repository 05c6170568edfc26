"""Receipts of authorizations: to all who act for the company, or to the person who agreed for himself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import companies, events
from domain.authorizations.labels import ALL_CATEGORIES, Category, Kind
from domain.authorizations.tables import AuthorizationRow
from notify.fields import Value
from notify.notice import Letter, Notice

_NAME = "authorization_result"
_VALUES = frozenset({"institution", "scope", "result", "time"})
_PATH = "/m/authorizations"
# A phrase holds five Han characters.
_RESULTS = {
    events.AUTHORIZATION_GIVEN: "已授权",
    events.AUTHORIZATION_REVOKED: "已撤回",
    events.AUTHORIZATION_EXPIRING: "即将到期",
    events.AUTHORIZATION_EXPIRED: "已到期",
}
_WITHOUT_SCOPE = {Kind.FACE: "人脸核验", Kind.LINKAGE: "办理状态"}


async def _write(session: AsyncSession, event: str, payload: Mapping[str, Any]) -> list[Letter]:
    row = await session.get(AuthorizationRow, payload["authorization_id"])
    if row is None:
        return []
    result = _RESULTS[event]
    values: dict[str, Value] = {
        "institution": _institution(row),
        "scope": _scope(row),
        "result": result,
        "time": _time(row, event),
    }
    # One that ends soon is spoken of more than once.
    subject = f"{row.id}:{event.rpartition('.')[2]}:{payload.get('days', 0)}"
    return [Letter(openid, subject, values, path=_PATH) for openid in await _readers(session, row)]


async def _readers(session: AsyncSession, row: AuthorizationRow) -> list[str]:
    if row.uscc is None:
        return [row.openid] if row.openid else []
    return [member.openid for member in await companies.people_of(session, row.uscc)]


def _institution(row: AuthorizationRow) -> str:
    if row.kind != Kind.CREDIT_DATA:
        return row.recipient
    return row.text_values["operator"] if row.text_values else "本平台"


def _scope(row: AuthorizationRow) -> str:
    """As much as a field of twenty characters can say."""
    if row.kind in _WITHOUT_SCOPE:
        return _WITHOUT_SCOPE[Kind(row.kind)]
    if row.scope == ALL_CATEGORIES:
        return "全部七类信用信息"
    labels = [category.label for category in Category if category in row.scope]
    return labels[0] if len(labels) == 1 else f"{labels[0]}等{len(labels)}类"


def _time(row: AuthorizationRow, event: str) -> datetime:
    if event == events.AUTHORIZATION_GIVEN:
        return row.given_at
    return row.ended_at if event == events.AUTHORIZATION_REVOKED and row.ended_at else row.until


# What the owner just did is confirmed at once; what the calendar brings waits for the morning.
NOTICE = Notice(
    name=_NAME,
    values=_VALUES,
    events=(events.AUTHORIZATION_GIVEN, events.AUTHORIZATION_REVOKED),
    immediate=True,
    write=_write,
)
REMINDER = Notice(
    name=_NAME,
    values=_VALUES,
    events=(events.AUTHORIZATION_EXPIRING, events.AUTHORIZATION_EXPIRED),
    immediate=False,
    write=_write,
)
