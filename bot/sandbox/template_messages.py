"""Template messages: the account's own templates and WeChat's limits for each type of field."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from bot.sandbox.errors import ApiError
from bot.sandbox.people import Row

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


class TemplateKind(StrEnum):
    """By which call a template is sent; ids are not valid for another."""

    TEMPLATE = "template"
    """`message/template/send`, to followers."""
    SUBSCRIPTION = "subscription"
    """`message/subscribe/bizsend`, to who has granted it."""
    ONE_TIME = "one_time"
    """`message/template/subscribe`, one message a grant; one `content` field."""


@dataclass(frozen=True)
class MessageTemplate:
    template_id: str
    title: str
    fields: Mapping[str, str]
    """Key such as `thing1` → label such as 「企业名称」, in the order of the card."""
    constants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Approved values of `const…` fields."""
    kind: TemplateKind = TemplateKind.TEMPLATE
    long_term: bool = False
    """A grant for it lasts for any number of messages (public services only)."""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Self:
        constants = {key: tuple(values) for key, values in item.get("constants", {}).items()}
        kind = TemplateKind(item.get("kind", TemplateKind.TEMPLATE))
        long_term = item.get("long_term") is True
        return cls(item["template_id"], item["title"], dict(item["fields"]), constants, kind, long_term)

    def chosen(self, labels: list[Any]) -> Self:
        """A template of the account's own with these labels of this library entry; raises 40246."""
        keys = {label: key for key, label in self.fields.items()}
        if unknown := [label for label in labels if label not in keys]:
            raise ApiError(40246, f"invalid keyword_name_list: {unknown}")
        return replace(
            self, template_id=secrets.token_urlsafe(32), fields={keys[label]: label for label in labels}
        )

    def as_kind(self, kind: TemplateKind) -> Self:
        return replace(self, kind=kind)

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
