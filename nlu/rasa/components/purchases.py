# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""What is bought or built with the money, read from a verb and an object of `purchases.tsv`.

Whether goods are material or stock is told by the trade: a shop buys apples to sell, a cider maker to make something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal

from components.dictionaries import entries
from components.numerals import NUMBER
from components.spans import Span, before

# Whether the speaker deals in goods, makes something of them, or does not tell.
Side = Literal["sells", "makes", "unknown"]

COUNT = r"(?:[一二两三四五六七八九十几百千万\d]+(?:多|来)?|这|那|每)"
MEASURE = rf"(?:了|个|点|些|台|辆|套|条|部|批|张|{COUNT}(?:台|辆|挂|套|条|部|个|艘|架|批|吨|斤|公斤|头|只|羽|尾|组|车|船|柜|箱|桶|袋|卷|盘|座|款|把|种|样|件|间|栋|亩|排|幢|处|层|期|口|张))*"
BUY = re.compile(
    r"(?P<verb>(?<![收网])购(?!物)(?:买|进|置|入)?|(?<![购])买(?!卖|断|单|保险|主|家)|采购|采买|添(?:置|加|购)?|置办|引进|(?<![改推跟先引])进(?!口|出|行|去|来|账|度|步|展|一步|货款)"
    r"|订(?!单|金|酒店|机票|票|房|餐)(?:购|做)?|(?<![设准具装配])备(?!用|案|注|份|战|付|齐|好|全|哪|什么|啥|几|多少)|用途(?:应该|该|就|改)?(?:是|为|成|:)|囤|屯|补(?!贴|助|税|缴|交|偿|课|胎|贷|充|发)|(?<![回应年营秋])收(?!入|款|账|回|益|据|费|盘|到|割|成|支|尾|了钱|不|租|购同)(?:购)?"
    r"|换(?!汇|人|家|贷|银行)|更换|更新|升级|改造|增加|增添|(?<!再)加(?!盟|油|工|急|班|上|大)(?:装|购)?|上(?!班|市|海|交|税|门|次|个月|半年|缴|游|涨|线|学|面|调|周|年|的|了|下)|装(?!修|潢|饰|卸)|安装|铺设|进口(?=[一二两三四五六七八九十几\d])|投(?=[^,，。]{0,3}(?:苗|料|饵))|(?:拉|配(?:备|置|齐)?|定|入|采|提|淘|置|贩|调|存|压|拿)(?=[点些几]|[一两二三四五六七八九十\d]+[车批吨台套辆柜船箱]|新的)|定(?:制|做|购)|入手|置(?=[台套辆])|弄|整(?!个)|搞)"
    rf"{MEASURE}"
)
BUILD = re.compile(
    r"(?P<verb>盖|(?<!自)建(?!议|行|设银行|材|筑)(?:设|造)?|(?<![制打酿])造|扩建|新建|翻建|改建|扩(?!大)|起(?!步|来|家|码)|挖(?!机|掘|潜)|搭(?:建)?|修(?:建|缮)?|(?<!收)购(?:买|置)?|买|盘下?)"
    rf"(?:新的?|隔壁的?|自己的?|标准|二期|的|{MEASURE})*"
)
# With these verbs goods are told only by a measure: 「搞点化肥」, but not 「搞化肥」.
VAGUE = re.compile(r"^(?:弄|整|搞|加|装)$")
# 「补材料」 is asked of applicants.
PAPERS = frozenset({"材料", "料"})
# 「上机了」, 「装车」 are no purchases.
VAGUE_OR_UP = re.compile(r"^(?:上|装|加|弄|整|搞)$")
RENEWING = re.compile(r"^(?:换|更换|更新|升级|改造|增加|加|上|装|加装|安装|铺设)")
STOCKING = re.compile(r"^(?:进|囤|屯|备|收|收购|补|订|采购|购进)")
# What is counted by these is a machine, a building, a beast or a load, whatever its name: 「添两台」, 「进一批车厘子」.
HOARDED = re.compile(
    rf"(?P<verb>囤|屯|(?:^|(?<=[要想来是先多]))备(?![案注用份战付货料有受齐好着个胎选哪什啥几多全])(?![^,，。]{{0,5}}(?:文件|资料|证|手续|复印|表格|执照|合同|章))|(?<=[前先低])(?:吃|存|压)(?=点|些|进|一批)|(?<![回应年营秋])收(?![不你我])(?=[^,，。款]{{1,4}}的钱))(?:点|些|了|{COUNT}?批)*(?P<name>[\u4e00-\u9fff]{{0,5}})"
)
COUNTED = re.compile(
    rf"(?:(?<!经)购(?:买|置)?|买|添(?:置)?|加|换|更换|上|引进|进|订|缺|差|弄|整|再要|还要|采购|囤|(?<![设准具装配])备|补|收|租?购|提|调|进口)(?:了|个|点|新|多|再|大)*"
    rf"(?:(?:{COUNT}|几|这|那)?(?P<equipment>台|辆|套|艘|架)|{COUNT}(?P<machine>条|部)|(?:点|(?:{COUNT}|几)?(?:批|吨|车|柜|斤|公斤))(?P<goods>))"
    r"(?P<name>(?![钱啥吗呢,，。]|什么|现金|资金|贷|款|人|货)[\u4e00-\u9fffa-z]{0,6})"
)
# 「饵料钱紧」, 「饲料款没着落」: goods for which the money is wanting.
HOUSE = re.compile(r"房|楼|别墅|公寓")
LONG_THING = re.compile(r"线|船|车|艇")
MONEY_FOR = re.compile(r"(?:的?钱|款|费用?|的?资金)(?:都|也|还|不|没|缺|差|紧|跟不上|拿不出|要|得)(?!先?垫)")
RENEWED = re.compile(
    r"(?:都|太|也|老了|旧了|坏了|不行了|老化了?|要|得|该|需要|想|全部|重新)*(?:更新|换新|换(?!银行|人)(?:一[台条套]|掉)?|升级|更换|淘汰|[换改]成[^,，。贷]{0,4}(?:电|燃气|天然气|自动|数控|新|智能|变频)|(?:烧了|用了)?(?:[一二三四五六七八九十几\d]+年了?)?(?:老是?|总是?|已经|都|快|天天)*(?:跳闸|坏|毛病|趴窝|罢工|报废|老化|转不动|撑不住)[^。贷]{0,6}?(?:换|更新|买|添)|改(?:天然气|电|燃气))"
)
BUILT = re.compile(
    r"(?:不够用?|小了|放不下|太小|[,，])*(?:要|得|该|需要|想|准备)+扩(?!产|大|容|张|店)|(?:要|得|该|需要|想|准备)*(?:新建|扩建|翻建|加盖|改建|重建)"
)
# 「熔喷布缺钱买」.
UNPAID = re.compile(
    r"(?:一?下来|熟了|上市)[^。]{0,6}?(?:收不起|得收|要收|没钱收)|收不起|[要得]先[存备囤收进]|还没[买进订备](?!过)|(?:又|都|也|还)*涨价?[^。]{0,8}?(?:没余钱|没钱|进不起|手上没)|(?:都|也|还)?(?:缺钱|没钱|没现钱|没法)(?:买|进|拿|订)|买不起|进不起"
)
# 「草料见底了」, 「种子肥料要三十多万」: what is used up, and what costs so much.
USED_UP = re.compile(
    r"(?:都|也|还|快|又|已经|马上|只够|眼看)*(?:见底|告急|断顿|断供|断货(?!款)|快没了|快用完|用完了|吃完了|不够(?:用|吃|喂|投)|接不上|跟不上|供不上|没着落|赊不(?:到|来|动)|等着(?:买|进|用|拉))"
)
PRICED = re.compile(
    rf"(?:一共|总共|加起来|合起来|下来|这块|就|也|都|还|大概|差不多|至少|起码|光|先)*(?:要|得|需要?|差|缺)(?:花|投|个|掉)?{NUMBER}(?:多|来|几)?(?:[万千w]|块)(?![^,，。]{{0,4}}(?:一年|一个?月|每))"
)
QUOTED = re.compile(
    rf"(?:总价|全价|报价|要价|标价|卖价|价格|落地价?|全款|一口价|厂家(?:报|要))(?:是|要|得|就|大概|差不多|下来|:)*{NUMBER}"
)
NEEDED: dict[Side, dict[str, str]] = {
    "sells": {"material": "inventory", "stock": "inventory"},
    "makes": {"material": "working_capital", "stock": "working_capital"},
    "unknown": {"material": "working_capital", "stock": "inventory"},
}
NAME = re.compile(r"[^,，。;；!?！？\s]{1,14}")
NO_MODIFIER = re.compile(r"[买卖给把被到在去让贷借还钱费没想要我你开做人]|(?<![春夏秋冬新爆])款|公司|客户")
NO_MACHINE = re.compile(r"[买卖把被让贷借还钱款没想要我你人]|公司|客户")
LONGEST_MODIFIER = 6
# What may stand behind an object: nothing that goes on with its name.
OBJECT_END = re.compile(
    r"(?:$|的(?!公司|客户|厂|人|店|商)|[又太全只急凑至约贵每另过吗么嘛哈咯咱俺吃夏冬春秋钱儿和跟与及等、需要想差缺没钱用款贷借了吧呢啊嘛呀来给能然还也就得不有行搞扩先后这那以嘞嘅哩费在我你年月半一二两三四五六七八九十\d公厂店付增更换上备干好升帮请是都今现自拉跑运送]|资金|大概|大约|回来|过来|卖|做|生产|可以|周转|涨价|开(?!发|关)|存(?!储)|压(?!力)|急)"
)
PAST = re.compile(r"(?:新|刚|才|去年|前年|早|之前|以前|自己)$")
PIECE = re.compile(r"(?<![^\s,，、。])[^\s,，、。]{2,8}(?=[\s,，、。])")
JOINED = re.compile(r"(?:[和跟与及、]|还有|以及)")
ALWAYS_STOCK = frozenset({"货", "商品", "货物", "货源", "年货", "现货", "存货"})
OWN_USE = re.compile(r"^(?:来)?(?:自己(?:住|开|用)|自住|自用|家用|代步|回家)")
SOLD_OUT = re.compile(r"(?:卖|出)掉?")


