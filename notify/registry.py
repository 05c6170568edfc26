"""Every notice, by the events that cause it."""

from notify.notice import Notice
from notify.notices import request_progress

NOTICES: tuple[Notice, ...] = (request_progress.NOTICE,)


def for_event(event: str) -> list[Notice]:
    return [notice for notice in NOTICES if event in notice.events]
