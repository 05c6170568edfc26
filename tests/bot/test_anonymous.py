"""Nothing of a person stays in a sentence that is kept; what it is about does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.anonymous import anonymised
from nlu.understanding import Entity, Intent, Understanding


def read(text: str, **entities: str) -> Understanding:
    """Entities by name, given as they stand in the text."""
    none = Intent("inform", 0.5)
    found = [
        Entity(name, words, text.index(words), text.index(words) + len(words))
        for name, words in entities.items()
    ]
    return Understanding(text, none, (none,), tuple(found), "rasa")


@pytest.mark.parametrize(
    ("entities", "text", "kept"),
    [
        ({"person": "欧阳锋"}, "我叫欧阳锋，想贷款", "我叫〔姓名〕，想贷款"),
        ({"company": "苏州恒达厂"}, "苏州恒达厂差80万", "〔公司〕差80万"),
        ({"phone": "138 0013 8000"}, "打138 0013 8000", "打〔电话〕"),
        ({"uscc": "91320594MA1MYBMU0J"}, "代码91320594MA1MYBMU0J", "代码〔代码〕"),
        ({"amount": "1500000"}, "贷1500000行不行", "贷1500000行不行"),
        ({"amount": "13800138000"}, "贷13800138000", "贷〔号码〕"),
    ],
)
def test_what_the_reader_found(entities: dict[str, str], text: str, kept: str) -> None:
    assert anonymised(read(text, **entities)) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("电话１３８００１３８０００", "电话〔号码〕"),
        ("0512-6512 3456", "〔号码〕"),
        ("幺三八零零幺三八零零零", "〔号码〕"),
        ("身份证 320583199001011234", "身份证 〔号码〕"),
        ("32058319900101123X", "〔账号〕"),
        ("加我微信zhangsan吧", "加我微信〔账号〕吧"),
        ("vx: abc_d", "〔账号〕"),
        ("qq12345", "〔账号〕"),
        ("发到zhang@example.com", "发到〔账号〕"),
        ("车牌苏E12345", "车牌苏〔账号〕"),
        ("找张经理", "找〔姓〕经理"),
        ("我叫张建国", "我叫〔姓名〕"),
        ("我是李四，想贷款", "我是〔姓名〕，想贷款"),
        ("苏州恒达精密机械有限公司", "〔公司〕"),
        ("工业园路 88号", "〔地址〕"),
    ],
)
def test_what_only_looks_like_it(text: str, kept: str) -> None:
    assert anonymised(read(text)) == kept


@pytest.mark.parametrize(
    "text",
    [
        "厂里要换机床，差80万，拿厂房押",
        "年销3000万，四十来个工人，2016年开的",
        "贷50000元",
        "利息4.35%还是5个点",
        "资金总额多少",
        "二三十万",
        "我是做模具的",
        "小微E贷怎么办",
        "CNC机床",
    ],
)
def test_what_it_is_about_stays(text: str) -> None:
    assert anonymised(read(text)) == text


@given(
    st.text("我想贷款的电话是，请打给好吗 ", max_size=12),
    st.from_regex(
        r"1[3-9][0-9]{9}|[1-9][0-9]{16}[0-9X]|[159][0-9]{7}[0-9A-HJ-NPQRTUWXY]{10}", fullmatch=True
    ),
    st.text("我想贷款的电话是，请打给好吗 ", max_size=12),
)
def test_no_number_of_a_person_stays(before: str, number: str, after: str) -> None:
    kept = anonymised(read(f"{before}{number}{after}"))
    assert all(number[at : at + 5] not in kept for at in range(len(number) - 4))
    assert kept.startswith(before.rstrip())
    assert kept.endswith(after.lstrip())
