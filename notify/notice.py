"""What a notice is: an event in, letters to people out."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from notify.fields import Value


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice to one person. `subject` makes it unique: the same letter is never written twice.

    `values` are named as in `wechat.templates.<notice>.fields`; `path` is a page of ours, or empty. `about`
    and `institution` say of which request it speaks and to which institution: while it waits it can be taken
    back by these. `by`: after that nobody needs it. `at_once`: it answers what the person just did.
    """

    openid: str
    subject: str
    values: Mapping[str, Value]
    path: str = ""
    about: str = ""
    institution: str = ""
    by: datetime | None = None
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """`values` names what its letters carry, for templates to choose from.

    `immediate` notices answer what the person just did and do not wait for quiet hours to end. `gathered`
    makes one letter's values of several that wait for the same person; without it each goes out alone.
    """

    name: str
    values: frozenset[str]
    events: tuple[str, ...]
    immediate: bool
    write: Callable[[AsyncSession, str, Mapping[str, Any]], Awaitable[list[Letter]]]
    gathered: Callable[[Sequence[Mapping[str, Value]]], Mapping[str, Value]] | None = None
