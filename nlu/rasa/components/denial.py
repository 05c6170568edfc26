# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""What is denied, or taken back, is no fact: 「没有房子抵押」, 「不是50万，是80万」, 「从一年改成两年」."""

from __future__ import annotations

import re

from components.spans import Span, after, before

FILLER = r"(?:啥子|好|可供|可用于|东西|对外|什么|啥|任何|可以?|得|能|用|拿|去|来|把|我的|说|有|其它|其他|别的|在|要|买|做|自己的|够|个|点|了|是|想|再|到)*"
DENIED = re.compile(
    rf"(?:不是|没有|没得|没|么得|莫得|哪有|哪里有|哪来|有啥好|有什么好|不押|不抵押?|木有|冇|并非|不要|别|不用|不想用|不想|不做|不搞|不干|不在|不算|不买|不打算|不需要|无|暂无|缺少|缺|找不(?:到|着|来)|没找到|拿不出|提供不了|没(?:评|认定|申请|通过|办)(?:上|到|下来)?|不属于|不拿|不把|唔好|唔系|唔是|勿是|不系|别写|撤掉|删掉|删除|去掉|取消|不再提供|不具备|没人(?:肯|愿意?|敢|能|会|给|替|帮)*)(?<!差不是){FILLER}$"
)
# 「没钱发工资」, 「没有问题」, 「是不是」 deny nothing.
ASKING = re.compile(
    r"(?:是不是|有没有|要不要|能不能|可不可以|需不需要|用不用|算不算|在不在|做不做|差不多)[^,，。]{0,6}$"
)
REPLACED = re.compile(
    r"^(?:左右|的|元|块|钱|那个|期|额度|贷款|吧|了|,|，)*(?:哦不|噢不|呃不|不不|改成|改为|换成|改到|变成|变更为|调成|调到|提到|提高到|加到|降到|减到|转成|转为|不对|错了|说错|写错|填错|搞错|是?口误)"
)
TOO_LITTLE = re.compile(
    r"^(?:左右|的|元|块|钱|期|,|，|怕是?|恐怕|可能|估计|肯定|应该|好像|是|也|都|还)*(?:不够|太少|太多|太短|太长|太紧|太赶|太高|少了|多了|作废|不算|不要了|就?不要|撤)"
)
TOO_MUCH = re.compile(r"(?:左右|的|元|块|钱|期|,|，)*太(?:少|多|短|长|高|低|紧)")
MISSING = re.compile(
    r"^(?:担保|抵押|质押|押品|和|跟|、)*(?:也|都|是|我|我们|现在|暂时|的话?)*(?:没有|没|不要|不想|不能|不行|不了|免谈|没得|不做|不用|就?别想|就?别提|就?免了|就?算了|没戏|没门|没法|办不了|做不了|做不成|拿不出|提供不了|找不到|不考虑|不谈|不愿意?|不肯|不干|不给|不好办|是不可能|没指望|指望不上)(?:了|的|啊|呢|做|弄|搞|来)?(?=$|[,，。 ]|抵押|,)"
)
FROM = re.compile(r"(?:从|由)[^,，。]{0,3}$")
# 「写成十八万」 tells the slip, 「写成九十五万才对」 the right figure.
MISTAKEN = re.compile(r"(?:写|记|听|当|弄|打|填|搞|录|报)成(?:了|是)?$")
# 「刚才说两年，其实十八个月就够」
SAID_BEFORE = re.compile(
    r"(?:刚才?|刚刚|之前|前面|原来|起初)(?:我|俺)?(?:说|填|写|报|讲|要)(?:的|了)?(?:是|要|贷|借)?$"
)
REVISED = re.compile(r"其实|改|应该|现在|又|后来|不对|口误|错|得")
TURNED = re.compile(r"(?:左右|的)*(?:改|换|变|调|提(?!供)|加|降|减|搬|掉|跌|涨|增)")
LINK = re.compile(
    r"(?:和|跟|、|或者?|也|可以|能|可|来|做|作|作为|用来|去|拿来|也没有?|没有?|及|/|给银行|给你们|愿意|肯|敢|给|帮|我|当|的)*"
)
# These cannot be missing in this sense, or carry their own 「无」.
FIGURES = {"amount", "term_months", "rate"}
UNREPLACED = {"industry", "policy", "product"}
NEVER_DENIED = {"phone", "id_number", "uscc", "datetime", "score", "founded"}


def without_denied(text: str, spans: list[Span]) -> list[Span]:
    """The spans that are not denied; what is joined to something denied is denied with it."""
    denied: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        if span.entity not in NEVER_DENIED and (is_denied(text, span) or _joined(text, span, denied)):
            denied.append(span)
    return [span for span in spans if span not in denied]


def is_denied(text: str, span: Span) -> bool:
    """Whether the words around a span take it back or deny it."""
    left, right = before(text, span.start, 14), after(text, span.end)
    if _is_replaced(text, span, left, right):
        return True
    if MISSING.match(right) and span.entity in {"collateral", "guarantee", "qualification"}:
        return not (span.entity == "guarantee" and span.value == "credit")
    if ASKING.search(left) or not DENIED.search(left):
        return False
    return not _is_lack(span, left)


def _is_replaced(text: str, span: Span, left: str, right: str) -> bool:
    """Whether something else is to stand in its place: 「从50万改成」, 「50万不够」, 「刚才说50万，其实」."""
    if REPLACED.match(text[span.end : span.end + 12]) and span.entity not in UNREPLACED:
        return True
    if FROM.search(left) and TURNED.match(right):
        return True
    if SAID_BEFORE.search(left) and REVISED.search(text[span.end :]):
        return True
    if span.entity not in FIGURES:
        return False
    if TOO_LITTLE.match(right) or TOO_MUCH.match(text, span.end):
        return True
    return bool(MISTAKEN.search(left)) and not re.match(r"才对|就对|才是", right)


def _is_lack(span: Span, left: str) -> bool:
    """「缺30万」, 「没钱」, 「不要超过5%」: the word denies something else than the span."""
    if span.entity == "guarantee" and span.value == "credit":
        return not left.endswith(("不是", "不要", "不想要", "不做"))
    if re.search(rf"(?:缺|缺少|无){FILLER}$", left) and span.entity not in {
        "collateral",
        "guarantee",
        "qualification",
    }:
        return True
    if span.role and not re.search(r"不是[^,，。]{0,3}$", left):
        return True
    return span.entity == "purpose" and bool(re.search(r"(?:没|没有|不够)(?:什么|有)?$", left))


def _joined(text: str, span: Span, denied: list[Span]) -> bool:
    if span.entity not in {"collateral", "guarantee", "amount", "term_months", "rate"}:
        return False
    return any(
        (last.start, last.end) == (span.start, span.end)
        or (
            last.entity in {"collateral", "guarantee"}
            and span.start - last.end >= 0
            and LINK.fullmatch(text[last.end : span.start])
        )
        for last in denied
    )
