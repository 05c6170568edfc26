"""Limits of the platform, checked before a call; the error names the field and the limit, never the value."""

from collections.abc import Sized

from bot.wechat.errors import InvalidArgument


def check_chars(field: str, text: str, most: int, *, least: int = 1) -> None:
    _check(field, len(text), least, most, "characters")


def check_bytes(field: str, text: str, most: int, *, least: int = 1) -> None:
    """Bytes in UTF-8."""
    _check(field, len(text.encode(errors="replace")), least, most, "bytes")


def check_count(field: str, items: Sized, most: int, *, least: int = 1) -> None:
    _check(field, len(items), least, most, "items")


def check_not_empty(field: str, items: Sized) -> None:
    if not items:
        raise InvalidArgument(field, "must not be empty")


def check_alphanumeric(field: str, text: str, most: int, *, least: int = 1) -> None:
    """What WeChat hands through a redirect: ASCII letters and digits."""
    check_chars(field, text, most, least=least)
    if text and not (text.isascii() and text.isalnum()):
        raise InvalidArgument(field, "takes letters and digits")


def check_range(field: str, number: int, least: int, most: int) -> None:
    if not least <= number <= most:
        raise InvalidArgument(field, f"is {number}, must be {least} to {most}")


def check_url(field: str, url: str, most_bytes: int = 1024) -> None:
    if not url.startswith(("https://", "http://")):
        raise InvalidArgument(field, "must begin with https:// or http://")
    check_bytes(field, url, most_bytes)


def _check(field: str, size: int, least: int, most: int, unit: str) -> None:
    if not least <= size <= most:
        raise InvalidArgument(field, f"has {size} {unit}, must have {least} to {most}")
