# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""Everything in a text that may name a trade; `industries.py` decides which of it is the speaker's own.

Four ways lead to a trade: a word that names one (`industries.tsv`), the last word of a trade's name behind anything
(「电脑维修」, `trade_heads.tsv`), goods behind a verb (「做女鞋」, 「卖茶叶」, `goods.tsv`), and what is grown or raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from components.dictionaries import Word, entries, lexicon
from components.regions import find_regions
from components.spans import after, before

COUNT = r"(?:[一二两三四五六七八九十几百千万\d]+(?:多|来)?)"
FILLER = rf"(?:了|着|过|点|些|的|是|个|家|间|小|大|各种|各类|专业|{COUNT}(?:家|个|间|片|台))*"
VERB = re.compile(
    rf"(?:做|搞|开(?!票|具|发)办?|(?<![烘晒风饼骨精])干|跑|办|弄|整|经营|从事|主营|专营|承包|包|是|主要){FILLER}(?P<name>[^,，。、\s做搞]{{0,6}}?)$"
)
DEALING = re.compile(
    rf"(?:(?:批发|零售|经销|倒卖|倒腾)(?=[\u4e00-\u9fff]{{1,6}}(?:的|$|[,，。]))(?!部|商|市场|公司|店|业|行|的|价|为主|生意)|(?<!变)(?<!抵)(?:卖|贩)(?![^,，。]{0, 3}股)(?!不|完|掉|得|出|给|身|力|房|了|货款?|车(?![的、]|$))){FILLER}"
)
MAKING = re.compile(
    r"(?:(?<!叫)(?<!当)做|搞|生产|加工(?!中心)|制造|打造|制作|组装|造|烤|烧制?|磨|酿造?|织|弄|整|(?<![烘晒风饼骨精])干|经营|主营|主做)(?:了|着|过|点|些|的|是|个|各种|各类|专业)*"
)
GROWING = re.compile(
    rf"(?:(?<![哪这那各几多两品火此何])种植?|栽)(?:了|着|点|些|的|{COUNT}(?:亩|棵|株))*"
    r"(?!类|种|情况|方式|办法|贷款|资金|业|苗|粮补|族|地贷|子)(?P<name>(?:(?![贷想要差的,，缺需买])[\u4e00-\u9fff]){1,4})"
)
RAISING = re.compile(
    rf"(?<![保疗休培营喂赡抚包静滋修])养殖?(?!老|生|护|车|活|家糊|工人|孩|不起)(?:了|着|点|些|{COUNT}(?:头|只|亩|羽|条|塘|匹|箱|个|口))*"
    r"[\u4e00-\u9fff]{0,3}?(?:鸡|鸭|鹅|鹌鹑|猪|牛|羊|马|驴|骆驼|鱼|黄花|虾|蟹|兔子?|蜜?蜂|鸽子?|鳖|甲鱼|蛙|海参|鲍鱼?|生?蚝|贝|蚕|蝎子?|黄?鳝|泥鳅|貂|鹿|狐狸|蚯蚓|螺|龟|蛇|藻|海带|紫菜|水蛭|珍珠|水产)"
)
# 「家里有三百头湖羊」, 「有三台渣土车」: what one owns tells what one lives from.
HERD = re.compile(
    rf"(?:有|存栏|喂)(?:了|着)?{COUNT}来?(?:头|只|羽|匹|尾|箱)[\u4e00-\u9fff]{{0,3}}?(?:鸡|鸭|鹅|猪|牛|羊|马|驴|兔|蜂|鸽|鹿)"
)
FLEET = re.compile(
    rf"(?:(?:有|养|带)(?:了|着)?{COUNT}?(?:台|辆|条|艘|个)?|开|跑)(?:自己的|着)?(?:渣土车|货车|大货|大货车|半挂|挂车|冷藏车|冷链车|罐车|油罐车|牵引车|自卸车|拖车|集卡|大巴|中巴|货船|运输船|大车|高栏|厢货|轻卡|重卡|面包车拉货|出租车|网约车)(?!抵|押|可以抵|能抵|做抵)"
    r"|跑(?:水路|大件|砂石|沙石|煤炭|高速|国际线|中欧班列|城际|省际|川藏|长线|短途|干线|专车|顺风车|货拉拉|滴滴|客运|水运|船)"
)
# 「做冷饮的厂」
MADE_AT = re.compile(
    r"(?:做|生产|加工|制造)(?![^,，。]{0,8}(?:贷|款))[^,，。的]{1,8}的(?:[小大老]|这个)?(?:厂|工厂|作坊)(?![房里家])"
)
HARVEST = re.compile(
    r"[\u4e00-\u9fff]{1,3}(?:熟了|丰收|挂果|该收了|要收了|快收了|上市季|采摘季|要出栏|快出栏|出栏)"
)
# 「收黄芪转手卖」, 「收牛羊的」.
COLLECTING = re.compile(
    r"(?<![回应年营秋])收(?:购)?(?:点|些|了)*[\u4e00-\u9fff]{1,8}(?:转手|来卖|去卖|倒手|再卖)|(?<![回应年营秋])收(?!款|费|租|银|账|入|政策|消息|通知|短信|到|利|我|你|这|那|不|购商|运|储|纳|集|割)[\u4e00-\u9fff]{1,5}的(?=$|[,，。 ])"
)
RENTING = re.compile(
    r"租(?:塔吊|吊车|挖机|叉车|设备|机械|脚手架|钢管|工程车|模板|高空车)的|(?:^|(?<=[,，。 做搞我是专门])) ?(?:出租|租赁)(?P<name>(?![车屋房给出去率的期那这])[^,，。的]{2,10})"
)
LAND = re.compile(
    r"(?:包|承包|流转)(?:了)?[^,，。]{0,4}(?:亩[^,，。]{0,4}?(?:地|田|山|园|林|塘)|山|鱼塘|果园|亩地|亩田|亩山|林地|林(?!业)|塘|水库|滩涂)"
)
NAME = re.compile(r"[^,，。、;；!?！？\s的嘞嘅滴哒呢啊吧嘛呀哩哦]{1,12}")
# Where the name of goods ends inside a clause: 「做家具想贷款」, 「卖茶叶今年差」.
NAME_END = re.compile(
    rf"[做干搞开]了|想|要|缺|差|贷|需|现在?|最近|然后|今年|去年|(?:已经)?{COUNT}(?:年|个)|接|买|换|(?<![医家商军民车工农日专通食饮两])用|手里|手头|有|在|每|起家|已|刚|订单|资金|为主|这|我|\d"
)
# What may stand behind a trade's last word when nothing but its name stands before it.
PHRASE_END = re.compile(
    r"^(?:的|公司|企业|中心|服务|站|点|部|厂|店|队|户|行业|业务|生意|工作室|铺|机构|个体|商|坊|业|社|[,，。、\s]|想|要|缺|差|贷|需|老板|这行|这块|嘞|嘅|滴|啊|呢|$)"
)
NO_NAME = re.compile(
    r"[\s的了在是系我你您他她它们有把给买购换修交要想缺差欠还催找去到没不贷借可和跟就这那都也说叫让被从向对为帮替咱俺厂店年月元块钱先垫投急款管往万\d]|(?<![床线网车船桌水海])上|(?<!支)付|(?<![适节智功储太新光性])能|重新|隔壁|对面|楼下|旁边|附近|员工|职工|人员|岗前"
)
# 「汽配」 alone answers the question for the trade, 「设备」 another one.
LONGEST_ANSWER = 6
LEADS = frozenset({"", "在", "我在", "我是", "我们是", "人在", "公司在"})
# Signs before 「厂」 and 「店」 that leave the trade open: 「工厂」, 「分店」, 「开了个厂」.
OPEN_HOUSE = frozenset(
    "工本我分总新老旧小大开这建办全进出租到个家间座跑盖搬该俺咱们把在拿扩倒关停多盘看来去回首到厂店网商当整锁盟门面"
)
HOUSE_PART = re.compile(r"^(?:里|房|长|区|址|家|商|内|门|边|方|上|面|铺|主|租|名|招)")
# 「律师事务所装修」 says what is to be done there, not what is done.
# These are as often a thing that one speaks of: 「感谢平台」, 「怎么处理」.
CLAIMED_ONLY = frozenset(
    [
        "平台",
        "营销平台",
        "信息系统",
        "管理系统",
        "数据",
        "程序",
        "处理",
        "广告",
        "代理",
        "外包",
        "评估",
        "咨询",
        "翻译",
        "进口",
        "鉴定",
        "买卖",
        "回收",
        "收购",
    ]
)
# What makes a deed the speaker's living, and what makes it a wish of his.
LIVING_BEHIND = re.compile(
    r"^(?:的(?!钱|费|贷款|产品|条件|材料|合同|[^,，。]{1,6}(?:专利|软著))|公司|队|服务|生意|工程|业务|师傅|班组|行业|这行|这块|企业|厂|店|门店|工作室|个体|中心|机构|学校|户|网点|站|点|[和及、与跟]|运营|连锁|加盟|平台|外包|开发|设计|制作|加工|施工|安装|贸易|出身|起家|老板|为主|为生|$|[\s])"
)
LIVING_BEFORE = re.compile(
    r"(?:专门|专业|(?:给|帮|替|为)(?!我)[^,，。]{1,6}|承接|接|从事|主营|专做|我们|我家|我是|咱是|是)(?:家里|单位)?$"
)
ORDERED = re.compile(
    r"(?:想|要|得|该|先|去|请人|找人|重新|需要|没钱|缺钱|等着|读|念|参加|报|学|上|送|买|开(?=$))(?:个|一下|了|的)*$"
)
DECORATING = frozenset({"装修", "装潢", "装饰", "修缮"})
PREMISES = ("所", "店", "宿", "馆", "院", "校", "厅", "厂", "园", "公司")
# 「农商行」 is a bank.
OTHERS_BEFORE = ("农", "合作")
STALL = re.compile(r"[铺摊档坊行](?:子|口|位)?(?![业情程])")
LONGEST_GOODS = 5
HOUSES = frozenset({"店", "厂"})
HOUSE = re.compile(r"[厂店矿馆](?!子)")
DISHES = frozenset("饭面肉粉鱼鸡鸭羊牛菜汤茶烤鲜食酒饺虾蟹锅串煲排包粥")
# 「店」, 「厂」 and the like leave the trade to a word before them: 「火锅加盟店」, 「养殖厂」.
PLAIN_HEADS = frozenset(
    {"店", "厂", "工厂", "商行", "档口", "门市", "专柜", "作坊", "小馆", "馆子", "外包", "代理"}
)


