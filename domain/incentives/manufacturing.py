"""制造业专项奖励: guarantees by their average balance and losses, banks by rank in the balance at the end."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.incentives.facts import LoanFact
from domain.incentives.lines import Gap, Line, Open, Unit, gaps, part_of
from domain.incentives.ranking import ranked
from domain.incentives.rules import ManufacturingGuarantees, ManufacturingLoans
from domain.incentives.year import Year, by_institution, industry_gap
from domain.labels import Industry
from domain.loans import LoanState


@dataclass(frozen=True, slots=True)
class Guaranteed:
    """The lines, and what is handed on: balances at the end of the year, and losses that have counted."""

    lines: list[Line]
    balances: dict[str, int | None]
    losses: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Balance:
    """What is known of the balance at the end of the year, and what is not."""

    known: int
    missing: list[Open]

    @property
    def whole(self) -> int | None:
        return None if self.missing else self.known


def guarantees(rule: ManufacturingGuarantees, year: Year) -> Guaranteed:
    """A share of the average balance of the year, and of its losses within a share of that balance."""
    lines, balances, losses = [], dict[str, int | None](), dict(year.carry.losses)
    for name, loans in by_institution(loan for loan in year.so_far if loan.of_guarantor).items():
        closing = _at_end(year, loans)
        balances[name] = closing.whole
        news = _new_losses(loans, losses)
        losses |= {loan: losses.get(loan, 0) + loss for loan, loss in news.items()}
        opening = year.carry.balances.get(name, 0)
        lines.append(_guaranteed(rule, name, opening, closing, sum(news.values())))
    return Guaranteed(lines, balances, losses)


def _at_end(year: Year, loans: Sequence[LoanFact]) -> _Balance:
    """Loans in manufacturing; one that owes nothing at the end needs no industry."""
    known, missing = 0, []
    for loan in loans:
        balance = year.balance_at_end(loan)
        if loan.industry not in {None, Industry.C} or balance == 0:
            continue
        if gap := industry_gap(loan) or (Gap.BALANCE if balance is None else None):
            missing.append(Open(loan.loan_id, gap, balance))
        else:
            known += balance or 0
    return _Balance(known, missing)


def _new_losses(loans: Sequence[LoanFact], counted: dict[str, int]) -> dict[str, int]:
    """What was written off and has not counted in an earlier year."""
    written_off = (
        loan for loan in loans if loan.industry == Industry.C and loan.state is LoanState.WRITTEN_OFF
    )
    fresh = {loan.loan_id: loan.balance - counted.get(loan.loan_id, 0) for loan in written_off}
    return {loan: loss for loan, loss in fresh.items() if loss > 0}


def _guaranteed(
    rule: ManufacturingGuarantees, name: str, opening: int | None, closing: _Balance, losses: int
) -> Line:
    missing = [*closing.missing, *([Open(name, Gap.OPENING)] if opening is None else [])]
    average = 0 if opening is None else (opening + closing.known) // 2
    subsidy = part_of(average, rule.balance_percent)
    within = min(losses, part_of(average, rule.losses_within_percent))
    compensation = part_of(within, rule.loss_percent)
    return Line(
        institution=name,
        rule="manufacturing_guarantees",
        title=rule.title,
        unit=Unit.AWARD,
        basis=(
            f"制造业年平均在保余额（年初与年末的平均）的{rule.balance_percent}%给予补助；新发生损失在平均余额"
            f"{rule.losses_within_percent}%以内的部分，按{rule.loss_percent}%代偿；两项合计不超过上限。"
        ),
        figures=(
            ("年初在保余额", opening or 0),
            ("年末在保余额", closing.known),
            ("年平均在保余额", average),
            ("补助", subsidy),
            ("新发生损失", losses),
            ("可代偿损失", within),
            ("风险代偿", compensation),
        ),
        uncapped=subsidy + compensation,
        cap=rule.most,
        result=min(subsidy + compensation, rule.most),
        source=rule.source,
        open=gaps(missing),
    )


def loans(rule: ManufacturingLoans, year: Year) -> list[Line]:
    """Prizes to the banks with the largest balance of loans to manufacturers."""
    balances = {
        name: _at_end(year, own)
        for name, own in by_institution(loan for loan in year.so_far if loan.of_bank).items()
    }
    places = ranked({name: (balance.known,) for name, balance in balances.items()}, rule.prizes)
    lines = []
    for name, balance in balances.items():
        place = places.get(name)
        prize = place.prize if place else 0
        lines.append(
            Line(
                institution=name,
                rule="manufacturing_loans",
                title=rule.title,
                unit=Unit.AWARD,
                basis=f"年末制造业贷款余额前{len(rule.prizes)}名。"
                + (f"本机构{place.words}。" if place else "本机构没有名次。"),
                figures=(("年末制造业贷款余额", balance.known), ("名次", place.rank if place else 0)),
                uncapped=prize,
                cap=max(rule.prizes),
                result=prize,
                source=rule.source,
                open=gaps(balance.missing),
            )
        )
    return lines
