"""Who listens to voice messages, as configured."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar

from bot.config import Settings
from bot.transcription.recording import Transcriber
from bot.transcription.stand_in import StandIn
from bot.transcription.tc3 import Credentials
from bot.transcription.tencent import Options, TencentTranscriber

_CONNECT_SECONDS = 3


@asynccontextmanager
async def transcriber(settings: Settings) -> AsyncIterator[Transcriber | None]:
    """None where nobody listens; the stand-in works nowhere but in the sandbox."""
    chosen = settings.transcription
    if chosen.provider == "tencent":
        # The whole time is bounded by the caller.
        timeout = ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS)
        async with ClientSession(timeout=timeout, cookie_jar=DummyCookieJar()) as session:
            yield tencent(session, settings)
    else:
        yield StandIn() if chosen.provider == "auto" and settings.sandbox_on else None


def tencent(session: ClientSession, settings: Settings) -> TencentTranscriber:
    chosen = settings.transcription
    return TencentTranscriber(
        session,
        Credentials(chosen.secret_id.get_secret_value(), chosen.secret_key.get_secret_value()),
        Options(chosen.url, chosen.engine, chosen.hotword_id),
    )
