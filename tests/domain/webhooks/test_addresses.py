"""Where events may be sent: nothing of our own network, however it is written."""

import pytest

from domain.errors import ValueOutOfRange
from domain.webhooks.addresses import Addresses, is_public

INTERNET = Addresses()
PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - a target
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "::127.0.0.1",
    "fec0::1",
    "64:ff9b:1::a00:1",
    "::ffff:0:10.0.0.1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_our_own_is_not_public(address: str) -> None:
    assert not is_public(address)
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(ValueOutOfRange, match="公网"):
        INTERNET.check(f"https://{host}/hook")


@pytest.mark.parametrize("address", ["8.8.8.8", "223.5.5.5", "2400:3200::1", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://bank.example/hook",
        "ftp://bank.example/hook",
        "bank.example/hook",
        "https:///hook",
        "https://user:password@bank.example/hook",
        "https://bank.example/hook#part",
        "https://bank.example:99999/hook",
        "https://[::1/hook",
        "https://localhost/hook",
        "https://db.internal/hook",
        "https://printer.local/hook",
        "https://localhost./hook",
        "https://a..b/hook",
        f"https://{'a' * 64}.example/hook",
        "https://银行.example/hook",
        "https://bank.example/a b",
        "https://bank.example/路",
        "https://bank.example/a\r\nX-Evil: 1",
    ],
)
def test_what_can_never_be_sent_to_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueOutOfRange) as refused:
        INTERNET.check(url)
    assert refused.value.field == "url"


def test_a_name_is_looked_at_when_it_is_connected_to() -> None:
    INTERNET.check("https://bank.example:8443/hook?from=rongqiao")
    assert not INTERNET.trusts("bank.example")


def test_hosts_of_the_configuration_may_be_private_but_not_in_the_clear() -> None:
    inside = Addresses(hosts=frozenset({"hooks.bank.internal", "10.1.2.3"}))
    inside.check("https://hooks.bank.internal/hook")
    inside.check("https://Hooks.Bank.internal/hook")
    inside.check("https://10.1.2.3/hook")
    for url in ("http://hooks.bank.internal/hook", "https://10.1.2.4/hook"):
        with pytest.raises(ValueOutOfRange):
            inside.check(url)


def test_a_developer_s_machine_sends_anywhere() -> None:
    Addresses(anywhere=True).check("http://127.0.0.1:9000/hook")
    with pytest.raises(ValueOutOfRange):
        Addresses(anywhere=True).check("file:///etc/passwd")
