"""The templates of the account that these tests play with."""

import json
from pathlib import Path

from bot.sandbox.template_messages import MessageTemplate

_FILE = Path(__file__).with_name("templates.json")


def load_templates() -> tuple[MessageTemplate, ...]:
    return tuple(MessageTemplate.from_json(item) for item in json.loads(_FILE.read_text("utf-8")))
