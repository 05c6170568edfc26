"""The questions behind the figures: each of one kind of record, with the group that each row falls into.

requests       published in the time; what institutions did with them since
decisions      steps of follows that were taken in the time
loans          granted in the time, as they stand now
registrations  finished in the time
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Float,
    Select,
    String,
    Subquery,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from domain.companies import CompanyRow
from domain.loans import LoanRow, LoanState
from domain.market.rules import FollowState
from domain.market.tables import FollowRow, FollowStepRow
from domain.registrations.rules import RegistrationKind, RegistrationStatus
from domain.registrations.tables import RegistrationRow, RegistrationStepRow
from domain.requests import RequestRow
from domain.statistics.dimensions import days, hours_between, inside, key_of, moments, month_of, month_of_day
from domain.statistics.scope import By, Scope

KEY, WHOLE = "key", "whole"
_REACHED = (FollowState.FOLLOWING, FollowState.APPROVED, FollowState.GRANTED)
_DECIDED = (FollowState.APPROVED, FollowState.REJECTED, FollowState.LAPSED)
_WHO = func.coalesce(RequestRow.uscc, RequestRow.openid).label("who")
_PERCENTILES = {"approval_hours_median": 50, "approval_hours_p90": 90}


def questions(scope: Scope) -> list[CompoundSelect[Any]]:
    """Each answers with rows of figures: one of all together, marked `whole`, and one for each `key`."""
    kinds = [_requests, _decisions, _hours, _loans, *([_registrations] if scope.counts_registrations else [])]
    return [ask(scope) for ask in kinds]


def _requests(scope: Scope) -> CompoundSelect[Any]:
    rows = _published(scope).cte()
    followed, approved, granted = (func.coalesce(func.sum(rows.c[state]), 0) for state in _REACHED)
    return _by_key(
        rows,
        func.count(rows.c.who.distinct()).label("asking"),
        func.count().label("requests"),
        followed.label("requests_followed"),
        approved.label("requests_approved"),
        granted.label("requests_granted"),
        _sum(rows.c.amount).label("amount_requested"),
    )


def _published(scope: Scope) -> Select[Any]:
    """Requests, or where it is about institutions each of them with each of its requests."""
    each = scope.by is By.INSTITUTION or scope.institution is not None
    reached = _reached(each=each)
    key = key_of(
        scope,
        region=RequestRow.region,
        industry=RequestRow.industry,
        month=month_of(RequestRow.published_at),
        institution=FollowRow.institution,
    )
    amount = func.coalesce(RequestRow.amount_max, RequestRow.amount_min)
    query = select(key.label(KEY), _WHO, amount.label("amount"), *(reached.c[state] for state in _REACHED))
    query = query.select_from(RequestRow).where(
        moments(scope, RequestRow.published_at), inside(scope, RequestRow.region, RequestRow.industry)
    )
    joined = reached.c.request_id == RequestRow.id
    if each:
        query = query.join(FollowRow, FollowRow.request_id == RequestRow.id)
        joined &= reached.c.institution == FollowRow.institution
    if scope.institution is not None:
        query = query.where(FollowRow.institution == scope.institution)
    return query.outerjoin(reached, joined)


def _reached(*, each: bool) -> Subquery:
    """1 for each state that a request reached with anybody, or with `each` institution."""
    whose = [FollowStepRow.request_id, *([FollowStepRow.institution] if each else [])]
    flags = [func.max(case((FollowStepRow.after == state, 1), else_=0)).label(state) for state in _REACHED]
    return select(*whose, *flags).where(FollowStepRow.after.in_(_REACHED)).group_by(*whose).subquery()


def _steps(scope: Scope) -> Select[Any]:
    """Follows that were decided, or lapsed undecided."""
    key = key_of(
        scope,
        region=RequestRow.region,
        industry=RequestRow.industry,
        month=month_of(FollowStepRow.at),
        institution=FollowStepRow.institution,
    )
    query = (
        select(
            key.label(KEY),
            _WHO,
            FollowStepRow.after.label("after"),
            hours_between(FollowStepRow.since, FollowStepRow.at).label("hours"),
        )
        .select_from(FollowStepRow)
        .join(RequestRow, RequestRow.id == FollowStepRow.request_id)
        .where(
            FollowStepRow.before == FollowState.FOLLOWING,
            FollowStepRow.after.in_(_DECIDED),
            moments(scope, FollowStepRow.at),
            inside(scope, RequestRow.region, RequestRow.industry),
        )
    )
    if scope.institution is not None:
        query = query.where(FollowStepRow.institution == scope.institution)
    return query


def _decisions(scope: Scope) -> CompoundSelect[Any]:
    rows = _steps(scope).cte()
    counts = (_count(rows.c.after == state).label(state) for state in _DECIDED)
    return _by_key(rows, func.count(rows.c.who.distinct()).label("deciding"), *counts)


def _hours(scope: Scope) -> CompoundSelect[Any]:
    """Percentiles by nearest rank: the shortest time that so many of 100 approvals did not exceed."""
    steps = _steps(scope).where(FollowStepRow.after == FollowState.APPROVED).cte()
    return union_all(_percentiles(steps, None), _percentiles(steps, steps.c[KEY]))


def _percentiles(steps: CTE, key: ColumnElement[Any] | None) -> Select[Any]:
    """Of each group, or without a key of all."""
    rows = select(
        steps.c[KEY],
        steps.c.hours,
        func.row_number().over(partition_by=key, order_by=steps.c.hours).label("rank"),
        func.count().over(partition_by=key).label("total"),
    ).subquery()
    figures = [
        func.min(case((rows.c.rank * 100 >= rows.c.total * percent, rows.c.hours))).label(name)
        for name, percent in _PERCENTILES.items()
    ]
    return _whole(figures) if key is None else _groups(rows.c[KEY], figures)


def _loans(scope: Scope) -> CompoundSelect[Any]:
    region, industry = (CompanyRow.facts[name].as_string() for name in ("region", "industry"))
    month = month_of_day(LoanRow.granted_on)
    key = key_of(scope, region=region, industry=industry, month=month, institution=LoanRow.institution)
    query = (
        select(
            key.label(KEY),
            LoanRow.uscc,
            LoanRow.amount,
            LoanRow.balance,
            cast(LoanRow.rate, Float).label("rate"),
            LoanRow.state,
        )
        .select_from(LoanRow)
        .outerjoin(CompanyRow, CompanyRow.uscc == LoanRow.uscc)
        .where(days(scope, LoanRow.granted_on), inside(scope, region, industry))
    )
    if scope.institution is not None:
        query = query.where(LoanRow.institution == scope.institution)
    rows = query.cte()
    bad = rows.c.state.in_((LoanState.OVERDUE, LoanState.WRITTEN_OFF))
    return _by_key(
        rows,
        func.count(rows.c.uscc.distinct()).label("companies_financed"),
        func.count().label("loans"),
        _sum(rows.c.amount).label("loan_amount"),
        _sum(rows.c.balance).label("balance"),
        _count(rows.c.state == LoanState.OVERDUE).label("overdue"),
        _count(rows.c.state == LoanState.WRITTEN_OFF).label("written_off"),
        _sum(case((bad, rows.c.balance), else_=0)).label("default_amount"),
        func.sum(rows.c.amount * rows.c.rate).label("interest"),
        func.sum(case((rows.c.rate.is_not(None), rows.c.amount))).label("priced_amount"),
    )


def _registrations(scope: Scope) -> CompoundSelect[Any]:
    key = key_of(
        scope,
        region=RegistrationRow.region,
        industry=RegistrationRow.industry,
        month=month_of(RegistrationStepRow.at),
    )
    rows = (
        select(key.label(KEY), RegistrationRow.uscc)
        .select_from(RegistrationStepRow)
        .join(RegistrationRow, RegistrationRow.id == RegistrationStepRow.registration_id)
        .where(
            RegistrationStepRow.after == RegistrationStatus.REGISTERED,
            RegistrationRow.kind == RegistrationKind.COMPANY,
            moments(scope, RegistrationStepRow.at),
            inside(scope, RegistrationRow.region, RegistrationRow.industry),
        )
        .cte()
    )
    return _by_key(rows, func.count(rows.c.uscc.distinct()).label("companies_registered"))


def _by_key(rows: CTE, *figures: ColumnElement[Any]) -> CompoundSelect[Any]:
    """Both from the same rows: the databases make them once."""
    return union_all(_whole(figures), _groups(rows.c[KEY], figures))


def _whole(figures: Sequence[ColumnElement[Any]]) -> Select[Any]:
    return select(literal(1).label(WHOLE), cast(null(), String).label(KEY), *figures)


def _groups(key: ColumnElement[Any], figures: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """By the column of rows that are made: the same expression with other parameters is another one."""
    return select(literal(0), key, *figures).group_by(key)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _sum(column: ColumnElement[Any]) -> ColumnElement[int]:
    """Of whole yuan; PostgreSQL would add them up to decimals."""
    return cast(func.coalesce(func.sum(column), 0), BigInteger)
