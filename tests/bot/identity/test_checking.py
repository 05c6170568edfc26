"""The walk before a cloud on a socket: pass, fail, silence, forgery, replay, trouble, and who stays away."""

import asyncio
import base64
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.identity.checking import ConsentMissing, ProviderTrouble
from bot.identity.results import Result
from domain import events
from domain.errors import NotAllowedNow, NotFound
from domain.events import OutboxRow
from domain.identity import verifications
from domain.identity.papers import WrongPaper
from domain.identity.tables import State, VerificationRow
from domain.identity.verifications import AlreadyVerified, TooManyTries
from tests.bot.identity.conftest import NAME, NUMBER, Town

CONSENT = "AU261123-0000FACE"


async def begin(town: Town, openid: str = "o-1", **more: Any) -> tuple[str, str]:
    """Id and token of a new try."""
    url = await town.checking.begin(openid, NAME, NUMBER, CONSENT, **more)
    row = await latest(town, openid)
    assert url.endswith(town.cloud.token)
    return row.id, town.cloud.token


async def latest(town: Town, openid: str = "o-1") -> VerificationRow:
    async with town.database.reading() as session:
        row = await verifications.latest_of(session, openid)
    assert row is not None
    return row


async def verified(town: Town, openid: str = "o-1") -> bool:
    async with town.database.reading() as session:
        return await verifications.is_verified(session, openid)


async def told(town: Town) -> list[str]:
    async with town.database.reading() as session:
        rows = await session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        return [row.payload["state"] for row in rows if row.name == events.IDENTITY_ENDED]


async def test_who_passes_and_comes_back(town: Town) -> None:
    verification, token = await begin(town)
    (_, asked), *_ = town.cloud.asked
    assert asked["RedirectUrl"] == f"https://city.cn/m/identity/return/{verification}"
    assert (asked["Extra"], town.checking.needs_face) == (verification, True)
    town.cloud.passes()
    result = await town.checking.finish("o-1", verification, token)
    assert (result.id, result.state, result.without_face) == (verification, State.PASSED, False)
    assert await verified(town)
    row = await latest(town)
    assert (row.consent, row.similarity, row.evidence, row.provider) == (
        CONSENT,
        93.55,
        "of-the-call",
        "tencent",
    )
    assert (await told(town), town.nudges) == (["passed"], [1])


async def test_who_fails_is_told_why_and_may_try_again(town: Town) -> None:
    verification, token = await begin(town)
    town.cloud.fails()
    result = await town.checking.finish("o-1", verification, token)
    assert result.state is State.FAILED
    assert "没能确认是您本人" in result.sentence
    assert (await latest(town)).code == "Comparestatus.66660004"
    town.clock.on(minutes=1)
    again, token = await begin(town)
    assert again != verification
    town.cloud.passes()
    assert (await town.checking.finish("o-1", again, token)).state is State.PASSED
    assert await told(town) == ["failed", "passed"]


@pytest.mark.parametrize(
    "said", [{"Name": "李四"}, {"IdCard": "110105194912310038"}, {"Sim": "69.9"}, {"Sim": None}]
)
async def test_what_the_provider_let_pass_and_we_do_not(town: Town, said: dict[str, Any]) -> None:
    verification, token = await begin(town)
    town.cloud.passes(**said)
    assert (await town.checking.finish("o-1", verification, token)).state is State.FAILED
    assert not await verified(town)


async def test_a_replayed_redirect_changes_nothing_and_asks_nobody(town: Town) -> None:
    verification, token = await begin(town)
    town.cloud.passes()
    first = await town.checking.finish("o-1", verification, token)
    town.cloud.fails()
    asked = len(town.cloud.asked)
    for again in (token, None):
        assert await town.checking.finish("o-1", verification, again) == first
    assert len(town.cloud.asked) == asked
    assert await told(town) == ["passed"]


