"""Replies as WeChat reads them, and long texts in parts."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.wechat.errors import OversizedReply
from bot.wechat.markup import clean, parse_fields
from bot.wechat.messages import TextMessage, UnsubscribeEvent
from bot.wechat.replies import (
    TEXT_LIMIT_BYTES,
    Article,
    ImageReply,
    MusicReply,
    NewsReply,
    NoReply,
    Reply,
    TextReply,
    TransferReply,
    UnfitReply,
    VideoReply,
    VoiceReply,
    render,
    split_text,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MESSAGE = TextMessage(to_user="gh_1", openid="oOwner1", created_at=NOW, dedup_key="k", text="您好")
EVENT = UnsubscribeEvent(to_user="gh_1", openid="oOwner1", created_at=NOW, dedup_key="k")
HEAD = {"ToUserName": "oOwner1", "FromUserName": "gh_1", "CreateTime": str(int(NOW.timestamp()))}
ARTICLE = Article("t", "d", "https://x?a=1&b=2")
ITEM = {"Title": "t", "Description": "d", "PicUrl": None, "Url": "https://x?a=1&b=2"}


def read(reply: Reply, to: TextMessage | UnsubscribeEvent = MESSAGE) -> dict[str, object]:
    return parse_fields(render(reply, to, NOW).encode())


@pytest.mark.parametrize(
    ("reply", "kind", "own"),
    [
        pytest.param(TextReply("您好"), "text", {"Content": "您好"}, id="text"),
        pytest.param(ImageReply("i"), "image", {"Image": {"MediaId": "i"}}, id="image"),
        pytest.param(VoiceReply("v"), "voice", {"Voice": {"MediaId": "v"}}, id="voice"),
        pytest.param(
            VideoReply("w", "t", "d"),
            "video",
            {"Video": {"MediaId": "w", "Title": "t", "Description": "d"}},
            id="video",
        ),
        pytest.param(
            MusicReply("p", "t", "d", "u", "h"),
            "music",
            {
                "Music": {
                    "ThumbMediaId": "p",
                    "Title": "t",
                    "Description": "d",
                    "MusicUrl": "u",
                    "HQMusicUrl": "h",
                }
            },
            id="music",
        ),
        pytest.param(
            NewsReply((ARTICLE,)), "news", {"ArticleCount": "1", "Articles": {"item": ITEM}}, id="news"
        ),
        pytest.param(
            TransferReply("an@gh_1"),
            "transfer_customer_service",
            {"TransInfo": {"KfAccount": "an@gh_1"}},
            id="transfer_customer_service",
        ),
    ],
)
def test_each_kind(reply: Reply, kind: str, own: dict[str, Any]) -> None:
    assert read(reply) == HEAD | {"MsgType": kind} | own


def test_a_transfer_to_any_agent_names_none() -> None:
    assert read(TransferReply()) == HEAD | {"MsgType": "transfer_customer_service"}


@pytest.mark.parametrize("reply", [NoReply(), TextReply(""), TextReply(" \n"), TextReply("\x00\x1f")])
def test_nothing_to_say_is_success(reply: Reply) -> None:
    assert render(reply, MESSAGE) == "success"


def test_one_article_to_a_message_and_eight_to_an_event() -> None:
    assert read(NewsReply((ARTICLE,) * 8), EVENT)["Articles"] == {"item": [ITEM] * 8}
    for reply, to in [(NewsReply((ARTICLE,) * 2), MESSAGE), (NewsReply((ARTICLE,) * 9), EVENT)]:
        with pytest.raises(OversizedReply):
            render(reply, to)


@pytest.mark.parametrize(
    ("reply", "to"),
    [
        (NewsReply(()), MESSAGE),
        (TransferReply(), EVENT),
        (ImageReply(""), MESSAGE),
        (VoiceReply(""), MESSAGE),
        (VideoReply("", "t"), MESSAGE),
        (MusicReply("", "t"), MESSAGE),
    ],
)
def test_what_wechat_would_not_take_is_refused(reply: Reply, to: TextMessage | UnsubscribeEvent) -> None:
    with pytest.raises(UnfitReply):
        render(reply, to)


@settings(deadline=None)
@given(st.text(max_size=400).filter(lambda text: clean(text).strip()))
def test_no_text_breaks_out(text: str) -> None:
    said = clean(text).strip()
    assert read(TextReply(text)) == HEAD | {"MsgType": "text", "Content": said}
    assert read(NewsReply((Article(text, text, text, text),)))["Articles"] == {
        "item": dict.fromkeys(("Title", "Description", "PicUrl", "Url"), said)
    }
    assert read(VideoReply(text, text, text))["Video"] == dict.fromkeys(
        ("MediaId", "Title", "Description"), said
    )
    assert read(TransferReply(text))["TransInfo"] == {"KfAccount": said}


def test_no_end_mark_breaks_out() -> None:
    evil = "a]]></Content><MsgType>news</MsgType>]]]]>>\x00\x1b"
    assert read(TextReply(evil)) == HEAD | {"MsgType": "text", "Content": evil[:-2]}
    assert read(TextReply("]]\x00>"))["Content"] == "]]>"


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(OversizedReply):
        render(TextReply("字" * 683), MESSAGE)
    with pytest.raises(OversizedReply):
        render(TextReply(" " * 2049), MESSAGE)


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


@pytest.mark.parametrize("end", ["。", "！", "？", "；", "\n"])
def test_the_end_of_a_sentence_is_better_than_a_comma_further_on(end: str) -> None:
    text = "融" * 200 + end + "资" * 400 + "，" + "桥" * 300
    assert split_text(text)[0] == ("融" * 200 + end).strip()


def test_a_part_of_a_few_words_is_not_worth_a_message() -> None:
    assert split_text("好。" + "融" * 700)[0] == "好。" + "融" * 680


def test_links_stay_whole() -> None:
    link = '<a href="https://x.cn/m/1?a=1">查看进度。详情</a>'
    parts = split_text("融" * 10 + link + "。谢谢", 70)
    assert parts == ["融" * 10, link + "。谢谢"]


@pytest.mark.parametrize(
    "cluster",
    [
        pytest.param("👨\u200d👩\u200d👧\u200d👦", id="family"),
        pytest.param("👍🏽", id="skin tone"),
        pytest.param("🇨🇳", id="flag"),
        pytest.param("🇨🇳🇺🇸", id="two flags"),
        pytest.param("1\ufe0f\u20e3", id="keycap"),
        pytest.param("❤\ufe0f", id="variation"),
        pytest.param("🏴\U000e0067\U000e0062\U000e007f", id="flag of tags"),
        pytest.param("e\u0301\u0323", id="letter with marks"),
        pytest.param("हि", id="syllable"),
    ],
)
def test_what_a_reader_sees_as_one_stays_whole(cluster: str) -> None:
    """Whatever stands before it, no cut falls inside."""
    for before in range(60):
        parts = split_text("融" * (before // 3) + "a" * (before % 3) + cluster + "资" * 20, 60)
        inside = {cluster[i:] for i in range(1, len(cluster))} - {"🇺🇸"}
        assert not any(part.startswith(tuple(inside)) for part in parts), parts
        assert "".join(parts).count(cluster) == 1


def test_a_character_longer_than_a_part_is_cut_all_the_same() -> None:
    text = "e" + "\u0301" * 2000
    parts = split_text(text)
    assert "".join(parts) == text
    assert all(len(part.encode()) <= TEXT_LIMIT_BYTES for part in parts)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("融资。！\n, .a😀🇨👍🏽\u200d\ufe0f<>/")), st.integers(4, 60))
def test_parts_fit_and_nothing_is_lost(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(part and len(part.encode()) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@settings(deadline=None)
@given(st.text(min_size=1, max_size=3000))
def test_every_part_can_be_a_reply(text: str) -> None:
    for part in split_text(text):
        assert len(part.encode()) <= TEXT_LIMIT_BYTES
        assert render(TextReply(part), MESSAGE).startswith("<xml>")


def test_a_limit_that_holds_no_character_is_refused() -> None:
    with pytest.raises(ValueError, match="character"):
        split_text("融", 3)
