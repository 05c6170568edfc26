"""Following a request, or waiting for a place with it; and leaving it."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import institutions, products
from domain.errors import NotAllowedNow, NotFound, ValueOutOfRange
from domain.institutions import InstitutionRow
from domain.market import moving
from domain.market.deadlines import deadline
from domain.market.places import Held, hold, settle
from domain.market.rules import LONGEST_DECISION_DAYS, UNDER_WAY, Cause, FollowState, MarketRules
from domain.market.tables import FollowRow
from domain.products import Product, ProductRow
from domain.requests import RequestRow, RequestStatus

# Another one may still come while the owner has not chosen.
_TAKES_FOLLOWS = frozenset({RequestStatus.PUBLISHED, RequestStatus.FOLLOWED, RequestStatus.APPROVED})

_MAY_COME_BACK = frozenset({FollowState.LAPSED, FollowState.ENDED})
_ALREADY = {
    FollowState.FOLLOWING: "贵机构已经在跟进这笔需求。",
    FollowState.WAITING: "贵机构已经在排队，有空位时会通知您。",
    FollowState.APPROVED: "贵机构已经批准这笔需求，正等企业确认。",
    FollowState.ACCEPTED: "企业已经接受贵机构的方案，不需要再跟进。",
}


class NotNamed(NotAllowedNow):
    """The owner named institutions, and this is none of them."""


class AlreadyFollows(NotAllowedNow):
    """It has its place, or its turn, already."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """What an institution says when it follows."""

    institution: str
    decision_days: int | None
    branch: str | None
    product: str | None

    @property
    def says_days(self) -> bool:
        return self.decision_days is not None or self.product is not None


async def follow(
    session: AsyncSession,
    request_id: str,
    institution: str,
    *,
    by: str,
    now: datetime,
    rules: MarketRules,
    decision_days: int | None = None,
    branch: str | None = None,
    product: str | None = None,
) -> FollowRow:
    """Take a place with the request, or where none is free a turn in the waiting line.

    Who waits and has a place kept for him takes it by following again; who lapsed or left comes last.
    `product` is the code of the product that it follows with: its days are those in which it decides, where
    `decision_days` states none.

    Raises:
        NotFound: no such request, institution or product of its.
        NotNamed: the request is for others.
        AlreadyFollows: it follows already, or waits and nothing is free yet.
        NotAllowedNow: the request takes no more follows, this institution's is decided, or it has left the
            market.
        ValueOutOfRange: `decision_days` is not 1 to 5.
    """
    held = await hold(session, request_id, now=now, rules=rules)
    await _check_admitted(session, institution)
    _check_open(held.request, institution)
    wish = _Wish(institution, decision_days, branch, product)
    row = held.of(institution)
    if row is None or row.standing not in UNDER_WAY:
        days = await _days(session, held.request, wish)
        row = _in_line(held, row, wish)
    elif row.has_offer:
        days = await _days(session, held.request, wish) if wish.says_days else row.decision_days
        # Of what it said when it began to wait, all holds that it does not say anew.
        wish = replace(wish, branch=branch or row.branch, product=product or row.product)
    else:
        raise AlreadyFollows(_ALREADY[row.standing])
    row.decision_days, row.followed_by = days, by
    row.branch, row.product = wish.branch, wish.product
    session.add(row)
    if row.has_offer or held.taken < rules.places:
        await _take_place(session, row, by=by, now=now, rules=rules)
    else:
        await moving.move(session, row, FollowState.WAITING, by=by, now=now)
    await settle(session, held, by=by, now=now, rules=rules)
    return row


async def leave(
    session: AsyncSession, request_id: str, institution: str, *, by: str, now: datetime, rules: MarketRules
) -> FollowRow:
    """Give the place, or the turn, up; the first who waits has the place offered.

    Raises:
        NotFound: no such request, or the institution never followed it.
        NotAllowedNow: there is nothing to give up any more.
    """
    held = await hold(session, request_id, now=now, rules=rules)
    row = held.follow_of(institution)
    if row.standing not in UNDER_WAY:
        raise NotAllowedNow(f"贵机构对这笔需求的跟进现在是「{row.standing.label}」，不需要再退出。")
    await moving.end(session, row, Cause.LEFT, by=by, now=now)
    await settle(session, held, by=by, now=now, rules=rules)
    return row


async def stop_waiting(
    session: AsyncSession, request_id: str, institution: str, *, by: str, now: datetime, rules: MarketRules
) -> None:
    """Give its turn up, if it still has one; a follow stays.

    Raises:
        NotFound: no such request, or the institution never followed it.
    """
    held = await hold(session, request_id, now=now, rules=rules)
    row = held.follow_of(institution)
    if row.standing is FollowState.WAITING:
        await moving.end(session, row, Cause.LEFT, by=by, now=now)
        await settle(session, held, by=by, now=now, rules=rules)


async def waits_for(session: AsyncSession, institution: str) -> list[str]:
    """The requests for which it waits."""
    query = (
        select(FollowRow.request_id)
        .join(RequestRow, RequestRow.id == FollowRow.request_id)
        .where(FollowRow.institution == institution, FollowRow.state == FollowState.WAITING)
        # Newest first, as `requests.withdrawable`: who locks several waits for nobody crosswise.
        .order_by(RequestRow.created_at.desc(), RequestRow.id.desc())
    )
    return list(await session.scalars(query))


async def _check_admitted(session: AsyncSession, institution: str) -> None:
    stored = exists().where(InstitutionRow.name == institution)
    # Whoever offers products is known, be it that nothing else is stored of it.
    offers = exists().where(ProductRow.institution == institution)
    if not await session.scalar(select(or_(stored, offers))):
        raise NotFound("平台上没有这家机构。")
    if not await institutions.active(session, institution):
        raise NotAllowedNow("贵机构已退出平台，不能再跟进新的需求。")


def _check_open(request: RequestRow, institution: str) -> None:
    if request.state not in _TAKES_FOLLOWS:
        raise NotAllowedNow(f"这笔需求现在是「{request.state.label}」，不能再跟进。")
    if request.institutions and institution not in request.institutions:
        raise NotNamed("这笔需求只发给了企业指定的机构，贵机构不在其中。")


async def _days(session: AsyncSession, request: RequestRow, wish: _Wish) -> int:
    """In how many days it decides."""
    product = await _product(session, request, wish)
    if wish.decision_days is None:
        return product.decision_days if product else LONGEST_DECISION_DAYS
    if not 1 <= wish.decision_days <= LONGEST_DECISION_DAYS:
        raise ValueOutOfRange("decision_days", f"答复期限是 1 到 {LONGEST_DECISION_DAYS} 天。")
    return wish.decision_days


async def _product(session: AsyncSession, request: RequestRow, wish: _Wish) -> Product | None:
    """The one that is stated, else the one that the owner picked, where it is this institution's."""
    if wish.product is not None:
        row = await session.get(ProductRow, wish.product)
        if row is None or row.institution != wish.institution:
            raise NotFound("贵机构没有这个产品。")
        return row.product
    picked = await products.named(session, request.product) if request.product else []
    return next((product for product in picked if product.institution == wish.institution), None)