async def test_a_forged_redirect_is_refused_before_anybody_is_asked(town: Town) -> None:
    mine, token = await begin(town)
    town.clock.on(seconds=5)
    others, others_token = await begin(town, "o-2")
    town.cloud.passes(token)
    town.cloud.passes(others_token)
    asked = len(town.cloud.asked)
    for openid, verification, shown in (
        # Another's token on my try, and mine on another's.
        ("o-1", mine, others_token),
        ("o-1", others, token),
        ("o-1", others, others_token),
        ("o-1", others, None),
        # Made up.
        ("o-1", mine, "TOKEN-9999"),
        ("o-1", mine, ""),
        ("o-1", mine, "\ud800"),
        ("o-1", "ID261123-00000000", token),
        ("o-1", "", token),
        ("", mine, token),
    ):
        with pytest.raises(NotFound):
            await town.checking.finish(openid, verification, shown)
    assert len(town.cloud.asked) == asked
    assert not await verified(town)
    assert not await verified(town, "o-2")


async def test_a_redirect_alone_proves_nothing(town: Town) -> None:
    """He comes back without having done anything."""
    verification, token = await begin(town)
    result = await town.checking.finish("o-1", verification, token)
    assert result.state is State.BEGUN
    assert "自动继续" in result.sentence
    assert not await verified(town)


async def test_a_page_that_waits_asks_now_and_then(town: Town) -> None:
    verification, _ = await begin(town)
    for _ in range(5):
        assert (await town.checking.finish("o-1", verification)).state is State.BEGUN
    assert town.cloud.count("GetDetectInfoEnhanced") == 1
    town.cloud.passes()
    town.clock.on(seconds=3)
    assert (await town.checking.finish("o-1", verification)).state is State.PASSED


async def test_a_failure_that_comes_after_the_person_came_back_is_the_last_word(town: Town) -> None:
    verification, token = await begin(town)
    assert (await town.checking.finish("o-1", verification, token)).state is State.BEGUN
    town.cloud.fails()
    town.clock.on(seconds=3)
    assert (await town.checking.finish("o-1", verification)).state is State.FAILED


async def test_a_failure_at_a_page_that_lets_him_retry_is_not_the_last_word(town: Town) -> None:
    verification, _ = await begin(town)
    town.cloud.fails()
    town.clock.on(minutes=2)
    assert await town.checking.run_once() == 1
    assert (await latest(town)).state == "begun"
    town.cloud.passes()
    town.clock.on(minutes=1)
    await town.checking.run_once()
    assert (await latest(town)).id == verification
    assert await verified(town)


async def test_who_failed_and_never_came_back_hears_of_it(town: Town) -> None:
    await begin(town)
    town.cloud.fails()
    town.clock.on(minutes=11)
    await town.checking.run_once()
    assert await told(town) == ["failed"]


async def test_who_passed_and_never_came_back_goes_on_by_himself(town: Town) -> None:
    await begin(town)
    town.cloud.passes()
    assert await town.checking.run_once() == 0, "he may be on his way"
    town.clock.on(seconds=61)
    assert await town.checking.run_once() == 1
    assert await verified(town)
    assert (await told(town), town.nudges) == (["passed"], [1])
    assert await town.checking.run_once() == 0


async def test_who_walked_away_is_over_when_the_time_is(town: Town) -> None:
    await begin(town)
    for minutes in (30, 90, 8):
        town.clock.on(minutes=minutes)
        await town.checking.run_once()
        assert (await latest(town)).state == "begun"
    town.clock.on(minutes=13)
    await town.checking.run_once()
    row = await latest(town)
    assert (row.state, row.name, row.id_number) == ("expired", None, None)
    assert await told(town) == ["expired"]


async def test_a_token_that_the_provider_let_go_is_over(town: Town) -> None:
    verification, token = await begin(town)
    town.cloud.expired.add(token)
    result = await town.checking.finish("o-1", verification, token)
    assert (result.state, "重新开始" in result.sentence) == (State.EXPIRED, True)


async def test_who_begins_anew_abandons_the_old_try(town: Town) -> None:
    old, old_token = await begin(town)
    town.clock.on(minutes=5)
    new, _ = await begin(town)
    town.cloud.passes(old_token)
    result = await town.checking.finish("o-1", old, old_token)
    assert (result.state, new != old) == (State.ABANDONED, True)
    assert not await verified(town)


async def test_who_passed_already_learns_it_when_he_begins_anew(town: Town) -> None:
    """His page had never brought him back."""
    await begin(town)
    town.cloud.passes()
    town.clock.on(minutes=5)
    with pytest.raises(AlreadyVerified):
        await begin(town)
    assert await verified(town)
    with pytest.raises(AlreadyVerified):
        await begin(town)
    assert await told(town) == ["passed"]


