"""Every notice, by the events that cause it."""

from collections.abc import Mapping

from notify.notice import Notice
from notify.notices import authorization_result, identity_result, registration_result, request_progress

NOTICES: tuple[Notice, ...] = (
    request_progress.NOTICE,
    registration_result.NOTICE,
    identity_result.NOTICE,
    authorization_result.NOTICE,
    authorization_result.REMINDER,
)


def unknown_values(templates: Mapping[str, tuple[str, Mapping[str, str]]]) -> list[tuple[str, str]]:
    """Notice and field of every template field that asks for a value which its notice does not carry."""
    return [
        (notice.name, field)
        for notice in NOTICES
        for field, value in templates[notice.name][1].items()
        if value not in notice.values
    ]


def for_event(event: str) -> list[Notice]:
    return [notice for notice in NOTICES if event in notice.events]
