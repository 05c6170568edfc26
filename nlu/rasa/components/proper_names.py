# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""Names: `institution`, `product`, `policy`, `company`, `person`, and the `qualification` of a firm."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.dictionaries import entries, names, patterns
from components.spans import Span, after, before

POLICY_KIND = r"(?:贷款)?(?:财政)?(?:贴息|补贴|奖补|补助|奖励|奖金|风险补偿(?!基金|资金池|池)|专项资金|扶持资金|以奖代补|返还|减免|代偿补偿)(?:政策|资金)?"
LEGAL_FORM = r"(?:有限责任公司|股份有限公司|有限公司|集团公司|合伙企业(?:\(有限合伙\))?|专业合作社|农民合作社|合作社联社)"
CALLED_FORM = r"(?:公司|厂|店|馆|合作社|经营部|商行|工作室|农场|中心|门市部|饭店|酒楼|诊所|商店|超市|加工厂|个体户|批发部|养殖场|幼儿园|医院|学校)"
FULL_NAME = re.compile(
    rf"[\u4e00-\u9fffa-z0-9()（）·&]{{2,30}}?{LEGAL_FORM}(?:[\u4e00-\u9fff]{{2,6}}分公司)?"
)
CALLED = re.compile(
    rf"(?:公司名(?:称|字)?(?:是|叫|为|:)|企业名(?:称|字)(?:是|叫|为|:)?|(?:公司|厂|店|店名|厂名|铺子|合作社|字号|名字)(?:的)?(?:全称|名称|名字)?(?:叫|是叫|名叫)(?:做)?)\s*(?P<name>[\u4e00-\u9fffa-z0-9()（）]{{2,24}}?{CALLED_FORM})(?=$|[,，。! ]|的|想|要|在)"
)
LEAD = re.compile(
    r"^.*(?:公司名称|企业名称|名称|全称|名字|公司名|叫做|叫|绑定|绑|注册|登记|认证|我是|我们是|公司是|企业是|改成|换成|应该是|不是|变更为|变更成|写成|代表|加入|查一下|查下|查询|查|给|帮|我们公司|我公司|我们厂|我司|我们|入驻|开户|为|:|这家|本公司|老板|就是|找|欠|跟|和|与|把)(?:了|是|为|叫|成|的|一下|做|我们公司|我公司|我们|公司|:)*"
)
SHORTEST_NAME = 6
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛范彭郎鲁韦马苗方俞任袁柳鲍史唐费廉岑薛雷贺倪汤殷罗毕郝邬安常乐于傅皮卞齐康伍余元顾孟平黄穆萧尹姚邵汪祁毛米贝明臧戴宋庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房缪解应宗丁邓郁单洪包左石崔吉龚程邢裴陆荣翁曲封储靳段焦侯班仇甘厉祖武符刘景詹龙叶司黎薄白蒲邰赖卓蔺屠蒙池乔阴闻党翟谭劳申冉桑桂牛边燕冀温庄晏柴瞿阎慕连习艾向古易廖终居衡步耿满匡国文寇广阙东欧沃利关查游权付肖涂代佟佘岳闫辛兰"
COMPOUND = "欧阳|上官|司马|诸葛|夏侯|皇甫|尉迟|公孙|慕容|司徒|令狐|东方|端木"
PERSON = re.compile(
    rf"(?:我叫|名字叫|名叫|姓名(?:是|叫|为|:)?|本人(?:叫|是)?|联系人(?:是|叫|:)?|法人(?:代表)?(?:是|叫|:)|法定代表人(?:是|叫|:)?|老板叫|负责人(?:是|叫|:)|我是(?!{CALLED_FORM}))\s*"
    rf"(?P<name>(?:{COMPOUND}|[{SURNAMES}])[\u4e00-\u9fff]{{1,2}}?)(?=$|[,，。!、 \d]|电话|手机|身份证|的|是|现在|想|要|在|做|开|来自|联系|号码|呀|啊|哈|,|公司|男|女|法人|先生|女士)"
)
NO_PERSON = re.compile(
    r"农民|个体|法人|老板|会计|财务|高新|做|开|农|工|贷|公司|企业|厂|马上|广告|连锁|安装|金融|江苏|苏州|云南|广东|广西|万|满|包工|东北|国企|文员|房东|利息|古玩|单位|明天|应该|方便|温州|于"
)


def find_listed(text: str) -> Iterator[Span]:
    """Products and institutions of the look-up tables. The service adds those of its live catalogue."""
    for entity, table in (("product", "products"), ("institution", "institutions")):
        writings, pattern = names(table)
        for match in pattern.finditer(text):
            yield Span(entity, match.start(), match.end(), writings[match[0]])


def find_policies(text: str) -> Iterator[Span]:
    stems = "|".join(
        sorted((word for _, words in entries("policy_stems") for word in words), key=len, reverse=True)
    )
    for match in re.finditer(rf"(?:{stems})(?:的)?(?:财政)?{POLICY_KIND}", text):
        yield Span("policy", match.start(), match.end(), match[0])


def find_qualifications(text: str) -> Iterator[Span]:
    for value, pattern in patterns("qualifications"):
        for match in pattern.finditer(text):
            yield Span("qualification", match.start(), match.end(), value)


def find_companies(text: str) -> Iterator[Span]:
    for match in FULL_NAME.finditer(text):
        lead = LEAD.match(match[0])
        start = match.start() + (len(lead[0]) if lead else 0)
        if match.end() - start < SHORTEST_NAME and lead:
            start = match.start()
        if match.end() - start >= SHORTEST_NAME:
            yield Span("company", start, match.end(), text[start : match.end()])
    for match in CALLED.finditer(text):
        yield Span("company", match.start("name"), match.end("name"), match["name"])


def find_people(text: str) -> Iterator[Span]:
    for match in PERSON.finditer(text):
        if not NO_PERSON.search(match["name"]) and not re.match(
            r"(?:路|街|人|市|省|区)", after(text, match.end("name"))
        ):
            if before(text, match.start()).endswith(("不", "没")):
                continue
            yield Span("person", match.start("name"), match.end("name"), match["name"])
