# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""What is denied, or taken back, is no fact: 「没有房子抵押」, 「不是50万，是80万」, 「从一年改成两年」."""

from __future__ import annotations

import re

from components.spans import Span, after, before

FILLER = r"(?:什么|啥|任何|可以?|得|能|用|拿|去|来|把|我的|有|其它|其他|别的|在|要|买|做|自己的|够|个|点|了|是|想|再|到)*"
DENIED = re.compile(
    rf"(?:不是|没有|没|么得|木有|冇|并非|不要|别|不用|不想用|不想|不做|不搞|不干|不在|不算|不买|不打算|不需要|无|暂无|缺少|缺)(?<!差不是){FILLER}$"
)
# 「没钱发工资」, 「没有问题」, 「是不是」 deny nothing.
ASKING = re.compile(
    r"(?:是不是|有没有|要不要|能不能|可不可以|需不需要|用不用|算不算|在不在|做不做|差不多)[^,，。]{0,6}$"
)
REPLACED = re.compile(
    r"^(?:左右|的|元|块|钱|那个|期|吧|了|,|，)*(?:改成|改为|换成|改到|变成|变更为|调成|调到|提到|提高到|加到|降到|减到|不对|错了|说错|写错|填错|搞错)"
)
TOO_LITTLE = re.compile(
    r"^(?:左右|的|元|块|钱|期|,|，)*(?:不够|太少|太多|太短|太长|太高|少了|多了|不要了|算了)"
)
MISSING = re.compile(
    r"^(?:也|都|是|我|我们|现在|暂时|的话?)*(?:没有|没|不要|不想|不能|不行|不了|免谈|没得|不做|不用)(?:了|的|啊|呢)?(?=$|[,，。 ]|抵押|,)"
)
FROM = re.compile(r"(?:从|由)[^,，。]{0,3}$")
LINK = re.compile(
    r"(?:和|跟|、|或者?|也|可以|能|可|来|做|作|作为|用来|去|拿来|也没有?|没有?|及|/|给银行|给你们)*"
)
# These cannot be missing in this sense, or carry their own 「无」.
FIGURES = {"amount", "term_months", "rate"}
NEVER_DENIED = {"phone", "id_number", "uscc", "datetime", "score", "founded"}


def without_denied(text: str, spans: list[Span]) -> list[Span]:
    """The spans that are not denied; what is joined to something denied is denied with it."""
    denied: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        if span.entity not in NEVER_DENIED and (_denied(text, span) or _joined(text, span, denied)):
            denied.append(span)
    return [span for span in spans if span not in denied]


def _denied(text: str, span: Span) -> bool:
    left, right = before(text, span.start, 14), after(text, span.end)
    if REPLACED.match(text[span.end : span.end + 12]) and span.entity not in {
        "industry",
        "policy",
        "product",
    }:
        return True
    if span.entity in FIGURES and TOO_LITTLE.match(right):
        return True
    if MISSING.match(right) and span.entity in {"collateral", "guarantee", "qualification"}:
        return not (span.entity == "guarantee" and span.value == "credit")
    if FROM.search(left) and re.match(r"(?:左右|的)*(?:改|换|变|调|提|加|降|减|搬)", right):
        return True
    if ASKING.search(left) or not DENIED.search(left):
        return False
    return not _is_lack(span, left)


def _is_lack(span: Span, left: str) -> bool:
    """「缺30万」, 「没钱」, 「不要超过5%」: the word denies something else than the span."""
    if span.entity == "guarantee" and span.value == "credit":
        return not left.endswith("不是")
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
            last.entity == "collateral"
            and span.start - last.end >= 0
            and LINK.fullmatch(text[last.end : span.start])
        )
        for last in denied
    )
