"""Copies are found, whatever their dress; neighbours that only share a frame are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.likeness import Originals, bare, core

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=4, max_size=30)


@pytest.mark.parametrize(
    ("original", "copy"),
    [
        ("厂里要换机床，差80万", "厂里要换机床差五十万"),  # another sum
        ("请问投诉渠道在哪里", "投诉渠道在哪里呀"),
        ("下周一上午打给我行不行", "下周二上午打给我行不行"),  # one character in eleven
        ("ＡＰＰ怎么绑定公司", "app怎么绑定公司！"),
        ("没有问题", "没有问题啊。"),  # short: but for particles the same
        ("一百二十万", "一百二十万"),
    ],
)
def test_copies(original: str, copy: str) -> None:
    assert Originals([original]).has_copy_in(copy)
    assert Originals([copy]).has_copy_in(original)


@pytest.mark.parametrize(
    ("original", "other"),
    [
        ("物流企业有没有贴息", "妇女创业有没有贴息"),
        ("下周一上午联系我", "初八上午联系"),
        ("一百二十万", "一百三十万"),  # a bare figure is no frame
        ("没有问题", "没有意思"),
        ("你好", "你好"),  # words: everybody says them
        ("可以的呀", "可以的"),
        ("👌👌", "？？"),
    ],
)
def test_no_copies(original: str, other: str) -> None:
    assert not Originals([original]).has_copy_in(other)


@given(HAN, st.sampled_from(["", "，", "……", " ", "！"]), st.sampled_from("啊呀呢吧"))
def test_punctuation_and_particles_hide_no_copy(text: str, sign: str, particle: str) -> None:
    if len(core(text)) > 3:
        assert Originals([text]).has_copy_in(f"{sign}{text[:2]}{sign}{text[2:]}{particle}{sign}")


@given(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=5))
def test_any_text_can_be_compared(text: str, originals: list[str]) -> None:
    assert isinstance(Originals(originals).has_copy_in(text), bool)
    assert bare(bare(text)) == bare(text)
