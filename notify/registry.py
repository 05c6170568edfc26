"""Every notice, by the events that cause it."""

from collections.abc import Mapping

from notify.notice import Notice
from notify.notices import (
    authorization_result,
    claim_decided,
    claim_due,
    equity_progress,
    follow_up,
    identity_result,
    institution_deadline,
    institution_place_free,
    institution_request,
    recommendation,
    registration_result,
    request_progress,
)

NOTICES: tuple[Notice, ...] = (
    request_progress.NOTICE,
    recommendation.NOTICE,
    institution_request.NOTICE,
    institution_place_free.NOTICE,
    institution_deadline.NOTICE,
    equity_progress.NOTICE,
    claim_due.NOTICE,
    claim_decided.NOTICE,
    registration_result.NOTICE,
    follow_up.NOTICE,
    identity_result.NOTICE,
    authorization_result.NOTICE,
    authorization_result.REMINDER,
)


def unknown_values(templates: Mapping[str, tuple[str, Mapping[str, str]]]) -> list[tuple[str, str]]:
    """Notice and field of every template field that asks for a value which its notice does not carry."""
    unknown = (
        (notice.name, field)
        for notice in NOTICES
        for field, value in templates[notice.name][1].items()
        if value not in notice.values
    )
    # Several notices may share a template.
    return list(dict.fromkeys(unknown))


def by_name(name: str) -> Notice:
    return next(notice for notice in NOTICES if notice.name == name)


def for_event(event: str) -> list[Notice]:
    return [notice for notice in NOTICES if event in notice.events]
