"""Replies as WeChat reads them, and long texts in parts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat.errors import OversizedReply
from bot.wechat.markup import clean, parse_fields
from bot.wechat.messages import UnsubscribeEvent
from bot.wechat.replies import (
    TEXT_LIMIT_BYTES,
    Article,
    NewsReply,
    NoReply,
    Reply,
    TextReply,
    TransferReply,
    render,
    split_text,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)
TO = UnsubscribeEvent(to_user="gh_1", openid="oOwner1", created_at=NOW, dedup_key="k")
HEAD = {"ToUserName": "oOwner1", "FromUserName": "gh_1", "CreateTime": str(int(NOW.timestamp()))}


def read(reply: Reply) -> dict[str, object]:
    return parse_fields(render(reply, TO, NOW).encode())


def test_each_kind() -> None:
    assert read(TextReply("您好")) == HEAD | {"MsgType": "text", "Content": "您好"}
    item = {"Title": "t", "Description": "d", "PicUrl": None, "Url": "https://x?a=1&b=2"}
    assert read(NewsReply([Article("t", "d", "https://x?a=1&b=2")])) == HEAD | {
        "MsgType": "news",
        "ArticleCount": "1",
        "Articles": {"item": item},
    }
    transfer = HEAD | {"MsgType": "transfer_customer_service"}
    assert read(TransferReply()) == transfer
    assert read(TransferReply("an@gh_1")) == transfer | {"TransInfo": {"KfAccount": "an@gh_1"}}
    assert render(NoReply(), TO) == "success"


@given(st.text(max_size=400).filter(lambda text: clean(text).strip()))
def test_no_text_breaks_out(text: str) -> None:
    assert read(TextReply(text))["Content"] == clean(text).strip()


def test_no_end_mark_breaks_out() -> None:
    evil = "a]]></Content><MsgType>news</MsgType>]]]]>>\x00\x1b"
    assert read(TextReply(evil)) == HEAD | {"MsgType": "text", "Content": evil[:-2]}


@pytest.mark.parametrize("text", ["", "\x00", "字" * 683])
def test_what_wechat_would_not_show_is_refused(text: str) -> None:
    with pytest.raises(OversizedReply):
        render(TextReply(text), TO)


def test_the_longest_text_passes() -> None:
    assert read(TextReply("字" * 682 + "ab"))["Content"] == "字" * 682 + "ab"


def test_short_text_is_one_part() -> None:
    assert split_text(" 您好。再见。\n") == ["您好。再见。"]
    assert split_text(" \n ") == []


def test_lines_come_before_sentences_and_sentences_before_commas() -> None:
    assert split_text("一二三四\n五六。七八", 27) == ["一二三四", "五六。七八"]
    assert split_text("一二三四。五六，七八九", 27) == ["一二三四。", "五六，七八九"]
    assert split_text("一二三四五，六七八九十", 27) == ["一二三四五，", "六七八九十"]
    assert split_text("一二三四五六七八九十", 27) == ["一二三四五六七八九", "十"]
    assert split_text("rate is 3.85 now. call us", 20) == ["rate is 3.85 now.", "call us"]


def test_links_stay_whole() -> None:
    link = '<a href="https://x.cn/m/1?a=1">查看进度。详情</a>'
    parts = split_text("融" * 10 + link + "。谢谢", 70)
    assert parts == ["融" * 10, link + "。谢谢"]


@given(st.text(alphabet=st.sampled_from("融资。！\n, .a😀<>/")), st.integers(4, 60))
def test_parts_fit_and_nothing_is_lost(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(part and len(part.encode()) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.text(min_size=1, max_size=3000))
def test_every_part_can_be_a_reply(text: str) -> None:
    for part in split_text(text):
        assert len(part.encode()) <= TEXT_LIMIT_BYTES
        assert render(TextReply(part), TO).startswith("<xml>")


def test_a_limit_that_holds_no_character_is_refused() -> None:
    with pytest.raises(ValueError, match="character"):
        split_text("融", 3)
