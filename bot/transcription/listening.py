"""From a voice message to its words: fetched from WeChat, written down, let go."""

import asyncio
import io
import time
from typing import Final

import structlog

from bot.transcription import metrics
from bot.transcription.errors import BadRecording, RecordingAway, TooLong, TranscriptionFailed, Unreachable
from bot.transcription.recording import Recording, Transcriber, recording_of
from bot.wechat.api.media import Media
from bot.wechat.errors import CallFailed, TooMuchData
from bot.wechat.messages import VoiceMessage
from bot.wechat.transport import Downloaded

_log = structlog.get_logger(__name__)

# WeChat's own bound for voices.
_MOST_BYTES: Final = 2 * 1024 * 1024


class Listening:
    """``timeout_seconds`` bounds both ways together; the answer may be late, but it must come."""

    def __init__(self, media: Media, transcriber: Transcriber, *, timeout_seconds: float) -> None:
        self._media = media
        self._transcriber = transcriber
        self._timeout = timeout_seconds

    async def __call__(self, voice: VoiceMessage) -> str:
        """What was said, never empty.

        Raises:
            TranscriptionFailed: there are no words to be had; written to the log with its remedy.
        """
        began = time.perf_counter()
        try:
            words = await self._bounded(voice)
        except TranscriptionFailed as error:
            metrics.TRANSCRIPTIONS.labels(error.outcome).inc()
            _log.warning(
                "voice_not_transcribed",
                outcome=error.outcome,
                reason=str(error),
                remedy=error.remedy,
                request_id=error.request_id,
            )
            raise
        metrics.TRANSCRIPTIONS.labels("heard").inc()
        metrics.SECONDS.observe(time.perf_counter() - began)
        return words

    async def _bounded(self, voice: VoiceMessage) -> str:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._transcriber.transcribe(await self._fetched(voice))
        except TimeoutError as error:
            raise Unreachable(f"no words within {self._timeout:g} seconds") from error

    async def _fetched(self, voice: VoiceMessage) -> Recording:
        """The better recording, where there is one that can be used; in memory alone."""
        if voice.media_id_16k:
            try:
                return await self._saved(voice.media_id_16k, voice.format)
            except (RecordingAway, BadRecording) as failure:
                _log.info("better_recording_unusable", outcome=failure.outcome, reason=str(failure))
        return await self._saved(voice.media_id, voice.format)

    async def _saved(self, media_id: str, form: str) -> Recording:
        into = io.BytesIO()
        try:
            answer = await self._media.save(media_id, into, max_bytes=_MOST_BYTES)
        except TooMuchData as error:
            raise TooLong(str(error)) from error
        except CallFailed as error:
            raise RecordingAway(str(error)) from error
        if not isinstance(answer, Downloaded):
            raise RecordingAway("media/get: an address in the place of a recording")
        return recording_of(into.getvalue(), form.lower(), answer.content_type)
