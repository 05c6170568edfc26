# ruff: noqa: E501 - tables read best with one case a line
"""Sentences of owners, and everything that must come out of them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from components.extraction import find_all

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def found(text: str) -> set[str]:
    """Each entity as `entity=value`, with `/role` where it has one."""
    return {f"{s.entity}={s.value}" + (f"/{s.role}" if s.role else "") for s in find_all(text, NOW)}


SENTENCES = {
    "我在昆山做五金加工，想贷120万买一台加工中心，两年，用厂房抵押": "region=320583 industry=C amount=1200000 "
    "purpose=equipment term_months=24 collateral=real_estate guarantee=mortgage",
    "年销售3000万，想贷300万": "revenue=30000000 amount=3000000",
    "公司开了三年，想贷三年": "founded=2023 term_months=36",
    "不是50万，是80万": "amount=800000",
    "从50万改成80万": "amount=800000",
    "80万，不是50万": "amount=800000",
    "没有房子抵押": "",
    "没有房子和车": "",
    "我没有抵押物，纯信用能贷吗": "guarantee=credit",
    "免担保": "guarantee=credit",
    "在昆山，做模具的": "region=320583 industry=C",
    "合肥包河区": "region=340111",
    "苏州工业园区": "region=320500",
    "北京": "region=110000",
    "股权质押": "collateral=equity guarantee=pledge",
    "朋友担保可以吗": "guarantee=guarantor",
    "信保基金": "guarantee=guarantee_fund",
    "保证保险": "guarantee=insurance",
    "有两项发明专利": "collateral=patent",
    "拿车抵押": "collateral=vehicle guarantee=mortgage",
    "开饭店": "industry=H",
    "搞软件": "industry=I",
    "跑运输": "industry=G",
    "种槟榔": "industry=A",
    "开超市的，想进货": "industry=F purpose=inventory",
    "养猪的，买饲料要20万": "industry=A purpose=working_capital amount=200000",
    "我开货车的，想换台新车，还差二十万": "industry=G purpose=equipment amount=200000",
    "诊所要进一台彩超，想做个贷款": "industry=Q purpose=equipment",
    "种了三百亩葡萄，想贷点钱搭大棚": "industry=A purpose=plant",
    "软件公司,要给员工发工资,想借60万,半年就还": "industry=I purpose=payroll_tax amount=600000 term_months=6",
    "还别的贷款": "purpose=refinance",
    "省级专精特新": "qualification=specialised_new",
    "我们是高新企业": "qualification=high_tech",
    "农行": "institution=中国农业银行",
    "我要申请征信贷": "product=征信贷",
    "帮我报一下小微E贷": "product=小微E贷",
    "设备更新贴息": "policy=设备更新贴息",
    "创业担保贷款贴息怎么申请": "policy=创业担保贷款贴息",
    "我想办创业担保贷款": "product=创业担保贷款",
    "绑定苏州恒达精密机械有限公司": "company=苏州恒达精密机械有限公司",
    "我是王建军，电话138-1234-5678": "person=王建军 phone=13812345678",
    "四十来个工人": "employees=40",
    "公司2016年成立的": "founded=2016",
    "明天下午三点给我打电话": "datetime=2026-11-24T15:00:00+08:00",
    "银行服务很差，打2分": "score=2",
    "啥担保，俺没房没车": "",
    "担保方式": "",
    "随便哪种担保": "",
    "相城区老陆五金经营部": "region=320507",
    "担保方式改成厂房抵押": "collateral=real_estate guarantee=mortgage",
    "担保改成信用": "guarantee=credit",
    "金额不低于200万": "amount=2000000/min",
    "不能少于一年": "term_months=12/min",
    "低于200万": "amount=2000000/max",
    "找信保基金担保": "guarantee=guarantee_fund",
    "做玻璃的": "industry=C",
    "做汽配": "industry=C",
    "一年信用": "term_months=12 guarantee=credit",
    "原材料": "purpose=working_capital",
    "淡季资金紧，想借五十万发工资": "amount=500000 purpose=payroll_tax",
    "最近资金紧": "purpose=working_capital",
    "么得抵押": "",
    "没啥可以抵押的": "",
    "信用袋": "guarantee=credit",
    "五金": "industry=C",
    "做磨具": "industry=C",
    "开五金店": "industry=F",
    "卖奶茶": "industry=H",
    "贷1千亿": "amount=100000000000",
    "搞个一年把": "term_months=12",
    # A dictation of this length without a comma, and one age in it that is none.
    "那个我在吴江盛泽做纺织的嘛然后最近棉纱涨价想多囤点货大概需要个一百五十万左右吧用个一年就可以了我有厂房可以抵押给银行你看行不行": "region=320509 "
    "industry=C purpose=inventory amount=1500000 term_months=12 collateral=real_estate guarantee=mortgage",
    "我在苏州这边开厂十几年了一直做汽车零配件的去年行情不好今年接了几个大客户他们账期都要四个月发工资买料都要现钱": "region=320500 "
    "founded=2016 industry=C purpose=payroll_tax purpose=working_capital",
    "我要８０W，用3年，年化4.35%": "amount=800000 term_months=36 rate=4.35",
}


@pytest.mark.parametrize(("text", "expected"), SENTENCES.items())
def test_everything_in_a_sentence(text: str, expected: str) -> None:
    assert found(text) == set(expected.split())


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "你好",
        "150",
        "24",
        "平安税金贷款"[:2],
        "和平",
        "新建",
        "信用分多少",
        "年底再说",
        "😀🎉",
        "\ud800",
        "\0",
        "/restart",
        "没钱",
    ],
)
def test_nothing_where_nothing_is(text: str) -> None:
    assert found(text) == set()


@pytest.mark.parametrize(
    "sign", ["一", "1", "万", "贷", "a", "😀", "%", "2年", "想贷50万，", "没有", " ", "-1", "负"]
)
def test_five_thousand_characters_are_survived(sign: str) -> None:
    text = (sign * 5000)[:5000]
    assert all(0 <= span.start < span.end <= len(text) for span in find_all(text, NOW))
