"""The way without a face: papers are uploaded on a page of ours, and an adviser looks at them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.identity.base import Begun, Outcome, Verdict
from domain.errors import Refusal
from domain.identity.materials import Paper
from domain.identity.verifications import MATERIAL, Person

_TIME_TO_UPLOAD: Final = timedelta(days=7)
_KINDS: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
)
_MEGABYTE: Final = 1024 * 1024


class BadPaper(Refusal):
    """A file that is not taken; `number` counts from 1, and is 0 where it is about all of them."""

    def __init__(self, number: int, sentence: str) -> None:
        super().__init__(sentence)
        self.number = number


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: what it is shows in its first bytes, not in its name."""

    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken at once, and how many days papers are kept after the decision."""

    max_bytes: int = 5 * _MEGABYTE
    max_files: int = 4
    kept_days: int = 30


class Material:
    """As `IdentityProvider` says; the result comes from an adviser, and so is always pending here."""

    name = MATERIAL
    needs_face = False

    def __init__(self, page: str) -> None:
        self._page = page

    async def begin(self, person: Person, redirect_url: str, *, reference: str, now: datetime) -> Begun:
        del person, redirect_url
        return Begun(self._page.format(id=reference), reference, now + _TIME_TO_UPLOAD)

    async def finish(self, token: str, person: Person) -> Outcome:
        del token, person
        return Outcome(Verdict.PENDING)


def accepted(uploads: Sequence[Upload], limits: Limits) -> list[Paper]:
    """The files with what they are. Raises BadPaper."""
    if not uploads:
        raise BadPaper(0, "还没有选文件，请上传身份证正反面的照片或扫描件。")
    if len(uploads) > limits.max_files:
        raise BadPaper(0, f"一次最多上传 {limits.max_files} 个文件。")
    return [_paper(number, upload.content, limits) for number, upload in enumerate(uploads, start=1)]


def _paper(number: int, content: bytes, limits: Limits) -> Paper:
    if len(content) > limits.max_bytes:
        raise BadPaper(number, f"第 {number} 个文件太大，每个不超过 {limits.max_bytes / _MEGABYTE:g} MB。")
    kind = next((name for beginning, name in _KINDS if content.startswith(beginning)), None)
    if kind is None:
        raise BadPaper(number, f"第 {number} 个文件不是 JPG、PNG 图片或 PDF，请换一个。")
    return Paper(kind, content)
