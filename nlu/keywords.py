"""A makeshift reader for the time in which no Rasa answers: patterns and short word lists, honestly unsure.

It knows the plain ways of saying what a running financing request needs, so that a half-filled form goes on;
what it does not recognise stays `nlu_fallback`.
"""

import re
from typing import Final

from nlu.figures import figures
from nlu.places import places
from nlu.understanding import FALLBACK, Entity, Intent, Understanding

_BY_PATTERN: Final = 0.6
_BY_FACTS: Final = 0.5
_UNKNOWN: Final = 0.3

# Ordered: the first that matches wins, so refusals stand before what they refuse.
_INTENTS: Final = tuple(
    (intent, re.compile(pattern, re.IGNORECASE))
    for intent, pattern in (
        ("talk_to_adviser", r"人工|真人|顾问|客服"),
        ("complain", r"投诉|举报|乱收费"),
        ("unsubscribe_notices", r"退订|别.{0,4}推送|不要.{0,4}(?:推送|通知)"),
        ("revoke_authorization", r"(?:取消|撤销|收回|不再|停止|别再).{0,6}(?:授权|查)"),
        ("withdraw_request", r"不贷了|撤回|撤销|(?:取消|撤掉).{0,4}(?:需求|申请|贷款)"),
        ("cancel", r"^(?:算了|取消|退出|不弄了|先不弄|不办了|停)"),
        ("back", r"^(?:上一步|返回|回到上|后退|退回)"),
        ("skip", r"^(?:跳过|略过|不知道|不清楚|不确定|不好说|以后再|先不填|下一[个题步])"),
        ("correct", r"不对|不是.+[是，,]|是.+不是|说错|写错|填错|打错|弄错|改[成为一]|更正|应该是"),
        ("report_difficulty", r"还不[上起]|断供|逾期了|资金断|跑路|周转不过来"),
        ("renew_loan", r"续贷|展期|到期.{0,8}续|倒贷|过桥"),
        ("ask_authorizations", r"授权(?:给|过|了)|谁.{0,4}(?:查|看).{0,4}(?:征信|数据|信用)"),
        ("grant_authorization", r"(?:同意|去|签|愿意).{0,4}授权"),
        ("verify_identity", r"实名|刷脸|人脸|身份(?:认证|验证)"),
        ("register_company", r"注册|绑定|认证(?:公司|企业)"),
        ("equity_financing", r"股权融资|投资(?:机构|人)|风投|融.{0,4}天使"),
        ("ask_progress", r"进度|到哪一?步|批了没|批下来|有(?:结果|消息)了?[吗没]"),
        ("apply_policy", r"申(?:报|请|领).{0,6}(?:补贴|政策|贴息|奖励|风险补偿)"),
        ("ask_policy", r"政策|补贴|贴息|奖励|风险补偿"),
        ("ask_rate", r"利[息率].{0,6}(?:多少|几|高)|(?:多少|什么|几).{0,3}(?:利[息率]|个?点)|手续费|费用"),
        ("ask_requirements", r"(?:什么|哪些|啥).{0,4}(?:条件|材料|资料|手续|要求)|门槛"),
        ("ask_credit", r"信用(?:分|报告|评分)"),
        ("ask_products", r"(?:什么|哪些|啥|有没有).{0,6}(?:产品|贷款|信用贷)"),
        ("apply_financing", r"贷款|[想要能]贷|贷点|借|融资|(?:缺|差|垫).{0,6}(?:钱|万|资金)|周转|资金需求"),
        ("apply_product", r"(?:申请|办理?|报).{0,8}[贷保融贴]$"),
        ("schedule_contact", r"给我(?:来|打).{0,2}电话|联系我|回(?:我)?电话"),
        ("rate_service", r"[一二三四五12345]\s*(?:星|颗星)|打.{0,2}[12345一二三四五]分"),
        ("subscribe_notices", r"(?:通知|提醒|推送).{0,2}我|订阅"),
        ("ask_human_or_bot", r"机器人|是不是人|真的人"),
        ("help", r"帮助|菜单|怎么用|能(?:干|做)(?:什么|啥)"),
        ("thank", r"谢谢|多谢|感谢|辛苦"),
        ("goodbye", r"再见|拜拜|回头聊"),
        ("greet", r"^(?:你好|您好|在吗|hi|hello|早上好|下午好|晚上好)"),
        ("deny", r"^(?:不是?|不要|不用|不行|不可以|没有|没|否|no)[的了吧啊呢]*[。！!]?$"),
        ("affirm", r"^(?:[对是好行要有]|可以|嗯+|确认|没错|没问题|ok)[的了吧啊呢哦呀嗯对好行,，]*\W?$"),
    )
)  # fmt: skip

