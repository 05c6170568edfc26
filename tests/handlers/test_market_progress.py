"""Progress in chat: who looks until when, what was approved, and choosing by name and terms alone."""

from datetime import timedelta

import pytest

from domain.authorizations import giving, wording
from domain.authorizations.consents import Consent
from domain.authorizations.rules import Rules as ConsentRules
from domain.market.reading import follows_of
from domain.requests import RequestStatus
from nlu.understanding import FALLBACK, Understanding
from tests.handlers import market, people
from tests.handlers.market import EAST, FARMERS, LATE, RURAL
from tests.handlers.owner import Owner


@pytest.fixture
async def published(owner: Owner) -> str:
    """The id of a request on the market."""
    await people.enrol(owner)
    return await owner.publishes()


async def states(owner: Owner, request_id: str) -> dict[str, str]:
    async with owner.database.reading() as session:
        rows = (await follows_of(session, [request_id]))[request_id]
    return {row.institution: row.state for row in rows}


async def test_who_looks_and_until_when(owner: Owner, published: str) -> None:
    await market.followed(owner, published, EAST, RURAL, FARMERS, LATE)
    said = await owner.says("到哪一步了", "ask_progress")
    assert "城东银行：正在评估，11月26日 12:00前答复" in said
    assert "招商银行：在排队，有空位就轮到它" in said
    assert f"/request/{published}" in said
    assert "有机构还不知道是哪家企业" in said
    assert owner.menu == ()


async def test_who_may_see_the_company_is_not_said_to_be_in_the_dark(owner: Owner, published: str) -> None:
    await market.followed(owner, published, EAST)
    rules = ConsentRules()
    consent = Consent.passing_on(people.USCC, EAST, rules)
    text = wording.shown(consent, rules, company="昆山恒达五金有限公司")
    act = giving.Act(owner.openid, "TK1", text.version, text.hash, "127.0.0.1", "test")
    async with owner.database.unit_of_work() as session:
        await giving.give(session, consent, act, rules=rules, now=owner.now)
    assert "不知道是哪家企业" not in await owner.says("到哪一步了", "ask_progress")
    await market.followed(owner, published, RURAL)
    assert "不知道是哪家企业" in await owner.says("到哪一步了", "ask_progress")


async def test_what_the_clock_ended_is_not_called_under_way(owner: Owner, published: str) -> None:
    await market.followed(owner, published, EAST)
    owner.now += timedelta(days=4)
    said = await owner.says("到哪一步了", "ask_progress")
    assert "答复期限已过" in said


async def test_an_offer_is_accepted_by_a_choice_that_names_its_terms(owner: Owner, published: str) -> None:
    await market.followed(owner, published, EAST, RURAL)
    await market.approved(owner, published, EAST, "4.35")
    await market.approved(owner, published, RURAL, "3.9")
    said = await owner.says("批了没", "ask_progress")
    assert "城东银行：已批准，100万元，2年，年利率4.35%，抵押，等您决定" in said
    assert [label for _, label in owner.menu] == ["选昆山农商银行", "选城东银行"]
    asked = await owner.says("2", FALLBACK)
    assert all(word in asked for word in ("要接受城东银行的方案吗", "年利率4.35%", "其他机构"))
    assert (await owner.request()).state is RequestStatus.APPROVED
    assert "已选定城东银行" in await owner.says("1", FALLBACK)
    assert await states(owner, published) == {EAST: "accepted", RURAL: "ended"}
    assert "您已选定" in await owner.says("进度", "ask_progress")


@pytest.mark.parametrize("text", ["就选城东银行吧，我接受", "确认", "同意城东银行的方案"])
async def test_words_alone_accept_nothing(owner: Owner, published: str, text: str) -> None:
    await market.followed(owner, published, EAST)
    await market.approved(owner, published, EAST)
    for intent in ("affirm", "ask_progress", "apply_financing"):
        await owner.says(text, intent, ("institution", EAST, "城东银行"))
    assert await states(owner, published) == {EAST: "approved"}


async def test_think_again_leaves_it(owner: Owner, published: str) -> None:
    await market.followed(owner, published, EAST)
    await market.approved(owner, published, EAST)
    await owner.says("批了没", "ask_progress")
    await owner.says("1", FALLBACK)
    await owner.says("2", FALLBACK)
    assert await states(owner, published) == {EAST: "approved"}


async def test_an_old_menu_accepts_nothing(owner: Owner, published: str) -> None:
    await market.followed(owner, published, EAST)
    await market.approved(owner, published, EAST)
    await owner.says("批了没", "ask_progress")
    await owner.says("1", FALLBACK)
    (sure, _), _ = owner.menu
    await owner.says("批了没", "ask_progress")
    assert "已经过时" in await owner.hears(Understanding.of_button(sure))
    assert await states(owner, published) == {EAST: "approved"}


async def test_several_requests_are_told_apart(owner: Owner, published: str) -> None:
    owner.now += timedelta(minutes=1)
    other = await owner.publishes()
    await market.followed(owner, published, EAST)
    await market.followed(owner, other, EAST)
    await market.approved(owner, published, EAST)
    await market.approved(owner, other, EAST)
    said = await owner.says("批了没", "ask_progress")
    assert said.count("等您决定") == 2
    assert [label for _, label in owner.menu] == ["选城东银行（120万元）"] * 2
    await owner.says("2", FALLBACK)
    await owner.says("1", FALLBACK)
    assert (await states(owner, published), await states(owner, other)) == (
        {EAST: "accepted"},
        {EAST: "approved"},
    )
