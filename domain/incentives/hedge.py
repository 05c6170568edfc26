"""对冲风险奖励: each year's credit loans earn a quota, which pays for credit loans that went bad.

A year's quota is used before the next one's, and for `carried_years` after its own; then it lapses. What is
paid in a year, of whichever quota, stays below the year's cap. What a loan once got it does not get again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.incentives.facts import LoanFact
from domain.incentives.lines import Gap, Line, Open, Unit, gaps, part_of
from domain.incentives.rules import LossHedge
from domain.incentives.year import Year, by_institution, plain_gap, total, unknown


@dataclass(frozen=True, slots=True)
class Hedged:
    """The lines, and what is handed on: quotas by institution and year, and what loans got so far."""

    lines: list[Line]
    quota: dict[str, dict[int, int]]
    covered: dict[str, int]


@dataclass(frozen=True, slots=True)
class Quota:
    """What the year's loans earn: those below the line, those from it on, and the sum before its cap."""

    below: int
    from_line: int
    uncapped: int
    earned: int


@dataclass(frozen=True, slots=True)
class _Account:
    """A bank's quotas of the year: `before` is what was handed on, `kept` what of it has not lapsed.

    `claims` are what is to be made good, by loan; quotas are by the year that they came from.
    """

    quota: Quota
    before: dict[int, int]
    kept: dict[int, int]
    claims: dict[str, int]
    paid: int
    left: dict[int, int]

    @property
    def claimed(self) -> int:
        return sum(self.claims.values())

    @property
    def figures(self) -> tuple[tuple[str, int], ...]:
        carried = sum(self.kept.values())
        return (
            ("低于分数线的新增信用贷款", self.quota.below),
            ("达到分数线的新增信用贷款", self.quota.from_line),
            ("本年额度", self.quota.earned),
            ("上年结转额度", carried),
            ("到期作废额度", sum(self.before.values()) - carried),
            ("待弥补的逾期和核销余额", self.claimed),
            ("结转下年额度", sum(self.left.values())),
        )


def hedge(rule: LossHedge, year: Year) -> Hedged:
    lines, quotas, covered = [], dict[str, dict[int, int]](), dict(year.carry.covered)
    counted = (loan for loan in year.so_far if loan.of_bank and year.small(loan, rule.borrower_most))
    loans = by_institution(counted)
    for name in sorted({*loans, *year.carry.quota}):
        own = loans.get(name, [])
        account = _account(rule, year, own, year.carry.quota.get(name, {}))
        quotas[name] = account.left
        for loan, got in _shared(account.claims, account.paid).items():
            covered[loan] = covered.get(loan, 0) + got
        lines.append(_line(rule, name, account, _open(year, own)))
    return Hedged(lines, quotas, covered)


def _account(rule: LossHedge, year: Year, loans: Sequence[LoanFact], before: dict[int, int]) -> _Account:
    quota = _earned(rule, year, loans)
    kept = {since: left for since, left in before.items() if since >= year.year - rule.carried_years}
    claims = {loan.loan_id: _claim(loan, year.carry.covered) for loan in loans}
    there = {**kept, year.year: quota.earned}
    paid = min(rule.paid_most, sum(there.values()), sum(claims.values()))
    return _Account(quota, before, kept, claims, paid, _drawn(there, paid))


def _earned(rule: LossHedge, year: Year, loans: Sequence[LoanFact]) -> Quota:
    counted = [loan for loan in loans if loan.plain and year.contains(loan.granted_on)]
    below = total(loan for loan in counted if loan.score is not None and loan.score < rule.line)
    beyond = total(loan for loan in counted if loan.score is not None and loan.score >= rule.line)
    uncapped = part_of(below, rule.below_percent) + part_of(beyond, rule.from_line_percent)
    return Quota(below, beyond, uncapped, min(uncapped, rule.quota_most))


def _claim(loan: LoanFact, covered: dict[str, int]) -> int:
    """What is lost or endangered of a credit loan and not paid for yet."""
    return max(0, loan.balance - covered.get(loan.loan_id, 0)) if loan.plain and loan.bad else 0


def _drawn(left: dict[int, int], paid: int) -> dict[int, int]:
    """What stays of each year's quota, the oldest used first; what is used up is gone."""
    stays = {}
    for year in sorted(left):
        used = min(left[year], paid)
        paid -= used
        if left[year] > used:
            stays[year] = left[year] - used
    return stays


def _shared(claims: dict[str, int], paid: int) -> dict[str, int]:
    """Which loans the payment is for, in their order."""
    got = {}
    for loan, claim in claims.items():
        if part := min(claim, paid):
            got[loan] = part
            paid -= part
    return got


def _open(year: Year, loans: Sequence[LoanFact]) -> list[Open]:
    def gap(loan: LoanFact) -> Gap | None:
        return plain_gap(loan) or (Gap.SCORE if loan.plain and loan.score is None else None)

    new = unknown((loan for loan in loans if year.contains(loan.granted_on)), gap)
    old = unknown((loan for loan in loans if loan.bad and not year.contains(loan.granted_on)), plain_gap)
    return new + old


def _line(rule: LossHedge, name: str, account: _Account, missing: list[Open]) -> Line:
    return Line(
        institution=name,
        rule="loss_hedge",
        title=rule.title,
        unit=Unit.AWARD,
        basis=(
            f"单户不超过{rule.borrower_most}元的信用贷款，放款时信用评分低于{rule.line}分的按{rule.below_percent}%、"
            f"{rule.line}分及以上的按{rule.from_line_percent}%计算本年额度"
            f"（折合{account.quota.uncapped}元，上限{rule.quota_most}元）；逾期和核销的信用贷款余额在本年额度和结转额度内弥补，"
            f"先用较早的额度，未用额度可再用{rule.carried_years}年。"
        ),
        figures=account.figures,
        uncapped=account.claimed,
        cap=rule.paid_most,
        result=account.paid,
        source=rule.source,
        open=gaps(missing),
    )