@dataclass(frozen=True)
class Trade:
    """A possible trade; `claimed` stands behind a verb of business, `plain` says less than its neighbour."""

    start: int
    end: int
    letter: str
    claimed: bool
    plain: bool = False
    # Where the word itself begins that tells the trade, behind what narrows it.
    core: int = -1


def find_trades(text: str) -> Iterator[Trade]:
    for word in lexicon("industries").find(text):
        if text[word.end - 1] == "厂" and text.startswith("房", word.end):
            continue
        verb = VERB.search(before(text, word.start))
        claimed = verb is not None and _is_name(verb["name"])
        if text[word.start : word.end] in deeds() and not claimed and not _is_living(text, word):
            continue
        yield Trade(word.start, word.end, word.value, claimed, core=word.start)
    yield from _headed(text)
    yield from _goods(text)
    yield from _harvests(text)
    for letter, pattern in (
        ("A", GROWING),
        ("A", RAISING),
        ("A", LAND),
        ("A", HERD),
        ("G", FLEET),
        ("L", RENTING),
        ("F", COLLECTING),
        ("C", MADE_AT),
    ):
        for match in pattern.finditer(text):
            yield Trade(match.start(), match.end(), letter, claimed=True)

    if len(text) <= LONGEST_ANSWER and text not in _bought_things():
        letter = _kinds_of_goods().get(text, "no")
        if letter != "no":
            yield Trade(0, len(text), letter, claimed=False)
    for place in find_regions(text):
        # 「醴陵陶瓷」: a place and what it is known for.
        name = NAME.match(text, place.end)
        known = _letter_of(name[0]) if name and PHRASE_END.match(text[name.end() :]) else None
        if name and known and _is_name(name[0]) and before(text, place.start) in LEADS:
            yield Trade(place.end, name.end(), known, claimed=False, plain=True)


