"""Subscription messages: what people have granted, and sending within it."""

from collections import Counter
from collections.abc import Mapping

from bot.sandbox.calls.base import FINE, Answer, Payload, Work, block, listed, number, person_of, text
from bot.sandbox.calls.templates import TemplateDesk
from bot.sandbox.errors import ApiError, SandboxError
from bot.sandbox.later import Later
from bot.sandbox.people import Content, Kind, Origin, People, Person, Row, Sender
from bot.sandbox.pushes import Pushes
from bot.sandbox.template_messages import MessageTemplate, TemplateKind

_MOST_SCENE = 10_000
_MOST_TEMPLATES = 25
_TITLE_CHARS = 15
_VALUE_CHARS = 200
_NEW = "wxaapi/newtmpl/"


class SubscriptionDesk:
    def __init__(
        self, people: People, templates: TemplateDesk, pushes: Pushes, later: Later, receipt_delay: float
    ) -> None:
        self._people = people
        self._templates = templates
        self._pushes = pushes
        self._later = later
        self._receipt_delay = receipt_delay
        self._grants: Counter[tuple[str, str]] = Counter()
        self._long_term: set[tuple[str, str]] = set()
        self._one_time: set[tuple[str, str, int]] = set()

    def calls(self) -> dict[str, Work]:
        return {
            "cgi-bin/message/subscribe/bizsend": self._bizsend,
            "cgi-bin/message/template/subscribe": self._send_once,
            f"{_NEW}addtemplate": self._add,
            f"{_NEW}deltemplate": self._delete,
            f"{_NEW}gettemplate": self._list,
        }

    async def answer_popup(self, person: Person, answers: Mapping[str, bool]) -> None:
        """What a person chose in the popup of a page, by template id."""
        for template_id, accepts in answers.items():
            if accepts:
                self._grant(person, self._known(template_id))
        items = [
            {"TemplateId": key, "SubscribeStatusString": "accept" if accepts else "reject", "PopupScene": 1}
            for key, accepts in answers.items()
        ]
        await self._pushes.unseen(
            person.openid, "subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": items}
        )

    async def withdraw(self, person: Person, template_id: str) -> None:
        """Switched off in the settings of the account's card."""
        self._known(template_id)
        self._grants.pop((person.openid, template_id), None)
        self._long_term.discard((person.openid, template_id))
        item = {"TemplateId": template_id, "SubscribeStatusString": "reject"}
        await self._pushes.unseen(
            person.openid, "subscribe_msg_change_event", SubscribeMsgChangeEvent={"List": [item]}
        )

    def grant_once(self, person: Person, template_id: str, scene: int) -> None:
        """What a person confirmed on the page of one-time subscription."""
        self._templates.find(template_id, TemplateKind.ONE_TIME)
        if not 0 <= scene <= _MOST_SCENE:
            raise ApiError(40097, "invalid scene")
        self._one_time.add((person.openid, template_id, scene))

    def granted(self, openid: str, template_id: str) -> int | None:
        """Messages that may still be sent; None: any number."""
        key = (openid, template_id)
        return None if key in self._long_term else self._grants[key]

    def _known(self, template_id: str) -> MessageTemplate:
        try:
            return self._templates.find(template_id, TemplateKind.SUBSCRIPTION)
        except ApiError as error:
            raise SandboxError(f"没有这个订阅模板：{template_id}") from error

    def _grant(self, person: Person, template: MessageTemplate) -> None:
        key = (person.openid, template.template_id)
        if template.long_term:
            self._long_term.add(key)
        else:
            self._grants[key] += 1

    def _bizsend(self, payload: Payload) -> Answer:
        person = person_of(self._people, payload)
        template = self._templates.find(str(payload.get("template_id") or ""), TemplateKind.SUBSCRIPTION)
        rows = template.rows(block(payload, "data", 47003))
        key = (person.openid, template.template_id)
        if key not in self._long_term:
            if not self._grants[key]:
                raise ApiError(43101, "user refuse to accept the msg")
            self._grants[key] -= 1
        mini = payload.get("miniprogram") or {}
        card = Content(
            Kind.SUBSCRIPTION,
            template.title,
            rows=rows,
            url=str(payload.get("page") or ""),
            app_id=str(mini.get("appid") or ""),
        )
        self._people.add_entry(person, Sender.ACCOUNT, Origin.SUBSCRIPTION, card)
        self._later.after(self._receipt_delay, lambda: self._report(person, template.template_id))
        return FINE

    async def _report(self, person: Person, template_id: str) -> None:
        item = {
            "TemplateId": template_id,
            "MsgID": self._pushes.new_id(),
            "ErrorCode": 0,
            "ErrorStatus": "success",
        }
        await self._pushes.unseen(
            person.openid, "subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": [item]}
        )

    def _send_once(self, payload: Payload) -> Answer:
        person, template_id = person_of(self._people, payload), str(payload.get("template_id") or "")
        self._templates.find(template_id, TemplateKind.ONE_TIME)
        scene, title = _scene(payload), text(payload, "title", 47003)
        value = text(block(block(payload, "data", 47003), "content", 47003), "value", 47003)
        if len(title) > _TITLE_CHARS or len(value) > _VALUE_CHARS:
            raise ApiError(47003, "argument invalid! title or data.content.value too long")
        if (person.openid, template_id, scene) not in self._one_time:
            raise ApiError(43101, "user refuse to accept the msg")
        self._one_time.discard((person.openid, template_id, scene))
        card = Content(
            Kind.SUBSCRIPTION, title, rows=(Row("content", "", value),), url=str(payload.get("url") or "")
        )
        self._people.add_entry(person, Sender.ACCOUNT, Origin.SUBSCRIPTION, card)
        return FINE

    def _list(self, _payload: Payload) -> Answer:
        known = self._templates.of_kind(TemplateKind.SUBSCRIPTION)
        listing = [
            {
                "priTmplId": template.template_id,
                "title": template.title,
                "content": template.describe()["content"],
                "example": "",
                "type": 3 if template.long_term else 2,
            }
            for template in known
        ]
        return FINE | {"data": listing}

    def _add(self, payload: Payload) -> Answer:
        source = self._templates.library.get(text(payload, "tid", 200014))
        if source is None:
            raise ApiError(200014, "template tid error")
        labels = list(source.fields.values())
        positions = [number({"kid": kid}, "kid", 200020) for kid in listed(payload, "kidList", 200020)]
        if not all(1 <= position <= len(labels) for position in positions):
            raise ApiError(200020, "template keyword error")
        if len(self._templates.of_kind(TemplateKind.SUBSCRIPTION)) >= _MOST_TEMPLATES:
            raise ApiError(200012, "template num exceeds limit")
        chosen = source.chosen([labels[position - 1] for position in positions])
        self._templates.put(chosen.as_kind(TemplateKind.SUBSCRIPTION))
        return FINE | {"priTmplId": chosen.template_id}

    def _delete(self, payload: Payload) -> Answer:
        self._templates.remove(text(payload, "priTmplId", 40037), TemplateKind.SUBSCRIPTION)
        return FINE


def _scene(payload: Payload) -> int:
    value = str(payload.get("scene", ""))
    if not value.isdecimal() or int(value) > _MOST_SCENE:
        raise ApiError(40097, "invalid scene")
    return int(value)
