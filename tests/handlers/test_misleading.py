"""Nothing is granted, revoked, published or withdrawn by a sentence that is not its plain confirmation."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from domain.events import OutboxRow
from domain.requests import RequestStatus
from handlers import control
from nlu.keywords import understand
from nlu.understanding import Understanding
from tests.handlers.owner import ALL_IN_ONE, AMOUNT, EVERYTHING, Owner, understood
from tests.handlers.people import enrol

SENTENCES: list[str] = [
    json.loads(line)["text"]
    for line in (Path(__file__).parent / "misleading.jsonl").read_text(encoding="utf-8").splitlines()
]
# Whatever a model may take them for.
READINGS = (
    "affirm",
    "grant_authorization",
    "revoke_authorization",
    "withdraw_request",
    "apply_financing",
    "inform",
)
PLAIN = (
    "确认",
    "确认。",
    "好的，发布吧",
    "没问题，就这样发",
    "对的，确认无误",
    "核对过了，没问题",
    "可以，提交吧",
    "嗯嗯",
    "行，那就发吧",
    "没错，可以发了",
    "OK",
)


def test_there_are_enough_of_them() -> None:
    assert len(set(SENTENCES)) >= 20


async def stands(owner: Owner, talk: str) -> None:
    if talk == "form":
        await owner.says("想贷120万", "apply_financing", AMOUNT)
    if talk == "summary":
        await owner.says(ALL_IN_ONE, "apply_financing", *EVERYTHING)
    if talk in {"published", "withdrawing"}:
        await owner.publishes()
    if talk == "withdrawing":
        await owner.says("撤回", "withdraw_request")
    if talk == "revoking":
        await enrol(owner)
        await owner.says("取消授权", "revoke_authorization")
        await owner.says("1", "inform")


async def taken_effect(owner: Owner) -> tuple[int, list[tuple[str, str]]]:
    """What left the house, and how what was ever published stands."""
    async with owner.database.reading() as session:
        events = await session.scalar(select(func.count()).select_from(OutboxRow))
    return events or 0, sorted((row.id, row.status) for row in await owner.requests() if row.published_at)


@pytest.mark.parametrize("talk", ["nothing", "form", "summary", "published", "withdrawing", "revoking"])
async def test_a_sentence_alone_takes_no_effect(owner: Owner, talk: str) -> None:
    await stands(owner, talk)
    standing, before = owner.kept, await taken_effect(owner)
    for sentence in SENTENCES:
        for said in (understand(sentence), *(understood(sentence, intent) for intent in READINGS)):
            owner.kept = standing
            if talk in {"form", "summary"} and (await owner.request()).state is not RequestStatus.DRAFT:
                await stands(owner, talk)
                standing = owner.kept
            await owner.hears(said)
            assert await taken_effect(owner) == before, (talk, sentence, said.intent.name)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_none_of_them_is_a_plain_yes(sentence: str) -> None:
    assert not control.plain_yes(understood(sentence, "affirm"))


@pytest.mark.parametrize("yes", PLAIN)
def test_a_plain_yes_is_one(yes: str) -> None:
    assert control.plain_yes(understood(yes, "affirm"))


@pytest.mark.parametrize("yes", ["确认", "好的"])
def test_a_yes_that_was_read_as_something_else_is_none(yes: str) -> None:
    assert not control.plain_yes(understood(yes, "inform"))


async def test_who_is_not_plain_is_told_how(owner: Owner) -> None:
    await stands(owner, "summary")
    assert "请只回复「确认」" in await owner.says(SENTENCES[0], "affirm")
    assert owner.state.confirming
    assert "已为您发布" in await owner.says("确认", "affirm")


async def test_a_plain_repetition_of_the_wish_withdraws(owner: Owner) -> None:
    await stands(owner, "withdrawing")
    assert "明确说一声" in await owner.says("我没说要撤回", "withdraw_request")
    assert "已撤回" in await owner.says("确定撤回", "withdraw_request")


@pytest.mark.parametrize("key", ["grant_authorization", "revoke_authorization"])
@pytest.mark.parametrize("talk", ["nothing", "form", "summary", "published", "withdrawing", "revoking"])
async def test_no_button_of_the_chat_grants_or_revokes(owner: Owner, key: str, talk: str) -> None:
    await stands(owner, talk)
    before = await taken_effect(owner)
    await owner.hears(Understanding.of_button(key))
    assert await taken_effect(owner) == before
