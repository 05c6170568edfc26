"""What a log line must not hold: figures that belong to people, and characters that forge lines."""

import re
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from domain.masking import masked_name

# Not part of a longer word: a trace id or a hash may well hold digits in a row.
_ALONE, _END = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
# Most specific first; `\d` takes full-width digits too.
_FIGURES = re.compile(
    rf"""
    {_ALONE}(?:
      [159Y][1-39]\d{{6}}[0-9A-HJ-NPQRTUWXY]{{10}}  # credit code
    | \d{{4}}(?:[ -]\d{{4}}){{2,3}}(?:[ -]\d{{1,4}})?  # bank card in groups
    | 1\d{{2}}[ -]\d{{4}}[ -]\d{{4}}  # phone in groups
    | 0\d{{2,3}}[ -]\d{{7,8}}  # land line
    | \d{{7,}}[\dX]{{4}}  # ID number, phone, bank card: any row of eleven digits and more
    ){_END}
    # Phones and ID numbers stand right beside letters too (tel13812345678): no digit beside is enough.
    | (?<!\d)(?:
      (?:(?:[0０]{{2}})?[8８][6６] | [0０])?  # what is dialled before
      [1１][3-9３-９]\d(?:\d{{8}} | [ -]\d{{4}}[ -]\d{{4}})  # mobile phone
    | \d{{17}}[\dX]  # ID number
    | \d{{15}}  # ID number of the old form
    )(?!\d)""",
    re.VERBOSE | re.IGNORECASE,
)
_OPENID = re.compile(r"(?<![0-9A-Za-z_-])o[0-9A-Za-z_-]{27}(?![0-9A-Za-z_-])")
# Line ends of every alphabet, escapes that move a terminal's cursor, marks that turn the reading direction.
_FORGING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SHOWN = 4
_ENDS = 3

_ID = re.compile(r"[0-9A-Za-z_:.-]{1,64}")


def masked(text: str) -> str:
    """Personal figures keep three characters at the front and four at the end, openids four and four."""
    return _plain(_FIGURES.sub(_hidden, _OPENID.sub(_shortened, text)))


def mask_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: every value by what its key stands for."""
    return {_plain(str(key)): _BY_KEY.get(key, _mask)(value) for key, value in event.items()}


def _mask(value: Any) -> Any:
    """The value with personal figures masked, however deep they lie."""
    match value:
        case str():
            return masked(value)
        case bool() | float() | None:
            return value
        case int():
            hidden = masked(str(value))
            return value if hidden == str(value) else hidden
        case Mapping():
            return mask_event(None, "", dict(value))
        case list() | tuple() | set() | frozenset():
            return [_mask(inner) for inner in value]
        case _:
            return masked(str(value))


def _as_id(value: Any) -> Any:
    """An id of ours or of WeChat's stays whole, or nothing could be followed; what is no id is masked."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else _mask(value)


def _as_dedup_key(value: Any) -> Any:
    """The key of a message stays whole but for the openid that an event's key holds."""
    return _plain(_OPENID.sub(_shortened, str(value)))


def _as_openid(value: Any) -> str:
    """Shortened whatever its form: test accounts have others."""
    text = _plain(str(value))
    return f"{text[:_SHOWN]}****{text[-_SHOWN:]}" if len(text) > 2 * _SHOWN else "****"


def _as_name(value: Any) -> Any:
    """Of a name, which no pattern finds, the first character; numbers are none."""
    return _plain(masked_name(value)) if isinstance(value, str) else _mask(value)


def _as_lines(value: Any) -> str:
    """A stack trace: its line ends are ours."""
    return "\n".join(masked(line) for line in str(value).split("\n"))


_BY_KEY: Mapping[str, Callable[[Any], Any]] = {
    "timestamp": str,
    "trace": _as_id,
    "msg_id": _as_id,
    "key": _as_dedup_key,
    "openid": _as_openid,
    "exception": _as_lines,
    **dict.fromkeys(("contact", "person", "real_name", "legal_representative"), _as_name),
}


def _plain(text: str) -> str:
    return _FORGING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _hidden(figure: re.Match[str]) -> str:
    return f"{figure[0][:_ENDS]}****{figure[0][-_SHOWN:]}"


def _shortened(openid: re.Match[str]) -> str:
    return f"{openid[0][:_SHOWN]}****{openid[0][-_SHOWN:]}"
