"""Objections (异议) of owners: raised, the source asked, then corrected, upheld or withdrawn."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import cast

from pydantic import ValidationError
from sqlalchemy import CursorResult, Select, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain import companies
from domain.authorizations.gate import Access, authorized_within
from domain.authorizations.labels import ALL_CATEGORIES, DataPurpose, ReaderKind
from domain.authorizations.readers import Reader
from domain.base import new_id, storable, table_of, today_in_china
from domain.credit import documents, keeping
from domain.credit.registry import Registry
from domain.credit.tables import CreditObjectionRow, CreditValueRow
from domain.credit.values import CreditStatement, Statement, Unfit, fitted
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from domain.labels import Label

# By law: 征信业管理条例, article 25.
DAYS = 20
MOST_TEXT = 500


class ObjectionState(Label):
    """Where an objection stands."""

    SUBMITTED = "submitted", "已提交"
    ASKED = "asked", "核查中"
    CORRECTED = "corrected", "已更正"
    UPHELD = "upheld", "核查无误"
    WITHDRAWN = "withdrawn", "已撤回"


async def raise_objection(
    session: AsyncSession,
    openid: str,
    uscc: str,
    value_id: int,
    text: str,
    *,
    days: int = DAYS,
    now: datetime,
) -> CreditObjectionRow:
    """The owner says that a value of his company is wrong; until it is closed it does not count against it.

    Raises:
        NotAuthorized: he is no verified member of the company.
        NotFound: there is no such value, or it has been corrected already.
        NotAllowedNow: an objection to it is open.
        ValueOutOfRange: the text is empty or too long.
    """
    text = _text("text", text, "请写明哪里不对")
    await keeping.begin(session)
    async with authorized_within(
        session, Reader.owner(openid), uscc, ALL_CATEGORIES, DataPurpose.OWN, now=now
    ) as access:
        value = await _value(access, value_id)
    if await session.scalar(_open().where(CreditObjectionRow.value_id == value_id)):
        raise NotAllowedNow("这条信息的异议正在处理中，请等待结果。")
    objection = CreditObjectionRow(
        id=new_id("YY", now),
        value_id=value_id,
        uscc=uscc,
        category=value.category,
        indicator=value.indicator,
        as_of=value.as_of,
        source=value.source,
        openid=openid,
        text=text,
        state=ObjectionState.SUBMITTED,
        answer=None,
        answered_by=None,
        created_at=now,
        asked_at=None,
        due_on=today_in_china(now) + timedelta(days=days),
        closed_at=None,
    )
    session.add(objection)
    await session.flush()
    await _refresh(session, objection, now)
    return objection


async def withdraw(
    session: AsyncSession, openid: str, objection_id: str, *, now: datetime
) -> CreditObjectionRow:
    """The owner takes it back.

    Raises:
        NotFound: there is none, or it is not of a company of his.
        NotAllowedNow: it is closed.
    """
    objection = await _open_one(session, objection_id)
    if not await companies.acts_for(session, openid, objection.uscc):
        raise NotFound("没有这条异议。")
    await _close(session, objection, ObjectionState.WITHDRAWN, None, None, now)
    return objection


async def ask(
    session: AsyncSession, objection_id: str, *, source: str | None = None, now: datetime
) -> CreditObjectionRow:
    """The source has been asked to look into it.

    Raises:
        NotFound: there is none, or it is another source's.
        NotAllowedNow: the source was asked before, or it is closed.
    """
    objection = await _open_one(session, objection_id, source)
    if objection.state != ObjectionState.SUBMITTED:
        raise NotAllowedNow("这条异议已经在核查中。")
    objection.state = ObjectionState.ASKED
    objection.asked_at = now
    return objection


async def correct(
    session: AsyncSession,
    registry: Registry,
    objection_id: str,
    value: object,
    answer: str,
    *,
    by: str,
    ended_on: date | None = None,
    source: str | None = None,
    now: datetime,
) -> CreditObjectionRow:
    """The owner was right: another value takes the place of the one objected to.

    Raises:
        NotFound: there is none, or it is another source's.
        NotAllowedNow: it is closed, or the value is the one that is there.
        ValueOutOfRange: the value does not fit the indicator, or there are no words for the owner.
    """
    answer = _text("answer", answer, "请写明处理结果")
    objection = await _open_one(session, objection_id, source)
    statement = _corrected(registry, objection, value, ended_on, today_in_china(now))
    await keeping.keep(session, [statement], objection.id, now)
    if await _stands(session, objection.value_id):
        raise NotAllowedNow("更正后的信息与现有信息相同；如果核查无误，请选择维持原信息。")
    await _close(session, objection, ObjectionState.CORRECTED, answer, by, now)
    return objection


async def uphold(
    session: AsyncSession,
    objection_id: str,
    answer: str,
    *,
    by: str,
    source: str | None = None,
    now: datetime,
) -> CreditObjectionRow:
    """The value is right; `answer` tells the owner why.

    Raises:
        NotFound: there is none, or it is another source's.
        NotAllowedNow: it is closed.
        ValueOutOfRange: there are no words for the owner.
    """
    answer = _text("answer", answer, "请写明处理结果")
    objection = await _open_one(session, objection_id, source)
    await _close(session, objection, ObjectionState.UPHELD, answer, by, now)
    return objection


async def of_company(access: Access) -> Sequence[CreditObjectionRow]:
    """What the owner objected to, newest first; nothing for other readers."""
    if access.reader.kind is not ReaderKind.OWNER:
        return []
    query = select(CreditObjectionRow).where(
        CreditObjectionRow.uscc.in_(access.usccs), CreditObjectionRow.category.in_(access.scope)
    )
    newest = CreditObjectionRow.created_at.desc(), CreditObjectionRow.id.desc()
    return (await access.session.scalars(query.order_by(*newest))).all()


async def page(
    session: AsyncSession,
    *,
    state: ObjectionState | None = None,
    source: str | None = None,
    after: tuple[datetime, str] | None = None,
    size: int,
) -> Sequence[CreditObjectionRow]:
    """For those who answer: without the values. The oldest, which are due first, come first."""
    place = CreditObjectionRow.created_at, CreditObjectionRow.id
    query = select(CreditObjectionRow).order_by(*place).limit(size)
    if state is not None:
        query = query.where(CreditObjectionRow.state == state)
    if source is not None:
        query = query.where(CreditObjectionRow.source == source)
    if after is not None:
        query = query.where(tuple_(*place) > after)
    return (await session.scalars(query)).all()


def _open() -> Select[CreditObjectionRow]:
    return select(CreditObjectionRow).where(CreditObjectionRow.closed_at.is_(None))


async def _value(access: Access, value_id: int) -> CreditValueRow:
    query = select(CreditValueRow).where(
        CreditValueRow.id == value_id,
        CreditValueRow.uscc.in_(access.usccs),
        CreditValueRow.category.in_(access.scope),
        CreditValueRow.superseded_at.is_(None),
    )
    value = await access.session.scalar(query)
    if value is None:
        raise NotFound("没有这条信息，或者它已经更正。")
    return value


async def _open_one(
    session: AsyncSession, objection_id: str, source: str | None = None
) -> CreditObjectionRow:
    await keeping.begin(session)
    objection = await session.get(CreditObjectionRow, objection_id) if storable(objection_id) else None
    if objection is None or (source is not None and objection.source != source):
        raise NotFound("没有这条异议。")
    if objection.closed_at is not None:
        raise NotAllowedNow(f"这条异议{ObjectionState(objection.state).label}，不能再处理。")
    return objection


async def _close(
    session: AsyncSession,
    objection: CreditObjectionRow,
    state: ObjectionState,
    answer: str | None,
    by: str | None,
    now: datetime,
) -> None:
    objection.state = state
    objection.answer = answer
    objection.answered_by = by
    objection.closed_at = now
    await session.flush()
    await _refresh(session, objection, now)


async def _refresh(session: AsyncSession, objection: CreditObjectionRow, now: datetime) -> None:
    await documents.mark(session, [(objection.uscc, objection.category)], now)
    await documents.put_together(session, now)


def _corrected(
    registry: Registry, objection: CreditObjectionRow, value: object, ended_on: date | None, today: date
) -> Statement:
    if ended_on and ended_on > today:
        raise ValueOutOfRange("ended_on", "终止日期不能晚于今天。")
    try:
        stated = {
            "uscc": objection.uscc,
            "indicator": objection.indicator,
            "as_of": objection.as_of,
            "value": value,
            "source": objection.source,
            "ended_on": ended_on,
        }
        return fitted(CreditStatement.model_validate(stated), registry)
    except ValidationError as error:
        raise ValueOutOfRange("value", "缺少更正后的值。") from error
    except Unfit as unfit:
        raise ValueOutOfRange(unfit.field, f"{unfit.reason}。") from unfit


async def _stands(session: AsyncSession, value_id: int) -> bool:
    """Whether that row is still the current one, without reading it."""
    values = table_of(CreditValueRow)
    touch = (
        update(values)
        .where(values.c.id == value_id, values.c.superseded_at.is_(None))
        .values(superseded_at=None)
    )
    return cast("CursorResult[tuple[()]]", await session.execute(touch)).rowcount > 0


def _text(field: str, text: str, missing: str) -> str:
    text = text.strip()
    if not text:
        raise ValueOutOfRange(field, f"{missing}。")
    if len(text) > MOST_TEXT:
        raise ValueOutOfRange(field, f"不能超过 {MOST_TEXT} 个字。")
    if not storable(text):
        raise ValueOutOfRange(field, "有不能识别的字符。")
    return text