def _harvests(text: str) -> Iterator[Trade]:
    for match in HARVEST.finditer(text):
        yield Trade(match.start(), match.end(), "A", claimed=True, core=match.end() - 2)


def _is_living(text: str, word: Word) -> bool:
    """「专门给人搬家」, 「搬家公司」 name a trade, 「搬家花销大」 and 「粉刷一下店面」 what has to be done."""
    left, right = before(text, word.start), after(text, word.end)
    return bool(LIVING_BEHIND.match(right) or LIVING_BEFORE.search(left)) and not ORDERED.search(left)


def _headed(text: str) -> Iterator[Trade]:
    for word in lexicon("trade_heads").find(text):
        left, behind = before(text, word.start), after(text, word.end)
        if text[word.start : word.end] in HOUSES or left.endswith(OTHERS_BEFORE):
            continue
        verb, plain = VERB.search(left), text[word.start : word.end] in PLAIN_HEADS
        name = verb["name"] if verb else ""
        if text[word.start : word.end] in DECORATING and left.endswith(PREMISES):
            continue
        if text[word.start : word.end] == "研发" and not name and verb and not behind.startswith("的"):
            continue  # 「融资200万搞研发」 says what for
        open_verb = verb and verb[0][0] in "是主"
        if verb and not open_verb and _is_name(name) and (name or not plain):
            yield Trade(
                word.start - len(name), word.end, word.value, claimed=True, plain=plain, core=word.start
            )
        elif (
            text[word.start : word.end] not in CLAIMED_ONLY
            and PHRASE_END.match(behind)
            and len(tail := _tail(left)) > 1
        ):
            yield Trade(
                word.start - len(tail), word.end, word.value, claimed=False, plain=plain, core=word.start
            )
    for match in HOUSE.finditer(text):
        yield from _house(text, match.start())
    for match in STALL.finditer(text):
        yield from _stall(text, match)


