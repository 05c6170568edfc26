"""Labels that do not grow with what people send."""

from datetime import UTC, datetime

import pytest
from prometheus_client import REGISTRY

from bot import metrics
from bot.wechat import messages
from nlu import keywords
from nlu.understanding import Understanding

HEAD = {"to_user": "gh_1", "openid": "o1", "created_at": datetime(2026, 11, 23, tzinfo=UTC), "dedup_key": "k"}


def test_the_kind_is_that_of_the_class() -> None:
    receipt = messages.TemplateReceipt(**HEAD, msg_id="1", status="success")
    assert metrics.kind_of(receipt) == "template_receipt"
    assert metrics.kind_of(messages.ClickEvent(**HEAD, key="whatever a menu says")) == "click"


@pytest.mark.parametrize(
    ("topic", "intent", "label"),
    [
        ("financing", "inform", "financing"),
        (None, "ask_policy", "policies"),
        (None, "greet", "small_talk"),
        (None, "a key of an old menu", "none"),
    ],
)
def test_turns_by_who_answers(topic: str | None, intent: str, label: str) -> None:
    assert metrics.topic_of(topic, intent) == label


async def test_reading_is_timed_by_who_read() -> None:
    async def read(text: str) -> Understanding:
        return keywords.understand(text)

    def count() -> float:
        return REGISTRY.get_sample_value("rongqiao_nlu_seconds_count", {"source": "keywords"}) or 0.0

    before = count()
    understanding = await metrics.timed(read)("你好")
    assert understanding == keywords.understand("你好")
    assert count() == before + 1
