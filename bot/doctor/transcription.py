"""Whether voice messages can be written down: a call with silence shows that key and account are good."""

import asyncio
import time

from bot.doctor.finding import Finding, fine, note, warn, wrong
from bot.doctor.patient import Patient
from bot.transcription import choosing
from bot.transcription.errors import (
    BadCredentials,
    BadRecording,
    NotHeard,
    NotOpened,
    Throttled,
    TranscriptionFailed,
    Unreachable,
    UsedUp,
)
from bot.transcription.recording import NARROW, Recording

# Two seconds of frames without sound, of which nobody can hear anything.
_SILENCE = Recording(b"#!AMR\n" + b"\x7c" * 100, "amr", NARROW)
_CONSOLE = "console.cloud.tencent.com"
_REMEDIES: dict[type[TranscriptionFailed], str] = {
    BadCredentials: f"到 {_CONSOLE}/cam/capi 核对 transcription.secret_id 和 secret_key，"
    "确认密钥有语音识别的权限，并核对本机时间",
    NotOpened: f"到 {_CONSOLE}/asr 开通语音识别",
    UsedUp: f"到 {_CONSOLE}/asr 续费或购买资源包",
    Unreachable: "检查 transcription.url 和到它的网络；太慢就调大 transcription.timeout_seconds",
}
_ELSE = "按错误码查腾讯云「一句话识别」的文档，核对 transcription.engine 和 transcription.hotword_id"
_ASKED_TO_TYPE = "用户发语音时会请他打字"


async def examine(patient: Patient) -> list[Finding]:
    settings = patient.settings
    match settings.transcription.provider:
        case "tencent":
            return [await _tried(patient)]
        case "auto" if settings.sandbox_on:
            return [note("沙箱里没有声音可听，语音由替身代听：只读手机写进录音里的文字")]
        case _:
            return [note(f"没有配置语音识别，{_ASKED_TO_TYPE}")]


async def _tried(patient: Patient) -> Finding:
    seconds = patient.settings.transcription.timeout_seconds
    began = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            await choosing.tencent(patient.http, patient.settings).transcribe(_SILENCE)
    except (NotHeard, BadRecording):
        # The account was let in, and there was nothing to hear.
        pass
    except TimeoutError:
        return wrong(f"语音识别 {seconds:g} 秒内没有结果，{_ASKED_TO_TYPE}", _REMEDIES[Unreachable])
    except Throttled as failure:
        return warn(f"语音识别正忙（{failure}）", "经常这样就到腾讯云购买更高的并发")
    except TranscriptionFailed as failure:
        remedy = _REMEDIES.get(type(failure), _ELSE)
        return wrong(f"语音识别不可用（{failure}），{_ASKED_TO_TYPE}", remedy)
    return fine(f"语音识别可用（腾讯云，{(time.monotonic() - began) * 1000:.0f} 毫秒）")
