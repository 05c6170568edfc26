"""What a notice is: an event in, letters to people out."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from notify.fields import Value


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice to one person. `subject` makes it unique: the same letter is never written twice.

    `values` are named as in `wechat.templates.<notice>.fields`; `path` is a page of ours, or empty.
    """

    openid: str
    subject: str
    values: Mapping[str, Value]
    path: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """`values` names what its letters carry, for templates to choose from.

    `immediate` notices answer what the person just did and do not wait for quiet hours to end.
    """

    name: str
    values: frozenset[str]
    events: tuple[str, ...]
    immediate: bool
    write: Callable[[AsyncSession, str, Mapping[str, Any]], Awaitable[list[Letter]]]