def find_purchases(text: str, side: Side) -> Iterator[Span]:
    yield from _bought(text, side)
    yield from _built(text)
    yield from _behind(text, side)
    yield from _listed(text, side)
    yield from _counted(text, side)
    yield from _hoarded(text, side)
    yield from _short_of(text)


def _bought(text: str, side: Side) -> Iterator[Span]:
    for match in BUY.finditer(text):
        if _is_past(text, match):
            continue
        bare, start = match.end() == match.end("verb"), match.start()
        for kind, thing, end in _objects(text, match.end()):
            if _is_no_purchase(match["verb"], kind, thing, bare=bare):
                continue
            value = "other" if OWN_USE.match(text[end:]) else _value(kind, thing, match["verb"], side)
            # Of 「买鱼苗跟增氧机」 the second thing stands for itself.
            yield Span("purpose", start, end, value)
            start = end


def _is_past(text: str, match: re.Match[str]) -> bool:
    """「新买的厂房」, 「去年盖的」: what one has already."""
    return text.startswith("的", match.end("verb")) and bool(PAST.search(before(text, match.start())))


def _is_no_purchase(verb: str, kind: str, thing: str, *, bare: bool) -> bool:
    if kind == "plant" or (thing in PAPERS and verb == "补"):
        return True
    if bare and (verb in {"弄", "整", "搞"} or (len(thing) == 1 and VAGUE_OR_UP.match(verb))):
        return True
    return kind != "equipment" and bool((bare and VAGUE.match(verb)) or RENEWING.match(verb))


