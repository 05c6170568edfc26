"""“首贷”“首保（担）”: an award by amount, deposits by the number of companies, awards to the best centres."""

from collections.abc import Iterable

from domain.incentives.facts import LoanFact
from domain.incentives.lines import Gap, Line, Open, Unit, gaps, part_of
from domain.incentives.ranking import Place, ranked
from domain.incentives.rules import FirstLoanPrizes, FirstLoans
from domain.incentives.year import ByInstitution, Year, by_institution, companies, first_gap, total, unknown


def awards(rule: FirstLoans, year: Year) -> list[Line]:
    """A share of the amounts of banks' first loans, and of guarantors' and insurers' first guarantees."""
    lines = []
    for name, loans in _small(year, rule.borrower_most, year.granted).items():
        counted = [loan for loan in loans if loan.first]
        uncapped = part_of(total(counted), rule.percent)
        lines.append(
            Line(
                institution=name,
                rule="first_loans",
                title=rule.title,
                unit=Unit.AWARD,
                basis=f"年度新增单户不超过{rule.borrower_most}元的首贷、首保（担）金额的{rule.percent}%。",
                figures=(("首贷首保户数", companies(counted)), ("首贷首保金额", total(counted))),
                uncapped=uncapped,
                cap=rule.most,
                result=min(uncapped, rule.most),
                source=rule.source,
                open=gaps(unknown(loans, first_gap)),
            )
        )
    return lines


def deposits(rule: FirstLoanPrizes, year: Year) -> list[Line]:
    """Deposits to the banks with the most first-loan companies."""
    banks = _small(year, rule.borrower_most, (loan for loan in year.granted if loan.of_bank))
    places = _places(rule, banks)
    return [
        _prize("first_loan_deposits", rule, name, loans, places.get(name), Unit.DEPOSIT)
        for name, loans in banks.items()
    ]


def centres(rule: FirstLoanPrizes, year: Year) -> list[Line]:
    """Awards to the support centres of the best institutions, banks and guarantors in one ranking."""
    everybody = _small(year, rule.borrower_most, year.granted)
    places = _places(rule, everybody)
    lines = []
    for name, loans in everybody.items():
        place = places.get(name)
        missing: list[Open] = []
        if place and place.prize and name not in year.facts.centres:
            missing, place = [Open(name, Gap.CENTRE, place.prize)], None
        lines.append(_prize("first_loan_centres", rule, name, loans, place, Unit.AWARD, missing))
    return lines


def _small(year: Year, most: int, loans: Iterable[LoanFact]) -> ByInstitution:
    known = (loan for loan in loans if loan.of_bank or loan.of_guarantor)
    return by_institution(loan for loan in known if year.small(loan, most))


def _places(rule: FirstLoanPrizes, loans: ByInstitution) -> dict[str, Place]:
    """Ranked by companies, among equals by amount; those not over the bound take no place."""
    firsts = {name: [loan for loan in own if loan.first] for name, own in loans.items()}
    scores = {name: (companies(own), total(own)) for name, own in firsts.items()}
    return ranked(
        {name: score for name, score in scores.items() if score[0] > rule.companies_over}, rule.prizes
    )


def _prize(
    code: str,
    rule: FirstLoanPrizes,
    name: str,
    loans: list[LoanFact],
    place: Place | None,
    unit: Unit,
    missing: Iterable[Open] = (),
) -> Line:
    counted = [loan for loan in loans if loan.first]
    basis = (
        f"首贷首保户数超过{rule.companies_over}户的按户数排名，户数相同比金额；前{len(rule.prizes)}名有奖励。"
    )
    prize = place.prize if place else 0
    return Line(
        institution=name,
        rule=code,
        title=rule.title,
        unit=unit,
        basis=basis + (f"本机构{place.words}。" if place else "本机构没有名次或不符合条件。"),
        figures=(
            ("首贷首保户数", companies(counted)),
            ("首贷首保金额", total(counted)),
            ("名次", place.rank if place else 0),
        ),
        uncapped=prize,
        cap=max(rule.prizes),
        result=prize,
        source=rule.source,
        open=gaps([*missing, *unknown(loans, first_gap)]),
    )
