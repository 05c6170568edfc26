"""The sandbox's listener: reads what its phones wrote behind the sound. It hears nothing."""

from bot.sandbox.speech import spoken
from bot.transcription.errors import NotHeard
from bot.transcription.recording import Recording


class StandIn:
    """For the sandbox alone, where there is no sound to recognise."""

    async def transcribe(self, recording: Recording) -> str:
        words = spoken(recording.sound)
        if not words:
            raise NotHeard("a recording of the sandbox without words")
        return words
