"""The signature, against the example that Tencent Cloud publishes (签名方法 v3, secrets of asterisks)."""

from bot.transcription.tc3 import Action, Credentials, headers

STARS = "*" * 32
BODY = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
ACTION = Action("cvm", "DescribeInstances", "2017-03-12")
HOST = "cvm.tencentcloudapi.com"


def test_the_published_example() -> None:
    signed = headers(Credentials(STARS, STARS), ACTION, HOST, BODY, 1551113065)
    assert signed == {
        "Authorization": f"TC3-HMAC-SHA256 Credential={STARS}/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host;x-tc-action, "
        "Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f",
        "Content-Type": "application/json; charset=utf-8",
        "Host": HOST,
        "X-TC-Action": "DescribeInstances",
        "X-TC-Timestamp": "1551113065",
        "X-TC-Version": "2017-03-12",
    }


def test_the_day_is_that_of_greenwich() -> None:
    """Beijing has the next day already."""
    signed = headers(Credentials("id", "key"), ACTION, HOST, BODY, 1551110000 + 57_600)
    assert "/2019-02-26/" in signed["Authorization"]
    assert (
        "/2019-02-25/" in headers(Credentials("id", "key"), ACTION, HOST, BODY, 1551139199)["Authorization"]
    )


def test_all_that_is_sent_counts() -> None:
    def signature(key: str = "a", host: str = HOST, body: bytes = BODY, at: int = 1551113065) -> str:
        return headers(Credentials("id", key), ACTION, host, body, at)["Authorization"]

    others = {signature("other"), signature(host="h"), signature(body=b"{}"), signature(at=1551113066)}
    assert len(others | {signature()}) == 5


def test_the_secret_shows_nowhere() -> None:
    assert "the-secret" not in repr(Credentials("id", "the-secret"))
    assert "the-secret" not in str(headers(Credentials("id", "the-secret"), ACTION, HOST, BODY, 1))
