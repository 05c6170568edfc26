"""Tencent Cloud's error codes of 一句话识别, and of every call, as kinds of `TranscriptionFailed`."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.transcription.errors import (
    BadCall,
    BadCredentials,
    BadRecording,
    NotHeard,
    NotOpened,
    ServiceTrouble,
    Throttled,
    TooLong,
    TranscriptionFailed,
    UsedUp,
)

# The most specific code that matches counts: «A.B», else «A».
CODES: Mapping[str, type[TranscriptionFailed]] = MappingProxyType(
    {
        "AuthFailure": BadCredentials,
        "UnauthorizedOperation": BadCredentials,
        "FailedOperation": ServiceTrouble,
        "FailedOperation.CheckAuthInfoFailed": BadCredentials,
        "FailedOperation.ErrorRecognize": NotHeard,
        "FailedOperation.ServiceIsolate": UsedUp,
        "FailedOperation.UserHasNoAmount": UsedUp,
        "FailedOperation.UserHasNoFreeAmount": UsedUp,
        "FailedOperation.UserNotRegistered": NotOpened,
        "InternalError": ServiceTrouble,
        "ResourceUnavailable": ServiceTrouble,
        "ServiceUnavailable": ServiceTrouble,
        "RequestLimitExceeded": Throttled,
        "LimitExceeded": Throttled,
        "RequestSizeLimitExceeded": TooLong,
        "InvalidParameter.ErrorContentlength": TooLong,
        "InvalidParameterValue.ErrorVoicedataTooLong": TooLong,
        "InvalidParameterValue.ErrorInvalidVoiceFormat": BadRecording,
        "InvalidParameterValue.ErrorInvalidVoicedata": BadRecording,
        "InvalidParameterValue.NoHumanVoice": NotHeard,
    }
)


def failure(code: str, message: str, request_id: str) -> TranscriptionFailed:
    """The error for a code; an unknown one is a call that the provider does not take."""
    kind = CODES.get(code) or CODES.get(code.partition(".")[0], BadCall)
    return kind(f"{code}: {message}", request_id)
