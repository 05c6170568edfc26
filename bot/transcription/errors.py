"""Why a voice message could not be written down.

TranscriptionFailed          ``outcome`` is its word in the figures, ``remedy`` what an operator should do
├── NotConfigured            nobody is there to listen
├── NotHeard                 listened to, and no words in it
├── TooLong                  over the 60 seconds or the bytes that are taken at once
├── BadRecording             no sound in a form that is taken
├── RecordingAway            WeChat did not hand the recording out
├── Throttled                too many calls in this second; ``retryable``
├── ServiceTrouble           the provider's own fault; ``retryable``
├── Unreachable              no answer in time, no connection, or no JSON; ``retryable``
├── BadCall                  a fault of the program
└── NotServed                the account with the provider: an operator has to act
    ├── BadCredentials · NotOpened · UsedUp

Texts are for logs: English, without secrets and without what was said.
"""

from typing import ClassVar


class TranscriptionFailed(Exception):
    """No text for a recording; ``request_id`` is the provider's number for the call, for its support."""

    outcome: ClassVar[str]
    remedy: ClassVar[str]
    retryable: ClassVar[bool] = False

    def __init__(self, reason: str, request_id: str = "") -> None:
        super().__init__(reason)
        self.request_id = request_id


class NotConfigured(TranscriptionFailed):
    outcome = "not_configured"
    remedy = "Set transcription.provider, or leave it: people are asked to type."


class NotHeard(TranscriptionFailed):
    outcome = "not_heard"
    remedy = "Nothing: there are no words in the recording."


class TooLong(TranscriptionFailed):
    outcome = "too_long"
    remedy = "Nothing: at most 60 seconds are taken at once."


class BadRecording(TranscriptionFailed):
    outcome = "bad_recording"
    remedy = "Should it happen often: compare what media/get hands out with the provider's list of formats."


class RecordingAway(TranscriptionFailed):
    outcome = "recording_away"
    remedy = "See the call's own line in the log, and docs/wechat.md for its error code."


class Throttled(TranscriptionFailed):
    outcome = "throttled"
    remedy = "Repeated already: buy a higher rate of calls where it happens often."
    retryable = True


class ServiceTrouble(TranscriptionFailed):
    outcome = "service_trouble"
    remedy = "Repeated already: where it stays, give the request id to the provider's support."
    retryable = True


class Unreachable(TranscriptionFailed):
    outcome = "unreachable"
    remedy = "Look at transcription.url, the way to it, and transcription.timeout_seconds."
    retryable = True


class BadCall(TranscriptionFailed):
    outcome = "bad_call"
    remedy = "Look at transcription.engine and transcription.hotword_id; else a fault of the program."


class NotServed(TranscriptionFailed):
    """The provider knows the account and refuses it."""

    outcome = "not_served"
    remedy = "Look at the account in the provider's console."


class BadCredentials(NotServed):
    outcome = "bad_credentials"
    remedy = (
        "Compare transcription.secret_id and transcription.secret_key with the console, give the key the"
        " right to call speech recognition, and look at this machine's clock."
    )


class NotOpened(NotServed):
    outcome = "not_opened"
    remedy = "Open speech recognition in the provider's console."


class UsedUp(NotServed):
    outcome = "used_up"
    remedy = "Pay the bill, or buy another package of calls."
