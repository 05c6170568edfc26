"""Plugs the WeChat client into what `notify` asks of a messenger."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bot.wechat.client import WeChatClient
from bot.wechat.errors import CallFailed
from notify.sender import SendFailure


class WeChatMessenger:
    """Implements `notify.sender.Messenger`."""

    def __init__(self, client: WeChatClient) -> None:
        self._client = client

    async def send_text(self, openid: str, text: str) -> None:
        with _translated():
            await self._client.custom_messages.send_text(openid, text)

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
            wait_seconds=error.wait_s,
        ) from error