_WORDS: Final = tuple(
    (name, value, re.compile(pattern))
    for name, value, pattern in (
        ("purpose", "refinance", r"还(?:别的|其他|银行)?.{0,3}贷款|置换"),
        ("purpose", "payroll_tax", r"发工资|缴税|交税"),
        ("purpose", "order_prefinance", r"垫.{0,4}(?:订单|货款|资)|接了.{0,6}订单"),
        ("purpose", "equipment", r"(?:买|换|购|添|更新).{0,8}(?:设备|机床|机器|加工中心|生产线|车床|货车)"),
        ("purpose", "plant", r"(?:盖|建|扩).{0,4}(?:厂房?|车间)"),
        ("purpose", "rent_decoration", r"房租|装修"),
        ("purpose", "inventory", r"囤货|备货|进货"),
        ("purpose", "rnd", r"研发"),
        ("purpose", "export", r"出口|外贸订单"),
        ("purpose", "working_capital", r"周转|流动资金|原材料|买材料"),
        ("guarantee", "credit", r"纯信用|信用(?:贷款?|方式)|[无免]抵押|[无免]担保"),
        ("guarantee", "guarantee_fund", r"信保基金|担保基金"),
        ("guarantee", "guarantor", r"担保公司|找.{0,4}担保|保证人"),
        ("guarantee", "insurance", r"保证保险"),
        ("guarantee", "pledge", r"质押"),
        ("guarantee", "mortgage", r"(?<![无免])抵押"),
        ("collateral", "real_estate", r"(?<!盖)(?<!建)(?<!扩)厂房|房产|房子|商铺|住宅|写字楼"),
        ("collateral", "patent", r"专利"),
        ("collateral", "receivables", r"应收账?款"),
        ("collateral", "land", r"土地|地皮"),
        ("industry", "C", r"(?:做|搞|开|办).{0,6}(?:加工|模具|五金|制造|机械|注塑|纺织|电子厂|工厂)"),
        ("industry", "I", r"(?:做|搞|开发).{0,4}(?:软件|互联网|信息技术)"),
        ("industry", "F", r"(?:做|搞).{0,4}(?:批发|零售|贸易|外贸)|开.{0,3}(?:店铺|超市|商店)"),
        ("industry", "H", r"开.{0,3}(?:饭店|餐馆|餐厅|酒店|民宿)|做餐饮"),
        ("industry", "G", r"(?:跑|做|搞).{0,3}(?:运输|物流)"),
        ("industry", "E", r"(?:做|搞).{0,4}(?:建筑|工程|施工)"),
        ("industry", "A", r"种(?:植|地|菜|粮|槟榔)|养殖|养[猪鸡鸭鱼牛羊]"),
    )
)  # fmt: skip

# In 「不是50万，是80万」 only the new value counts; what somebody does not have secures nothing.
_DISOWNED: Final = re.compile(r"不是[^，。,；是]*")
_LACKING: Final = re.compile(r"(?:没有?|不想|不用|不拿|不要)[^，。,；]*")


def understand(text: str) -> Understanding:
    """Read a text by patterns alone; needs no server and never fails."""
    entities = tuple(sorted(_facts(text), key=lambda entity: (entity.start, entity.end)))
    intent = _intent(text, facts=bool(entities))
    return Understanding(text=text, intent=intent, ranking=(intent,), entities=entities, source="keywords")


def _intent(text: str, *, facts: bool) -> Intent:
    for name, pattern in _INTENTS:
        if pattern.search(text):
            return Intent(name, _BY_PATTERN)
    return Intent("inform", _BY_FACTS) if facts else Intent(FALLBACK, _UNKNOWN)


def _facts(text: str) -> list[Entity]:
    asserted = _blank(_DISOWNED, text)
    return [*figures(asserted), *places(asserted), *_labels(asserted)]


def _labels(asserted: str) -> list[Entity]:
    """The first purpose and the first industry in the order of the list; securities may be several."""
    secured = _blank(_LACKING, asserted)
    found: list[Entity] = []
    for name, value, pattern in _WORDS:
        several = name in {"guarantee", "collateral"}
        match = pattern.search(secured if several else asserted)
        if match and (several or all(entity.name != name for entity in found)):
            found.append(Entity(name, value, match.start(), match.end()))
    return found


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """The text with every match replaced by as many blanks, so that positions stay."""
    return pattern.sub(lambda match: " " * len(match[0]), text)
