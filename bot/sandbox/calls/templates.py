"""Template messages: the account's own templates, sending, and what comes back later."""

from collections.abc import Callable, Iterable
from typing import Any

from bot.sandbox.calls.base import FINE, Answer, Payload, Work, block, listed, person_of, text
from bot.sandbox.calls.limits import beijing
from bot.sandbox.errors import ApiError
from bot.sandbox.faults import Faults
from bot.sandbox.later import Later
from bot.sandbox.people import Content, Kind, Origin, People, Person, Sender
from bot.sandbox.pushes import Pushes
from bot.sandbox.template_messages import MessageTemplate, TemplateKind

CLIENT_ID_LASTS = 600.0
_MOST = 25
_PATH = "cgi-bin/template/"


class TemplateDesk:
    """The templates of one account by id, the library to choose more from, and the sends of ten minutes."""

    def __init__(
        self,
        templates: Iterable[MessageTemplate],
        people: People,
        pushes: Pushes,
        later: Later,
        faults: Faults,
        clock: Callable[[], float],
        receipt_delay: float,
    ) -> None:
        self.library: dict[str, MessageTemplate] = {}
        """By short id: what `api_add_template` finds."""
        self._known = {template.template_id: template for template in templates}
        self._people = people
        self._pushes = pushes
        self._later = later
        self._faults = faults
        self._clock = clock
        self._receipt_delay = receipt_delay
        self._sent: dict[tuple[str, str], tuple[int, float]] = {}
        self._industries: tuple[int, ...] = ()
        self._industry_month = ""

    def __len__(self) -> int:
        return len(self._known)

    def calls(self) -> dict[str, Work]:
        return {
            "cgi-bin/message/template/send": self._send,
            f"{_PATH}get_all_private_template": self._list,
            f"{_PATH}api_add_template": self._add,
            f"{_PATH}del_private_template": self._delete,
            f"{_PATH}api_set_industry": self._set_industry,
            f"{_PATH}get_industry": self._get_industry,
            "wxa/sec/queryblocktmplmsg": self._blocked,
        }

    def of_kind(self, kind: TemplateKind) -> list[MessageTemplate]:
        return [template for template in self._known.values() if template.kind is kind]

    def find(self, template_id: str, kind: TemplateKind = TemplateKind.TEMPLATE) -> MessageTemplate:
        """Raises 40037 for an unknown id, and for one that belongs to another way of sending."""
        template = self._known.get(template_id)
        if template is None or template.kind is not kind:
            raise ApiError(40037, "invalid template_id")
        return template

    def put(self, template: MessageTemplate) -> None:
        self._known[template.template_id] = template

    def remove(self, template_id: str, kind: TemplateKind) -> None:
        del self._known[self.find(template_id, kind).template_id]

    def _send(self, payload: Payload) -> Answer:
        person = person_of(self._people, payload)
        template = self.find(str(payload.get("template_id") or ""))
        rows = template.rows(block(payload, "data", 47003))
        if person.blacklisted:
            raise ApiError(43019, "require remove blacklist")
        if not person.followed:
            raise ApiError(43004, "require subscribe")
        mini = payload.get("miniprogram") or {}
        card = Content(
            Kind.TEMPLATE,
            template.title,
            rows=rows,
            url=str(payload.get("url") or ""),
            app_id=str(mini.get("appid") or ""),
        )
        client_id = str(payload.get("client_msg_id") or "")
        msgid = self._sent_before(person.openid, client_id) or self._send_card(person, card, client_id)
        return FINE | {"msgid": msgid}

    def _sent_before(self, openid: str, client_id: str) -> int | None:
        """The msgid of the send that this `client_msg_id` made within the last ten minutes."""
        msgid, at = self._sent.get((openid, client_id), (None, 0.0))
        return msgid if self._clock() - at < CLIENT_ID_LASTS else None

    def _send_card(self, person: Person, card: Content, client_id: str) -> int:
        msgid = self._pushes.new_id()
        if client_id:
            self._sent[person.openid, client_id] = (msgid, self._clock())
        plan = self._faults.plan_receipt()
        status = plan.status or ("failed:user block" if person.refuses else "success")
        if not person.refuses and not status.startswith("failed"):
            self._people.add_entry(person, Sender.ACCOUNT, Origin.TEMPLATE, card)

        async def receipt() -> None:
            await self._pushes.unseen(person.openid, "TEMPLATESENDJOBFINISH", MsgID=msgid, Status=status)

        for _ in range(plan.copies):
            self._later.after(self._receipt_delay + self._faults.receipt_extra_delay, receipt)
        return msgid

    def _list(self, _payload: Payload) -> Answer:
        return {"template_list": [template.describe() for template in self.of_kind(TemplateKind.TEMPLATE)]}

    def _add(self, payload: Payload) -> Answer:
        source = self.library.get(text(payload, "template_id_short", 40037))
        if source is None:
            raise ApiError(40037, "invalid template_id_short")
        if len(self.of_kind(TemplateKind.TEMPLATE)) >= _MOST:
            raise ApiError(45026, "template num exceeds limit")
        template = source.chosen(listed(payload, "keyword_name_list", 40246))
        self.put(template)
        return FINE | {"template_id": template.template_id}

    def _delete(self, payload: Payload) -> Answer:
        self.remove(text(payload, "template_id", 40037), TemplateKind.TEMPLATE)
        return FINE

    def _set_industry(self, payload: Payload) -> Answer:
        month = beijing(self._clock()).strftime("%Y-%m")
        if month == self._industry_month:
            raise ApiError(43100, "change template too frequently")
        try:
            wanted = tuple(int(str(payload.get(name, ""))) for name in ("industry_id1", "industry_id2"))
        except ValueError as error:
            raise ApiError(40102, "invalid industry id") from error
        self._industries, self._industry_month = wanted, month
        return FINE

    def _get_industry(self, _payload: Payload) -> Answer:
        names = ("primary_industry", "secondary_industry")
        kinds = zip(names, self._industries, strict=False)
        return {name: {"first_class": str(code), "second_class": ""} for name, code in kinds}

    def _blocked(self, _payload: Payload) -> Answer:
        """The sandbox takes no template message back."""
        listing: list[Any] = []
        return FINE | {"msginfo": listing}
