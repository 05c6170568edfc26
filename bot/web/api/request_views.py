"""Financing requests as each caller may see them.

Before an institution has a place with a request it sees an anonymised summary: region, industry, size class,
amount, purpose and the like, and of its score the band alone, where the company authorized the institution.
While it has a place, an authorization that covers basic information shows it the company, its code, what the
owner declared and, figures masked, his own words about the purpose; asked for by itself, a request also says
whom to call. That and the score are read through the gate, which writes the access down. Of lists only what
needs no gate is part: looking through them is no access to anybody's data. An openid is never shown. Of a
request that its owner took back an institution sees how its own follow ended, and nothing else.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.masking import masked
from bot.web.api.access import Caller
from domain import browsing, company_sizes
from domain.authorizations import reading as authorizations
from domain.authorizations.gate import NotAuthorized, Reader, authorized
from domain.authorizations.labels import Category, DataPurpose
from domain.clients import Role
from domain.companies import CompanyFacts, CompanyRow
from domain.company_sizes import Size
from domain.database import Database
from domain.market import reading
from domain.market.rules import IN_PLACE, FollowState, MarketRules
from domain.market.tables import FollowRow
from domain.requests import RequestRow, RequestStatus
from domain.scores import report as reports
from domain.secrets import Cipher

_PURPOSE = DataPurpose.PRE_LOAN
# The owner's own words too: a name or an address in them says whose the request is.
_WHOSE = ("openid", "company", "uscc", "purpose_text")
_HIDDEN: dict[str, Any] = dict.fromkeys(_WHOSE) | {"declared": {}}
_TIMES = ("created_at", "updated_at", "published_at")
_LEFT_OF_WITHDRAWN = ("id", "status", "follows", "places_free", *_TIMES)
_SHOWN_IN = IN_PLACE | {FollowState.GRANTED}


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside requests: their follows in turn, companies' sizes, whose companies may be shown."""

    now: datetime
    rules: MarketRules
    follows: Mapping[str, Sequence[FollowRow]]
    sizes: Mapping[str, Size | None] = field(default_factory=dict)
    covered: Collection[str] = ()


async def views(
    session: AsyncSession, rows: Sequence[RequestRow], caller: Caller, *, rules: MarketRules, now: datetime
) -> list[dict[str, Any]]:
    """The requests as this caller may see them."""
    usccs = sorted({row.uscc for row in rows if row.uscc})
    covered: set[str] = set()
    if caller.role is Role.INSTITUTION:
        covered = await authorizations.covered(
            session, _reader(caller), usccs, {Category.BASE}, _PURPOSE, now
        )
    follows = await reading.follows_of(session, [row.id for row in rows])
    beside = Beside(now, rules, follows, await _sizes(session, usccs), covered)
    return [_view(row, caller, beside) for row in rows]


async def disclosed(
    database: Database,
    row: RequestRow,
    view: dict[str, Any],
    caller: Caller,
    *,
    cipher: Cipher,
    now: datetime,
) -> dict[str, Any]:
    """One request's view, for an institution with what its company's authorization covers besides."""
    if caller.role is not Role.INSTITUTION or row.uscc is None or row.state is RequestStatus.WITHDRAWN:
        return view
    reader = _reader(caller)
    async with database.reading() as session:
        scope = await authorizations.scope_for(session, reader, row.uscc, _PURPOSE, now)
    if not scope:
        return view
    try:
        async with authorized(database, reader, row.uscc, scope, _PURPOSE) as access:
            score = await reports.score(access)
            company = await access.session.get(CompanyRow, row.uscc)
    except NotAuthorized:  # it ended between the two looks: the same as if there had been none
        return view | _HIDDEN
    more: dict[str, Any] = {"score_band": score.band if score else None}
    if view["company"] is not None and company is not None:
        more |= {
            name: cipher.decrypt(sealed, name) if (sealed := getattr(company, name)) else None
            for name in ("contact", "phone")
        }
    return view | more


def _reader(caller: Caller) -> Reader:
    return Reader.institution(caller.institution or "", caller.client)


