"""A request and its institutions in the words of a page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from bot.web.pages import wording
from bot.web.pages.requests_costs import FIGURES, figures
from domain.labels import Collateral, Guarantee, Industry, Label, Purpose
from domain.loans import LoanRow
from domain.market.reading import shown_until
from domain.market.rules import Cause, FollowState, RejectReason
from domain.market.tables import FollowRow, FollowStepRow, RatingRow
from domain.money import months, percent, span, yuan
from domain.progress import Progress
from domain.regions import region_name
from domain.requests import OPEN, RequestRow, RequestStatus, RequestStepRow

_COLOURS = {
    RequestStatus.DRAFT: "wait",
    RequestStatus.APPROVED: "good",
    RequestStatus.ACCEPTED: "good",
    RequestStatus.GRANTED: "good",
    RequestStatus.WITHDRAWN: "",
    RequestStatus.EXPIRED: "",
    RequestStatus.CLOSED: "",
}
_MARKS = {
    FollowState.FOLLOWING: "wait",
    FollowState.WAITING: "",
    FollowState.APPROVED: "good",
    FollowState.ACCEPTED: "good",
    FollowState.GRANTED: "good",
    FollowState.REJECTED: "bad",
}
_TERMS = ("金额", "期限", "年利率", "担保")
_WHY = {
    Cause.UNDECIDED: "没有按时答复",
    Cause.NOT_TAKEN: "没有按时接手",
    Cause.LEFT: "机构自己退出",
    Cause.DECLINED: "您没有接受它的方案",
    Cause.ANOTHER_CHOSEN: "您选了别家",
    Cause.GRANTED_ELSEWHERE: "已由别家放款",
    Cause.WITHDRAWN: "您撤回了需求",
}
# Who has chosen says no to what he chose before he takes the whole request back.
_WITHDRAWABLE = OPEN - {RequestStatus.ACCEPTED}
# Of the request's own steps those that owners and advisers took; of the others institutions' steps say more.
_OF_OWNER = {
    RequestStatus.REVIEWING: "已提交，顾问先审核",
    RequestStatus.WITHDRAWN: "需求已撤回",
    RequestStatus.EXPIRED: "需求已过期",
    RequestStatus.CLOSED: "需求已关闭",
}
_MOVES = {
    FollowState.FOLLOWING: "开始评估",
    FollowState.WAITING: "开始排队",
    FollowState.LAPSED: "没有按时答复，名额让出",
    FollowState.REJECTED: "没有批准",
    FollowState.APPROVED: "批准，给出方案",
    FollowState.ACCEPTED: "您选定了它",
    FollowState.GRANTED: "已放款",
    FollowState.ENDED: "结束跟进",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A request in a list: what it is about, and what is said below."""

    id: str
    title: str
    words: str
    state: str
    colour: str

    @classmethod
    def of(cls, found: Progress, now: datetime) -> Self:
        row = found.request
        return cls(row.id, title(row), _said(found, now), row.state.label, _COLOURS.get(row.state, "wait"))


