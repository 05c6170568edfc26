"""Columns that figures are grouped and filtered by, for both databases."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Float, String, cast, false, func, literal, or_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FunctionElement

from domain import regions
from domain.statistics.scope import By, Scope

_CODE_DIGITS = 6
_MONTH_CHARS = 7


class _MonthOf(FunctionElement[str]):
    type = String()
    inherit_cache = True


class _HoursBetween(FunctionElement[float]):
    type = Float()
    inherit_cache = True


@compiles(_MonthOf, "sqlite")
def _month_on_sqlite(element: _MonthOf, compiler: SQLCompiler, **more: Any) -> str:
    # A moment is a text in UTC there. China has had no summer time since 1991.
    return f"strftime('%Y-%m', {compiler.process(element.clauses, **more)}, '+8 hours')"


@compiles(_MonthOf, "postgresql")
def _month_on_postgresql(element: _MonthOf, compiler: SQLCompiler, **more: Any) -> str:
    return f"to_char(timezone('Asia/Shanghai', {compiler.process(element.clauses, **more)}), 'YYYY-MM')"


@compiles(_HoursBetween, "sqlite")
def _hours_on_sqlite(element: _HoursBetween, compiler: SQLCompiler, **more: Any) -> str:
    since, until = (compiler.process(moment, **more) for moment in element.clauses)
    # By whole seconds: days as fractions are true to half a millisecond, which people would see as 23.9999.
    return f"((unixepoch({until}) - unixepoch({since})) / 3600.0)"


@compiles(_HoursBetween, "postgresql")
def _hours_on_postgresql(element: _HoursBetween, compiler: SQLCompiler, **more: Any) -> str:
    since, until = (compiler.process(moment, **more) for moment in element.clauses)
    seconds = (f"floor(extract(epoch FROM {moment}))" for moment in (until, since))
    return f"(({' - '.join(seconds)})::float8 / 3600.0)"


def month_of(moment: Any) -> ColumnElement[str]:
    """`2026-11` of a moment, by the calendar of Shanghai."""
    return _MonthOf(moment)


def month_of_day(day: Any) -> ColumnElement[str]:
    """`2026-11` of a day."""
    return func.substr(cast(day, String), 1, _MONTH_CHARS)


def hours_between(since: Any, until: Any) -> ColumnElement[float]:
    return _HoursBetween(since, until)


def key_of(
    scope: Scope, *, region: Any, industry: Any, month: ColumnElement[str], institution: Any = None
) -> ColumnElement[Any]:
    """The column by which rows fall into groups; null where such rows have no institution."""
    match scope.by:
        case By.REGION:
            # A code known to the city alone stays one: `320500` beside `320583`.
            digits = scope.level.digits
            return func.substr(region, 1, digits).concat("0" * (_CODE_DIGITS - digits))
        case By.INDUSTRY:
            return cast(industry, String)
        case By.MONTH:
            return month
        case By.INSTITUTION:
            return cast(literal(None) if institution is None else institution, String)


def inside(scope: Scope, region: Any, industry: Any) -> ColumnElement[bool]:
    """Whether a row lies in the regions and the industry that are asked for and may be seen."""
    holds: ColumnElement[bool] = true()
    if scope.within is not None:
        holds &= _in_any(scope.within, region)
    if scope.region is not None:
        holds &= _in_any((scope.region,), region)
    if scope.industry is not None:
        holds &= industry == scope.industry
    return holds


def _in_any(codes: Iterable[str], region: Any) -> ColumnElement[bool]:
    return or_(false(), *(region.startswith(regions.prefix(code)) for code in codes))


def moments(scope: Scope, moment: Any) -> ColumnElement[bool]:
    """Whether a moment lies in the days that are asked for."""
    holds: ColumnElement[bool] = moment.is_not(None)
    if scope.since is not None:
        holds &= moment >= scope.since
    if scope.before is not None:
        holds &= moment < scope.before
    return holds


def days(scope: Scope, day: Any) -> ColumnElement[bool]:
    """The same of a day."""
    holds: ColumnElement[bool] = true()
    if scope.first is not None:
        holds &= day >= scope.first
    if scope.last is not None:
        holds &= day <= scope.last
    return holds
