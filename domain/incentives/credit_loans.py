"""Rules over the year's credit loans: 财政存款配置, 团队奖励, 再贷款购买."""

from collections.abc import Iterable

from domain.incentives.facts import LoanFact
from domain.incentives.lines import Gap, Line, Open, Unit, gaps, part_of
from domain.incentives.ranking import Place, ranked
from domain.incentives.rules import Deposits, Relending, Teams
from domain.incentives.year import ByInstitution, Year, by_institution, companies, plain_gap, total, unknown


def deposits(rule: Deposits, year: Year) -> list[Line]:
    """Fiscal deposits to banks, in proportion to their credit loans."""
    lines = []
    for name, loans in by_institution(loan for loan in year.granted if loan.of_bank).items():
        amount = total(loan for loan in loans if loan.plain)
        placed = deposit_for(rule, amount)
        lines.append(
            Line(
                institution=name,
                rule="deposits",
                title=rule.title,
                unit=Unit.DEPOSIT,
                basis=(
                    f"年度信用贷款达到{rule.least}元的，{rule.step}元以内部分按{rule.percent}%、"
                    f"超过部分按{rule.beyond_percent}%配置。"
                ),
                figures=(("年度信用贷款", amount),),
                uncapped=placed,
                cap=None,
                result=placed,
                source=rule.source,
                open=gaps(unknown(loans, plain_gap)),
            )
        )
    return lines


def deposit_for(rule: Deposits, amount: int) -> int:
    if amount < rule.least:
        return 0
    beyond = max(0, amount - rule.step)
    return part_of(amount - beyond, rule.percent) + part_of(beyond, rule.beyond_percent)


def teams(rule: Teams, year: Year) -> list[Line]:
    """Awards to centres: banks by their credit loans, guarantors and insurers by their guarantees."""
    banks = by_institution(loan for loan in year.granted if loan.of_bank)
    others = by_institution(loan for loan in year.granted if loan.of_guarantor)
    return [
        *_teams(rule, year, banks, rule.loans_over, rule.loan_companies_over),
        *_teams(rule, year, others, rule.guarantees_over, rule.guarantee_companies_over),
    ]


def _teams(rule: Teams, year: Year, loans: ByInstitution, over: int, companies_over: int) -> list[Line]:
    plain = {name: [loan for loan in own if loan.plain] for name, own in loans.items()}
    scores = {name: (total(own), companies(own)) for name, own in plain.items()}
    places = ranked(scores, rule.prizes)
    lines = []
    for name, own in loans.items():
        amount, firms = scores[name]
        place = places.get(name)
        prize = place.prize if place and amount > over and firms > companies_over else 0
        missing: list[Open] = []
        if prize and name not in year.facts.centres:
            missing, prize = [Open(name, Gap.CENTRE, prize)], 0
        bounds = (
            f"金额超过{over}元、企业超过{companies_over}家且排在前{len(rule.prizes)}名；"
            "按金额排名，金额相同比户数。"
        )
        lines.append(
            _team(rule, name, bounds, (amount, firms), place, prize, [*missing, *unknown(own, plain_gap)])
        )
    return lines


def _team(
    rule: Teams,
    name: str,
    bounds: str,
    score: tuple[int, int],
    place: Place | None,
    prize: int,
    missing: Iterable[Open],
) -> Line:
    amount, firms = score
    return Line(
        institution=name,
        rule="teams",
        title=rule.title,
        unit=Unit.AWARD,
        basis=bounds + (f"本机构{place.words}。" if place else "本机构没有名次。"),
        figures=(
            ("信用贷款（无反担保担保）金额", amount),
            ("企业数", firms),
            ("名次", place.rank if place else 0),
        ),
        uncapped=prize,
        cap=max(rule.prizes),
        result=prize,
        source=rule.source,
        open=gaps(missing),
    )


def relending(rule: Relending, year: Year) -> list[Line]:
    """What the central bank may buy of banks' inclusive credit loans."""
    return [
        _purchase(rule, name, loans)
        for name, loans in by_institution(
            loan
            for loan in year.granted
            if loan.of_bank
            and rule.first <= loan.granted_on <= rule.last
            and year.small(loan, rule.borrower_most)
        ).items()
    ]


def _purchase(rule: Relending, name: str, loans: list[LoanFact]) -> Line:
    amount = total(loan for loan in loans if loan.plain)
    bought = part_of(amount, rule.percent)
    return Line(
        institution=name,
        rule="relending",
        title=rule.title,
        unit=Unit.PURCHASE,
        basis=(
            f"{rule.first}至{rule.last}发放、单户不超过{rule.borrower_most}元的信用贷款的{rule.percent}%；"
            "只购买符合条件的地方法人银行的贷款，是否符合由人民银行认定。"
        ),
        figures=(("期间新发放的普惠小微信用贷款", amount),),
        uncapped=bought,
        cap=None,
        result=bought,
        source=rule.source,
        open=gaps(unknown(loans, plain_gap)),
    )
