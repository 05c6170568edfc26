# ruff: noqa: E501 - a list of words in a pattern reads best unbroken
"""Names: `institution`, `product`, `policy`, `company`, `person`, and the `qualification` of a firm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from components.dictionaries import entries, names, patterns
from components.spans import Span, after, before
from components.spelling import cuts

POLICY_KIND = r"(?:贷款)?(?:财政)?(?:贴息|补贴|奖补|补助|奖励|奖金|风险补偿(?!基金|资金池|池)|专项资金|扶持资金|以奖代补|返还|减免|代偿补偿)(?:政策|资金)?"
LEGAL_FORM = r"(?:有限责任公司|股份有限公司|有限公司|集团公司|合伙企业(?:\(有限合伙\))?|专业合作社|农民合作社|合作社联社|(?:厂|店|中心|部|行|公司|企业|事务所)\((?:普通合伙|有限合伙|特殊普通合伙|个人独资)\))"
CALLED_FORM = r"(?:公司|厂|店|馆|合作社|经营部|商行|工作室|农场|中心|门市部|饭店|酒楼|诊所|商店|超市|加工厂|个体户|批发部|养殖场|幼儿园|医院|学校)"
FULL_NAME = re.compile(
    rf"[\u4e00-\u9fffa-z0-9()（）·&]{{2,30}}?{LEGAL_FORM}(?:[\u4e00-\u9fff]{{2,6}}分公司)?"
)
CALLED = re.compile(
    rf"(?:(?:单位|公司|厂|企业|我们|店)是(?=[\u4e00-\u9fff]{{2,4}}[省市县区])|公司名(?:称|字)?(?:是|叫|为|:)|企业名(?:称|字)(?:是|叫|为|:)?|(?:公司|厂|店|店名|厂名|铺子|合作社|字号|名字)(?:的)?(?:全称|名称|名字)?(?:叫|是叫|名叫)(?:做)?)\s*(?P<name>[\u4e00-\u9fffa-z0-9()（）]{{2,24}}?{CALLED_FORM})(?=$|[,，。! ]|的|想|要|在)"
)
# A trade name without a word of its form, where nothing but a name can stand: 「公司叫鑫茂源」, 「给我绑一下鑫茂源」.
BARE_NAME = r"(?P<name>(?!定|失败|什么|啥|哪|做|我|一个|新的?|别的|这|那|两|多|个|微信|手机|账|不|好)(?:(?![的了我你他们吗呢吧啥么怎哪想要不没能在和或,，。是])[\u4e00-\u9fff]){3,12}?)"
CALLED_BARE = (
    re.compile(
        rf"(?:公司名?|企业名?|店名?|厂名?|字号|抬头|名字|名称)(?:就|该|应该|是|改)*(?:叫|名叫)(?:做|作)?\s*{BARE_NAME}(?=$|[,，。!])"
    ),
    re.compile(rf"(?<!来电)(?:应该|该|改|是)叫(?:做|作)?\s*{BARE_NAME}(?=$|[,，。!])"),
    re.compile(rf"绑(?:定(?:一下|上)?|一下|上|定?给我)\s*{BARE_NAME}(?=$|[,，。!])"),
    re.compile(rf"把\s*{BARE_NAME}(?:给我)?绑(?:给我|定|上|到|了|一下)"),
)
# 「绑定手机号」 binds no firm.
NO_FIRM = re.compile(
    r"公司$|企业$|失败|绑|[几家]企业|宫司|[吗啊呀]|手机|微信|邮箱|电话|账号|账户|身份证|银行卡|对公|号码|号$|营业执照|执照|信息|个体户$|人工|顾问|经理|老师|法人|人$"
)
LEAD = re.compile(
    r"^.*(?:公司名称|企业名称|名称|全称|名字|公司名|叫做|叫|绑定|绑|注册|登记|认证|我是|我们是|公司是|企业是|改成|换成|应该是|不是|变更为|变更成|写成|代表|加入|查一下|查下|查询|查|给|帮|我们公司|我公司|我们厂|我司|我们|入驻|开户|为|:|这家|本公司|老板|就是|找|欠|跟|和|与|把)(?:了|是|为|叫|成|的|一下|做|我们公司|我公司|我们|公司|:)*"
)
SHORTEST_NAME = 6
# 「用专利贷两百万」 names no product.
NO_PRODUCT_BEHIND = re.compile(r"[款钱点些\d]|(?:[一二两三四五六七八九十百几])+(?:百|千|十|万|来)")
BANK_BEFORE = re.compile(r"(?:在|去|到|还|欠|跟|和|找|从)$")
SHORT_LISTED = 2
# 「贷款贴息」, 「认定补助」 name no policy: any loan and any title may be meant.
UNNAMED = re.compile(
    r"(?:贷款|利息|贷款利息|认定|经营贷款|投资|质量|标准|小微企业|中小企业|中小微企业|小微|民营企业)(?:财政)?(?:贴息|补贴|补助|奖励|奖补|减免|返还)"
)
# 「高企证书过期了」: a title of the past is none.
LOST = re.compile(
    r"(?:证书?|资质|资格|认定|的)*(?:已经?|都|早就|去年|今年|其实|上个?月|刚|也)*(?:过期|失效|到期了|没续|没了|被?取消|掉了|没过|没评上|没通过|没批)"
)
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛范彭郎鲁韦马苗方俞任袁柳鲍史唐费廉岑薛雷贺倪汤殷罗毕郝邬安常乐于傅皮卞齐康伍余元顾孟平黄穆萧尹姚邵汪祁毛米贝明臧戴宋庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房缪解应宗丁邓郁单洪包左石崔吉龚程邢裴陆荣翁曲封储靳段焦侯班仇甘厉祖武符刘景詹龙叶司黎薄白蒲邰赖卓蔺屠蒙池乔阴闻党翟谭劳申冉桑桂牛边燕冀温庄晏柴瞿阎慕连习艾向古易廖终居衡步耿满匡国文寇广阙东欧沃利关查游权付肖涂代佟佘岳闫辛兰"
COMPOUND = "欧阳|上官|司马|诸葛|夏侯|皇甫|尉迟|公孙|慕容|司徒|令狐|东方|端木"
PERSON = re.compile(
    rf"(?:我叫|名字叫|名叫|姓名(?:是|叫|为|:)?|本人(?:叫|是)?|联系人?(?:是|叫|:)?|姓名为|我老公叫?|我老婆叫?|我爱人叫?|(?:担保人|股东|经办人|财务|会计|厂长|配偶|店长|实控人|实际控制人)(?:是|叫|:)|法人(?:代表)?(?:是|叫|:|为| )?|(?:联系人|法人|姓名|负责人)(?:改|换|变更)(?:成|为)|法定代表人(?:是|叫|:|为)?|老板叫|负责人(?:是|叫|:)|我是(?!{CALLED_FORM}))\s*"
    rf"(?P<name>(?:{COMPOUND}|[{SURNAMES}])[\u4e00-\u9fff]{{1,2}}?)(?=$|[,，。!、 \d]|电话|手机|身份证|的|是|现在|想|要|在|做|开|来自|联系|号码|呀|啊|哈|,|公司|男|女|法人|先生|女士)"
)
# A clause that is nothing but a name: 「身份证号…，张伟」, 「张建国」.
NAME_ALONE = re.compile(
    r"(?:^|(?<=[,，。 ;:找])|(?<=打给)|(?<=联系))(?P<name>[王李张刘陈杨赵吴徐孙朱胡郭何罗郑梁谢宋唐许韩冯邓曹彭曾萧蔡潘袁董余叶蒋杜苏魏程吕丁沈任姚卢姜崔钟谭陆范汪廖石贾韦傅侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾龚邵武钱戴严孔向汤](?:(?![了吗的呢吧不没来去有要想是啊就也都用在下上过到可好多少个元万块能行么这那什怎急款钱点期])[\u4e00-\u9fff]){1,2})(?=$|[,，。 ;!])"
)
TOLD = re.compile(
    r"(?:我叫|名字叫|名叫|姓名[是叫:])(?P<name>[\u4e00-\u9fff]{2,5})(?=$|[,，。 ;!\d]|电话|手机|身份证)"
)
DOTTED = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,7}[·•][\u4e00-\u9fff]{2,9})(?=$|[,，。 ;!的\d]|电话|手机|是|身份)"
)
PERSONAL = re.compile(r"身份证|电话|手机|姓名|法人|联系人|\d{11}|\d{17}")
NO_PERSON = re.compile(
    r"经理|老师|总|主任|行长|顾问|师傅|先生|女士|关系|高利|你|他|她|我|谁|哪|代表|得|农民|个体|法人|老板|会计|财务|高新|做|开|农|工|贷|公司|企业|厂|马上|广告|连锁|安装|金融|江苏|苏州|云南|广东|广西|万|满|包工|东北|国企|文员|房东|利息|古玩|单位|明天|应该|方便|温州|于"
)


def find_listed(text: str) -> Iterator[Span]:
    """Products and institutions of the look-up tables. The service adds those of its live catalogue."""
    for entity, table in (("product", "products"), ("institution", "institutions")):
        writings, pattern = names(table)
        for match in pattern.finditer(text):
            if not _is_other_word(text, match):
                yield Span(entity, match.start(), match.end(), writings[match[0]])


def _is_other_word(text: str, match: re.Match[str]) -> bool:
    """「设备贷款」 names no product, 「寿光大棚」 no bank."""
    if match[0].endswith("贷") and NO_PRODUCT_BEHIND.match(text, match.end()):
        return True
    if match.end() - match.start() > SHORT_LISTED or BANK_BEFORE.search(text, 0, match.start()):
        return False
    return not {match.start(), match.end()} <= cuts(text)


def find_policies(text: str) -> Iterator[Span]:
    for match in _policy().finditer(text):
        if UNNAMED.match(match[0]):
            continue
        yield Span("policy", match.start(), match.end(), match[0])


@cache
def _policy() -> re.Pattern[str]:
    """A name made of up to five stems and a kind of help, or one of those that are complete."""
    parts = {value: sorted(words, key=len, reverse=True) for value, words in entries("policy_stems")}
    stems = "|".join(parts["stem"])
    return re.compile(rf"(?:{stems}){{1,5}}(?:财政)?{POLICY_KIND}|{'|'.join(parts['whole'])}")


def find_qualifications(text: str) -> Iterator[Span]:
    for value, pattern in patterns("qualifications"):
        for match in pattern.finditer(text):
            if LOST.match(text, match.end()):
                continue
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
        yield _company(match)
    for pattern in CALLED_BARE:
        yield from (_company(match) for match in pattern.finditer(text) if not NO_FIRM.search(match["name"]))


def _company(match: re.Match[str]) -> Span:
    return Span("company", match.start("name"), match.end("name"), match["name"])


def find_people(text: str) -> Iterator[Span]:
    for match in PERSON.finditer(text):
        if not NO_PERSON.search(match["name"]) and not re.match(
            r"(?:路|街|人|市|省|区)", after(text, match.end("name"))
        ):
            if before(text, match.start()).endswith(("不", "没")):
                continue
            yield _person(match)
    for match in TOLD.finditer(text):
        if not NO_PERSON.search(match["name"]):
            yield _person(match)
    yield from (_person(match) for match in DOTTED.finditer(text))
    for match in NAME_ALONE.finditer(text):
        # Two signs are a name only beside something else of a person; 「周转下」 and 「马上办」 are cut otherwise.
        enough = match.end() - match.start() > SHORT_LISTED or PERSONAL.search(text)
        own_word = {match.start(), match.start() + 1, match.end()} <= cuts(text)
        if enough and own_word and not NO_PERSON.search(match["name"]):
            yield _person(match)


def _person(match: re.Match[str]) -> Span:
    return Span("person", match.start("name"), match.end("name"), match["name"])