def _house(text: str, at: int) -> Iterator[Trade]:
    """「灯饰厂」, 「旗袍店」, 「萤石矿」: what stands before the sign decides whether it tells anything."""
    left = before(text, at)
    if not left or left[-1] in OPEN_HOUSE or HOUSE_PART.match(after(text, at + 1)):
        return
    verb = VERB.search(left)
    name = verb["name"] if verb and _is_name(verb["name"]) else _tail(left)
    if name:
        letter = {"厂": "C", "店": "F", "矿": "B", "馆": "H" if left[-1] in DISHES else "R"}[text[at]]
        yield Trade(
            at - len(name), at + 1, letter, claimed=bool(verb), plain=text[at] not in "矿馆", core=at - 1
        )


def _stall(text: str, sign: re.Match[str]) -> Iterator[Trade]:
    """「早餐铺」, 「药材行」: so many things end like this that the goods before have to be known."""
    left = before(text, sign.start())
    for start in range(max(0, len(left) - LONGEST_GOODS), len(left) - 1):
        letter = _letter_of(left[start:]) if left[start:] in _kinds_of_goods() else None
        if letter:
            letter = {"C": "C" if sign[0][0] == "坊" else "F", "A": "F"}.get(letter, letter)
            begin = sign.start() - len(left) + start
            verb = VERB.search(left[:start])
            yield Trade(
                begin, sign.end(), letter, claimed=verb is not None and _is_name(verb["name"]), core=begin
            )
            return


def _goods(text: str) -> Iterator[Trade]:
    for pattern, letters in ((MAKING, {"C": "C", "F": "F", "H": "H"}), (DEALING, {"H": "H"})):
        for match in pattern.finditer(text):
            name = NAME.match(text, match.end())
            if name is None:
                continue
            goods = _until_end(name[0])
            letter = _letter_of(goods)
            if letter and pattern is MAKING:
                yield Trade(match.start(), match.end() + len(goods), letter, claimed=True)
            elif goods and pattern is DEALING:
                yield Trade(
                    match.start(), match.end() + len(goods), letters.get(letter or "", "F"), claimed=True
                )


def _until_end(name: str) -> str:
    end = NAME_END.search(name, 1)
    return name[: end.start()] if end else name


def _letter_of(goods: str) -> str | None:
    """The section of the longest ending that is known; one sign is an ending only of a longer name."""
    known, trades = _kinds_of_goods(), lexicon("industries").plain
    for start in range(len(goods)):
        letter = trades.get(goods[start:]) or known.get(goods[start:])
        if letter and (len(goods) > 1):
            return None if letter == "no" else letter
    return None


@cache
def _kinds_of_goods() -> dict[str, str]:
    kinds: dict[str, str] = {}
    for value, words in entries("goods"):
        for word in words:
            kinds.setdefault(word, value)
    return kinds


@cache
def deeds() -> frozenset[str]:
    """Words of trades for what a firm may as well have done for itself."""
    return frozenset(word for _, words in entries("deeds") for word in words)


@cache
def _bought_things() -> frozenset[str]:
    return frozenset(word for _, words in entries("purchases") for word in words)


def _is_name(name: str) -> bool:
    return not NO_NAME.search(name)


def _tail(left: str) -> str:
    """What of a clause can belong to a name that ends it, at most six signs."""
    name = left[-6:]
    while name and not _is_name(name):
        name = name[1:]
    return name
