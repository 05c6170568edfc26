"""Each rule with figures that were worked out by hand from the passage it comes from."""

from datetime import date
from decimal import Decimal

from domain.incentives.facts import Carry, Investment
from domain.incentives.lines import Gap, Open, Unit
from domain.institutions import InstitutionKind
from domain.loans import LoanState
from tests.domain.incentives.facts import (
    BANK,
    FUND,
    GUARANTOR,
    OTHER_BANK,
    WAN,
    YEAR,
    guarantee,
    line,
    loan,
    results,
    statement,
    uscc,
)

OVERDUE = LoanState.OVERDUE


def test_loss_hedge() -> None:
    """3 % of 2000万 is 60万, 5 % of 4000万 is 200万: a quota of 260万, of which 100万 are needed."""
    found = statement(
        loan(1000 * WAN, score=599),
        loan(1000 * WAN, score=400),
        *(loan(800 * WAN, score=600) for _ in range(4)),
        loan(800 * WAN, score=700, balance=100 * WAN, state=OVERDUE),
        loan(1001 * WAN, score=700),
        loan(500 * WAN, plain=False),
    )
    hedge = line(found, "loss_hedge")
    assert (hedge.result, hedge.uncapped, hedge.unit) == (100 * WAN, 100 * WAN, Unit.AWARD)
    assert dict(hedge.figures) == {
        "低于分数线的新增信用贷款": 2000 * WAN,
        "达到分数线的新增信用贷款": 4000 * WAN,
        "本年额度": 260 * WAN,
        "上年结转额度": 0,
        "到期作废额度": 0,
        "待弥补的逾期和核销余额": 100 * WAN,
        "结转下年额度": 160 * WAN,
    }
    assert found.carry.quota == {BANK: {YEAR: 160 * WAN}}
    assert hedge.open == ()


def test_the_hedge_over_three_years() -> None:
    """2023 earns 1000万 (25000万 x 5 % capped) and uses 300万; 2024 earns 50万 and needs 1200万.

    700万 are carried over, 750万 are there and paid, the older first. 2025 has nothing left.
    """
    first = [loan(1000 * WAN, granted_on=date(2023, 5, 1), score=620) for _ in range(24)]
    bad = loan(1000 * WAN, granted_on=date(2023, 6, 1), score=620, balance=300 * WAN, state=OVERDUE)
    second = loan(1000 * WAN, score=620, state=OVERDUE)
    third = loan(200 * WAN, plain=True, score=None, state=OVERDUE)
    facts = (*first, bad, second, third)
    of_2023 = statement(*facts, year=2023)
    assert line(of_2023, "loss_hedge").result == 300 * WAN
    assert of_2023.carry.quota == {BANK: {2023: 700 * WAN}}
    of_2024 = statement(*facts, since=2023, year=2024)
    assert line(of_2024, "loss_hedge").result == 750 * WAN
    assert line(of_2024, "loss_hedge").open == (Open(third.loan_id, Gap.SCORE, 200 * WAN),)
    assert of_2024.carry.quota == {BANK: {}}
    of_2025 = statement(*facts, since=2023, year=2025)
    assert line(of_2025, "loss_hedge").result == 0
    assert dict(line(of_2025, "loss_hedge").figures)["待弥补的逾期和核销余额"] == 450 * WAN


def test_what_is_not_used_for_a_year_lapses() -> None:
    found = statement(loan(100 * WAN), carry=Carry(quota={BANK: {YEAR - 2: 7, YEAR - 1: 9}}))
    figures = dict(line(found, "loss_hedge").figures)
    assert (figures["上年结转额度"], figures["到期作废额度"]) == (9, 7)
    assert found.carry.quota == {BANK: {YEAR - 1: 9, YEAR: 5 * WAN}}


