"""What stands behind a loan: `collateral`, `guarantee`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from components.dictionaries import patterns
from components.purchases import kinds_of_things
from components.spans import Span, after, before

# 「设备」, 「车」, 「订单」 are security only where they are offered as such.
EVERYDAY = {"vehicle", "order", "invoice", "equipment", "inventory"}
BELONGINGS = {"equity", "real_estate", "land"}
# Goods and rights are pledged, whatever word is used; houses and machines are mortgaged.
PLEDGED = {"patent", "receivables", "inventory", "equity", "order", "invoice"}
OFFERED = re.compile(
    r"抵(?!扣|债|达|税|消)|质押|担保|作保|押(?!金|款|运|着)|增信|反担保|融资$|^(?:都|也)?(?:可以|能)(?:拿来|拿出来|拿去|给你们)?用|拿(?:得)?出来|^(?:去|来|做|就|能|可以|也|都|能不能)*(?:贷|借|融资)"
)
FOR_MONEY = re.compile(r"(?:拿|用|凭|以|靠)[^,，。]{0,8}$")
MONEY_BEHIND = re.compile(r"^[^,，。]{0,4}?(?:贷|借|融资|换钱|能不能贷)")
HELD = re.compile(r"(?:有|名下|拥有|拿|用|以|凭|手里|手上|自有|还剩|提供|只有|就剩|就)[^,，。]{0,8}$")
COUNTED = re.compile(
    r"^(?:证|本)?(?:倒是|倒|也|就|还|只)*有?(?:[一两二三四五六七八九十几]|\d+)(?:套|层|间|栋|处|个|本|亩|平|辆|台)|^(?:是|都是|全是)?(?:自己|自有|全款|红本|写的?我|我(?:自己)?的名|在我名下|没贷款|没抵押)|^在手|^(?:还|都)?(?:在)?按揭|^(?:证)?[,，]?(?:两证|三证|证件?|手续)(?:都)?(?:齐|全|在)|^(?:倒是|也|大概|差不多|能|少说|评估|估价|市值|现在)*值"
)
# What says of a thing, in the same clause, that it is another's or gone.
NOT_MINE = re.compile(
    r"^(?:都|也|还|全|现在|已经?|早就|早|是|办公|证|去年|前年|们)*(?:[^,，。]{0,9}不(?:同意|肯|让|愿意)|有?[^,，。]{0,4}但?银行不认|(?:公司|单位|朋友)租的|系?租(?:来|赁|用)的?|租的|系租赁|租着|借的|别人的|人家的|老婆的名|爸妈的|卖掉?了|卖了|卖掉|抵出去|抵押出去|押出去|押在|押着|抵在|抵给别|给?(?:[^,，。能可]{0,5})(?:抵押|抵|押)(?:掉|出去|过了)|查封|冻结|被(?:查封|冻|法院|银行)|(?:没|未)(?:办|拿|下来|到手|满)|不(?:能|质|抵)?(?:抵|押)|抵不了|不好抵|租期|到期|漏|拆)"
)
COUNTED_BEFORE = re.compile(
    r"(?:[一两二三四五六七八九十几百]|\d)(?:多|来)?(?:套|层|间|栋|处|个|块|片|亩|本|平|平米|平方|辆|台|张|艘|条|笔|份)(?:的|大的|自己的|自家的|全款的?|商用|工业|临街)?$"
)
ASKED_FOR = re.compile(
    r"(?<!去年)(?<!前年)(?<!刚)(?<!早)(?<!自己)(?:买|购|购买|购置|租|换|装修|盖|建|造|交|付|添|(?<![账手身路线])上|修|扩|翻新|改造|更新|赶|接|做|没钱|等)(?:个|一|台|辆|套|间|新|的|大|了|这|那|批|完|两|几|\d)*$"
)
# 「小产权房你们收不收」: asked about as security.
ACCEPTED = re.compile(
    r"^(?:的话)?[,，]?(?:的?证)?(?:你们|银行|这边|你们这|咱们|平台|这种|这样的|也|还|都|能)*(?:收不收|认不认|收[吗么]|认[吗么]|要不要|要[吗么]|行不行|行[吗不么]|可不可以$|能不能用|能用[吗不么]|接受[吗不么]|算不算|能不能评|够不够抵)"
)
# 「活猪能不能质押」, 「这批板栗拿去抵押」: whatever can be bought can be offered.
SERVES = re.compile(
    r"(?:都|也|全部|全|你们|银行)*(?:能不能|可不可以|可以|能|拿去|拿来|用来|拿出来|来|去|做|作为?|当|给银行)*(?:质押|抵押|押(?!金|款|运|着|品)|抵(?!扣|债|达|税|消|账|用|不))"
)
# 「有国企的订单，有什么产品」: the asker counts on it.
WHICH = re.compile(
    r"(?:什么|啥|哪些|哪种|哪个)(?:贷款)?产品|能做(?:什么|啥)贷|产品(?:适合|合适|能)|能贷[吗么不]"
)
KINDS_OFFERED = {
    "material": "inventory",
    "stock": "inventory",
    "equipment": "equipment",
    "plant": "real_estate",
}
LONGEST_THING = 6
ONLY_THING = re.compile(
    r"[我有一二两三四几\d套个间处栋块本张辆台项张条艘份笔的自己家了吧啊呢现在手里上名下老婆公就只也还可以能行不吗么全款政府国企a-z\d,，。\s俺咱我们厂公司店]*"
)
# 「房子值四百万，想拿它抵押」: what is offered was named before.
MEANT = re.compile(
    r"(?:拿|用|把|凭)(?:它|这个?|那个?|这套|这块|这些)(?:去|来|做|作)?(?:抵|押|质|融|担保|贷)|拿(?:得)?出来(?=$|[,，。押抵])"
)
SECURITY = re.compile(r"抵|押|担保|房产|房子|没房|厂房")
# 「什么担保」, 「担保方式」 speak of the question, 「基金担保」 of a fund; nobody is offered as a guarantor.
NO_GUARANTOR_BEHIND = re.compile(r"(?:贷款)?(?:贴息|补贴)|费|基金|方式|方法|措施|条件|物|池")
NO_GUARANTOR_BEFORE = re.compile(
    r"(?:政策性[^,，。]{0,8}|政府[^,，。]{0,8}|什么|啥|哪种|基金|保险|哪些|政策性|政府性?|再|保单)$"
)
NO_COLLATERAL_BEHIND = re.compile(
    r"^(?:企(?!业抵)|商|友|展|管所|贷款?|出?租|转租|企业|产品|政策|公司|中介|抵押率|代理|租赁|费|出让|融资(?!吗|吧|行|可)|比例|投资|翻新|装修|升级|改造|扩建|出口|生产|维修|销售|有限|质押贷款?的?利|年检|太|老|旧|坏|不够|要更新|要换|跑|厂|行|队|运|司机|备料)"
)


@lru_cache(maxsize=64)
def find_collaterals(text: str) -> tuple[Span, ...]:
    """All things offered; each guarantee of a text asks for them again."""
    return tuple(_collaterals(text))


def _collaterals(text: str) -> Iterator[Span]:
    for value, pattern in patterns("collaterals"):
        for match in pattern.finditer(text):
            if _offered(text, value, match.start(), match.end()):
                yield Span("collateral", match.start(), match.end(), value)
    yield from _things_that_serve(text)


def _things_that_serve(text: str) -> Iterator[Span]:
    kinds = kinds_of_things()
    for match in SERVES.finditer(text):
        name = before(text, match.start(), LONGEST_THING)
        for start in range(len(name)):
            value = KINDS_OFFERED.get(kinds.get(name[start:], ""))
            # A single sign at the end of a longer name may be part of any word.
            if value and (name == "货" or len(name) - start > 1):
                value = "vehicle" if name.endswith(("车", "船")) else value
                yield Span("collateral", match.start() - len(name) + start, match.start(), value)
                break


def _offered(text: str, value: str, start: int, end: int) -> bool:
    left, right = before(text, start), after(text, end, 14)
    if FOR_MONEY.search(left) and MONEY_BEHIND.match(right):
        return True
    if ASKED_FOR.search(left) or NO_COLLATERAL_BEHIND.match(right) or NOT_MINE.match(right):
        return False
    offered = bool(
        OFFERED.search(left) or OFFERED.search(right) or ACCEPTED.match(right) or MEANT.search(text, end)
    )
    held = bool(
        HELD.search(left) or COUNTED.match(right) or text[start] in "有拿自" or COUNTED_BEFORE.search(left)
    )
    alone = bool(ONLY_THING.fullmatch(text, 0, start) and ONLY_THING.fullmatch(text, end))
    if value in {"vehicle", "equipment", "inventory"}:
        # 「有辆货车」 offers it where security is the subject, or where nothing else is said.
        return offered or (held and (alone or bool(SECURITY.search(text))))
    if value in EVERYDAY:
        return offered or (held and (alone or bool(WHICH.search(text))))
    # 「老厂房要拆了」 offers nothing; 「厂房」 alone answers the question for security.
    return value not in BELONGINGS or offered or held or alone


def find_guarantees(text: str) -> Iterator[Span]:
    for value, pattern in patterns("guarantees"):
        for match in pattern.finditer(text):
            kind = _kind(text, value, match)
            if kind:
                yield Span("guarantee", match.start(), match.end(), kind)


def _kind(text: str, value: str, match: re.Match[str]) -> str | None:
    """A mortgage of goods is a pledge, and a thing that serves 「做担保」 makes no guarantor."""
    left = before(text, match.start())
    if value in {"mortgage", "pledge", "guarantor"} and NOT_OFFERED.search(left):
        return None
    if value not in {"mortgage", "guarantor"}:
        return value
    things = {span.value for span in find_collaterals(text) if text[span.start : span.end] in left}
    if value == "mortgage":
        return "pledge" if things and things <= PLEDGED else value
    if _no_guarantor(text, match):
        return None
    if things and match[0] in {"担保", "担保的"} and THING_SERVES.search(left):
        return "pledge" if things <= PLEDGED else "mortgage"
    return value


NOT_OFFERED = re.compile(r"(?<![能可要])不(?:想|再|愿意?|肯|打算|敢|会|给|帮|替|我|我们|做|出面|来)*$")
THING_SERVES = re.compile(r"(?:做|当|作为?|来|提供|可以|能)$")


def _no_guarantor(text: str, match: re.Match[str]) -> bool:
    left, right = before(text, match.start()), after(text, match.end())
    return bool(NO_GUARANTOR_BEFORE.search(left) or NO_GUARANTOR_BEHIND.match(right))