async def test_trouble_at_the_old_try_keeps_nobody_from_a_new_one(town: Town) -> None:
    await begin(town)
    town.clock.on(minutes=5)
    town.cloud.troubles.extend(["500"] * 3)
    await begin(town)
    assert await told(town) == ["abandoned"]


async def test_the_day_has_five_tries(town: Town) -> None:
    for number in range(5):
        assert await town.checking.tries_left("o-1") == 5 - number
        verification, token = await begin(town)
        town.cloud.fails()
        await town.checking.finish("o-1", verification, token)
        town.clock.on(minutes=1)
    assert await town.checking.tries_left("o-1") == 0
    with pytest.raises(TooManyTries):
        await begin(town)
    assert town.cloud.count("DetectAuth") == 5


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        ({"code": "InternalError"}, "暂时没有回应"),
        ("500", "暂时没有回应"),
        ({"code": "UnauthorizedOperation.Arrears"}, "改用上传材料"),
        ({"code": "InvalidParameterValue.RuleIdDisabled"}, "改用上传材料"),
    ],
)
async def test_trouble_at_the_beginning_is_no_try(town: Town, trouble: Any, sentence: str) -> None:
    for _ in range(7):
        town.cloud.troubles.append(trouble)
        with pytest.raises(ProviderTrouble, match=sentence):
            await begin(town)
    await begin(town)
    assert await told(town) == []


async def test_a_throttled_cloud_says_so(town: Town) -> None:
    town.cloud.troubles.extend([{"code": "RequestLimitExceeded"}] * 3)
    with pytest.raises(ProviderTrouble, match="人比较多"):
        await begin(town)


async def test_what_the_provider_refuses_of_the_person_is_a_try(town: Town) -> None:
    """Else names and numbers could be tried out against each other without end."""
    for _ in range(5):
        town.cloud.troubles.append({"code": "FailedOperation.IdNameMisMatch"})
        with pytest.raises(ProviderTrouble, match="对照身份证"):
            await begin(town)
    with pytest.raises(TooManyTries):
        await begin(town)


@pytest.mark.parametrize(
    "trouble", ["500", "drop", {"code": "RequestLimitExceeded"}, {"code": "AuthFailure"}]
)
async def test_trouble_at_the_end_loses_nothing(town: Town, trouble: Any) -> None:
    verification, token = await begin(town)
    town.cloud.passes()
    town.cloud.troubles.extend([trouble] * (1 if trouble == {"code": "AuthFailure"} else 3))
    with pytest.raises(ProviderTrouble):
        await town.checking.finish("o-1", verification, token)
    assert (await latest(town)).state == "begun"
    town.clock.on(minutes=2)
    assert await town.checking.run_once() == 1
    assert await verified(town)


async def test_trouble_with_one_try_keeps_the_others_from_nothing(town: Town) -> None:
    for number in range(3):
        await begin(town, f"o-{number}")
        town.cloud.passes()
    town.clock.on(minutes=2)
    town.cloud.troubles.append({"code": "InvalidParameterValue.BizTokenIllegal"})
    assert await town.checking.run_once() == 3
    assert sum([await verified(town, f"o-{number}") for number in range(3)]) == 2
    town.clock.on(minutes=2)
    await town.checking.run_once()
    assert await verified(town, "o-0")


async def test_a_result_that_is_never_to_be_had_is_given_up(town: Town) -> None:
    await begin(town)
    town.cloud.tries.clear()
    town.clock.on(days=3)
    await town.checking.run_once()
    assert (await latest(town)).state == "begun"
    town.clock.on(hours=3)
    await town.checking.run_once()
    assert (await latest(town)).state == "expired"


async def test_one_result_however_many_ask_at_once(town: Town) -> None:
    verification, token = await begin(town)
    town.cloud.passes()
    town.clock.on(minutes=2)
    asking = [town.checking.finish("o-1", verification, token) for _ in range(6)]
    *results, worked = await asyncio.gather(*asking, town.checking.run_once())
    states = {result.state for result in results if isinstance(result, Result)}
    assert states <= {State.PASSED, State.BEGUN}
    assert (await latest(town)).state == "passed"
    assert await told(town) == ["passed"]
    assert town.nudges == [1]
    assert worked in {0, 1}


