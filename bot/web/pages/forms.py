"""Forms as pages read them: texts and files, with what is wrong beside each field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web
from aiohttp.web_request import FileField
from multidict import MultiDict, MultiDictProxy

from bot.web.pages.errors import NoSuchPage, TooLarge, Unreadable
from bot.web.pages.parts import city_of
from domain.base import storable

# Of the texts in a form; those with files come as multipart and may be larger.
MOST_BYTES = 64 * 1024
_MOST_DIGITS = 18
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file; its name is what the person's phone called it."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent. Texts come stripped; one that no database keeps counts as empty."""

    _fields: MultiDictProxy[str | bytes | bytearray | FileField] = field(repr=False)

    @property
    def query(self) -> MultiDict[str]:
        """All texts, as an address would carry them."""
        return MultiDict((name, _text(value)) for name, value in self._fields.items())

    def text(self, name: str) -> str:
        value = self._fields.get(name, "")
        return _text(value)

    def ticked(self, name: str) -> bool:
        return self.text(name) == "yes"

    def files(self, name: str) -> list[File]:
        """What was chosen; a field that was left empty sends a file without name."""
        return [
            File(value.filename, value.file.read())
            for value in self._fields.getall(name, [])
            if isinstance(value, FileField) and value.filename
        ]

    def values(self) -> dict[str, str]:
        """All texts by name, to be shown again beside what is wrong with them."""
        return {name: self.text(name) for name in self._fields if name not in {"csrf", "ticket"}}


FORM: web.RequestKey[Form] = web.RequestKey("form", Form)
Errors = Mapping[str, str]
"""Sentences by field; the empty name is for the form as a whole."""


def whole_number(text: str) -> int:
    """A number that a page of ours wrote. Raises NoSuchPage for anything else, and what no database holds."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise NoSuchPage
    return int(text)


def form_of(request: web.Request) -> Form:
    return request[FORM]


async def read(request: web.Request) -> Form:
    """The body as a form. Raises `TooLarge`, or `Unreadable` for what no form of ours sends."""
    if request.content_type not in {_URLENCODED, _MULTIPART} or request.content_length is None:
        raise Unreadable
    files = city_of(request).identity.limits if request.content_type == _MULTIPART else None
    if request.content_length > MOST_BYTES + (files.max_bytes * files.max_files if files else 0):
        raise TooLarge
    try:
        return Form(await request.post())
    except web.HTTPException as error:
        too_large = error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        raise TooLarge if too_large else Unreadable from error
    except (ValueError, UnicodeDecodeError, web.RequestPayloadError) as error:
        raise Unreadable from error


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) and storable(value) else ""