def _value(kind: str, thing: str, verb: str, side: Side) -> str:
    if thing in ALWAYS_STOCK:
        return "inventory"
    if kind == "equipment":
        return "inventory" if side == "sells" and STOCKING.match(verb) else "equipment"
    if side == "unknown":
        return "inventory" if kind == "stock" else "working_capital"
    return "inventory" if side == "sells" else "working_capital"


def _built(text: str) -> Iterator[Span]:
    for match in BUILD.finditer(text):
        if _is_past(text, match):
            continue
        for kind, _, end in _objects(text, match.end()):
            if kind == "plant":
                yield Span("purpose", match.start(), end, "plant")


def _listed(text: str, side: Side) -> Iterator[Span]:
    """「挤奶机和青贮料」: several things and no other word answer what is to be bought."""
    yield from _telegraphed(text, side)
    things = JOINED.split(text.rstrip("。吧的"))
    kinds = [kinds_of_things().get(thing) for thing in things]
    if len(things) > 1 and None not in kinds and "plant" not in kinds:
        for thing, kind in zip(things, kinds, strict=True):
            start = text.index(thing)
            yield Span("purpose", start, start + len(thing), _value(kind or "", thing, "买", side))


def _telegraphed(text: str, side: Side) -> Iterator[Span]:
    """「搞测绘 无人机 9万」: beside a trade the name of a machine, alone between gaps, says what for."""
    if side == "unknown":
        return
    for match in PIECE.finditer(text):
        if match.start() and len(match[0]) > 1 and kinds_of_things().get(match[0]) == "equipment":
            yield Span("purpose", match.start(), match.end(), "equipment")