def test_no_more_than_the_cap_is_paid_in_a_year_whatever_was_carried_over() -> None:
    bad = [loan(1000 * WAN, state=OVERDUE) for _ in range(25)]
    found = statement(*bad, carry=Carry(quota={BANK: {YEAR - 1: 600 * WAN}}))
    assert line(found, "loss_hedge").result == 1000 * WAN
    # 600万 of the year before and 400万 of this one are used.
    assert found.carry.quota == {BANK: {YEAR: 600 * WAN}}
    assert sum(found.carry.covered.values()) == 1000 * WAN


def test_first_loans() -> None:
    """1 % of 3000万 is 30万; 1 % of 6000万 would be 60万, at most 50万."""
    found = statement(
        *(loan(1000 * WAN) for _ in range(3)),
        loan(900 * WAN, first=False),
        loan(1001 * WAN),
        unknown := loan(10 * WAN, first=None),
        *(loan(1000 * WAN, institution=OTHER_BANK) for _ in range(6)),
        guarantee(150 * WAN),
    )
    assert results(found, "first_loans") == {BANK: 30 * WAN, OTHER_BANK: 50 * WAN, GUARANTOR: 1_5000}
    assert line(found, "first_loans").open == (Open(unknown.loan_id, Gap.FIRST, 10 * WAN),)
    assert line(found, "first_loans", OTHER_BANK).uncapped == 60 * WAN


def test_first_loan_deposits_go_to_three_with_more_than_twenty() -> None:
    def firms(bank: str, count: int, amount: int = WAN) -> list[object]:
        return [loan(amount, institution=bank) for _ in range(count)]

    found = statement(
        *firms("甲", 30), *firms("乙", 25, 2 * WAN), *firms("丙", 25, WAN), *firms("丁", 21), *firms("戊", 20)
    )
    yi = 100_000_000
    assert results(found, "first_loan_deposits") == {"甲": 3 * yi, "乙": 2 * yi, "丙": yi, "丁": 0, "戊": 0}
    # Equal in companies and amount: the second and third prize are shared.
    found = statement(*firms("甲", 30), *firms("乙", 25), *firms("丙", 25), *firms("丁", 21))
    assert results(found, "first_loan_deposits") == {"甲": 3 * yi, "乙": 1.5 * yi, "丙": 1.5 * yi, "丁": 0}
    tied = line(found, "first_loan_deposits", "丙")
    assert "与另外1家并列第2" in tied.basis
    assert tied.unit is Unit.DEPOSIT


def test_the_centres_of_the_best_three() -> None:
    found = statement(
        *(loan(WAN) for _ in range(4)),
        *(guarantee(WAN) for _ in range(3)),
        *(loan(WAN, institution=OTHER_BANK) for _ in range(2)),
        loan(WAN, institution="无名银行"),
        centres=frozenset({BANK, GUARANTOR, "无名银行"}),
    )
    assert results(found, "first_loan_centres") == {
        BANK: 30 * WAN,
        GUARANTOR: 30 * WAN,
        OTHER_BANK: 0,
        "无名银行": 0,
    }
    assert line(found, "first_loan_centres", OTHER_BANK).open == (Open(OTHER_BANK, Gap.CENTRE, 30 * WAN),)


def test_deposits_by_credit_loans() -> None:
    """4999万 nothing, 5000万 1500万, 20000万 6000万, 30000万 6000万 + 5000万."""
    found = statement(
        loan(4999 * WAN, institution="甲"),
        loan(5000 * WAN, institution="乙"),
        loan(20000 * WAN, institution="丙"),
        loan(30000 * WAN, institution="丁"),
        loan(9000 * WAN, institution="丁", plain=False),
    )
    assert results(found, "deposits") == {"甲": 0, "乙": 1500 * WAN, "丙": 6000 * WAN, "丁": 11000 * WAN}


