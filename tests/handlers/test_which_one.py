"""Of several requests the one that is named is taken back, and none is changed by naming it."""

from datetime import timedelta

import pytest

from domain.requests import RequestStatus
from tests.handlers.owner import EVERYTHING, Fact, Owner

SMALL: Fact = ("amount", 500_000, "50万")
LARGE: Fact = ("amount", 1_000_000, "100万")
WAGES: Fact = ("purpose", "payroll_tax", "发工资")


async def two_published(owner: Owner) -> None:
    """50万 for wages is the newer one."""
    for amount, purpose in ((LARGE, ("purpose", "equipment", "买设备")), (SMALL, WAGES)):
        others = (fact for fact in EVERYTHING if fact[0] not in {"amount", "purpose"})
        text = f"再贷{amount[2]}{purpose[2]}" if len(amount) > 2 else ""
        await owner.says(text, "apply_financing", amount, purpose, *others)
        await owner.says("确认", "affirm")
        owner.now += timedelta(minutes=1)
    assert len(await owner.requests(RequestStatus.PUBLISHED)) == 2


@pytest.mark.parametrize("intent", ["inform", "correct", "apply_financing", "withdraw_request"])
@pytest.mark.parametrize(
    ("text", "facts", "amount"),
    [
        ("100万那个", (LARGE,), 1_000_000),
        ("100万", (LARGE,), 1_000_000),
        ("50万的那笔", (SMALL,), 500_000),
        ("发工资那笔", (WAGES,), 500_000),
        ("第二个", (), 1_000_000),
    ],
)
async def test_a_fact_picks_the_request(
    owner: Owner, text: str, facts: tuple[Fact, ...], amount: int, intent: str
) -> None:
    await two_published(owner)
    assert "要撤回哪一笔" in await owner.says("撤回", "withdraw_request")
    assert "要撤回这笔需求吗" in await owner.says(text, intent, *facts)
    assert "已撤回" in await owner.says("确认", "affirm")
    (taken,) = await owner.requests(RequestStatus.WITHDRAWN)
    assert taken.amount_max == amount
    assert await owner.requests(RequestStatus.DRAFT) == []


async def test_what_names_none_of_them_is_asked_about_again(owner: Owner) -> None:
    await two_published(owner)
    await owner.says("撤回", "withdraw_request")
    reply = await owner.says("80万那个", "correct", ("amount", 800_000, "80万"))
    assert "要撤回哪一笔" in reply
    assert len(await owner.requests()) == 2


async def test_a_wish_to_change_picks_nothing(owner: Owner) -> None:
    await two_published(owner)
    await owner.says("撤回", "withdraw_request")
    await owner.says("金额改成100万", "correct", LARGE)
    assert owner.state.topic == "financing"
    assert await owner.requests(RequestStatus.WITHDRAWN) == []


async def test_the_other_one_after_all(owner: Owner) -> None:
    await two_published(owner)
    await owner.says("撤回50万的", "withdraw_request", SMALL)
    assert "100万元" in await owner.says("不是这笔，是100万那个", "correct", LARGE)
    await owner.says("确认", "affirm")
    (taken,) = await owner.requests(RequestStatus.WITHDRAWN)
    assert taken.amount_max == 1_000_000


async def test_who_keeps_it_is_believed(owner: Owner) -> None:
    await owner.publishes()
    await owner.says("撤回", "withdraw_request")
    assert "保留" in await owner.says("先别撤，留着", "withdraw_request")
    assert await owner.requests(RequestStatus.WITHDRAWN) == []
