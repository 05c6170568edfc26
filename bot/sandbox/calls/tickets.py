"""Tickets for pages: what the JS-SDK's signatures are made with."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.calls.base import FINE, Answer, Payload, Work
from bot.sandbox.errors import ApiError

LIFETIME = 7200.0
_LENGTH = 86


@dataclass
class TicketDesk:
    clock: Callable[[], float]
    _kept: dict[str, tuple[str, float]] = field(default_factory=dict)

    def calls(self) -> dict[str, Work]:
        return {"cgi-bin/ticket/getticket": self._get}

    def _get(self, payload: Payload) -> Answer:
        kind = payload.get("type")
        if kind not in {"jsapi", "wx_card"}:
            raise ApiError(40097, "invalid args: type")
        ticket, expires = self._kept.get(kind, ("", 0.0))
        if expires <= self.clock():
            ticket, expires = secrets.token_urlsafe(_LENGTH)[:_LENGTH], self.clock() + LIFETIME
            self._kept[kind] = (ticket, expires)
        return FINE | {"ticket": ticket, "expires_in": round(expires - self.clock())}
