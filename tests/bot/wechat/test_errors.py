"""Each errcode is a typed error with a remedy, and the documentation's table is the code's."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat.client import WeChatClient
from bot.wechat.errcodes import ERRCODES, refusal_in
from bot.wechat.errors import ApiError, InvalidArgument
from bot.wechat.refusals import Busy, DuplicateMass, QuotaExhausted, RateLimited, TokenInvalid, TryLater
from tests.bot.wechat.platform_server import Platform

PAGE = Path(__file__).resolve().parents[3] / "docs" / "wechat.md"
SECTION = re.compile(r"^## Error codes$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (-?\d+) \| `(\w+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)


def documented() -> dict[int, tuple[str, str, str]]:
    section = SECTION.search(PAGE.read_text(encoding="utf-8"))
    assert section is not None
    rows = ROW.findall(section[1])
    assert len({code for code, *_ in rows}) == len(rows)
    return {int(code): (kind, meaning, remedy) for code, kind, meaning, remedy in rows}


def test_the_table_of_the_documentation_is_complete() -> None:
    assert documented().keys() == ERRCODES.keys()


@pytest.mark.parametrize("errcode", sorted(documented() | ERRCODES))
async def test_an_errcode_is_what_the_documentation_says(
    client: WeChatClient, platform: Platform, errcode: int
) -> None:
    platform.troubles.extend([errcode] * 3)
    with pytest.raises(ApiError) as caught:
        await client.custom_messages.send_text("oOwner1", "好")
    kind, meaning = ERRCODES[errcode]
    error = caught.value
    assert type(error) is kind
    assert documented()[errcode] == (kind.__name__, meaning, kind.remedy)
    assert (error.errcode, error.path) == (errcode, "/cgi-bin/message/custom/send")
    assert error.rid == "6512abcd-0123cdef-4567aaaa"
    assert (error.retryable, error.outcome_unknown) == (issubclass(kind, TryLater), False)
    assert len(platform.received) == {TokenInvalid: 2, Busy: 3}.get(kind, 1)


async def test_an_unknown_errcode_is_an_error_too(client: WeChatClient, platform: Platform) -> None:
    platform.troubles.append(99999)
    with pytest.raises(ApiError) as caught:
        await client.custom_messages.send_text("oOwner1", "好")
    assert type(caught.value) is ApiError
    assert not caught.value.retryable


def test_the_days_quota_ends_at_midnight_in_beijing() -> None:
    error = refusal_in({"errcode": 45009, "errmsg": "reach max api daily quota limit"}, "/p")
    assert isinstance(error, QuotaExhausted)
    now = datetime.now(UTC)
    assert (error.until.hour, error.until.minute, error.until.second) == (16, 0, 0)
    assert now < error.until <= now + timedelta(days=1)
    assert 0 < error.wait_s <= 3600


def test_the_minutes_limit_ends_within_a_minute() -> None:
    error = refusal_in({"errcode": 45011, "errmsg": "api minute-quota reach limit"}, "/p")
    assert isinstance(error, RateLimited)
    assert error.wait_s == 60
    assert datetime.now(UTC) < error.until <= datetime.now(UTC) + timedelta(minutes=1)


@pytest.mark.parametrize(
    "private",
    [
        "oGiQGuMR-fR_WeD6gLRKnqgMxYGo",
        "061Rk3Ga1YqFzB0yNxHa1Uj6aR3Rk3GE",
        "75_Eh6xXTreGUxvVH8BQaumIC8xNbKfhwrybQi",
    ],
)
def test_what_wechat_quotes_of_people_and_tokens_is_cut_out(private: str) -> None:
    error = refusal_in(
        {"errcode": 40003, "errmsg": f"invalid openid [{private}], rid: 6512abcd-0123cdef-4567aaaa"}, "/p"
    )
    assert isinstance(error, ApiError)
    assert private not in str(error)
    assert private not in repr(error)
    assert error.rid == "6512abcd-0123cdef-4567aaaa"


@given(st.text(ascii_letters + digits + "-_", min_size=27, max_size=27))
def test_no_openid_survives_in_an_errors_text(rest: str) -> None:
    error = refusal_in({"errcode": 40003, "errmsg": f"invalid openid hint: [o{rest}]"}, "/p")
    shows = not any(letter.isupper() or letter.isdigit() for letter in rest)
    assert (f"o{rest}" in str(error)) == shows  # one in 10¹³ is all lower-case and could be a word


def test_an_address_that_must_be_whitelisted_stays_readable() -> None:
    error = refusal_in(
        {"errcode": 40164, "errmsg": "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist"}, "/p"
    )
    assert "203.0.113.7" in str(error)


def test_an_answer_goes_with_the_error_but_not_into_its_text() -> None:
    error = refusal_in({"errcode": 45065, "errmsg": "clientmsgid exist", "msg_id": 3147494552}, "/p")
    assert isinstance(error, DuplicateMass)
    assert error.answer["msg_id"] == 3147494552
    assert "3147494552" not in str(error)


def test_a_broken_limit_names_the_field_and_not_the_value() -> None:
    error = InvalidArgument("title", "has 40 characters, must have 1 to 32")
    assert (error.field, error.retryable, error.outcome_unknown) == ("title", False, False)
    assert str(error) == "title: has 40 characters, must have 1 to 32"
