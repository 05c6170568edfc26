"""Template messages (模板消息) and the account's templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.wechat.answers import record_of, records_of, text_of, without_none
from bot.wechat.caller import Caller
from bot.wechat.limits import check_chars

SEND = "/cgi-bin/message/template/send"
ALL = "/cgi-bin/template/get_all_private_template"
ADD = "/cgi-bin/template/api_add_template"
DELETE = "/cgi-bin/template/del_private_template"
SET_INDUSTRY = "/cgi-bin/template/api_set_industry"
GET_INDUSTRY = "/cgi-bin/template/get_industry"
CLIENT_MSG_ID_CHARS = 32
"""What mass sends take for certain; for template messages no figure is published."""


@dataclass(frozen=True, slots=True)
class MiniProgram:
    """Where a tap leads; it goes before a url."""

    appid: str
    pagepath: str

    def payload(self) -> dict[str, str]:
        return {"appid": self.appid, "pagepath": self.pagepath}


@dataclass(frozen=True, slots=True)
class PrivateTemplate:
    """A template of the account; ``content`` holds its fields as ``{{thing1.DATA}}``."""

    template_id: str
    title: str
    content: str
    example: str


@dataclass(frozen=True, slots=True)
class Industry:
    """Names of one of the account's two industries."""

    first_class: str
    second_class: str


def field_values(data: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Texts by field name, in the platform's form; colours are ignored since 2023."""
    return {name: {"value": value} for name, value in data.items()}


class Templates:
    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def send(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        *,
        url: str | None = None,
        mini_program: MiniProgram | None = None,
        client_msg_id: str | None = None,
    ) -> str:
        """A template message; answers its ``msgid``, which the ``TemplateReceipt`` carries.

        ``data`` maps field names to texts. With the same ``client_msg_id`` the platform sends once within ten
        minutes, so that a send of unknown outcome can be repeated.
        """
        if client_msg_id is not None:
            check_chars("client_msg_id", client_msg_id, CLIENT_MSG_ID_CHARS)
        body = without_none(
            touser=openid,
            template_id=template_id,
            data=field_values(data),
            url=url,
            miniprogram=mini_program.payload() if mini_program else None,
            client_msg_id=client_msg_id,
        )
        return text_of(await self._caller.post(SEND, body), "msgid", SEND)

    async def all(self) -> list[PrivateTemplate]:
        names = ("template_id", "title", "content", "example")
        found = records_of(await self._caller.get(ALL), "template_list", ALL)
        return [PrivateTemplate(*(str(item.get(name, "")) for name in names)) for item in found]

    async def add(self, short_id: str, keywords: Sequence[str] = ()) -> str:
        """Takes a template of the library over; category templates need their ``keywords``, in order."""
        body: dict[str, Any] = {"template_id_short": short_id, "keyword_name_list": list(keywords)}
        return text_of(await self._caller.post(ADD, body), "template_id", ADD)

    async def delete(self, template_id: str) -> None:
        await self._caller.post(DELETE, {"template_id": template_id})

    async def industries(self) -> tuple[Industry, Industry]:
        """Main and second industry."""
        answer = await self._caller.get(GET_INDUSTRY)
        main, second = (
            record_of(answer, name, GET_INDUSTRY) for name in ("primary_industry", "secondary_industry")
        )
        return _industry(main), _industry(second)

    async def set_industries(self, main: str, second: str) -> None:
        """By number; once a month, and templates of a dropped industry are lost."""
        await self._caller.post(SET_INDUSTRY, {"industry_id1": main, "industry_id2": second})


def _industry(record: Mapping[str, Any]) -> Industry:
    return Industry(
        text_of(record, "first_class", GET_INDUSTRY), text_of(record, "second_class", GET_INDUSTRY)
    )
