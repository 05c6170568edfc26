"""Template messages: the account's own templates and WeChat's limits for each type of field."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from bot.sandbox.errors import ApiError
from bot.sandbox.people import Row

CLIENT_ID_LASTS = 600.0
_HAN = "\u4e00-\u9fff"
_CLOCK = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
_MONTH, _DAY = r"(0?[1-9]|1[0-2])", r"(0?[1-9]|[12]\d|3[01])"
_DATE = rf"\d{{4}}(年{_MONTH}月({_DAY}日)?|(?P<sep>[-/.]){_MONTH}(?P=sep){_DAY})"
_MOMENT = rf"({_DATE}( ?{_CLOCK})?|{_CLOCK})"


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})\Z")


_RULES: Mapping[str, re.Pattern[str]] = {
    "thing": _whole(r"[^\r\n]{1,20}"),
    "character_string": _whole(r"[!-~ ]{1,32}"),
    "number": _whole(r"(?=.{1,32}\Z)-?\d+(\.\d+)?"),
    "letter": _whole(r"[A-Za-z]{1,32}"),
    "symbol": _whole(rf"[^\w\s{_HAN}]{{1,5}}"),
    "amount": _whole(r"[¥￥$€£]?(?=[\d.]{1,11}(元|\Z))\d{1,10}(\.\d{1,2})?元?"),
    "phone_number": _whole(r"[\d+\-() ]{1,17}"),
    "car_number": _whole(rf"[{_HAN}A-Z0-9]{{1,8}}"),
    "name": _whole(rf"[{_HAN}·]{{1,10}}|[A-Za-z .·]{{1,20}}"),
    "phrase": _whole(rf"[{_HAN}]{{1,5}}"),
    "const": _whole(r"[^\r\n]{1,20}"),
    "time": _whole(_MOMENT),
    "date": _whole(_MOMENT),
}
_PREFIX = re.compile(r"[a-z_]+?(?=\d+\Z)")


def valid_value(key: str, value: str) -> bool:
    """Whether WeChat takes `value` for a field like `thing1`; the type is the key without its number."""
    prefix = _PREFIX.match(key)
    rule = _RULES.get(prefix.group()) if prefix else None
    if rule is None or not value.strip():
        return False
    if prefix and prefix.group() in {"time", "date"}:
        ends = value.split("~")
        return len(ends) <= 2 and all(rule.match(end.strip()) for end in ends)  # noqa: PLR2004 — two ends of a range
    return rule.match(value) is not None


@dataclass(frozen=True)
class MessageTemplate:
    template_id: str
    title: str
    fields: Mapping[str, str]
    """Key such as `thing1` → label such as 「企业名称」, in the order of the card."""
    constants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Approved values of `const…` fields."""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Self:
        constants = {key: tuple(values) for key, values in item.get("constants", {}).items()}
        return cls(item["template_id"], item["title"], dict(item["fields"]), constants)

    def describe(self) -> dict[str, str]:
        """As `get_all_private_template` lists it."""
        return {
            "template_id": self.template_id,
            "title": self.title,
            "primary_industry": "",
            "deputy_industry": "",
            "content": "\n".join(f"{label}:{{{{{key}.DATA}}}}" for key, label in self.fields.items()),
            "example": "",
        }

    def rows(self, data: Mapping[str, Any]) -> tuple[Row, ...]:
        """The card's lines; raises 47003 naming the first field that WeChat would refuse."""
        for key in data:
            if key not in self.fields:
                raise ApiError(47003, f"argument invalid! data.{key} not in template")
        return tuple(Row(key, label, self._value(key, data)) for key, label in self.fields.items())

    def _value(self, key: str, data: Mapping[str, Any]) -> str:
        given = data.get(key)
        value = given.get("value") if isinstance(given, Mapping) else None
        approved = self.constants.get(key)
        if not isinstance(value, str) or not valid_value(key, value) or (approved and value not in approved):
            raise ApiError(47003, f"argument invalid! data.{key}.value invalid")
        return value


class TemplateDesk:
    """The templates of one account, and the sends that a `client_msg_id` has made already."""

    def __init__(self, templates: Iterable[MessageTemplate]) -> None:
        self._known = {template.template_id: template for template in templates}
        self._sent: dict[tuple[str, str], tuple[int, float]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def find(self, template_id: str) -> MessageTemplate:
        template = self._known.get(template_id)
        if template is None:
            raise ApiError(40037, "invalid template_id")
        return template

    def listing(self) -> list[dict[str, str]]:
        return [template.describe() for template in self._known.values()]

    def sent_before(self, openid: str, client_id: str, now: float) -> int | None:
        """The msgid of the send that this `client_msg_id` made within the last ten minutes."""
        msgid, at = self._sent.get((openid, client_id), (None, 0.0))
        return msgid if now - at < CLIENT_ID_LASTS else None

    def remember(self, openid: str, client_id: str, msgid: int, now: float) -> None:
        self._sent[openid, client_id] = (msgid, now)
