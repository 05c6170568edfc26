"""Tencent Cloud's 一句话识别 (SentenceRecognition): up to 60 seconds of sound in, a sentence out."""

import base64
import io
import json
import time
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import ClientError, ClientSession
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential
from yarl import URL

from bot.transcription import hotwords, tc3
from bot.transcription.errors import NotHeard, TooLong, TranscriptionFailed, Unreachable
from bot.transcription.recording import NARROW, Recording
from bot.transcription.tencent_codes import failure

# Three megabytes are taken, counted after base64, which makes four bytes of three.
MOST_BYTES: Final = 3 * 1024 * 1024 * 3 // 4
_ACTION: Final = tc3.Action("asr", "SentenceRecognition", "2019-06-14")
_ENGINE_OF_TELEPHONES: Final = "8k_zh"
_OF_THE_BODY: Final = 1
_ATTEMPTS: Final = 3
_LONGEST_PAUSE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Options:
    """``engine`` is for sound of 16 kHz; a ``hotword_id`` of the account's own replaces our words."""

    url: str = "https://asr.tencentcloudapi.com"
    engine: str = "16k_zh"
    hotword_id: str = ""
    pause_s: float = 0.3


class TencentTranscriber:
    """The caller bounds the time: a call itself waits as long as it is let.

    Twice the same question does no harm, so that what may go well later is asked up to three times.
    """

    def __init__(self, session: ClientSession, credentials: tc3.Credentials, options: Options) -> None:
        self._session = session
        self._credentials = credentials
        self._options = options
        self._url = URL(options.url).with_path("/")

    async def transcribe(self, recording: Recording) -> str:
        """As `Transcriber` says."""
        if len(recording.sound) > MOST_BYTES:
            raise TooLong(f"{len(recording.sound)} bytes")
        body = json.dumps(self._question(recording)).encode()
        asking = AsyncRetrying(
            retry=retry_if_exception(_worth_repeating),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_random_exponential(self._options.pause_s, max=_LONGEST_PAUSE_S),
            reraise=True,
        )
        words: str = await asking(self._ask, body)
        return words

    def _question(self, recording: Recording) -> dict[str, Any]:
        narrow = recording.rate == NARROW
        question = {
            "EngSerViceType": _ENGINE_OF_TELEPHONES if narrow else self._options.engine,
            "SourceType": _OF_THE_BODY,
            "VoiceFormat": recording.format,
            "Data": base64.b64encode(recording.sound).decode(),
            "DataLen": len(recording.sound),
        }
        if self._options.hotword_id:
            return question | {"HotwordId": self._options.hotword_id}
        return question | {"HotwordList": hotwords.LIST}

    async def _ask(self, body: bytes) -> str:
        """Signed anew for each try: a signature holds for minutes."""
        headers = tc3.headers(self._credentials, _ACTION, self._host, body, int(time.time()))
        try:
            async with self._session.post(
                self._url, data=io.BytesIO(body), headers=headers, allow_redirects=False
            ) as response:
                status, raw = response.status, await response.read()
        except (ClientError, OSError, TimeoutError) as error:
            raise Unreachable(type(error).__name__) from error
        return _words(status, raw)

    @property
    def _host(self) -> str:
        """As it goes over the wire, since it is signed."""
        return self._url.host_port_subcomponent or ""


def _words(status: int, raw: bytes) -> str:
    """The provider says errors with status 200 too; another status comes from something before it."""
    try:
        answer = json.loads(raw)["Response"]
        request_id = str(answer.get("RequestId", ""))
        if error := answer.get("Error"):
            raise failure(str(error["Code"]), str(error["Message"]), request_id)
        words = (answer["Result"] or "").strip()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unreachable(f"HTTP {status} with an answer that is not the provider's") from error
    if not words:
        raise NotHeard("an empty result", request_id)
    return words


def _worth_repeating(error: BaseException) -> bool:
    return isinstance(error, TranscriptionFailed) and error.retryable
