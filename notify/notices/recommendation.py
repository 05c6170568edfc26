"""The list of products for a request, to its owner: once an adviser has reviewed it, or had no time to."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain import events
from domain.recommending import reading
from domain.recommending.reading import Listed
from domain.requests import RequestRow
from notify.fields import Value
from notify.notice import Letter, Notice
from notify.notices.request_progress import path_of
from notify.notices.requests import TITLE_CHARS

_NOTHING = "暂无"


async def _write(session: AsyncSession, event: str, payload: Mapping[str, Any]) -> list[Letter]:
    request = await session.get(RequestRow, payload["request_id"])
    found = await reading.of(session, payload["request_id"])
    if request is None or found is None:
        return []
    review = found.review
    values: dict[str, Value] = {
        "title": _title(found, event),
        "product": _counted([row.name for row in found.on], "款"),
        "institution": _counted(list(dict.fromkeys(row.institution for row in found.on)), "家"),
        "time": review.finished_at or review.sent_at or review.updated_at,
    }
    subject = f"{request.id}:{event.rpartition('.')[2]}"
    return [Letter(request.openid, subject, values, path=path_of(request))]


def _title(found: Listed, event: str) -> str:
    if event == events.REVIEW_PASSED_BY:
        return "匹配结果先给您，顾问复核后有调整再告知" if found.on else "需求已发布，暂无完全对得上的产品"
    if found.review.note:
        return "顾问复核了推荐，并给您留了言"
    if not found.on:
        return "顾问复核后，暂无合适的产品"
    return "顾问调整了给您推荐的产品" if found.changed else "顾问已复核给您推荐的产品"


def _counted(names: list[str], measure: str) -> str:
    """The first, and how many there are; cut so that the number can still be read."""
    if not names:
        return _NOTHING
    if len(names) == 1:
        return names[0]
    rest = f"等{len(names)}{measure}"
    room = TITLE_CHARS - len(rest)
    first = names[0] if len(names[0]) <= room else f"{names[0][: room - 1]}…"
    return first + rest


NOTICE = Notice(
    name="recommendation",
    values=frozenset({"title", "product", "institution", "time"}),
    events=(events.REVIEW_FINISHED, events.REVIEW_PASSED_BY),
    immediate=False,
    write=_write,
)
