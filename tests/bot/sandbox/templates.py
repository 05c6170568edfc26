"""The templates of the account that these tests play with."""

import json
from pathlib import Path

from bot.sandbox.template_messages import MessageTemplate, TemplateKind

GRANT = "SANDBOX-GRANT"
LONG_TERM = "SANDBOX-LONG-TERM"
ONE_TIME = "SANDBOX-ONE-TIME"
SHORT = "TM00001"
_FILE = Path(__file__).with_name("templates.json")


def load_templates() -> tuple[MessageTemplate, ...]:
    return tuple(MessageTemplate.from_json(item) for item in json.loads(_FILE.read_text("utf-8")))


def subscription_templates() -> tuple[MessageTemplate, ...]:
    fields = {"thing1": "政策名称"}
    return (
        MessageTemplate(GRANT, "政策到期提醒", fields, kind=TemplateKind.SUBSCRIPTION),
        MessageTemplate(LONG_TERM, "办件进度通知", fields, kind=TemplateKind.SUBSCRIPTION, long_term=True),
        MessageTemplate(ONE_TIME, "一次性通知", {"content": "内容"}, kind=TemplateKind.ONE_TIME),
    )


def library() -> dict[str, MessageTemplate]:
    """What the account may choose more templates from."""
    fields = {"thing1": "商品", "amount2": "金额", "time3": "时间"}
    return {SHORT: MessageTemplate(SHORT, "订单支付成功通知", fields)}
