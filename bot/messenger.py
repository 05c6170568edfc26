"""Plugs the WeChat client into what `notify` asks of a messenger."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta

from bot.wechat.client import WeChatClient
from bot.wechat.errors import CallFailed
from bot.wechat.refusals import NotPermitted, QuotaExhausted
from domain.base import utcnow
from notify.sender import SendFailure

# The platform's midnight and ours may lie some seconds apart: asked too early it would say «tomorrow».
_AFTER_MIDNIGHT = timedelta(minutes=1)
_OR_BY_NUMBER = "点一下就行，也可以回复数字。"


class WeChatMessenger:
    """Implements `notify.sender.Messenger`."""

    def __init__(self, client: WeChatClient) -> None:
        self._client = client

    async def send_text(self, openid: str, text: str) -> None:
        with _translated():
            await self._client.custom_messages.send_text(openid, text)

    async def send_menu(
        self, openid: str, head: str, items: Sequence[tuple[str, str]], *, instead: str
    ) -> None:
        with _translated():
            try:
                await self._client.custom_messages.send_menu(openid, head, items, tail=_OR_BY_NUMBER)
            except NotPermitted:
                # Menus are for verified accounts; the numbered text says the same.
                await self._client.custom_messages.send_text(openid, instead)

    async def send_template(
        self, openid: str, template_id: str, data: Mapping[str, str], *, url: str | None, client_msg_id: str
    ) -> str:
        with _translated():
            return await self._client.templates.send(
                openid, template_id, data, url=url, client_msg_id=client_msg_id
            )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except CallFailed as error:
        raise SendFailure(
            str(error)[:200],
            retryable=error.retryable,
            outcome_unknown=error.outcome_unknown,
            wait_seconds=_wait_seconds(error),
        ) from error


def _wait_seconds(error: CallFailed) -> float:
    """A day's quota that is used up is not asked about again that day: thousands of letters would."""
    if isinstance(error, QuotaExhausted):
        return (error.until + _AFTER_MIDNIGHT - utcnow()).total_seconds()
    return error.wait_s
