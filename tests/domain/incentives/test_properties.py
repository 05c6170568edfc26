"""What holds for whatever loans: sums, caps, what is carried over, ranks."""

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.incentives.facts import LoanFact
from domain.incentives.lines import Line
from domain.incentives.ranking import ranked
from domain.loans import LoanState
from tests.domain.incentives.facts import (
    BANK,
    GUARANTOR,
    OTHER_BANK,
    RULES,
    WAN,
    YEAR,
    guarantee,
    line,
    loan,
    results,
    statement,
    uscc,
)

FIRST, LAST = 2021, 2026
_amounts = st.integers(1, 1200 * WAN)


@st.composite
def records(draw: st.DrawFn, first: int = FIRST, last: int = LAST) -> list[LoanFact]:
    """Loans and guarantees of all states, with things not known, of companies that have several."""
    found = []
    for number in range(draw(st.integers(0, 12))):
        amount = draw(_amounts)
        state = draw(st.sampled_from(list(LoanState)))
        more: dict[str, Any] = {
            "loan_id": f"L{number:03}",
            "uscc": uscc(draw(st.integers(1, 4))),
            "granted_on": draw(st.dates(date(first, 1, 1), date(last, 12, 31))),
            "state": state,
            "balance": 0 if state is LoanState.REPAID else draw(st.integers(0, amount)),
            "plain": draw(st.sampled_from([True, True, True, False, None])),
            "first": draw(st.sampled_from([True, False, None])),
            "score": draw(st.sampled_from([None, 400, 599, 600, 800])),
            "industry": draw(st.sampled_from(["C", "F", None])),
        }
        if draw(st.booleans()):
            more["institution"] = draw(st.sampled_from([BANK, OTHER_BANK]))
            found.append(loan(amount, **more))
        else:
            found.append(guarantee(amount, **more))
    return found


def lines(loans: list[LoanFact]) -> list[Line]:
    return [
        item for year in range(FIRST, LAST + 1) for item in statement(*loans, since=FIRST, year=year).lines
    ]


@given(records())
@settings(deadline=None)
def test_no_result_is_negative_or_above_its_cap(loans: list[LoanFact]) -> None:
    for item in lines(loans):
        assert 0 <= item.result <= item.uncapped
        assert item.cap is None or item.result <= item.cap


@given(records())
@settings(deadline=None)
def test_of_the_hedge_nothing_is_lost_or_made(loans: list[LoanFact]) -> None:
    """All that was earned is paid, has lapsed or is left; what was paid is what loans got."""
    rule = RULES.loss_hedge
    assert rule
    earned = paid = lapsed = 0
    for year in range(FIRST, LAST + 1):
        found = statement(*loans, since=FIRST, year=year)
        for item in found.lines:
            if item.rule == "loss_hedge":
                figures = dict(item.figures)
                earned += figures["本年额度"]
                lapsed += figures["到期作废额度"]
                paid += item.result
        left = sum(sum(years.values()) for years in found.carry.quota.values())
        assert earned == paid + lapsed + left
        assert sum(found.carry.covered.values()) == paid
        for fact in loans:
            assert found.carry.covered.get(fact.loan_id, 0) <= fact.balance
        for years in found.carry.quota.values():
            assert all(0 < amount <= rule.quota_most for amount in years.values())
            assert all(since >= year - rule.carried_years for since in years)


@given(records())
@settings(deadline=None)
def test_the_order_of_the_records_does_not_matter(loans: list[LoanFact]) -> None:
    there, back = (statement(*some, since=FIRST, year=LAST) for some in (loans, reversed(loans)))
    assert there == back


@given(records(), st.integers(FIRST, LAST - 1))
@settings(deadline=None)
def test_a_chain_may_be_taken_up_anywhere(loans: list[LoanFact], middle: int) -> None:
    before = statement(*loans, since=FIRST, year=middle)
    carried = before.carry.from_json(before.carry.as_json())
    taken_up = statement(*loans, since=middle + 1, year=LAST, carry=carried)
    whole = statement(*loans, since=FIRST, year=LAST)
    assert (taken_up.lines, taken_up.inputs) == (whole.lines, whole.inputs)


@given(records(first=YEAR, last=YEAR), st.integers(1, 1000 * WAN), st.sampled_from([400, 599, 600, 800]))
@settings(deadline=None)
def test_one_more_credit_loan_of_a_new_company_never_earns_less(
    loans: list[LoanFact], amount: int, score: int
) -> None:
    more = [*loans, loan(amount, score=score, loan_id="Z", uscc=uscc(9))]

    def earned(of: list[LoanFact]) -> int:
        items = (item for item in statement(*of).lines if item.rule == "loss_hedge")
        return sum(dict(item.figures)["本年额度"] for item in items if item.institution == BANK)

    assert earned(more) >= earned(loans)
    for code in ("deposits", "first_loans"):
        before, after = (results(statement(*of), code).get(BANK, 0) for of in (loans, more))
        assert after >= before


@given(
    st.dictionaries(
        st.text("abcdef", min_size=1, max_size=3), st.tuples(st.integers(0, 4), st.integers(0, 2))
    ),
    st.lists(st.integers(0, 100), min_size=1, max_size=4).map(lambda prizes: sorted(prizes, reverse=True)),
)
def test_ranks(scores: dict[str, tuple[int, int]], prizes: list[int]) -> None:
    places = ranked(scores, prizes)
    assert places.keys() == {name for name, score in scores.items() if any(score)}
    assert sum(place.prize for place in places.values()) <= sum(prizes)
    for name, place in places.items():
        better = [other for other in places if scores[other] > scores[name]]
        assert place.rank == len(better) + 1
        assert place.sharing == sum(scores[other] == scores[name] for other in places)
        assert all(places[other].prize >= place.prize for other in better)


def test_a_change_of_anything_changes_the_hash() -> None:
    one = loan(100 * WAN, loan_id="A", uscc=uscc(1))
    whole = statement(one, guarantee(5, loan_id="B", uscc=uscc(2)))
    again = statement(one, guarantee(5, loan_id="B", uscc=uscc(2)))
    assert whole.inputs == again.inputs
    others = [
        statement(one, guarantee(6, loan_id="B", uscc=uscc(2))),
        statement(one),
        statement(one, guarantee(5, loan_id="B", uscc=uscc(2)), centres=frozenset()),
        statement(one, guarantee(5, loan_id="B", uscc=uscc(2)), year=YEAR + 1),
    ]
    assert len({whole.inputs, *(other.inputs for other in others)}) == 5
    assert line(whole, "first_loans").institution == BANK
    assert line(whole, "first_loans", GUARANTOR).result == 0
