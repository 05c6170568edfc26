"""Bodies as WeChat sends and takes them: named fields in one element ``<xml>``, or in one JSON object."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

from bot.wechat.errors import Malformed

Fields = Mapping[str, object]
"""A name's value is a text, None when empty, a mapping when nested, a list when repeated."""

# What XML 1.0 cannot carry, and the C1 control characters, which nobody means to send.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
# XML takes it, and `clean` drops it. Dropping the others before the XML is read would be dangerous: a person
# could end a CDATA section by an end mark with such a character inside.
_DELETE = b"\x7f"
_READABLE = bytes(code if code >= ord(" ") or code in b"\t\n\r" else ord(_DELETE) for code in range(256))
_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_BEFORE_JSON = b"\xef\xbb\xbf \t\r\n"
_DEEPEST = 16
_MOST_PARTS = 4000  # each counts when it is read and when it is tidied


def parse_fields(body: bytes) -> dict[str, object]:
    """The fields of a body in XML or JSON, whichever it is; raises ``Malformed`` and nothing else.

    Texts come out ``clean`` and without blanks around them, and JSON's numbers as texts, so that both formats
    give the same.
    """
    tally = _Tally()
    try:
        tree = _from_json(body, tally) if is_json(body) else _from_xml(body, tally)
        fields = _tidy(tree, tally)
    except (ExpatError, ValueError, RecursionError) as error:
        raise Malformed("the body is not acceptable XML or JSON") from error
    if not isinstance(fields, dict):
        raise Malformed("the body is not one set of fields")
    return fields


def is_json(body: bytes) -> bool:
    return body.lstrip(_BEFORE_JSON).startswith((b"{", b"["))


class _Tally:
    """Stops at more parts than any push has: who only pretends to be WeChat shall cost no time."""

    def __init__(self) -> None:
        self._left = _MOST_PARTS

    def count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise ValueError("too many parts")

    def element(self, attributes: Iterable[tuple[str, object]] = ()) -> dict[str, object]:
        """A ``dict``, of which the reader of XML makes one for every element as it opens."""
        self.count()
        return dict(attributes)

    def object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """A JSON object; which of two values a name has would be anybody's guess."""
        self.count()
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a name is repeated")
        return found


def _from_xml(body: bytes, tally: _Tally) -> object:
    """Entity declarations are refused; the encoding is fixed, lest a document call for another codec."""
    readable = body.translate(_READABLE)
    for noncharacter in _NONCHARACTERS:
        readable = readable.replace(noncharacter, _DELETE)
    document = xmltodict.parse(
        readable,
        encoding="utf-8",
        disable_entities=True,
        xml_attribs=False,
        dict_constructor=tally.element,
    )
    return document.get("xml")


def _from_json(body: bytes, tally: _Tally) -> object:
    text = body.decode("utf-8-sig")
    return json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=tally.object)


def _tidy(value: object, tally: _Tally, depth: int = 0) -> object:
    tally.count()
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    match value:
        case dict():
            return {clean(name).strip(): _tidy(inner, tally, depth + 1) for name, inner in value.items()}
        case list():
            return [_tidy(inner, tally, depth + 1) for inner in value]
        case None:
            return None
        case _:
            return clean(str(value)).strip() or None


def clean(text: str) -> str:
    """The text without characters that break XML or JSON in UTF-8; line ends become newlines."""
    if text.isprintable():
        return text
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def cdata(text: str) -> str:
    """The text as one CDATA value; an end mark inside is split over two sections."""
    return f"<![CDATA[{clean(text).replace(']]>', ']]]]><![CDATA[>')}]]>"
