"""Where events may be sent: to the internet alone, unless the configuration says otherwise.

Who subscribes must not have the service call its own network (SSRF). A name may lead anywhere at any time, so
what counts is the address that is connected to; what can be told by the URL is refused at once.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from domain.errors import ValueOutOfRange

_INWARDS = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        # Routed to wherever the address inside leads: NAT64, also a network's own, 6to4, SIIT and what was
        # before them.
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "::ffff:0:0:0/96",
        "::/96",
        # A site's own, as they were before fc00::/7.
        "fec0::/10",
    )
)
_LOCAL = (".localhost", ".local", ".internal")
_WRITABLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Addresses:
    """`anywhere`: as on a developer's machine, http and this machine itself too; `hosts` may be private."""

    anywhere: bool = False
    hosts: frozenset[str] = frozenset()

    def trusts(self, host: str) -> bool:
        """Whether it may be connected to wherever its name leads."""
        return self.anywhere or host.lower() in self.hosts

    def check(self, url: str) -> None:
        """Refuse what can never be sent to.

        Raises:
            ValueOutOfRange: not https, not whole, not as it would be sent, or an address that is not public.
        """
        # As it is written it is sent: blanks and the like would be taken for the end of it.
        if not _WRITABLE.fullmatch(url):
            raise _refusal("url 只能用 ASCII 字符，不带空格；中文域名请写成 xn-- 形式，路径请用百分号编码。")
        parts = _parts(url)
        host = parts.hostname or ""
        if parts.scheme != "https" and not (self.anywhere and parts.scheme == "http"):
            raise _refusal("url 应以 https:// 开头。")
        if not _is_name(host) or parts.username is not None or parts.fragment:
            raise _refusal("url 应为完整地址，不带用户名、密码和 #。")
        if not self.trusts(host) and (_is_local_name(host) or not _is_public_literal(host)):
            raise _refusal("url 应为公网地址。")


def is_public(address: str) -> bool:
    """Whether the numeric address lies in the internet, and is one machine's."""
    # A scope behind it, as of fe80::1%eth0, belongs to no public one.
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if any(found in network for network in _INWARDS):
            return False
    return found.is_global and not found.is_multicast


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        # Looked at here, since it is only read when it is asked for.
        _ = parts.port
    except ValueError as error:
        raise _refusal("url 不是有效的地址。") from error
    return parts


def _is_name(host: str) -> bool:
    """Whether it can be looked up at all: no part of it is empty or too long."""
    try:
        return bool(host.encode("idna"))
    except UnicodeError:
        return False


def _is_local_name(host: str) -> bool:
    whole = host.removesuffix(".")
    return whole == "localhost" or whole.endswith(_LOCAL)


def _is_public_literal(host: str) -> bool:
    """True of names too: they are looked at when they are connected to."""
    try:
        return is_public(host)
    except ValueError:
        return True


def _refusal(sentence: str) -> ValueOutOfRange:
    return ValueOutOfRange("url", sentence)