async def test_a_try_whose_process_died_before_the_provider_answered_is_over_soon(town: Town) -> None:
    async with town.database.unit_of_work() as session:
        await verifications.begin(
            session,
            "o-1",
            verifications.Person(NAME, NUMBER),
            provider="tencent",
            consent=None,
            expires_at=town.clock() + timedelta(minutes=10),
            tries_per_day=5,
            now=town.clock(),
            cipher=town.cipher,
        )
    town.clock.on(minutes=2)
    await town.checking.run_once()
    assert (await latest(town)).state == "begun"
    town.clock.on(minutes=9)
    await town.checking.run_once()
    assert (await latest(town)).state == "expired"
    assert town.cloud.asked == []


async def test_a_face_needs_a_consent_of_its_own(town: Town) -> None:
    for nothing in (None, ""):
        with pytest.raises(ConsentMissing, match="上传材料"):
            await town.checking.begin("o-1", NAME, NUMBER, nothing)
    url = await town.checking.begin("o-1", NAME, NUMBER, None, without_face=True)
    row = await latest(town)
    assert url == f"https://city.cn/m/identity/material/{row.id}"
    assert (row.provider, row.consent) == ("material", None)
    assert town.cloud.asked == []


@pytest.mark.parametrize(("name", "number"), [("Zhang", NUMBER), (NAME, "110105194912310021")])
async def test_what_cannot_be_right_is_asked_of_nobody(town: Town, name: str, number: str) -> None:
    with pytest.raises(WrongPaper):
        await town.checking.begin("o-1", name, number, CONSENT)
    assert town.cloud.asked == []
    assert await town.checking.latest("o-1") is None


async def test_the_page_sees_what_is_stored(town: Town) -> None:
    verification, token = await begin(town)
    town.cloud.passes()
    shown = await town.checking.latest("o-1")
    assert shown is not None
    assert shown.state is State.BEGUN
    assert await town.checking.result("o-1", verification) == shown
    assert town.cloud.count("GetDetectInfoEnhanced") == 0
    with pytest.raises(NotFound):
        await town.checking.result("o-2", verification)
    await town.checking.finish("o-1", verification, token)
    shown = await town.checking.latest("o-1")
    assert shown is not None
    assert shown.state is State.PASSED


async def test_one_who_began_elsewhere_meanwhile_is_told(town: Town) -> None:
    """Two tabs: while one waits for the provider, the other abandons its try."""
    town.cloud.troubles.append("slow")
    first = asyncio.create_task(town.checking.begin("o-1", NAME, NUMBER, CONSENT))
    await town.cloud.arrived.wait()
    await begin(town)
    town.cloud.open.set()
    with pytest.raises(NotAllowedNow, match="另一处"):
        await first
    assert await told(town) == ["abandoned"]


async def test_logs_hold_no_names_and_no_numbers(town: Town) -> None:
    with capture_logs() as lines:
        verification, token = await begin(town)
        town.cloud.troubles.extend([{"code": "InternalError"}] * 3)
        with pytest.raises(ProviderTrouble):
            await town.checking.finish("o-1", verification, token)
        town.cloud.passes()
        await town.checking.finish("o-1", verification, token)
        town.cloud.troubles.append({"code": "AuthFailure"})
        with pytest.raises(ProviderTrouble):
            await begin(town, "o-2")
        with pytest.raises(NotFound):
            await town.checking.finish("o-1", verification, "forged")
    assert {line["event"] for line in lines} >= {
        "identity_ended",
        "identity_provider_failed",
        "redirect_refused",
    }
    written = str(lines)
    for secret in (NAME, NUMBER, token, "forged", base64.b64encode(NAME.encode()).decode()):
        assert secret not in written


async def test_one_number_in_two_accounts_is_in_the_log_and_nowhere_else(town: Town) -> None:
    for openid in ("o-1", "o-2"):
        verification, token = await begin(town, openid)
        town.cloud.passes()
        with capture_logs() as lines:
            result = await town.checking.finish(openid, verification, token)
        assert result.state is State.PASSED
        assert "o-1" not in f"{result}"
    (line,) = [line for line in lines if line["event"] == "id_number_verified_again"]
    assert (line["other_accounts"], line["openid"]) == (1, "o-2")
    assert "two accounts" in line["why"]