@dataclass(frozen=True, slots=True)
class Follow:
    """An institution with the request. `until` is when its clock runs out, None where none runs."""

    institution: str
    state: FollowState
    mark: str
    until: datetime | None
    version: int
    terms: Sequence[tuple[str, str]]
    compared: Mapping[str, str]
    reason: str
    note: str
    stars: int | None
    may_be_rated: bool

    @classmethod
    def of(cls, row: FollowRow, rating: RatingRow | None, now: datetime) -> Self:
        return cls(
            row.institution,
            row.standing,
            _MARKS.get(row.standing, ""),
            shown_until(row, now),
            row.version,
            terms(row),
            compared(row),
            _reason(row.reject_reason or row.cause),
            row.note,
            rating.stars if rating else None,
            row.decided_at is not None,
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """All that the page of one request says: `offers` to choose among, who follows it, and those `over`."""

    id: str
    title: str
    state: RequestStatus
    colour: str
    uscc: str | None
    facts: Sequence[tuple[str, str]]
    published_at: datetime | None
    offers: Sequence[Follow]
    chosen: Follow | None
    follows: Sequence[Follow]
    over: Sequence[Follow]
    is_open: bool
    may_withdraw: bool

    @classmethod
    def of(cls, found: Progress, now: datetime) -> Self:
        row = found.request
        chosen = found.of(FollowState.ACCEPTED, FollowState.GRANTED)
        ended = found.of(FollowState.LAPSED, FollowState.REJECTED, FollowState.ENDED)

        def each(rows: Iterable[FollowRow]) -> list[Follow]:
            return [Follow.of(one, found.ratings.get(one.institution), now) for one in rows]

        return cls(
            id=row.id,
            title=title(row),
            state=row.state,
            colour=_COLOURS.get(row.state, "wait"),
            uscc=row.uscc,
            facts=facts(row),
            published_at=row.published_at,
            offers=each(found.offers),
            chosen=next(iter(each(chosen)), None),
            follows=each(found.of(FollowState.FOLLOWING, FollowState.WAITING)),
            over=each(ended),
            is_open=row.state in OPEN,
            may_withdraw=row.state in _WITHDRAWABLE,
        )


def title(row: RequestRow) -> str:
    amount = span(row.amount_min, row.amount_max) or "金额待定"
    return f"{amount}，{Purpose(row.purpose).label}" if row.purpose else amount


def terms(row: FollowRow) -> list[tuple[str, str]]:
    """What was approved, name by name."""
    said = (
        ("金额", yuan(row.amount) if row.amount else ""),
        ("期限", months(row.term_months) if row.term_months else ""),
        ("年利率", percent(row.rate) if row.rate is not None else ""),
        ("担保", Guarantee(row.guarantee).label if row.guarantee else ""),
    )
    return [(name, words) for name, words in said if words]


def lent(loan: LoanRow) -> list[tuple[str, str]]:
    """What was paid out, and until when it is owed."""
    said = (
        ("放款金额", yuan(loan.amount)),
        ("年利率", percent(loan.rate) if loan.rate is not None else ""),
        ("放款日期", wording.day(loan.granted_on)),
        ("到期日期", wording.day(loan.due_on)),
    )
    return [(name, words) for name, words in said if words]


def compared(row: FollowRow) -> dict[str, str]:
    """What was approved, under the same names whatever is known of it, with what it costs."""
    return dict.fromkeys((*_TERMS, *FIGURES), "—") | dict(terms(row)) | figures(row)


def facts(row: RequestRow) -> list[tuple[str, str]]:
    """What the owner asked for."""
    said = (
        ("企业", row.company or ""),
        ("金额", span(row.amount_min, row.amount_max)),
        ("期限", span(row.term_min_months, row.term_months, of_months=True)),
        ("用途", Purpose(row.purpose).label if row.purpose else ""),
        ("担保", _labels(Guarantee, row.guarantee)),
        ("抵押物", _labels(Collateral, row.collateral or [])),
        ("最高利率", percent(row.rate_max) if row.rate_max is not None else ""),
        ("地区", region_name(row.region) if row.region else ""),
        ("行业", Industry(row.industry).label if row.industry else ""),
        ("指定机构", "、".join(row.institutions)),
        ("编号", row.id),
    )
    return [(name, words) for name, words in said if words]


def timeline(steps: Sequence[RequestStepRow], moves: Sequence[FollowStepRow]) -> list[tuple[datetime, str]]:
    """What happened, the newest first."""
    found = [(step.at, words) for step in steps if (words := _step(step))]
    found += [(move.at, f"{move.institution}：{_move(move)}") for move in moves]
    return sorted(found, key=lambda moment: moment[0], reverse=True)


def _step(step: RequestStepRow) -> str:
    if step.after == RequestStatus.PUBLISHED:
        # Among institutions it goes back to that as well, which is no news of its own.
        return "需求已发布" if step.before in {RequestStatus.DRAFT, RequestStatus.REVIEWING} else ""
    said = _OF_OWNER.get(RequestStatus(step.after), "")
    never_out = step.before == RequestStatus.DRAFT and step.after == RequestStatus.CLOSED
    return "" if never_out else f"{said}（{step.note}）" if said and step.note else said


def _move(move: FollowStepRow) -> str:
    after = FollowState(move.after)
    if after is FollowState.WAITING and move.before == FollowState.WAITING:
        return "有了空位，轮到它决定"
    why = _reason(move.reason)
    return f"{_MOVES[after]}（{why}）" if why and after is not FollowState.LAPSED else _MOVES[after]


def _said(found: Progress, now: datetime) -> str:
    """The most important thing about it."""
    if offers := found.offers:
        return f"{len(offers)}家机构已批准，等您选"
    row = found.request
    if chosen := found.of(FollowState.ACCEPTED):
        return f"已选定{chosen[0].institution}，等放款"
    if granted := found.of(FollowState.GRANTED):
        rate = "，等您评价" if found.to_rate else ""
        return f"{granted[0].institution}已放款{rate}"
    looking = [one for one in found.of(FollowState.FOLLOWING) if shown_until(one, now)]
    if looking:
        return f"{len(looking)}家机构正在评估"
    return "等机构来看" if row.state is RequestStatus.PUBLISHED else ""


def _reason(code: str | None) -> str:
    """A reason or cause in the owner's words."""
    if code in set(RejectReason):
        return RejectReason(code).label
    return _WHY[Cause(code)] if code in set(Cause) else ""


def _labels(label: type[Label], values: Iterable[str]) -> str:
    return "、".join(label(value).label for value in values if value in set(label))
