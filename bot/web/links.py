"""Links that lead from chat to a page: whom they are for and where they lead can be neither read nor changed.

A link opens nothing by itself: who follows it proves by WeChat's login that he is the person it was made for.
The token is sealed with the ring of keys for data at rest, so links outlive a change of key.
"""

import base64
import binascii
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.secrets import Cipher, UnreadableSecret

MOUNT = "/m"
# Bound to each token: nothing else that the service ever sealed can be passed off as a link.
_PURPOSE = "page link"
_LONGEST_TOKEN = 1024


class Page(StrEnum):
    """The pages that may be opened by name: from chat, from the menu, and after a login."""

    HOME = "home"
    REGISTER = "register"
    REGISTRATION = "registration"
    IDENTITY = "identity"
    IDENTITY_BACK = "identity_back"
    IDENTITY_MATERIAL = "identity_material"
    AUTHORIZATIONS = "authorizations"
    AUTHORIZATION_NEW = "authorization_new"
    AUTHORIZATION = "authorization"
    AUTHORIZATION_REVOKE = "authorization_revoke"
    ACCESS_LOG = "access_log"
    CREDIT = "credit"
    OBJECTIONS = "objections"
    OBJECTION_NEW = "objection_new"
    POLICIES = "policies"
    POLICY = "policy"
    PRODUCT = "product"
    EQUITY = "equity"
    DATA = "data"
    DATA_DELETE = "data_delete"
    REQUESTS = "requests"
    REQUEST = "request"
    REQUEST_ACCEPT = "request_accept"
    REQUEST_DECLINE = "request_decline"
    REQUEST_WITHDRAW = "request_withdraw"
    REQUEST_RATE = "request_rate"
    CASE = "case"
    CASE_WITHDRAW = "case_withdraw"


class BadLink(Exception):
    """Not a link of ours, or changed on its way."""


class ExpiredLink(Exception):
    """A link of ours whose time is over."""


@dataclass(frozen=True, slots=True)
class Target:
    """A page by its name with what it is about; never an address, so no link leads elsewhere.

    An argument of the address that is there several times has a list of values.
    """

    page: Page
    args: Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Opened:
    """What a genuine link says."""

    target: Target
    openid: str = field(repr=False)


class Links:
    """``address`` is the public one of the service; ``clock`` gives seconds since 1970."""

    def __init__(
        self, cipher: Cipher, address: str, *, minutes: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._cipher = cipher
        self._base = f"{address.rstrip('/')}{MOUNT}/go/"
        self._seconds = minutes * 60
        self._clock = clock

    def to(self, openid: str, page: str, /, **args: str) -> str:
        """The address for this person alone. Raises ValueError for a page that is not in `Page`."""
        said = [Page(page), openid, int(self._clock()) + self._seconds, args]
        sealed = self._cipher.encrypt(json.dumps(said, ensure_ascii=False), _PURPOSE)
        return self._base + base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, token: str) -> Opened:
        """Raises `BadLink`, or `ExpiredLink` for a genuine one that is too old."""
        try:
            page, openid, expires, args = json.loads(self._unsealed(token))
            opened = Opened(Target(Page(page), args), openid)
        except ValueError as error:  # made before an update that changed links, or took the page away
            raise BadLink from error
        if self._clock() >= expires:
            raise ExpiredLink
        return opened

    def _unsealed(self, token: str) -> str:
        if len(token) > _LONGEST_TOKEN:
            raise BadLink
        try:
            blob = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            return self._cipher.decrypt(blob, _PURPOSE)
        except (UnreadableSecret, binascii.Error, ValueError) as error:
            raise BadLink from error