async def _sizes(session: AsyncSession, usccs: Sequence[str]) -> dict[str, Size | None]:
    found = await session.execute(select(CompanyRow.uscc, CompanyRow.facts).where(CompanyRow.uscc.in_(usccs)))
    return {uscc: company_sizes.size_of(CompanyFacts.model_validate(facts)) for uscc, facts in found}


def _view(row: RequestRow, caller: Caller, beside: Beside) -> dict[str, Any]:
    follows = beside.follows[row.id]
    # What the platform knows of the company comes before what its owner declared.
    size = (beside.sizes.get(row.uscc) if row.uscc else None) or _declared_size(row)
    whole = _whole(row) | {"size": size, "places_free": places_free(row, beside)}
    if caller.role is not Role.INSTITUTION:
        return whole | {"follows": [_follow(follow, beside.now) for follow in follows]}
    own = [follow for follow in follows if follow.institution == caller.institution]
    in_place = any(follow.standing in _SHOWN_IN and not reading.is_over(follow, beside.now) for follow in own)
    shown = row.uscc in beside.covered and in_place
    hidden = {"openid": None, "purpose_text": masked(row.purpose_text)} if shown else _HIDDEN
    view = (
        whole
        | hidden
        | {
            "institutions": [name for name in row.institutions if name == caller.institution],
            "follows": [_follow(follow, beside.now) | _terms(follow) for follow in own],
            "score_band": None,
            "contact": None,
            "phone": None,
        }
    )
    return _emptied(view) if row.state is RequestStatus.WITHDRAWN else view


def _emptied(view: dict[str, Any]) -> dict[str, Any]:
    """The same names, and of what the owner asked for nothing; lists stay lists."""
    empty = {name: type(value)() if isinstance(value, list | dict) else None for name, value in view.items()}
    return empty | {name: view[name] for name in _LEFT_OF_WITHDRAWN}


def _declared_size(row: RequestRow) -> Size | None:
    """A firm's industry may be known from the request alone."""
    facts = row.facts
    industry = facts.industry or row.need.industry
    return company_sizes.size_of(facts.model_copy(update={"industry": industry}))


def places_free(row: RequestRow, beside: Beside) -> int:
    """Places that an institution which comes now would get; 0 where none are given any more."""
    if row.state not in browsing.OFFERED:
        return 0
    now = beside.now
    taken = sum(follow.holds_place and not reading.is_over(follow, now) for follow in beside.follows[row.id])
    return max(beside.rules.places - taken, 0)


def _follow(row: FollowRow, now: datetime) -> dict[str, Any]:
    until = reading.shown_until(row, now)
    return {
        "institution": row.institution,
        "state": row.state,
        "until": until.isoformat() if until else None,
    }


def _terms(row: FollowRow) -> dict[str, Any]:
    """What an institution wrote down itself, and why its follow ended."""
    return {
        "branch": row.branch,
        "product": row.product,
        "offered": row.has_offer,
        "amount": row.amount,
        "term_months": row.term_months,
        "rate": None if row.rate is None else float(row.rate),
        "guarantee": row.guarantee,
        "reason": row.reject_reason or row.cause,
        "granted_on": row.granted_on.isoformat() if row.granted_on else None,
        "loan_id": row.loan_id,
    }


def _whole(row: RequestRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": row.status,
        "openid": row.openid,
        "company": row.company,
        "uscc": row.uscc,
        "amount_min": row.amount_min,
        "amount_max": row.amount_max,
        "term_min_months": row.term_min_months,
        "term_months": row.term_months,
        "rate_max": None if row.rate_max is None else float(row.rate_max),
        "purpose": row.purpose,
        "purpose_text": row.purpose_text,
        "guarantee": row.guarantee,
        "collateral": row.collateral or [],
        "region": row.region,
        "industry": row.industry,
        "product": row.product,
        "institutions": row.institutions,
        "declared": row.declared,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "published_at": row.published_at.isoformat() if row.published_at else None,
    }