def _behind(text: str, side: Side) -> Iterator[Span]:
    """「机器老了要更新」, 「大棚要新建十个」: the verb stands behind."""
    for match in [*RENEWED.finditer(text), *UNPAID.finditer(text)]:
        yield from _noun_before(text, match, {"equipment": "equipment", **NEEDED[side]})
    for match in USED_UP.finditer(text):
        yield from _noun_before(text, match, NEEDED[side])
    for match in PRICED.finditer(text):
        yield from _noun_before(text, match, NEEDED[side], with_verb=False)
    for match in QUOTED.finditer(text):
        yield from _noun_before(text, match, {"equipment": "equipment"}, with_verb=False)
    for match in BUILT.finditer(text):
        yield from _noun_before(text, match, {"plant": "plant"})


def _short_of(text: str) -> Iterator[Span]:
    for match in MONEY_FOR.finditer(text):
        yield from _noun_before(text, match, {"material": "working_capital"})


def _noun_before(
    text: str, match: re.Match[str], values: dict[str, str], *, with_verb: bool = True
) -> Iterator[Span]:
    """The thing that a match speaks of; a price behind it is left to the sums."""
    name = before(text, match.start(), 8)
    for start in range(len(name)):
        value = values.get(kinds_of_things().get(name[start:], ""))
        if value:
            end = match.end() if with_verb else match.start()
            yield Span("purpose", match.start() - len(name) + start, end, value)
            return


def _counted(text: str, side: Side) -> Iterator[Span]:
    for match in COUNTED.finditer(text):
        name, goods = match["name"], match["goods"] is not None
        if SOLD_OUT.search(match[0]) or (goods and not (name and STOCKING.match(match[0]))):
            continue
        if match["machine"] and not LONG_THING.search(name):
            continue
        if match["equipment"] == "套" and HOUSE.search(text):
            continue
        value = ("inventory" if side == "sells" else "working_capital") if goods else "equipment"
        if match[0][0] in "缺差提调" or not _is_told(name):
            yield Span("purpose", match.start(), match.end() - len(name) + bool(goods), value)


def _hoarded(text: str, side: Side) -> Iterator[Span]:
    for match in HOARDED.finditer(text):
        if not _is_told(match["name"]):
            material = side == "makes" and match["verb"] not in {"囤", "屯", "压"}
            end = match.end("verb") + 1
            yield Span("purpose", match.start(), end, "working_capital" if material else "inventory")


def _is_told(name: str) -> bool:
    """Whether a thing is told by its name, so that its measure need not."""
    return bool(name) and _first_object(name) is not None


def _objects(text: str, start: int) -> Iterator[tuple[str, str, int]]:
    """Kind, name and end of each thing that a verb at `start` governs: 「饲料和鱼苗」 are two."""
    name = NAME.match(text, start)
    at, rest = start, name[0] if name else ""
    while rest:
        found = _first_object(rest)
        if found is None:
            return
        kind, thing, length = found
        yield kind, thing, at + length
        link = JOINED.match(rest, length)
        if link is None:
            return
        at, rest = at + link.end(), rest[link.end() :]


def _first_object(name: str) -> tuple[str, str, int] | None:
    kinds = kinds_of_things()
    for end in range(1, len(name) + 1):
        for start in range(max(0, end - 6), end):
            kind = kinds.get(name[start:end])
            if kind is None:
                continue
            # 「开料机」, 「送料线」: a verb may be part of a machine's name.
            foreign = NO_MODIFIER if end - start > 1 else NO_MACHINE
            if start > LONGEST_MODIFIER or foreign.search(name[:start]):
                return None
            if OBJECT_END.match(name, end):
                return kind, name[start:end], end
            break
    return None


@cache
def kinds_of_things() -> dict[str, str]:
    """`equipment`, `material`, `stock` or `plant` for each thing that is bought, built or pledged."""
    return {word: kind for kind, words in entries("purchases") for word in words}