def test_teams() -> None:
    def lent(bank: str, count: int, amount: int) -> list[object]:
        return [loan(amount, institution=bank) for _ in range(count)]

    found = statement(
        *lent("甲", 41, 500 * WAN),
        *lent("乙", 40, 1000 * WAN),
        *lent("丙", 50, 400 * WAN),
        *lent("丁", 60, 350 * WAN),
        *(guarantee(1000 * WAN) for _ in range(21)),
        centres=frozenset({"甲", "乙", "丙", "丁", GUARANTOR}),
    )
    # 乙 is first by amount with too few companies; 丙 has 20000万, which is not more than 20000万.
    assert results(found, "teams") == {"甲": 30 * WAN, "乙": 0, "丙": 0, "丁": 30 * WAN, GUARANTOR: 30 * WAN}


def test_equity_with_and_without_lending() -> None:
    """3 ‰ of 1亿 is 30万; 5 ‰ of 2亿 is 100万; of 12亿 500万 at most."""
    linked = loan(WAN)
    day = date(YEAR, 7, 1)
    found = statement(
        linked,
        investments=(
            Investment("EQ1", uscc(900001), FUND, 10_000 * WAN, day),
            Investment("EQ2", linked.uscc, FUND, 20_000 * WAN, day),
            Investment("EQ3", uscc(900001), FUND, 10_000 * WAN, date(YEAR - 1, 7, 1)),
            Investment("EQ4", uscc(900002), FUND, None, day),
            Investment("EQ5", linked.uscc, "红杉", 120_000 * WAN, day),
            Investment("EQ6", uscc(900003), "红杉", 120_000 * WAN, day),
        ),
    )
    assert results(found, "equity") == {FUND: 30 * WAN, "红杉": 200 * WAN}
    assert results(found, "equity_with_lending") == {FUND: 100 * WAN, "红杉": 500 * WAN}
    assert line(found, "equity", FUND).open == (Open("EQ4", Gap.INVESTED),)


def test_manufacturing_guarantees() -> None:
    """From 10000万 to 20000万: on average 15000万, 150万 subsidy; 200万 lost, 150万 count, 45万 are paid."""
    lost = guarantee(200 * WAN, state=LoanState.WRITTEN_OFF, reported_on=date(YEAR, 12, 1))
    found = statement(
        guarantee(20_000 * WAN),
        guarantee(5_000 * WAN, industry="F"),
        lost,
        carry=Carry(balances={GUARANTOR: 10_000 * WAN}),
    )
    own = line(found, "manufacturing_guarantees", GUARANTOR)
    assert dict(own.figures)["年平均在保余额"] == 15_000 * WAN
    assert (own.result, own.open) == (150 * WAN + 45 * WAN, ())
    assert found.carry.balances == {GUARANTOR: 20_000 * WAN}
    assert found.carry.losses == {lost.loan_id: 200 * WAN}
    # What has counted does not count again.
    again = statement(lost, year=YEAR + 1, carry=found.carry)
    assert dict(line(again, "manufacturing_guarantees", GUARANTOR).figures)["新发生损失"] == 0


def test_manufacturing_guarantees_have_a_cap_and_open_ends() -> None:
    found = statement(guarantee(200_000 * WAN))
    own = line(found, "manufacturing_guarantees", GUARANTOR)
    assert (own.uncapped, own.result) == (1_000 * WAN, 500 * WAN)
    # Paid back in part since, and reported long after the year's end: what was owed then is not known.
    repaid = guarantee(100 * WAN, balance=50 * WAN)
    nobody = guarantee(100 * WAN, industry=None)
    found = statement(repaid, nobody)
    assert {item.gap for item in line(found, "manufacturing_guarantees", GUARANTOR).open} == {
        Gap.BALANCE,
        Gap.INDUSTRY,
    }
    assert found.carry.balances == {GUARANTOR: None}
    again = statement(repaid, nobody, year=YEAR + 1, carry=found.carry)
    assert Open(GUARANTOR, Gap.OPENING) in line(again, "manufacturing_guarantees", GUARANTOR).open
    assert line(again, "manufacturing_guarantees", GUARANTOR).result == 0