def _in_line(held: Held, before: FollowRow | None, wish: _Wish) -> FollowRow:
    """A first follow, or one that begins anew: at the end of the line, with nothing decided."""
    if before is not None and (before.standing not in _MAY_COME_BACK or before.cause == Cause.DECLINED):
        raise NotAllowedNow(f"贵机构对这笔需求的跟进已经是「{before.standing.label}」，不能再次跟进。")
    row = before or _first(held.request.id, wish.institution)
    row.turn = held.next_turn
    row.place_at = row.decided_at = row.cause = row.reject_reason = None
    row.amount = row.term_months = row.rate = row.guarantee = None
    row.note = ""
    if before is None:
        held.follows.append(row)
    return row


def _first(request_id: str, institution: str) -> FollowRow:
    """In no place yet; its first step says what it is."""
    waiting = FollowState.WAITING
    return FollowRow(request_id=request_id, institution=institution, state=waiting, version=0, until=None)


async def _take_place(
    session: AsyncSession, row: FollowRow, *, by: str, now: datetime, rules: MarketRules
) -> None:
    until = deadline(now, row.decision_days, rules.decision_days_kind)
    await moving.move(session, row, FollowState.FOLLOWING, by=by, now=now, until=until)
    row.place_at = now
    # Of a deadline that is near from the start, half the time is left when it is reminded of.
    row.remind_at = until - min(rules.reminder, (until - now) / 2)
