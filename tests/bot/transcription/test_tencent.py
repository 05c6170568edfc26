"""Tencent Cloud's client before a socket: what it asks, and what becomes of each answer."""

import re
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.transcription import errors, hotwords
from bot.transcription.errors import TranscriptionFailed
from bot.transcription.recording import NARROW, WIDE, Recording
from bot.transcription.tc3 import Credentials
from bot.transcription.tencent import MOST_BYTES, Options, TencentTranscriber
from bot.transcription.tencent_codes import CODES
from tests.bot.transcription.cloud import SECRET_ID, SECRET_KEY, Cloud

SOUND = b"#!AMR\n" + bytes(range(256))
RECORDING = Recording(SOUND, "amr", NARROW)
ONCE = [
    ("AuthFailure.SecretIdNotFound", errors.BadCredentials),
    ("AuthFailure.SignatureExpire", errors.BadCredentials),
    ("AuthFailure.UnauthorizedOperation", errors.BadCredentials),
    ("FailedOperation.CheckAuthInfoFailed", errors.BadCredentials),
    ("FailedOperation.ErrorRecognize", errors.NotHeard),
    ("FailedOperation.ServiceIsolate", errors.UsedUp),
    ("FailedOperation.UserHasNoAmount", errors.UsedUp),
    ("FailedOperation.UserHasNoFreeAmount", errors.UsedUp),
    ("FailedOperation.UserNotRegistered", errors.NotOpened),
    ("InvalidParameter.ErrorContentlength", errors.TooLong),
    ("InvalidParameterValue.ErrorVoicedataTooLong", errors.TooLong),
    ("InvalidParameterValue.ErrorInvalidVoiceFormat", errors.BadRecording),
    ("InvalidParameterValue.ErrorInvalidVoicedata", errors.BadRecording),
    ("InvalidParameterValue.NoHumanVoice", errors.NotHeard),
    ("InvalidParameterValue.ErrorInvalidEngservice", errors.BadCall),
    ("MissingParameter", errors.BadCall),
    ("RequestSizeLimitExceeded", errors.TooLong),
    ("UnauthorizedOperation", errors.BadCredentials),
    ("SomethingNew.Altogether", errors.BadCall),
]
AGAIN = [
    ("RequestLimitExceeded", errors.Throttled),
    ("RequestLimitExceeded.UinLimitExceeded", errors.Throttled),
    ("InternalError.ErrorRecognize", errors.ServiceTrouble),
    ("InternalError", errors.ServiceTrouble),
    ("FailedOperation", errors.ServiceTrouble),
    ("LimitExceeded", errors.Throttled),
    ("ResourceUnavailable", errors.ServiceTrouble),
    ("ServiceUnavailable", errors.ServiceTrouble),
]


async def test_what_is_said_comes_back(transcriber: TencentTranscriber, cloud: Cloud) -> None:
    cloud.words = " 我想贷五十万，\n"
    assert await transcriber.transcribe(RECORDING) == "我想贷五十万，"
    assert cloud.sound == SOUND
    (asked,) = cloud.asked
    assert {name: asked[name] for name in asked if name not in {"Data", "HotwordList"}} == {
        "EngSerViceType": "8k_zh",
        "SourceType": 1,
        "VoiceFormat": "amr",
        "DataLen": len(SOUND),
    }


async def test_a_good_recording_takes_the_better_engine(
    session: ClientSession, cloud: Cloud, cloud_url: str
) -> None:
    options = Options(cloud_url, engine="16k_zh_dialect", hotword_id="of-the-city")
    transcriber = TencentTranscriber(session, Credentials(SECRET_ID, SECRET_KEY), options)
    assert await transcriber.transcribe(Recording(b"x", "speex", WIDE)) == cloud.words
    (asked,) = cloud.asked
    assert (asked["EngSerViceType"], asked["VoiceFormat"]) == ("16k_zh_dialect", "speex")
    assert asked["HotwordId"] == "of-the-city"
    # Both given, the list would count alone.
    assert "HotwordList" not in asked


def test_the_words_to_lean_towards_are_within_the_bounds() -> None:
    words = [item.partition("|") for item in hotwords.LIST.split(",")]
    assert len(words) == len({word for word, _, _ in words}) <= 128
    assert all(1 <= len(word) <= 10 and not re.search(r"\s", word) for word, _, _ in words)
    assert {int(weight) for _, _, weight in words} <= set(range(1, 11))