def test_manufacturing_loans_by_rank() -> None:
    found = statement(
        loan(900 * WAN, institution="甲"),
        loan(800 * WAN, institution="乙", granted_on=date(YEAR - 1, 1, 5)),
        loan(700 * WAN, institution="丙", balance=100 * WAN, reported_on=date(YEAR + 1, 1, 31)),
        loan(90 * WAN, institution="丁"),
        loan(9000 * WAN, institution="戊", industry="F"),
    )
    assert results(found, "manufacturing_loans") == {
        "甲": 200 * WAN,
        "乙": 150 * WAN,
        "丙": 50 * WAN,
        "丁": 0,
        "戊": 0,
    }


def test_interest_and_guarantee_subsidies() -> None:
    """360万 at 4 % from 1 July: 184 days, 73600元 of interest, 22080元 of subsidy."""
    terms = {"product": "信保快贷", "granted_on": date(YEAR, 7, 1), "due_on": date(YEAR + 1, 6, 30)}
    cheap = loan(360 * WAN, rate=Decimal(4), **terms)
    found = statement(
        cheap,
        loan(360 * WAN, rate=Decimal("4.36"), **terms),
        loan(360 * WAN, rate=Decimal(4), product="征信贷"),
        no_rate := loan(360 * WAN, **terms),
        repaid := loan(360 * WAN, rate=Decimal("4.35"), balance=0, state=LoanState.REPAID, **terms),
        guarantee(500 * WAN, rate=Decimal(1), product="信保快贷"),
        guarantee(500 * WAN, rate=Decimal("1.2"), product="信保快贷"),
    )
    interest = line(found, "interest_subsidy")
    assert dict(interest.figures) == {"贷款笔数": 1, "当年利息": 73_600}
    assert interest.result == 22_080
    assert {(item.record, item.gap) for item in interest.open} == {
        (no_rate.loan_id, Gap.RATE),
        (repaid.loan_id, Gap.INTEREST),
    }
    # The rest of the term: from New Year to 29 June, 180 days, 72000元.
    rest = line(statement(cheap, year=YEAR + 1), "interest_subsidy")
    assert dict(rest.figures)["当年利息"] == 72_000
    assert line(found, "guarantee_subsidy", GUARANTOR).result == 1_0000


def test_a_loan_of_more_than_a_year_has_its_own_benchmark() -> None:
    long = {"product": "信保快贷", "rate": Decimal("4.7"), "due_on": date(YEAR + 2, 3, 1)}
    assert line(statement(loan(100 * WAN, **long)), "interest_subsidy").result > 0
    old = loan(100 * WAN, product="信保快贷", rate=Decimal(4), granted_on=date(2015, 10, 23))
    found = statement(old)
    assert results(found, "interest_subsidy") == {}


def test_relending_is_bought_of_ten_months_of_2020() -> None:
    found = statement(
        loan(100 * WAN, granted_on=date(2020, 2, 29)),
        loan(100 * WAN, granted_on=date(2020, 3, 1)),
        loan(100 * WAN, granted_on=date(2020, 12, 31)),
        loan(2000 * WAN, granted_on=date(2020, 5, 1)),
        year=2020,
    )
    bought = line(found, "relending")
    assert (bought.result, bought.unit) == (80 * WAN, Unit.PURCHASE)
    assert results(statement(loan(100 * WAN)), "relending") == {}


def test_an_institution_that_nobody_knows_counts_in_no_rule() -> None:
    stranger = loan(100 * WAN, institution="某公司", kind=None)
    found = statement(stranger, loan(100 * WAN, institution="租赁", kind=InstitutionKind.LESSOR))
    assert [(item.rule, item.open) for item in found.lines] == [
        ("unclassified", (Open(stranger.loan_id, Gap.KIND, 100 * WAN),))
    ]
