"""What trade somebody is in: `industry`, the section letter of GB/T 4754-2017."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.dictionaries import patterns
from components.spans import Span, after, before

VERB = re.compile(
    r"(?:做|搞|开|干|跑|办|经营|从事|是|有|弄|整|卖|开了|做了)(?:了|个|家|一家|一个|间|点|的|是|着|小|大|两家|些|起)*$"
)
# Plain speech where the verb decides and the noun may be anything.
SPOKEN = (
    (
        "A",
        re.compile(
            r"(?:(?<![哪这那各几多两])种植?|栽)(?:了|着|点|的|[一二两三四五六七八九十百几千\d]+(?:多|来|几)?亩)*(?!类|种|情况|方式|办法|贷款|资金)(?=[\u4e00-\u9fff])(?:(?!贷|想|要|差|的|,|缺|大户)[\u4e00-\u9fff]){1,4}"
        ),
    ),
    (
        "A",
        re.compile(
            r"养(?:殖)?(?:了|着|点|[一二两三四五六七八九十百几千万\d]+(?:多|来|几)?(?:头|只|亩|羽|条|塘))*(?:土鸡|蛋鸡|肉鸡|鸡|鸭|鹅|生猪|猪|肉牛|奶牛|黄牛|牛|羊|大闸蟹|螃蟹|蟹|小龙虾|龙虾|对虾|虾|鱼|兔子|蜜蜂|蜂|鸽子|甲鱼|牛蛙|海参|鲍鱼|生蚝|蚕|水产|殖)"
        ),
    ),
    ("A", re.compile(r"(?:包|承包|流转)(?:了)?[^,，。]{0,4}(?:山|鱼塘|果园|亩地|亩田|林地)")),
    (
        "C",
        re.compile(
            r"(?:做|搞|生产|加工|制造)(?:的|点|是|各种|各类|了)*[^,，。想贷要差缺买换是有在]{1,6}?(?:加工|制造|生产|零件|零部件|配件|部件|冲压件|铸件|锻件|模具|注塑|五金|机械|服装|家具|鞋子|箱包|玩具|灯具|纺织品|面料|电子产品|电子元件|线束|轴承|阀门|电机|包装盒|纸箱|塑料制品|橡胶件|食品|饮料|家纺|门窗|传感器|电路板|设备(?!租赁)|仪器|机床|钣金|齿轮|弹簧|紧固件|螺丝)"
        ),
    ),
    (
        "C",
        re.compile(
            r"(?:做|搞)(?:点|的|是)?(?:模具|磨具|五金|零件|配件|机械|注塑|服装|衣服|家具|鞋子?|箱包|玩具|灯具|纺织|面料|塑料|玻璃|陶瓷|电器|汽配|包装|食品|电子|纸箱|门窗|印刷|机加工|来料加工|加工|制造|实业|豆腐|糕点|酒)(?!外贸|贸易|批发|零售|生意|销售|出口)"
        ),
    ),
    (
        "F",
        re.compile(
            r"(?:做|搞)[^,，。想贷要差缺]{0,6}(?:外贸|贸易|批发|零售|代理|经销|电商|出口|进出口|跨境|生意(?=的))|卖(?!奶茶|咖啡|早餐|早点|烧烤|小吃|快餐|盒饭|包子)(?![^,，。]{0,3}(?:房|车贷|得|不|完|掉|了))(?!身份)[^,，。想贷要差缺]{1,4}(?=的|$|[,，。])|开[^,，。想贷要]{0,4}(?:超市|便利店|药房|药店|网店|门店|服装店|五金店|水果店|建材店|小店|铺子|商店)"
        ),
    ),
    (
        "H",
        re.compile(
            r"开[^,，。想贷要]{0,4}(?:饭店|餐馆|饭馆|餐厅|酒店|宾馆|民宿|火锅店?|面馆|奶茶店?|咖啡[店馆]|烧烤店?|小吃店?|早餐店?|面包店)"
        ),
    ),
    (
        "G",
        re.compile(
            r"(?:跑|搞|做|干)(?:长途|短途|大|冷链|危化品|集装箱)?(?:运输|物流|货运|车队|配送|专线|快递|仓储|冷链)(?:的)?"
        ),
    ),
    ("G", re.compile(r"(?:开|跑)(?:大|小)?(?:货车|挂车|卡车|半挂|出租|网约车|滴滴|大车|专线)")),
    (
        "E",
        re.compile(
            r"(?:做|搞|干|包)(?:点|个|小|的)*(?:工程|建筑|装修|装潢|施工|市政|土方|园林|水电|防水|幕墙|钢结构安装)"
        ),
    ),
    (
        "I",
        re.compile(
            r"(?:做|搞|开发|写)(?:的|点)?(?:软件|it|互联网|app|小程序|系统开发|系统集成|网站|游戏|人工智能|ai|大数据|程序|saas|信息化|物联网|云服务)(?:开发)?"
        ),
    ),
    (
        "O",
        re.compile(
            r"(?:做|搞|开)(?:的|点|个|家)*(?:美容|美发|美甲|家政|保洁|汽修|洗车|理发|修车|洗浴|足浴|按摩)(?:院|店|厂|铺)?"
        ),
    ),
    (
        "P",
        re.compile(
            r"(?:做|搞|办|开)(?:的|点|个|家|所)*(?:教育|培训|托育|幼儿园|辅导班?|驾校|学校|早教)(?:机构|学校|班)?"
        ),
    ),
    (
        "Q",
        re.compile(
            r"(?:做|搞|办|开)(?:的|点|个|家|所)*(?:诊所|医院|养老院?|牙科|口腔|中医馆|护理院|康复|医疗服务)"
        ),
    ),
    ("M", re.compile(r"(?:做|搞)(?:的|点)?(?:检测|生物医药|技术服务|设计|测绘|勘察|新药研发)(?:的|服务)?")),
    ("N", re.compile(r"(?:做|搞)(?:的|点)?(?:环保|污水处理|垃圾处理|固废|环卫)")),
    ("L", re.compile(r"(?:做|搞)(?:的|点)?(?:广告|会展|租赁|劳务|人力资源|咨询|代账|旅行社|婚庆)")),
    (
        "R",
        re.compile(
            r"(?:做|搞|开)(?:的|点|个|家)*(?:影视|文化|传媒|健身|体育|演出|直播|动漫|短视频)(?:公司|房|馆)?"
        ),
    ),
    ("D", re.compile(r"(?:做|搞)(?:的|点)?(?:光伏发电|充电桩|供热)")),
)
NO_TRADE_BEHIND = re.compile(
    r"^(?:的?钱|公司贷|贷(?!款?[,，。]|款?想)|费|款|保单|补贴|贴息|可以?抵押|抵押|要抵押|的?订单|的?单子|的货款|收据|要的|用的?材料)"
)
# A bought or rented thing, a customer or a lender is nobody's trade.
NO_TRADE_BEFORE = re.compile(
    r"(?:买|购|换|租|装修|欠|还|给|供应|客户是|找|去|到|银行|你们?|进|添|送|对接|没有?|建|盖|新建)(?:了|一|个|家|台|套|的|新|点|批|一家|一个|一台)*$"
)


def find_industries(text: str) -> Iterator[Span]:
    for letter, pattern in SPOKEN:
        for match in pattern.finditer(text):
            if not NO_TRADE_BEHIND.match(after(text, match.end())):
                yield Span("industry", match.start(), match.end(), letter)
    for letter, pattern in patterns("industries"):
        for match in pattern.finditer(text):
            left = before(text, match.start())
            if not NO_TRADE_BEFORE.search(left) and not NO_TRADE_BEHIND.match(after(text, match.end())):
                verb = VERB.search(left)
                start = (
                    match.start() - len(verb[0]) if verb and verb[0][0] in "做搞开跑卖种养" else match.start()
                )
                yield Span("industry", start, match.end(), letter)
