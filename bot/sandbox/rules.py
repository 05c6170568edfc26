"""WeChat's rules that a product can break: each breach is kept, counted and said in one clear sentence."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

GRACE = 10.0
"""Seconds in which calls already under way may still meet a refusal that the product has been told."""


class Rule(Enum):
    LATE = "没有在 5 秒内回答推送，微信断开并重发"
    UNREACHABLE = "回调地址连不上，或没有答完就断开"
    STATUS = "没有用 HTTP 200 回答推送"
    ENVELOPE = "被动回复的格式、签名或加密不对"
    REPLY = "被动回复的类型、大小或收发双方不对"
    CREDENTIALS = "换取令牌时的账号或密钥不对"
    ADDRESS = "调用接口的 IP 不在白名单里"
    ANONYMOUS = "调用接口没有带令牌"
    STALE = "令牌已被告知失效，还在用它调用"
    LIMIT = "超过接口的调用次数或频率限制"
    FORMAT = "请求的内容不合接口的格式"
    PERSON = "openid 不是本公众号的"
    NOT_FOLLOWING = "给没有关注的人发消息"
    WINDOW = "客服消息超出时间窗，或对方已取消关注"
    QUOTA = "客服消息超出这次互动允许的条数"
    SIZE = "消息超过长度或篇数上限"
    TYPING = "“对方正在输入”用得不合规则"
    TEMPLATE = "模板编号不是这个账号的，或用错了接口"
    FIELD = "模板字段的内容不合它的类型"
    GRANT = "没有得到订阅授权就发送"
    MASS = "群发超出人数、次数或重试的规则"
    MENU = "自定义菜单超出微信的规格"
    CODE = "二维码的参数超出微信的规格"
    TAG = "标签操作超出微信的规则"
    MEDIA = "素材的编号、类型或大小不对"
    AGENT = "客服账号或会话的操作不合规则"
    OAUTH = "网页授权的链接或凭据不对"


def _by_errcode() -> dict[int, Rule]:
    codes: Mapping[Rule, tuple[int, ...]] = {
        Rule.CREDENTIALS: (40002, 40013, 40125),
        Rule.ADDRESS: (40164,),
        Rule.ANONYMOUS: (41001,),
        Rule.LIMIT: (45009, 45011, 48006),
        # 46003, no menu, is no breach: to look is how one learns that there is none.
        Rule.FORMAT: (40008, 40097, 44004, 47001),
        Rule.PERSON: (40003, 49003),
        Rule.NOT_FOLLOWING: (43004,),
        Rule.WINDOW: (45015,),
        Rule.QUOTA: (45047,),
        Rule.SIZE: (45002, 45008),
        Rule.TYPING: (45072, 45080, 45081),
        Rule.TEMPLATE: (40037, 40246, 43100, 45026, 200012),
        Rule.FIELD: (47003,),
        Rule.GRANT: (43101,),
        Rule.MASS: (40032, 45028, 45066, 45067),
        Rule.MENU: (*range(40016, 40028), 65301, 65303, 65304, 65307),
        Rule.CODE: (40053,),
        Rule.TAG: (45056, 45058, 45059, 45157, 45158, 45159),
        Rule.MEDIA: (40004, 40005, 40006, 40007, 40009, 53600),
        Rule.AGENT: (65401, 65403, 65404, 65405, 65406, 65413, 65414, 65415),
        Rule.OAUTH: (40030, 48001),
    }
    return {code: rule for rule, listed in codes.items() for code in listed}


_BY_ERRCODE = _by_errcode()


def rule_of(errcode: int) -> Rule | None:
    """The rule behind a refusal that a careful product never meets, whatever people and network do."""
    return _BY_ERRCODE.get(errcode)


@dataclass(frozen=True)
class Violation:
    rule: Rule
    where: str
    """The push or the call, such as `text` or `cgi-bin/message/custom/send`."""
    detail: str
    at: float
    """Seconds since the epoch, by the sandbox's clock."""

    def __str__(self) -> str:
        return f"{self.where}：{self.rule.value}（{self.detail}）"


@dataclass
class RuleBook:
    """What the product did that a real account must not do."""

    clock: Callable[[], float]
    tell: Callable[[str, Any], None]
    found: list[Violation] = field(default_factory=list)
    _told: dict[tuple[str, ...], float] = field(default_factory=dict)

    def broken(self, rule: Rule, where: str, detail: str) -> None:
        violation = Violation(rule, where, detail, self.clock())
        self.found.append(violation)
        self.tell("violation", violation)

    def counts(self) -> Counter[Rule]:
        return Counter(violation.rule for violation in self.found)

    def told_before(self, *key: str) -> bool:
        """Whether the product was told `key` long enough ago to know; the first asking tells it."""
        first = self._told.setdefault(key, self.clock())
        return self.clock() - first > GRACE

    def forget(self) -> None:
        """Begin a new count."""
        self.found.clear()
        self._told.clear()
        self.tell("violations", None)
