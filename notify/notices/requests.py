"""How letters speak of a request: shared by the notices about one."""

from datetime import datetime

from domain.base import SHANGHAI
from domain.labels import Purpose
from domain.requests import RequestRow

# What a field of the type `thing` holds.
TITLE_CHARS = 20
# Of a name as much must be left that an owner knows whose it is.
_NAME_SHORTEST = 6


def subject_of(request: RequestRow) -> str:
    """As owners and officers read it: 「购买设备融资需求」."""
    purpose = Purpose(request.purpose).label if request.purpose else "资金周转"
    return f"{purpose}融资需求"


def amount_of(request: RequestRow) -> int:
    """Yuan; nothing where the owner left it open."""
    return request.amount_max or request.amount_min or 0


def named(institution: str, words: str) -> str:
    """A title with an institution in it: a long name is cut before what happened is.

    `words` has `{}` where the name stands.
    """
    room = max(TITLE_CHARS - len(words.format("")), _NAME_SHORTEST)
    name = institution if len(institution) <= room else f"{institution[: room - 1]}…"
    return words.format(name)


def day(moment: datetime) -> str:
    """The day in Shanghai: 「11月28日」."""
    local = moment.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日"
