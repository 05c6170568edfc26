"""From a voice message to its words: what is fetched from WeChat, and what becomes of each trouble."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from aiohttp.test_utils import TestServer
from prometheus_client import REGISTRY
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.sandbox.account import SandboxAccount
from bot.sandbox.api import api_app
from bot.sandbox.calls.base import Upload
from bot.sandbox.speech import recorded, spoken
from bot.sandbox.wechat import FakeWeChat
from bot.transcription import errors
from bot.transcription.errors import TranscriptionFailed
from bot.transcription.listening import Listening
from bot.transcription.recording import NARROW, WIDE, recording_of
from bot.transcription.stand_in import StandIn
from bot.transcription.tencent import TencentTranscriber
from bot.wechat.api.media import Media
from bot.wechat.client import Credentials, Sites, connected
from bot.wechat.messages import VoiceMessage
from nlu.breaker import Breaker
from tests.bot.transcription.cloud import Cloud

NARROW_SOUND = b"#!AMR\n" + b"\x3c" * 320
WIDE_SOUND = b"#!AMR-WB\n" + b"\x44" * 600


@dataclass
class Platform:
    """WeChat as far as it hands out recordings."""

    fake: FakeWeChat
    media: Media

    def voice(self, narrow: bytes, wide: bytes | None = None, kind: str = "audio/amr") -> VoiceMessage:
        put = self.fake.media.put
        return VoiceMessage(
            to_user="gh_1",
            openid="o1",
            created_at=datetime.now(UTC),
            dedup_key="msg:1",
            media_id=put("voice", Upload("voice.amr", kind, narrow)),
            media_id_16k=put("voice", Upload("voice.amr", kind, wide)) if wide else None,
            format="amr",
        )


@pytest.fixture
async def platform(shared_valkey: str) -> AsyncIterator[Platform]:
    account = SandboxAccount.generate()
    credentials = Credentials(account.app_id, account.app_secret)
    async with (
        FakeWeChat(account, "http://127.0.0.1:9/wechat") as fake,
        TestServer(api_app(fake)) as api,
        Redis.from_url(shared_valkey) as redis,
        connected(redis, credentials, Breaker(), Sites(api=str(api.make_url("/")))) as client,
    ):
        yield Platform(fake, client.media)


@pytest.fixture
def listening(platform: Platform, transcriber: TencentTranscriber) -> Listening:
    return Listening(platform.media, transcriber, timeout_seconds=5)


def count(outcome: str) -> float:
    return REGISTRY.get_sample_value("rongqiao_transcriptions_total", {"outcome": outcome}) or 0.0


async def test_the_better_recording_is_taken(platform: Platform, listening: Listening, cloud: Cloud) -> None:
    before = count("heard")
    assert await listening(platform.voice(NARROW_SOUND, WIDE_SOUND)) == cloud.words
    assert cloud.sound == WIDE_SOUND
    assert (cloud.asked[-1]["EngSerViceType"], cloud.asked[-1]["VoiceFormat"]) == ("16k_zh", "amr")
    assert await listening(platform.voice(NARROW_SOUND)) == cloud.words
    assert (cloud.sound, cloud.asked[-1]["EngSerViceType"]) == (NARROW_SOUND, "8k_zh")
    assert count("heard") == before + 2


async def test_the_other_recording_serves_where_the_better_one_does_not(
    platform: Platform, listening: Listening, cloud: Cloud
) -> None:
    voice = platform.voice(NARROW_SOUND, b"\x02 of some other form")
    assert await listening(voice) == cloud.words
    assert await listening(replace(voice, media_id_16k="gone")) == cloud.words
    assert len(cloud.asked) == 2
    assert cloud.sound == NARROW_SOUND


async def failing(
    listening: Listening, voice: VoiceMessage, kind: type[TranscriptionFailed]
) -> dict[str, object]:
    """The line that it leaves in the log, after the error has been seen to be of that kind."""
    before = count(kind.outcome)
    with capture_logs() as lines, pytest.raises(kind) as failed:
        await listening(voice)
    assert type(failed.value) is kind
    assert count(kind.outcome) == before + 1
    (line,) = [line for line in lines if line["event"] == "voice_not_transcribed"]
    assert line["remedy"] == kind.remedy
    return dict(line)


async def test_a_provider_that_is_slow_is_given_up(
    platform: Platform, transcriber: TencentTranscriber, cloud: Cloud
) -> None:
    cloud.answers.append("slow")
    listening = Listening(platform.media, transcriber, timeout_seconds=0.3)
    await failing(listening, platform.voice(NARROW_SOUND), errors.Unreachable)
    assert len(cloud.asked) == 1


async def test_a_wechat_that_hangs_is_given_up(platform: Platform, transcriber: TencentTranscriber) -> None:
    platform.fake.faults.delay_calls, platform.fake.faults.delay_seconds = 5, 2.0
    listening = Listening(platform.media, transcriber, timeout_seconds=0.3)
    await failing(listening, platform.voice(NARROW_SOUND), errors.Unreachable)


async def test_a_recording_that_wechat_no_longer_has(
    platform: Platform, listening: Listening, cloud: Cloud
) -> None:
    voice = replace(platform.voice(NARROW_SOUND), media_id="gone")
    line = await failing(listening, voice, errors.RecordingAway)
    assert "40007" in str(line["reason"])
    assert cloud.asked == []


async def test_what_is_no_recording(platform: Platform, listening: Listening, cloud: Cloud) -> None:
    video = platform.fake.media.put("video", Upload("v.mp4", "video/mp4", b"x"))
    await failing(listening, replace(platform.voice(b""), media_id=video), errors.RecordingAway)
    await failing(listening, platform.voice(b"MZ\x90 a program"), errors.BadRecording)
    await failing(listening, platform.voice(b""), errors.BadRecording)
    await failing(listening, platform.voice(b"#!AMR\n" + bytes(2 * 1024 * 1024)), errors.TooLong)
    assert cloud.asked == []


async def test_the_log_has_the_reason_and_nothing_that_was_said(
    platform: Platform, listening: Listening, cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    cloud.words = "我的身份证号是"
    cloud.answers.append({"code": "FailedOperation.UserHasNoAmount"})
    line = await failing(listening, platform.voice(NARROW_SOUND), errors.UsedUp)
    assert line["request_id"] == "of-the-call"
    assert "UserHasNoAmount" in str(line["reason"])
    with caplog.at_level(logging.DEBUG), capture_logs() as lines:
        assert await listening(platform.voice(NARROW_SOUND)) == cloud.words
    assert "身份证" not in f"{lines}{caplog.text}"


@pytest.mark.parametrize(
    ("sound", "kind", "form", "rate"),
    [
        (NARROW_SOUND, "audio/amr", "amr", NARROW),
        (WIDE_SOUND, "audio/amr", "amr", WIDE),
        (NARROW_SOUND, "audio/speex", "amr", NARROW),
        (b"\x11\x22", "audio/speex", "speex", WIDE),
        (b"\x11\x22", "speex", "speex", WIDE),
    ],
)
def test_the_first_bytes_say_what_it_is(sound: bytes, kind: str, form: str, rate: int) -> None:
    recording = recording_of(sound, kind)
    assert (recording.sound, recording.format, recording.rate) == (sound, form, rate)
    assert "sound" not in repr(recording)


@pytest.mark.parametrize("said", ["想贷五十万", "两行\n话", "SANDBOX-SPEECH x", ""])
def test_a_recording_of_the_sandbox_holds_what_is_said(said: str) -> None:
    assert recorded(said).startswith(b"#!AMR\n")
    assert spoken(recorded(said)) == said


async def test_the_stand_in_reads_what_the_phone_wrote(platform: Platform) -> None:
    listening = Listening(platform.media, StandIn(), timeout_seconds=5)
    assert await listening(platform.voice(recorded("想贷五十万"))) == "想贷五十万"
    await failing(listening, platform.voice(NARROW_SOUND), errors.NotHeard)
