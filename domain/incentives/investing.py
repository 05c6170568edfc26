"""投资综合奖励 and 投贷联动奖励: of what investment institutions put into companies in the year."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from domain.incentives.facts import Investment
from domain.incentives.lines import Gap, Line, Open, Unit, gaps
from domain.incentives.rules import Equity
from domain.incentives.year import Year

_THOUSAND = 1000


def investing(rule: Equity, year: Year) -> list[Line]:
    """Two lines for each institution: companies that also got a loan in the year, and the others.

    What counts in the one does not count in the other.
    """
    borrowers = {loan.uscc for loan in year.granted if loan.of_bank}
    lines = []
    for name, known, missing in _by_institution(year):
        linked = sum(item.amount or 0 for item in known if item.uscc in borrowers)
        alone = sum(item.amount or 0 for item in known) - linked
        lines += [
            _line(rule, name, "equity", alone, rule.per_mille, rule.most, missing),
            _line(
                rule,
                name,
                "equity_with_lending",
                linked,
                rule.with_lending_per_mille,
                rule.with_lending_most,
                [],
            ),
        ]
    return lines


def _by_institution(year: Year) -> Iterable[tuple[str, list[Investment], list[Open]]]:
    """Investments of the year, and those of which it cannot be told."""
    known: defaultdict[str, list[Investment]] = defaultdict(list)
    missing: defaultdict[str, list[Open]] = defaultdict(list)
    for item in year.facts.investments:
        if item.amount is None or item.invested_on is None or item.uscc is None:
            missing[item.institution].append(Open(item.request_id, Gap.INVESTED, item.amount))
        elif year.contains(item.invested_on):
            known[item.institution].append(item)
    for name in sorted({*known, *missing}):
        yield name, known[name], missing[name]


def _line(
    rule: Equity, name: str, code: str, amount: int, per_mille: Decimal, most: int, missing: list[Open]
) -> Line:
    whose = "当年也获得银行贷款的企业" if code == "equity_with_lending" else "其他企业"
    uncapped = int(amount * per_mille / _THOUSAND)
    return Line(
        institution=name,
        rule=code,
        title=rule.title,
        unit=Unit.AWARD,
        basis=f"年度新增投资中，投向{whose}的部分的{per_mille}‰。",
        figures=(("年度新增投资", amount),),
        uncapped=uncapped,
        cap=most,
        result=min(uncapped, most),
        source=rule.source,
        open=gaps(missing),
    )
