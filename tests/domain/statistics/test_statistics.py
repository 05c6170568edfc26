"""Figures counted by hand, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.database import Database
from domain.errors import ValueOutOfRange
from domain.market.rules import FollowState
from domain.statistics.averages import averages, averages_by_group
from domain.statistics.figures import Figures
from domain.statistics.reading import Statistics, statistics, with_city
from domain.statistics.scope import By, Level, Scope
from tests.domain.statistics.town import AT, BANK, HEFEI, KUNSHAN, OTHER, WUZHONG, Town

S = FollowState
WAN = 10_000
# In Shanghai it is April already.
APRIL = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)


@pytest.fixture
async def town(database: Database) -> Database:
    town = Town()
    town.company(1)
    town.company(2, WUZHONG, "F")
    town.company(3, HEFEI, "F")
    town.company(4, None, None)
    town.asked(1, 100 * WAN, by=1, follows=[(BANK, S.GRANTED, 10), (OTHER, S.REJECTED, 5)])
    town.asked(2, 50 * WAN, by=1, follows=[(BANK, S.APPROVED, 30), (OTHER, S.LAPSED, 120)])
    town.asked(3, 30 * WAN, by=2, region=WUZHONG, industry="F", at=APRIL, follows=[(BANK, S.FOLLOWING, 0)])
    town.asked(4, 20 * WAN, by=3, region=None, industry=None, follows=[(OTHER, S.APPROVED, 2.5)])
    town.asked(5, 70 * WAN, by=3, at=None)
    town.lent(1, 100 * WAN, to=1, rate=4.0, balance=40 * WAN)
    town.lent(2, 300 * WAN, to=2, rate=5.0, state="overdue", balance=60 * WAN, on=APRIL + timedelta(days=1))
    town.lent(3, 200 * WAN, to=2, bank=OTHER, rate=None, state="written_off", balance=20 * WAN)
    town.lent(4, 50 * WAN, to=4, bank=OTHER, rate=3.0, state="repaid", balance=0)
    town.lent(5, 10 * WAN, to=9, bank=OTHER, rate=3.0)
    town.registered(1)
    town.registered(2, region=WUZHONG, at=APRIL)
    town.registered(3, kind="join")
    await town.build(database)
    return database


async def test_everything_together(town: Database) -> None:
    total = (await statistics(town, Scope(By.REGION))).total
    assert (total.requests, total.amount_requested, total.asking) == (4, 200 * WAN, 3)
    assert (total.requests_followed, total.requests_approved, total.requests_granted) == (4, 3, 1)
    assert (total.approved, total.rejected, total.lapsed, total.deciding) == (3, 1, 1, 2)
    assert (total.approval_share, total.approval_hours_median, total.approval_hours_p90) == (0.75, 10, 30)
    assert (total.loans, total.loan_amount, total.companies_financed) == (5, 660 * WAN, 4)
    assert total.loan_amount_mean == 132 * WAN
    # (100 x 4 + 300 x 5 + 60 x 3) / 460, without the loan of which no rate is known
    assert total.rate_mean == 4.5217
    assert (total.overdue, total.written_off, total.default_share) == (1, 1, 0.4)
    assert (total.balance, total.default_amount, total.default_amount_share) == (130 * WAN, 80 * WAN, 0.1212)
    assert total.companies_registered == 2


async def test_by_region_on_each_level(town: Database) -> None:
    districts = (await statistics(town, Scope(By.REGION))).groups
    assert list(districts) == [WUZHONG, KUNSHAN, None]
    assert {key: group.requests for key, group in districts.items()} == {WUZHONG: 1, KUNSHAN: 2, None: 1}
    assert {key: group.loan_amount for key, group in districts.items()} == {
        WUZHONG: 500 * WAN,
        KUNSHAN: 100 * WAN,
        None: 60 * WAN,
    }
    assert [group.companies_registered for group in districts.values()] == [1, 1, 0]
    cities = (await statistics(town, Scope(By.REGION, level=Level.CITY))).groups
    assert {key: group.requests for key, group in cities.items()} == {"320500": 3, None: 1}
    provinces = (await statistics(town, Scope(By.REGION, level=Level.PROVINCE))).groups
    assert {key: group.loans for key, group in provinces.items()} == {"320000": 3, None: 2}


async def test_by_institution(town: Database) -> None:
    found = (await statistics(town, Scope(By.INSTITUTION))).groups
    assert list(found) == [OTHER, BANK]
    bank, other = found[BANK], found[OTHER]
    assert (bank.requests, bank.requests_approved, bank.requests_granted) == (3, 2, 1)
    assert (bank.approval_share, bank.approval_hours_median, bank.approval_hours_p90) == (1, 10, 30)
    assert (other.approved, other.rejected, other.lapsed, other.approval_share) == (1, 1, 1, 0.5)
    assert (other.loans, other.companies_financed, other.companies_registered) == (3, 3, None)


async def test_by_industry_and_month(town: Database) -> None:
    industries = (await statistics(town, Scope(By.INDUSTRY))).groups
    assert {key: group.requests for key, group in industries.items()} == {"C": 2, "F": 1, None: 1}
    months = (await statistics(town, Scope(By.MONTH))).groups
    assert list(months) == ["2026-03", "2026-04"]
    assert [group.requests for group in months.values()] == [3, 1]
    assert [group.loans for group in months.values()] == [4, 1]
    assert [group.companies_registered for group in months.values()] == [1, 1]
    # The lapse came on the 15th; all decisions fell in March.
    assert [group.lapsed for group in months.values()] == [1, 0]


async def test_within_days_regions_and_industries(town: Database) -> None:
    async def total(**more: object) -> Figures:
        return (await statistics(town, Scope(By.MONTH, **more))).total  # type: ignore[arg-type]  # by name

    march = await total(first=date(2026, 3, 1), last=date(2026, 3, 31))
    assert (march.requests, march.loans, march.companies_registered) == (3, 4, 1)
    april = await total(first=date(2026, 4, 1))
    assert (april.requests, april.loans, april.companies_registered) == (1, 1, 1)
    suzhou = await total(region="320500")
    assert (suzhou.requests, suzhou.loans, suzhou.approved) == (3, 3, 2)
    office = await total(within=(WUZHONG, HEFEI))
    assert (office.requests, office.loans, office.companies_registered) == (1, 2, 1)
    assert (await total(within=(WUZHONG,), region=KUNSHAN)).requests == 0
    assert (await total(within=())).loans == 0
    trade = await total(industry="F")
    assert (trade.requests, trade.loans) == (1, 2)
    own = await total(institution=BANK)
    assert (own.requests, own.amount_requested, own.loans, own.companies_registered) == (
        3,
        180 * WAN,
        2,
        None,
    )


async def test_where_there_is_nothing_figures_are_zero_or_unknown(database: Database) -> None:
    for by in By:
        found = await statistics(database, Scope(by))
        assert found.groups == {}
        expected = Figures(companies_registered=None if by is By.INSTITUTION else 0)
        assert found.total == expected


async def test_percentiles_are_of_the_nearest_rank(database: Database) -> None:
    town = Town()
    for number in range(1, 11):
        town.asked(number, WAN, by=number, follows=[(BANK, S.APPROVED, number)])
    await town.build(database)
    total = (await statistics(database, Scope(By.MONTH))).total
    assert (total.approval_hours_median, total.approval_hours_p90) == (5, 9)


async def test_an_institution_sees_averages_where_five_others_stand_behind_them(database: Database) -> None:
    town = Town()
    for number in range(1, 7):
        town.company(number, KUNSHAN if number < 6 else WUZHONG)
        town.asked(number, WAN, by=number, follows=[(OTHER, S.REJECTED, 1)])
        town.lent(number, number * WAN, to=number, bank=OTHER)
    for number in range(7, 10):
        town.company(number)
        town.lent(number, 10 * WAN, to=number)
    await town.build(database)
    own, city = await with_city(database, Scope(By.REGION, institution=BANK))
    assert (own.total.loans, own.groups.keys()) == (3, {KUNSHAN})
    groups = averages_by_group(city, own)
    # In the other district there is one company: nothing is told of it.
    assert groups.keys() == {KUNSHAN}
    assert groups[KUNSHAN]["loan_amount_mean"] == round(45 * WAN / 8)
    assert groups[KUNSHAN]["approval_share"] == 0
    assert "loans" not in groups[KUNSHAN]


def test_five_others_are_enough_and_four_are_not() -> None:
    own = Figures(companies_financed=3, deciding=2)
    city = Figures(companies_financed=8, deciding=6, rate_mean=4.5, approval_share=0.5)
    shown = averages(city, own)
    assert (shown["rate_mean"], shown["approval_share"]) == (4.5, None)
    nothing = Statistics({None: Figures()}, Figures())
    assert averages_by_group(nothing, nothing) == {}


def test_days_are_in_order_and_begin_at_midnight_in_shanghai() -> None:
    with pytest.raises(ValueOutOfRange, match="晚于"):
        Scope(By.MONTH, first=date(2026, 2, 1), last=date(2026, 1, 31))
    scope = Scope(By.MONTH, first=date(2026, 4, 1), last=date(2026, 4, 1))
    assert scope.since == datetime(2026, 3, 31, 16, tzinfo=UTC)
    assert scope.before == datetime(2026, 4, 1, 16, tzinfo=UTC)
    assert AT < APRIL
