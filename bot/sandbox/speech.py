"""Recordings of the sandbox's phones: a true file without sound, with what was said written behind it.

No microphone is needed, and whoever tests a service's way with voices can read the words where a recogniser
would hear them.
"""

_SILENCE = b"#!AMR\n" + b"\x7c" * 100
"""Two seconds of frames without sound."""
_MARK = b"\nSANDBOX-SPEECH "


def recorded(said: str) -> bytes:
    """A recording of somebody who says it; silence for nothing."""
    return _SILENCE + (_MARK + said.encode() if said else b"")


def spoken(recording: bytes) -> str:
    """What is said in a recording; empty if nothing is, or it was not made here."""
    return recording.partition(_MARK)[2].decode(errors="replace").strip()
