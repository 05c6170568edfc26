"""A recording as it came from WeChat, and what its first bytes say about it."""

from dataclasses import dataclass, field
from typing import Final, Protocol

from bot.transcription.errors import BadRecording

NARROW: Final = 8000
WIDE: Final = 16000

_BEGINNINGS: Final = ((b"#!AMR-WB\n", WIDE), (b"#!AMR\n", NARROW))
_SPEEX: Final = frozenset({"speex", "audio/speex", "audio/x-speex", "voice/speex"})


@dataclass(frozen=True, slots=True)
class Recording:
    """Sound, its form by the provider's names, and its samples a second. Kept nowhere."""

    sound: bytes = field(repr=False)
    format: str
    rate: int


class Transcriber(Protocol):
    """Writes down what is said in a recording."""

    async def transcribe(self, recording: Recording) -> str:
        """The words, never empty.

        Raises:
            TranscriptionFailed: there are none, for one of many reasons.
        """
        ...


def recording_of(sound: bytes, *declared: str) -> Recording:
    """AMR, at 8 or 16 kHz, is known by its first bytes; WeChat's speex has none of its own and is declared.

    Raises:
        BadRecording: neither of them, and WeChat hands out no others.
    """
    for beginning, rate in _BEGINNINGS:
        if sound.startswith(beginning):
            return Recording(sound, "amr", rate)
    if sound and not _SPEEX.isdisjoint(declared):
        return Recording(sound, "speex", WIDE)
    raise BadRecording(f"{len(sound)} bytes of an unknown form, declared as {', '.join(declared)}")