@pytest.mark.parametrize(("secret_id", "secret_key"), [(SECRET_ID, "another"), ("another", SECRET_KEY)])
async def test_a_wrong_key_is_refused(
    session: ClientSession, cloud: Cloud, cloud_url: str, secret_id: str, secret_key: str
) -> None:
    transcriber = TencentTranscriber(session, Credentials(secret_id, secret_key), Options(cloud_url))
    with pytest.raises(errors.BadCredentials) as refused:
        await transcriber.transcribe(RECORDING)
    assert secret_key not in str(refused.value)
    assert cloud.asked == []


@pytest.mark.parametrize("result", ["", "  \n", None])
async def test_silence_is_not_heard(transcriber: TencentTranscriber, cloud: Cloud, result: Any) -> None:
    cloud.words = result
    with pytest.raises(errors.NotHeard):
        await transcriber.transcribe(RECORDING)
    assert len(cloud.asked) == 1


@pytest.mark.parametrize(("code", "kind"), ONCE)
async def test_each_code_is_an_error_of_its_own(
    transcriber: TencentTranscriber, cloud: Cloud, code: str, kind: type[TranscriptionFailed]
) -> None:
    cloud.answers.append({"code": code})
    with pytest.raises(kind) as failed:
        await transcriber.transcribe(RECORDING)
    assert type(failed.value) is kind
    assert code in str(failed.value)
    assert failed.value.request_id == "of-the-call"
    assert len(cloud.asked) == 1


@pytest.mark.parametrize(("code", "kind"), AGAIN)
async def test_who_is_busy_is_asked_again(
    transcriber: TencentTranscriber, cloud: Cloud, code: str, kind: type[TranscriptionFailed]
) -> None:
    cloud.answers.extend([{"code": code}] * 2)
    assert await transcriber.transcribe(RECORDING) == cloud.words
    cloud.asked.clear()
    cloud.answers.extend([{"code": code}] * 4)
    with pytest.raises(kind):
        await transcriber.transcribe(RECORDING)
    assert len(cloud.asked) == 3


def test_every_code_is_tried_here_and_every_error_says_what_to_do() -> None:
    tried = {code for code, _ in ONCE + AGAIN}
    assert [one for one in CODES if not any(f"{code}.".startswith(f"{one}.") for code in tried)] == []
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    own = [
        kind for kind in kinds if issubclass(kind, TranscriptionFailed) and kind is not TranscriptionFailed
    ]
    assert len({kind.outcome for kind in own}) == len({kind.remedy for kind in own}) == len(own) > 10


@pytest.mark.parametrize(
    "answer",
    [
        *("{", "null", "[]", '{"Response": null}', '{"Response": {}}', '{"Response": {"Error": {}}}'),
        *(
            '{"Response": {"Error": "text", "RequestId": "r"}}',
            "[" * 100_000,
            '{"Response": {"Result": 5}}',
            "502",
            "redirect",
            "drop",
        ),
    ],
    ids=lambda answer: answer[:30],
)
async def test_what_is_no_answer_of_the_provider_is_none(
    transcriber: TencentTranscriber, cloud: Cloud, answer: str
) -> None:
    cloud.answers.append(answer)
    assert await transcriber.transcribe(RECORDING) == cloud.words
    cloud.asked.clear()
    cloud.answers.extend([answer] * 4)
    with pytest.raises(errors.Unreachable):
        await transcriber.transcribe(RECORDING)
    assert len(cloud.asked) == 3


async def test_nobody_is_there(session: ClientSession, unused_tcp_port: int) -> None:
    options = Options(f"http://127.0.0.1:{unused_tcp_port}", pause_s=0.01)
    with pytest.raises(errors.Unreachable):
        await TencentTranscriber(session, Credentials("a", "b"), options).transcribe(RECORDING)


async def test_too_much_is_not_even_sent(transcriber: TencentTranscriber, cloud: Cloud) -> None:
    with pytest.raises(errors.TooLong):
        await transcriber.transcribe(Recording(bytes(MOST_BYTES + 1), "amr", WIDE))
    assert cloud.asked == []
    await transcriber.transcribe(Recording(bytes(MOST_BYTES), "amr", WIDE))
    assert len(cloud.asked[0]["Data"]) == 3 * 1024 * 1024
