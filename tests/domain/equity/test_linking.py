"""With the company's consent each side sees how far the other is and nothing else; without it nothing."""

from dataclasses import asdict

from domain import requests
from domain.admission import revoke
from domain.authorizations import reading as authorizations
from domain.equity import linking
from domain.equity.following import EventKind
from domain.equity.labels import EquityFollow, PassReason
from domain.equity.linking import SideState
from domain.institutions import InstitutionKind
from domain.market import following
from domain.market.rules import FollowState, MarketRules
from domain.market.tables import FollowRow
from domain.needs import Need
from tests.domain.equity.scene import BANK, DAY, FUND, NOW, OTHER_FUND, OWNER, RULES, USCC, Scene


async def borrowing(scene: Scene) -> str:
    """The company asks for a loan as well, and the bank looks into it."""
    async with scene.database.unit_of_work() as session:
        row = await requests.draft(session, OWNER, Need(amount_min=800_000, amount_max=800_000), NOW)
        await requests.publish(session, row, NOW)
        row.uscc = USCC
    async with scene.database.unit_of_work() as session:
        await following.follow(session, row.id, BANK, by="client:bank", now=NOW, rules=MarketRules())
    return row.id


async def sides(scene: Scene) -> tuple[list[SideState] | None, list[SideState] | None]:
    async with scene.database.reading() as session:
        return (
            await linking.debt_side(session, USCC, NOW + DAY),
            await linking.equity_side(session, USCC, NOW + DAY),
        )


async def test_without_consent_nothing_is_seen(scene: Scene) -> None:
    await borrowing(scene)
    await scene.follow(await scene.published())
    assert await sides(scene) == (None, None)


async def test_state_kind_and_day_and_nothing_else(scene: Scene) -> None:
    await borrowing(scene)
    request_id = await scene.published()
    await scene.follow(request_id)
    await scene.tell(request_id, EventKind.TERM_SHEET, at=NOW + DAY)
    await scene.consent()
    debt, equity = await sides(scene)
    assert debt == [SideState(InstitutionKind.BANK, FollowState.FOLLOWING, NOW)]
    assert equity == [SideState(InstitutionKind.INVESTOR, EquityFollow.TERM_SHEET, NOW + DAY)]
    assert asdict(equity[0]).keys() == {"kind", "state", "since"}


async def test_who_is_done_with_the_company_is_not_spoken_of(scene: Scene) -> None:
    request_id = await scene.published()
    for house in (FUND, OTHER_FUND):
        await scene.follow(request_id, house)
    await scene.tell(request_id, EventKind.PASSED, reason=PassReason.TEAM)
    await scene.consent()
    _, equity = await sides(scene)
    assert equity is not None
    assert [one.state for one in equity] == [EquityFollow.FOLLOWING]


async def test_taken_back_it_is_over_at_once(scene: Scene) -> None:
    await scene.follow(await scene.published())
    given = await scene.consent()
    assert await sides(scene) != (None, None)
    async with scene.database.unit_of_work() as session:
        row, stopped = await revoke(session, given.id, OWNER, NOW)
    assert (row.ended_at, stopped) == (NOW, []), "no request rests on it"
    assert await sides(scene) == (None, None)


async def test_it_runs_out(scene: Scene) -> None:
    await scene.consent()
    last = NOW + RULES.linkage_days * DAY
    async with scene.database.reading() as session:
        assert await linking.consent_stands(session, USCC, last - DAY)
        assert not await linking.consent_stands(session, USCC, last)


async def test_only_who_is_involved_may_ask(scene: Scene) -> None:
    loan, raise_ = await borrowing(scene), await scene.published()
    await scene.follow(raise_)
    async with scene.database.reading() as session:
        assert await linking.company_of_debt(session, loan, BANK, NOW) == USCC
        assert await linking.company_of_debt(session, loan, FUND, NOW) is None
        assert await linking.company_of_equity(session, raise_, FUND) == USCC
        assert await linking.company_of_equity(session, raise_, OTHER_FUND) is None
        assert await linking.company_of_debt(session, loan, None, NOW) == USCC, "an operator"
    await scene.tell(raise_, EventKind.PASSED, reason=PassReason.OTHER)
    async with scene.database.reading() as session:
        assert await linking.company_of_equity(session, raise_, FUND) is None


async def test_a_bank_whose_time_is_over_neither_looks_nor_is_looked_at(scene: Scene) -> None:
    loan = await borrowing(scene)
    await scene.consent()
    async with scene.database.reading() as session:
        until = (await session.get_one(FollowRow, (loan, BANK))).until
        assert until is not None
        for now, looks in ((until - DAY, True), (until, False)):
            assert (await linking.company_of_debt(session, loan, BANK, now) == USCC) is looks
            assert bool(await linking.debt_side(session, USCC, now)) is looks


async def test_the_text_is_kept_word_for_word(scene: Scene) -> None:
    given = await scene.consent()
    text = authorizations.text_of(given)
    assert text is not None
    assert text.hash == given.text_hash
    for words in (
        "办到哪一步",
        "不同意",
        "或者已经放款、投资",
        "不再跟进，也没有放款、投资的机构不能再看",
        f"{RULES.linkage_days}天",
    ):
        assert words in text.text
