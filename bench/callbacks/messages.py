"""What people send: four kinds of messages, from new people or from fifty in turn, sealed as WeChat does."""

import json
import time
from enum import StrEnum
from http import HTTPStatus
from itertools import count

from yarl import URL

from bench.callbacks.load import Answer, post
from bot.sandbox.account import SandboxAccount
from bot.sandbox.envelope import Encryption, Envelope
from bot.sandbox.errors import BadReplyError

_REPEATED = "我在昆山做五金加工，想贷120万买一台加工中心，两年，用厂房抵押"
_PLACES = ("昆山", "合肥包河区", "苏州吴中", "海口", "太仓", "张家港", "常熟")
_TRADES = ("五金加工", "外贸服装", "物流", "餐饮", "软件开发")
_PURPOSES = ("买一台加工中心", "进一批原材料", "付工人工资")
_TERMS = ("一年", "两年")
_FIFTY = 50
# Events are told apart by person and second: each message has one of its own.
_FIRST_SECOND_AGO = 100_000


class Kind(StrEnum):
    CLICK = "click"
    GREETING = "greeting"
    NEW = "new sentence"
    REPEATED = "repeated sentence"


TYPED = (Kind.GREETING, Kind.NEW, Kind.REPEATED)


class Crowd(StrEnum):
    NEW = "each new"
    FIFTY = "50 in turn"


def sentence(kind: Kind, number: int) -> str:
    """What a person types; a new sentence differs from those of all other numbers."""
    if kind is Kind.GREETING:
        return "你好"
    if kind is Kind.REPEATED:
        return _REPEATED
    place, trade = _PLACES[number % len(_PLACES)], _TRADES[number % len(_TRADES)]
    purpose, term = _PURPOSES[number % len(_PURPOSES)], _TERMS[number % len(_TERMS)]
    return f"我在{place}做{trade}，想贷{60 + number}万{purpose}，{term}，用厂房抵押"


class Callbacks:
    """Callbacks of one account to one server, each sent once."""

    def __init__(self, account: SandboxAccount, address: str) -> None:
        self._account = account
        self.address = address
        self._envelope = Envelope(account, Encryption.SAFE)
        self._numbers = count()
        self._began = int(time.time())

    def sealed(self, kind: Kind, crowd: Crowd, total: int) -> list[bytes]:
        return [self._sealed(kind, crowd, next(self._numbers)) for _ in range(total)]

    def answered(self, answer: Answer) -> bool:
        """Whether a text came at once: no refusal, and no `success` with the text to follow."""
        try:
            return answer.status == HTTPStatus.OK and bool(
                self._envelope.open_reply(answer.body.decode())["Content"]
            )
        except (BadReplyError, KeyError):
            return False

    def _sealed(self, kind: Kind, crowd: Crowd, number: int) -> bytes:
        person = number if crowd is Crowd.NEW else number % _FIFTY
        openid = f"oBench{list(Kind).index(kind)}{crowd.name[0]}{person:020}"
        fields = {
            "ToUserName": self._account.original_id,
            "FromUserName": openid,
            "CreateTime": self._began - _FIRST_SECOND_AGO + number,
            **_content(kind, number),
        }
        push = self._envelope.seal(f"{self.address}/wechat", openid, fields, int(time.time()))
        return post(push.url, push.body, "text/xml")


def _content(kind: Kind, number: int) -> dict[str, object]:
    if kind is Kind.CLICK:
        return {"MsgType": "event", "Event": "CLICK", "EventKey": "help"}
    return {"MsgType": "text", "Content": sentence(kind, number), "MsgId": time.time_ns()}


class ParseCalls:
    """The same sentences to Rasa's own HTTP API."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._url = URL(address) / "model" / "parse"
        self._numbers = count()

    def sealed(self, kind: Kind, crowd: Crowd, total: int) -> list[bytes]:
        del crowd  # Rasa knows no people
        return [
            post(
                self._url,
                json.dumps({"text": sentence(kind, next(self._numbers))}).encode(),
                "application/json",
            )
            for _ in range(total)
        ]

    def answered(self, answer: Answer) -> bool:
        return answer.status == HTTPStatus.OK and bool(json.loads(answer.body)["intent"]["name"])
