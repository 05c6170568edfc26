"""Words that owners say and a general model mishears, for the provider to lean towards.

At most 128 words of up to ten characters; a weight from 1 to 10, since 11 and 100 force a word upon what only
sounds like it.
"""

from typing import Final

_WEIGHT: Final = 8
_WORDS: Final = (
    # Money, and how it is asked for.
    *(
        "贷款",
        "额度",
        "年化",
        "月息",
        "几个点",
        "百来万",
        "几十万",
        "百把万",
        "万把块",
        "先息后本",
        "等额本息",
    ),
    *("随借随还", "授信", "放款", "下款", "续贷", "展期", "过桥", "首贷", "信用贷", "经营贷", "流动资金"),
    # Security.
    *("抵押", "质押", "担保", "保证人", "信保基金", "保证保险", "厂房", "应收账款", "发明专利", "股权质押"),
    # Papers and standing of a firm.
    *(
        "征信",
        "营业执照",
        "统一社会信用代码",
        "纳税等级",
        "专精特新",
        "小巨人",
        "高新技术企业",
        "科技型中小企业",
    ),
    # Support.
    *("贴息", "补贴", "风险补偿", "设备更新", "稳岗", "担保费补助"),
    # Institutions.
    *(
        "工商银行",
        "农业银行",
        "中国银行",
        "建设银行",
        "交通银行",
        "邮储银行",
        "农商行",
        "农行",
        "建行",
        "工行",
    ),
    *(
        "苏州银行",
        "江苏银行",
        "徽商银行",
        "南京银行",
        "宁波银行",
        "浙商银行",
        "招商银行",
        "网商银行",
        "微众银行",
    ),
    # What it is for.
    *("数控机床", "注塑机", "模具", "原材料", "囤货", "垫资", "订单", "发工资"),
)
LIST: Final = ",".join(f"{word}|{_WEIGHT}" for word in dict.fromkeys(_WORDS))
