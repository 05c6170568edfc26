"""What each call of WeChat's API does to the model."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.custom_messages import read_message
from bot.sandbox.errors import ApiError
from bot.sandbox.menus import check_menu
from bot.sandbox.people import Content, Kind, Origin, Person
from bot.sandbox.wechat import FakeWeChat

# Refusals that a careful product never meets, whatever people and network do.
_BREACHES = {
    40003,
    40008,
    40013,
    40037,
    40125,
    41001,
    44004,
    45002,
    45008,
    45015,
    45047,
    45072,
    45080,
    45081,
    47001,
    47003,
}
_BREACHES |= {40016, 40017, 40018, 40019, 40020, 40023, 40025, 43004}

_FINE: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
Payload = Mapping[str, Any]


class ApiDesk:
    """Answers calls by the path after `/cgi-bin/`."""

    def __init__(self, fake: FakeWeChat) -> None:
        self._fake = fake
        self._calls: dict[str, Callable[[Payload], dict[str, Any]]] = {
            "message/custom/send": self._send_custom,
            "message/custom/typing": self._type,
            "message/template/send": self._send_template,
            "template/get_all_private_template": self._list_templates,
            "menu/create": self._create_menu,
            "menu/get": self._get_menu,
            "menu/delete": self._delete_menu,
            "user/info": self._user_info,
        }

    def paths(self) -> list[str]:
        return list(self._calls)

    def call(self, path: str, token: str, payload: Payload) -> dict[str, Any]:
        """The answer's JSON; raises `ApiError`. A refusal that is the product's own fault is noted."""

        def work() -> dict[str, Any]:
            self._fake.tokens.check(token)
            return self._calls[path](payload)

        return self._guarded(path, work)

    def token(self, query: Payload) -> dict[str, Any]:
        def work() -> dict[str, Any]:
            _check_grant(query)
            return self._fake.tokens.fetch_plain(str(query.get("appid", "")), str(query.get("secret", "")))

        return self._guarded("token", work)

    def stable_token(self, payload: Payload) -> dict[str, Any]:
        def work() -> dict[str, Any]:
            _check_grant(payload)
            force = payload.get("force_refresh") is True
            app_id, secret = str(payload.get("appid", "")), str(payload.get("secret", ""))
            return self._fake.tokens.fetch_stable(app_id, secret, force=force)

        return self._guarded("stable_token", work)

    def _guarded(self, path: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        errcode = self._fake.faults.take_failure(path)
        if errcode:
            raise ApiError(errcode, "injected by the sandbox")
        try:
            return work()
        except ApiError as error:
            if error.errcode in _BREACHES:
                self._fake.break_rule(f"{path}：{error}")
            raise

    def _person(self, payload: Payload, name: str = "touser") -> Person:
        person = self._fake.people.find(str(payload.get(name) or ""))
        if person is None:
            raise ApiError(40003, "invalid openid")
        return person

    def _send_custom(self, payload: Payload) -> dict[str, Any]:
        person, content = self._person(payload), read_message(payload)
        if not person.followed:
            raise ApiError(45015, "response out of time limit or subscription is canceled")
        if person.refuses:
            raise ApiError(48002, "user block the message")
        person.quota.check(self._fake.clock())
        person.quota.spend()
        self._fake.show(person, Origin.CUSTOMER, content)
        return _FINE

    def _type(self, payload: Payload) -> dict[str, Any]:
        person = self._person(payload)
        person.quota.type(str(payload.get("command")), self._fake.clock())
        self._fake.hub.tell("typing", person)
        return _FINE

    def _send_template(self, payload: Payload) -> dict[str, Any]:
        person, data = self._person(payload), payload.get("data")
        template = self._fake.templates.find(str(payload.get("template_id") or ""))
        if not isinstance(data, Mapping):
            raise ApiError(47003, "argument invalid! data is no object")
        rows = template.rows(data)
        if not person.followed:
            raise ApiError(43004, "require subscribe")
        card = Content(Kind.TEMPLATE, template.title, rows=rows, url=str(payload.get("url") or ""))
        client_id = str(payload.get("client_msg_id") or "")
        msgid = self._sent_before(person, client_id) or self._send_card(person, card, client_id)
        return _FINE | {"msgid": msgid}

    def _sent_before(self, person: Person, client_id: str) -> int | None:
        if not client_id:
            return None
        return self._fake.templates.sent_before(person.openid, client_id, self._fake.clock())

    def _send_card(self, person: Person, card: Content, client_id: str) -> int:
        msgid = self._fake.new_id()
        if client_id:
            self._fake.templates.remember(person.openid, client_id, msgid, self._fake.clock())
        if not person.refuses and not self._fake.faults.receipt_status.startswith("failed"):
            self._fake.show(person, Origin.TEMPLATE, card)
        self._fake.schedule_receipt(person, msgid)
        return msgid

    def _list_templates(self, _payload: Payload) -> dict[str, Any]:
        return {"template_list": self._fake.templates.listing()}

    def _create_menu(self, payload: Payload) -> dict[str, Any]:
        check_menu(payload)
        self._fake.menu = dict(payload)
        self._fake.hub.tell("menu", self._fake.menu)
        return _FINE

    def _get_menu(self, _payload: Payload) -> dict[str, Any]:
        if self._fake.menu is None:
            raise ApiError(46003, "menu no exist")
        return {"menu": self._fake.menu}

    def _delete_menu(self, _payload: Payload) -> dict[str, Any]:
        self._fake.menu = None
        self._fake.hub.tell("menu", None)
        return _FINE

    def _user_info(self, payload: Payload) -> dict[str, Any]:
        """Without nickname and picture: WeChat gives neither since 2021."""
        person = self._person(payload, "openid")
        return {"subscribe": int(person.followed), "openid": person.openid, "language": "zh_CN"}


def _check_grant(fields: Payload) -> None:
    if fields.get("grant_type") != "client_credential":
        raise ApiError(40002, "invalid grant_type")
