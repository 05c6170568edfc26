"""XML as WeChat sends and takes it: one element ``<xml>`` of named fields."""

import re
from xml.parsers.expat import ExpatError

import xmltodict

from bot.wechat.errors import Malformed

# What XML 1.0 cannot carry, and the C1 control characters, which nobody means to send.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def parse_fields(xml: bytes) -> dict[str, object]:
    """The fields of the ``<xml>`` element: text, None when empty, dict or list when nested or repeated.

    The encoding is fixed, so that a document cannot call for another codec; entity declarations are refused.
    """
    try:
        document = xmltodict.parse(xml, encoding="utf-8", disable_entities=True, xml_attribs=False)
    except (ExpatError, ValueError) as error:
        raise Malformed("the body is not acceptable XML") from error
    fields = document.get("xml")
    if not isinstance(fields, dict):
        raise Malformed("the body is not one <xml> element with fields")
    return fields


def clean(text: str) -> str:
    """The text without characters that break XML or JSON in UTF-8; line ends become newlines."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def cdata(text: str) -> str:
    """The text as one CDATA value; an end mark inside is split over two sections."""
    return f"<![CDATA[{clean(text).replace(']]>', ']]]]><![CDATA[>')}]]>"
